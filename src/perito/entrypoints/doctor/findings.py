"""What a check found. Refuses to be vague: a fault has a class, a sentence and a remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """A class of faults: its exit code, and what it is about. The order is the order of mending."""

    SETTINGS = (20, "a setting cannot be used")
    VERSIONS = (21, "an installed package is outside of what Perito was tested with")
    MACHINE = (22, "disk or clock")
    DATABASE = (23, "Perito's database: not reachable, not migrated, or somebody else's")
    MLFLOW = (24, "the MLflow server: not reachable, or it does not let us in")
    PREFECT = (25, "the Prefect server: not reachable, or it does not let us in")
    WORKER = (26, "no work pool, or no worker serves it")
    SCHEDULE = (27, "nothing is deployed, or a schedule makes no runs")
    RUNS = (28, "a run is called alive though its process is gone")

    @property
    def exit_code(self) -> int:
        """What `perito doctor` ends with when this is the first fault."""
        return self.value[0]

    @property
    def about(self) -> str:
        """What the class is about, for the help text."""
        return self.value[1]


@dataclass(frozen=True)
class Finding:
    """One check: its name, what it saw, and where something is wrong the class of fault and the remedy."""

    check: str
    saw: str
    fault: Fault | None = None
    remedy: str = ""


def exit_code(findings: Iterable[Finding]) -> int:
    """That of the first class of faults in the order of mending; 0 without any."""
    codes = [finding.fault.exit_code for finding in findings if finding.fault is not None]
    return min(codes, default=0)
