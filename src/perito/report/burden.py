"""The fairness section: alerts on cleared claims by protected group, with bars. Refuses a figure it was not given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perito.report.texts import BURDEN_VERDICTS, Speech
from perito.report.verdict import Document


@dataclass(frozen=True)
class GroupRow:
    """One group. `start`, `width` and `at` place its interval and its share, in percent of the section's bar."""

    name: str
    counts: str
    share: str
    ratio: str
    verdict: str
    tone: str
    start: float
    width: float
    at: float


@dataclass(frozen=True)
class BurdenTable:
    """One protected attribute with what is said of it."""

    label: str
    sentence: str
    differs: bool
    rows: tuple[GroupRow, ...]


def burden_of(document: Document, speech: Speech) -> tuple[BurdenTable, ...]:
    """The attributes in the run's order; none where the spec names none, or the run is older than the figure."""
    return tuple(
        BurdenTable(one["label"], one["sentence"], one["differs"], _rows(one["groups"], speech))
        for one in document.get("burden", [])
    )


def _rows(groups: list[Mapping[str, Any]], speech: Speech) -> tuple[GroupRow, ...]:
    longest = max((group["rate"]["high"] or 0.0 for group in groups), default=0.0) or 1.0
    return tuple(_row(group, longest, speech) for group in groups)


def _row(group: Mapping[str, Any], longest: float, speech: Speech) -> GroupRow:
    number, rate = speech.wording.number, group["rate"]
    low, value, high = (round(100 * (rate[name] or 0.0) / longest, 1) for name in ("low", "value", "high"))
    return GroupRow(
        name=group["name"],
        counts=speech.say("burden_counts", alerted=number(group["alerted"]), cleared=number(group["cleared"])),
        share=_share(rate, speech),
        ratio=_ratio(group["ratio"], speech),
        verdict=speech.named(BURDEN_VERDICTS, group["verdict"]),
        tone="bad" if group["verdict"] == "more_often" else "",
        start=low,
        width=round(high - low, 1),
        at=value,
    )


def _share(rate: Mapping[str, float | None], speech: Speech) -> str:
    value, low, high = rate["value"], rate["low"], rate["high"]
    if value is None or low is None or high is None:
        return speech.say("not_measured")
    percent = speech.wording.percent
    told = speech.say("from_to", low=percent(low, 1), high=percent(high, 1))
    return f"{percent(value, 1)} ({told})"


def _ratio(ratio: Mapping[str, float | None], speech: Speech) -> str:
    value, low, high = ratio["value"], ratio["low"], ratio["high"]
    number = speech.wording.number
    if low is None:
        return speech.say("not_measured")
    if value is None or high is None:
        return speech.say("burden_above", low=number(low, 1))
    return f"{number(value, 1)} ({speech.say('from_to', low=number(low, 1), high=number(high, 1))})"
