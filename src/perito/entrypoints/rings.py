"""The document of `perito rings`, and the one option that only it reads. Refuses figures of its own."""

from collections.abc import Sequence
from datetime import date, datetime

from perito.domain.errors import ParameterError
from perito.domain.words import Language
from perito.rings import Ring, describe_rings

Document = dict[str, object]


def as_instant(day: str | None) -> datetime | None:
    """The first instant (UTC) of an ISO day; raises ParameterError for anything else."""
    try:
        return datetime.combine(date.fromisoformat(day), datetime.min.time()) if day else None
    except ValueError as error:
        raise ParameterError(f"Expected a date like 2025-01-31, got {day!r}.", where="--as-of") from error


def rings_document(rings: Sequence[Ring], language: Language, *, dataset: str, as_of: datetime | None) -> Document:
    """What `perito rings --json` prints; keys are only ever added."""
    return {
        "dataset": dataset,
        "as_of": as_of.date().isoformat() if as_of else None,
        "language": str(language),
        "rings": describe_rings(rings, language),
    }


def describe_run_rings(rings: Sequence[Ring], language: Language) -> Document:
    """The part of a run's document that tells its rings, as of the end of the book."""
    return {"rings": describe_rings(rings, language)}
