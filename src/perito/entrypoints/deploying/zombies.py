"""An automation that marks runs as crashed whose process is gone: after power loss nobody else would say so.

Runs say every `HEARTBEAT_SECONDS` that they are alive; four missed beats are enough. Refuses to
be made twice, and to undo what an operator switched off.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from perito.entrypoints.deploying.plan import HEARTBEAT_SECONDS

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.events.schemas.automations import AutomationCore

NAME = "perito: runs whose process is gone are crashed"
SILENCE = timedelta(seconds=4 * HEARTBEAT_SECONDS)
HEARTBEAT = "prefect.flow-run.heartbeat"
ENDED = frozenset(
    f"prefect.flow-run.{state}"
    for state in ("Completed", "Failed", "Cancelled", "Cancelling", "Crashed", "Paused", "Suspended", "TimedOut")
)


def crash_zombies(client: "SyncPrefectClient") -> str:
    """Make the automation, or bring it up to date; say which: `made`, `updated` or `there`."""
    wanted = _automation()
    known = client.read_automations_by_name(NAME)
    for extra in known[1:]:
        client.delete_automation(extra.id)
    if not known:
        client.create_automation(wanted)
        return "made"
    here = known[0]
    if here.trigger.model_dump(exclude={"id"}) == wanted.trigger.model_dump(exclude={"id"}):
        return "there"
    client.update_automation(here.id, wanted.model_copy(update={"enabled": here.enabled}))
    return "updated"


def _automation() -> "AutomationCore":
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
    from prefect.events.schemas.events import ResourceSpecification

    return AutomationCore(
        name=NAME,
        description="A run that sent no sign of life for two minutes is marked Crashed, and its place is free again.",
        enabled=True,
        trigger=EventTrigger(
            after={HEARTBEAT},
            expect={HEARTBEAT, *ENDED},
            match=ResourceSpecification.model_validate({"prefect.resource.id": "prefect.flow-run.*"}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                name=None,
                state=StateType.CRASHED,
                message=f"No sign of life for {SILENCE.total_seconds():.0f} seconds: its process is gone.",
                force=False,
            )
        ],
    )
