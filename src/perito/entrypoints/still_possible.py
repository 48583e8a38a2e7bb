"""What can still be done with a table that allows no learning. Refuses to swallow the error that says so."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from perito.domain.errors import LearningError


@contextmanager
def still_possible(dataset: str, data: str | None) -> Iterator[None]:
    """Let a LearningError say, after its own remedy, which command still ranks these claims."""
    try:
        yield
    except LearningError as refusal:
        command = shlex.join(["perito", "anomalies", dataset, *(("--data", data) if data else ())])
        told = f"`{command}` still ranks ten or more claims that differ by how unusual they are; that is unvalidated."
        remedy = f"{refusal.remedy} Nothing was registered. {told}".strip()
        raise LearningError(refusal.what, where=refusal.where, remedy=remedy) from refusal
