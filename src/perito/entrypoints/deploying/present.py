"""What deployments there are now, as Prefect's server tells it. Changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from perito.entrypoints.deploying.cadence import ANCHOR, Cron, Every
from perito.entrypoints.deploying.plan import MANAGED, Planned

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import DeploymentSchedule
    from prefect.client.schemas.responses import DeploymentResponse


@dataclass(frozen=True)
class Scheduled:
    """One schedule of a deployment, in the words of the table."""

    id: UUID
    slug: str | None
    shown: str
    active: bool


@dataclass(frozen=True)
class Deployed:
    """One deployment as it stands."""

    id: UUID
    full_name: str
    schedules: tuple[Scheduled, ...]
    paused: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    pool: str | None = None
    entrypoint: str | None = None

    def active(self, slug: str) -> bool | None:
        """Whether the schedule of that name runs; None where there is none."""
        return next((schedule.active for schedule in self.schedules if schedule.slug == slug), None)


def read_deployed(client: "SyncPrefectClient", planned: tuple[Planned, ...]) -> dict[str, Deployed]:
    """By full name: the planned deployments that exist, and those that an earlier plan left."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, DeploymentFilterTags

    named = DeploymentFilter(name=DeploymentFilterName(any_=[one.name for one in planned]))
    tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=[MANAGED]))
    wanted = {one.full_name for one in planned}
    found: dict[str, Deployed] = {}
    for response in (*_all(client, named), *_all(client, tagged)):
        deployed = _deployed(client, response)
        if deployed.full_name in wanted or MANAGED in response.tags:
            found[deployed.full_name] = deployed
    return found


def _all(client: "SyncPrefectClient", deployment_filter: Any, page: int = 100) -> "list[DeploymentResponse]":
    found: list[DeploymentResponse] = []
    while True:
        more = client.read_deployments(deployment_filter=deployment_filter, limit=page, offset=len(found))
        found += more
        if len(more) < page:
            return found


def _deployed(client: "SyncPrefectClient", response: "DeploymentResponse") -> Deployed:
    return Deployed(
        id=response.id,
        full_name=f"{client.read_flow(response.flow_id).name}/{response.name}",
        schedules=tuple(_scheduled(one) for one in response.schedules),
        paused=response.paused,
        parameters=response.parameters,
        pool=response.work_pool_name,
        entrypoint=response.entrypoint,
    )


def _scheduled(one: "DeploymentSchedule") -> Scheduled:
    from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

    schedule, active = one.schedule, bool(one.active)
    if isinstance(schedule, IntervalSchedule):
        # Another anchor than ours moves with every deploying, so it is told apart.
        anchored = "" if schedule.anchor_date == ANCHOR else f", counted from {schedule.anchor_date:%Y-%m-%d %H:%M}"
        return Scheduled(one.id, one.slug, f"{Every(schedule.interval).shown}{anchored}", active)
    if isinstance(schedule, CronSchedule):
        return Scheduled(one.id, one.slug, Cron(schedule.cron).shown, active)
    return Scheduled(one.id, one.slug, "by a recurrence rule", active)
