"""Runs whose process has ended, followed until Prefect has heard of it.

A run that ends while Prefect or its database is down cannot say so: it would be called running
for ever, and hold the place of the next. Refuses to judge a run whose process its own worker
did not see end.
"""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from perito.entrypoints.service.stale import ALIVE

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

GRACE_SECONDS = 15.0
"""How long after its process a run may still be reported on, by Prefect's own worker."""
UNHEARD = "Its process ended while Prefect could not be told how: look at what it wrote, or run it again."


@dataclass
class Unheard:
    """The runs of one worker whose process has ended: `ended` says when, on the monotonic clock."""

    ended: dict[UUID, float] = field(default_factory=dict)

    def begun(self, run_id: UUID) -> None:
        """A process does the work of this run, for the first time or again."""
        self.ended.pop(run_id, None)

    def over(self, run_id: UUID) -> None:
        """The process of this run has ended."""
        self.ended[run_id] = time.monotonic()

    async def settle(self, client: "PrefectClient") -> list[UUID]:
        """Ask Prefect about each; mark as crashed what it still calls alive. Returns those that were marked.

        One that Prefect gives no answer on is asked about again the next time.
        """
        import httpx

        marked = []
        due = time.monotonic() - GRACE_SECONDS
        for run_id in [one for one, when in self.ended.items() if when <= due]:
            try:
                if await _crash_if_alive(client, run_id):
                    marked.append(run_id)
            except httpx.HTTPError:
                continue
            self.ended.pop(run_id, None)
        return marked


async def _crash_if_alive(client: "PrefectClient", run_id: UUID) -> bool:
    from prefect.exceptions import ObjectNotFound
    from prefect.states import Crashed

    try:
        run = await client.read_flow_run(run_id)
    except ObjectNotFound:  # somebody deleted it
        return False
    if run.state is None or run.state.type.value not in ALIVE:
        return False
    await client.set_flow_run_state(run_id, Crashed(message=UNHEARD))
    return True
