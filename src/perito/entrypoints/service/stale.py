"""Runs that Prefect still calls alive though their process is gone: found, and marked as crashed.

A run is judged only on the machine whose worker started it. Refuses to touch a run whose
process lives: it is asked for by number and by the run's id in its environment.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

ALIVE = ("RUNNING", "CANCELLING", "PENDING")
STARTING = timedelta(seconds=60)
"""How long a run may have no process yet: a worker takes some seconds to start one."""
GONE = "Its process is gone: the machine or the worker was stopped while it ran."
MADE_BY = "PREFECT__FLOW_RUN_ID"


@dataclass(frozen=True)
class Stale:
    """One run without a process."""

    id: UUID
    name: str
    state: str


def find_stale(client: "SyncPrefectClient", pool: str) -> list[Stale]:
    """The runs of a work pool that are called alive though no process on this machine does their work.

    Meaningful on the machine of the pool's one worker alone; `perito worker` asks before it takes
    any work, when nothing of an earlier worker but orphans can be alive.
    """
    living = living_runs()
    return [
        Stale(run.id, run.name, run.state_name or "") for run in _called_alive(client, pool) if _is_gone(run, living)
    ]


def crash_stale(client: "SyncPrefectClient", stale: list[Stale]) -> list[Stale]:
    """Mark them as crashed, which frees their places; return those that were marked."""
    from prefect.states import Crashed

    marked = []
    for run in stale:
        answer: Any = client.set_flow_run_state(run.id, Crashed(message=GONE))
        if answer.state is not None and answer.state.is_crashed():
            marked.append(run)
    return marked


def _called_alive(client: "SyncPrefectClient", pool: str, page: int = 200) -> "list[FlowRun]":
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
        WorkPoolFilter,
        WorkPoolFilterName,
    )
    from prefect.client.schemas.objects import StateType

    states = FlowRunFilterStateType(any_=[StateType[name] for name in ALIVE])
    alive = FlowRunFilter(state=FlowRunFilterState(type=states))
    of_pool = WorkPoolFilter(name=WorkPoolFilterName(any_=[pool]))
    found: list[FlowRun] = []
    while True:
        more = client.read_flow_runs(flow_run_filter=alive, work_pool_filter=of_pool, limit=page, offset=len(found))
        found += more
        if len(more) < page:
            return found


def _is_gone(run: "FlowRun", living: frozenset[str]) -> bool:
    changed_at = run.state.timestamp if run.state is not None else None
    starting = changed_at is not None and datetime.now(UTC) - changed_at < STARTING and run.state_name == "Pending"
    return str(run.id) not in living and not starting


def living_runs() -> frozenset[str]:
    """The ids of runs whose processes are on this machine, by what their worker put into their environment."""
    marker = f"{MADE_BY}=".encode()
    found: set[str] = set()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            entries = environment.read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile, or is another user's
            continue
        found.update(entry.removeprefix(marker).decode() for entry in entries if entry.startswith(marker))
    return frozenset(found)
