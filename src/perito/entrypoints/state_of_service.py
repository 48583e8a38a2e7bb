"""What a look at the whole tells: the champion and its age, the last batches, and whether the ledger is whole.

Refuses to change anything.
"""

from datetime import datetime

from perito.entrypoints.document import Document
from perito.entrypoints.settings import Settings
from perito.entrypoints.standing import who_reigns
from perito.store import find_flaw, open_ledger
from perito.store.scores import latest_batches

LATEST = 10


def state_of_service(dataset: str, settings: Settings, *, at: datetime) -> Document:
    """The state of one dataset at an instant.

    Raises
    ------
    ServiceError
        MLflow or the database does not answer.
    """
    with open_ledger(settings.database()) as ledger:
        standing, live = who_reigns(dataset, ledger, settings), ledger.live_at(dataset, at)
        flaw = find_flaw(ledger.rows())
    batches = latest_batches(settings.database(), dataset, LATEST)
    age = None if live is None else (at - live.at).days
    return {
        "dataset": dataset,
        "at": at.isoformat(),
        "champion": {"version": standing.version, "since_days": age, "alias_agrees": standing.agreed},
        "ledger": {"whole": flaw is None, "flaw": None if flaw is None else f"row {flaw.sequence}: {flaw.how}"},
        "batches": [one.document() for one in batches],
    }
