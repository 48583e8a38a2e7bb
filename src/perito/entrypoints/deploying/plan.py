"""What the deployments of Perito should be. Refuses to look at what there is: that is `present`'s work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perito.entrypoints.deploying.cadence import Cadence

if TYPE_CHECKING:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig

POOL = "pipeline-tensorflow-pool"
MANAGED = "deployment.py"
"""The tag of the deployments that `deployment.py` makes, and removes when they are no longer planned."""
SLUG = "main"
"""The one schedule of each deployment: a stable name is what lets a new interval replace the old one."""
HEARTBEAT_SECONDS = 30
"""How often a run says that it is alive; `zombies` waits four times as long."""


@dataclass(frozen=True)
class Planned:
    """One deployment: `<flow_name>/<name>`, the function that runs, when, and what happens to a second run at once.

    `queues`: a run that finds another one at work waits; else it is cancelled, and says so.
    """

    flow_name: str
    name: str
    entrypoint: str
    cadence: Cadence
    queues: bool
    description: str

    @property
    def full_name(self) -> str:
        """As Prefect writes it."""
        return f"{self.flow_name}/{self.name}"

    def one_at_a_time(self) -> "ConcurrencyLimitConfig":
        """One run at a time, as Prefect is told it."""
        from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy

        strategy = ConcurrencyLimitStrategy.ENQUEUE if self.queues else ConcurrencyLimitStrategy.CANCEL_NEW
        return ConcurrencyLimitConfig(limit=1, collision_strategy=strategy)


def plan(*, score: Cadence, train: Cadence, monitor: Cadence) -> tuple[Planned, ...]:
    """The deployments, in the order of the table."""
    return (
        Planned(
            flow_name="perito",
            name="train",
            entrypoint="main.py:pipeline",
            cadence=train,
            queues=True,
            description="The main job: learns from what investigators found, and ranks the last period.",
        ),
        Planned(
            flow_name="perito-score",
            name="score",
            entrypoint="main.py:score_new_claims",
            cadence=score,
            queues=False,
            description="Ranks the claims that the champion has not ranked yet, with reasons.",
        ),
        Planned(
            flow_name="perito-monitor",
            name="monitor",
            entrypoint="main.py:monitor",
            cadence=monitor,
            queues=False,
            description="Says how old the champion is, what was ranked lately, and whether the ledger is whole.",
        ),
    )


def job_variables() -> Mapping[str, object]:
    """How a worker starts a run. Output goes to Prefect's log alone: a pipe to a worker that died would end the run."""
    return {"stream_output": False, "env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS)}}
