"""All checks, side by side and against the clock, so that servers that do not answer cost seconds.

Refuses to wait for a check beyond `PATIENCE_SECONDS`: what is not known by then is a fault too.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from perito.domain.errors import PeritoError
from perito.entrypoints.doctor.database import check_database
from perito.entrypoints.doctor.findings import Fault, Finding
from perito.entrypoints.doctor.machine import check_disk
from perito.entrypoints.doctor.mlflow_server import check_mlflow
from perito.entrypoints.doctor.prefect_server import check_prefect
from perito.entrypoints.doctor.versions import check_versions
from perito.entrypoints.settings import Settings

PATIENCE_SECONDS = 8.0


@dataclass
class Check:
    """One check: what it looks at, the class of fault if it takes too long, the work, and what it found so far."""

    name: str
    fault: Fault
    work: Callable[[], list[Finding]]
    found: list[Finding] | None = None
    failure: BaseException | None = field(default=None, repr=False)

    def start(self) -> threading.Thread:
        """Begin it in a thread that nobody has to wait for."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        return thread

    def findings(self) -> list[Finding]:
        """What it found, or that it took too long."""
        if self.failure is not None:
            raise self.failure
        if self.found is not None:
            return self.found
        saw = f"no answer within {PATIENCE_SECONDS:.0f} seconds"
        return [Finding(self.name, saw, self.fault, "Look at its log, and at the load of its machine.")]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, failure: BaseException | None, trace: object) -> bool:
        self.failure = failure  # raised again where somebody waits
        return True

    def _run(self) -> None:
        with self:
            self.found = self.work()


def examine(environ: Mapping[str, str], cwd: Path, pool: str) -> list[Finding]:
    """Every finding, checks in the order of mending. Nothing is changed."""
    try:
        settings = Settings.from_environment(environ, cwd)
    except PeritoError as error:
        return [Finding("settings", f"{error.where}: {error.what}", Fault.SETTINGS, error.remedy)]
    return run_checks(
        Check("versions", Fault.VERSIONS, check_versions),
        Check("disk", Fault.MACHINE, lambda: check_disk(settings)),
        Check("database", Fault.DATABASE, lambda: check_database(settings)),
        Check("MLflow", Fault.MLFLOW, lambda: check_mlflow(settings)),
        Check("Prefect", Fault.PREFECT, lambda: check_prefect(settings, pool)),
    )


def run_checks(*checks: Check) -> list[Finding]:
    """Run checks at the same time; those that take too long are told as such."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    for thread in [check.start() for check in checks]:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [finding for check in checks for finding in check.findings()]
