"""The list of alerted claims as cards with bars. Refuses to reorder it: the rank is the scorer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from perito.domain.opinions import Reason
from perito.domain.words import SelectedBy
from perito.report.texts import FACTS, Speech
from perito.scoring.wording import Wording

SHOWN = 10
"""Cards in full view."""
FOLDED = 90
"""Further cards that a click opens; the rest are in the scores file."""


@dataclass(frozen=True)
class ReasonLine:
    """One reason with its bar: `width` in percent of the page's longest bar."""

    sentence: str
    value: str
    usual: str
    weight: str
    width: float
    raises: bool


@dataclass(frozen=True)
class Card:
    """One alerted claim: its score (`width` is the score in percent), facts and reasons."""

    rank: str
    claim_id: str
    score: str
    width: float
    facts: tuple[tuple[str, str], ...]
    reasons: tuple[ReasonLine, ...]


@dataclass(frozen=True)
class Alerts:
    """The list as the page shows it; `rest` counts the alerts it has no room for."""

    total: int
    shown: tuple[Card, ...]
    folded: tuple[Card, ...]
    rest: int


def alerts_of(scores: pd.DataFrame, claim_facts: pd.DataFrame | None, speech: Speech) -> Alerts:
    """The alerted claims of `scores`, by rank.

    `claim_facts` is indexed by claim_id and may hold the columns named in `FACTS` and
    `currency`; a fact that is missing or null is not shown.
    """
    alerted = scores[scores["alert"]].sort_values("rank")
    listed = alerted.head(SHOWN + FOLDED)
    longest = max((abs(reason.contribution) for told in listed["reasons"] for reason in told), default=1.0)
    rows = listed[["rank", "claim_id", "score", "reasons", "selected_by"]].itertuples(index=False, name=None)
    cards = tuple(
        Card(
            rank=speech.wording.number(rank, grouped=False),
            claim_id=claim_id,
            score=speech.wording.number(score, 2),
            width=round(100 * score, 1),
            facts=(*_drawn(selected_by, speech), *_facts(claim_id, claim_facts, speech)),
            reasons=_lines(reasons, longest, speech),
        )
        for rank, claim_id, score, reasons, selected_by in rows
    )
    return Alerts(len(alerted), cards[:SHOWN], cards[SHOWN:], len(alerted) - len(cards))


def _lines(reasons: Sequence[Reason], longest: float, speech: Speech) -> tuple[ReasonLine, ...]:
    return tuple(
        ReasonLine(
            sentence=reason.sentence,
            value=reason.value,
            usual=reason.usual,
            weight=("+" if reason.contribution > 0 else "") + speech.wording.number(reason.contribution, 2),
            width=round(100 * abs(reason.contribution) / longest, 1),
            raises=reason.contribution > 0,
        )
        for reason in reasons
    )


def _drawn(selected_by: str, speech: Speech) -> tuple[tuple[str, str], ...]:
    return ((speech.say("drawn"), speech.say("random_audit")),) if selected_by == SelectedBy.RANDOM_AUDIT else ()


def _facts(claim_id: str, claim_facts: pd.DataFrame | None, speech: Speech) -> tuple[tuple[str, str], ...]:
    if claim_facts is None or claim_id not in claim_facts.index:
        return ()
    facts = {str(name): fact for name, fact in claim_facts.loc[claim_id].items() if not pd.isna(fact)}
    currency = str(facts.get("currency", speech.wording.currency))
    return tuple(
        (FACTS[name][speech.language], _written(facts[name], Wording(speech.language, currency)))
        for name in FACTS
        if name in facts
    )


def _written(fact: object, wording: Wording) -> str:
    if isinstance(fact, date):
        return fact.strftime("%Y-%m-%d")
    return wording.amount(float(fact)) if isinstance(fact, int | float) else str(fact)
