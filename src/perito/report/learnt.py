"""What the model learns from, how it was put together and what became of it, as the page shows it.

Refuses to judge: which feature holds, what each model weighs and who is champion was decided before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perito.report.texts import Speech
from perito.report.verdict import Document


@dataclass(frozen=True)
class FeatureRow:
    """One feature: what it adds where it was learnt and in the period that follows, and whether it is learnt from."""

    name: str
    past: str
    following: str
    kept: bool


@dataclass(frozen=True)
class Learnt:
    """Sentences about features, blend, calibration and promotion, and the evidence for every feature."""

    sentences: tuple[str, ...]
    features: tuple[FeatureRow, ...]


def learnt_of(document: Document, speech: Speech) -> Learnt | None:
    """The section; None for a document of a run that did not say which features hold."""
    if "features" not in document:
        return None
    told = (
        document["features"]["sentence"],
        document["blend"]["sentence"],
        _calibration(document, speech),
        document.get("promotion", {}).get("why", ""),
    )
    rows = tuple(_row(entry, speech) for entry in document["features"]["evidence"])
    return Learnt(tuple(sentence for sentence in told if sentence), rows)


def _calibration(document: Document, speech: Speech) -> str:
    if "calibration" not in document:
        return ""
    measured, percent = document["calibration"], speech.wording.percent
    happened, error = measured["happened"], measured["error"]
    return speech.say(
        "calibration",
        said=percent(measured["said"], 1),
        happened=percent(happened["value"], 1),
        low=percent(happened["low"], 1),
        high=percent(happened["high"], 1),
        error=percent(error["value"], 1),
    )


def _row(entry: Mapping[str, Any], speech: Speech) -> FeatureRow:
    past, following = (speech.wording.number(1000 * entry[side], 2) for side in ("past", "following"))
    return FeatureRow(entry["feature"], past, following, entry["kept"])
