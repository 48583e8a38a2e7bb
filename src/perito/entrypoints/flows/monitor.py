"""A look at the whole, by schedule: which champion, how old, what was ranked lately, is the ledger whole.

Refuses to change anything. What drifts is not looked for yet.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from perito.datasets.reader import load_spec
from perito.entrypoints.document import Document
from perito.entrypoints.flows.artifacts import show_state
from perito.entrypoints.flows.steps import begin, step
from perito.entrypoints.settings import Settings
from perito.entrypoints.state_of_service import state_of_service

look = step("look", "Look at champion, batches and ledger", state_of_service, patient=True)


@flow(name="perito-monitor", validate_parameters=False)
def monitor(*, dataset: str = "simulated", data: str | None = None) -> Document:
    """What is live for a dataset, and since when. `data` is not read."""
    begin(1)
    settings = Settings.from_environment(os.environ, Path.cwd())
    spec = load_spec(dataset)
    document = look(spec.name, settings, at=datetime.now(UTC))
    show_state(document)
    return document
