"""Makes the deployments what they should be, and tells before and after. Doing it again changes nothing.

Kept from what there is: what an operator paused, the limits of a work pool, parameters that
nobody named anew. Refuses to leave two schedules where one was meant.
"""

from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perito.entrypoints.deploying.plan import MANAGED, SLUG, Planned, job_variables
from perito.entrypoints.deploying.present import Deployed, read_deployed

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

NO_DEPLOYMENT = "-"


@dataclass(frozen=True)
class Wanted:
    """Where the flows are, which pool runs them, what they are given, and the plan.

    `root`: the folder of `main.py`, the same path on the machine of the worker. `parameters`
    holds only what was named; the rest stays as it is.
    """

    root: Path
    pool: str
    planned: tuple[Planned, ...]
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """One line of the table: a deployment, or the pool, before and after."""

    name: str
    before: str
    after: str

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return self.before != self.after


def reconcile(client: "SyncPrefectClient", wanted: Wanted, *, dry_run: bool) -> list[Change]:
    """Make pool and deployments what was asked for; with `dry_run` only say what would change.

    Returns the pool and every deployment concerned, changed or not.
    """
    present = read_deployed(client, wanted.planned)
    there = has_pool(client, wanted.pool)
    changes = [Change(f"work pool {wanted.pool}", "there" if there else NO_DEPLOYMENT, "there")]
    if not dry_run:
        ensure_pool(client, wanted.pool)
    for planned in wanted.planned:
        here = present.get(planned.full_name)
        changes.append(Change(planned.full_name, told(here, wanted.pool), _told_after(planned, here, wanted)))
        if not dry_run:
            _deploy(client, planned, here, wanted)
    strays = sorted(present.keys() - {one.full_name for one in wanted.planned})
    for name in strays:
        changes.append(Change(name, told(present[name], wanted.pool), "removed"))
        if not dry_run:
            client.delete_deployment(present[name].id)
    return changes


def has_pool(client: "SyncPrefectClient", name: str) -> bool:
    """Whether there is a work pool of that name."""
    from prefect.exceptions import ObjectNotFound

    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        return False
    return True


def ensure_pool(client: "SyncPrefectClient", name: str) -> None:
    """Make the process pool if it is missing; one that is there keeps its limits and whatever else was set."""
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists

    if has_pool(client, name):
        return
    try:
        client.create_work_pool(WorkPoolCreate(name=name, type="process"))
    except ObjectAlreadyExists:  # a worker that started meanwhile made it
        return


def told(here: Deployed | None, pool: str) -> str:
    """A deployment in one line: its schedules, what is paused, its pool where that is another one, what it is given."""
    if here is None:
        return NO_DEPLOYMENT
    schedules = [_schedule(one.shown, slug=one.slug, active=one.active) for one in here.schedules]
    elsewhere = "" if here.pool == pool else f"pool {here.pool}"
    return _line(schedules, paused=here.paused, elsewhere=elsewhere, parameters=here.parameters)


def _told_after(planned: Planned, here: Deployed | None, wanted: Wanted) -> str:
    schedule = _schedule(planned.cadence.shown, slug=SLUG, active=_active(here))
    paused = here is not None and here.paused
    return _line([schedule], paused=paused, elsewhere="", parameters=_parameters(here, wanted))


def _schedule(shown: str, *, slug: str | None, active: bool) -> str:
    named = "" if slug == SLUG else f" ({slug or 'unnamed'})"
    return f"{shown}{named}{'' if active else ', paused'}"


def _line(schedules: list[str], *, paused: bool, elsewhere: str, parameters: Mapping[str, Any]) -> str:
    given = ", ".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    when = " and ".join(sorted(schedules)) or "no schedule"
    return "; ".join(filter(None, (when, "all paused" if paused else "", elsewhere, given)))


def _active(here: Deployed | None) -> bool:
    known = here.active(SLUG) if here is not None else None
    return True if known is None else known


def _parameters(here: Deployed | None, wanted: Wanted) -> dict[str, Any]:
    kept = dict(here.parameters) if here is not None else {}
    if wanted.parameters.get("dataset", kept.get("dataset")) != kept.get("dataset"):
        kept.pop("data", None)  # that was the folder of another dataset
    return {**kept, **wanted.parameters}


def _deploy(client: "SyncPrefectClient", planned: Planned, here: Deployed | None, wanted: Wanted) -> None:
    from prefect import flow

    if here is not None:
        for stray in (one for one in here.schedules if one.slug != SLUG):
            client.delete_deployment_schedule(here.id, stray.id)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # Prefect's own table; ours follows
        remote: Any = flow.from_source(source=str(wanted.root), entrypoint=planned.entrypoint)
        remote.deploy(
            name=planned.name,
            work_pool_name=wanted.pool,
            description=planned.description,
            tags=[MANAGED],
            parameters=_parameters(here, wanted),
            job_variables=dict(job_variables()),
            schedules=[planned.cadence.schedule(SLUG, active=_active(here))],
            paused=here is not None and here.paused,
            concurrency_limit=planned.one_at_a_time(),
            print_next_steps=False,
            ignore_warnings=True,
        )
