"""The rings of a run as the page shows them. Refuses to reorder them, or a figure it was not given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perito.report.texts import Speech
from perito.report.verdict import Document
from perito.scoring.wording import Wording

SHOWN = 10
"""Rings on the page; the rest are in the run's document."""
FIRST_REASONS = 5
"""Reasons of a ring that are read at once; the others wait behind a line that says how many."""


@dataclass(frozen=True)
class RingCard:
    """One ring: its facts as one line, why it is listed, what else there is to say, what ties each of its claims."""

    name: str
    facts: str
    why: tuple[str, ...]
    more: tuple[str, ...]
    more_told: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Rings:
    """The rings the page shows, and a sentence on how many more there are, empty where there are none."""

    shown: tuple[RingCard, ...]
    rest: str


def rings_of(document: Document, speech: Speech) -> Rings | None:
    """The first rings of the run's document; None where the run did not look for any."""
    if "rings" not in document:
        return None
    rings = document["rings"]
    rest = len(rings) - SHOWN
    return Rings(
        tuple(_card(ring, speech) for ring in rings[:SHOWN]),
        speech.say("rings_rest", rest=speech.wording.number(rest)) if rest > 0 else "",
    )


def _card(ring: Mapping[str, Any], speech: Speech) -> RingCard:
    number = speech.wording.number
    counts = {name: number(ring[name]) for name in ("policyholders", "substantiated", "not_substantiated", "unknown")}
    facts = speech.say("rings_facts", claims=number(len(ring["claims"])), **counts)
    if ring["claimed_amount"] is not None:
        wording = Wording(speech.language, ring["currency"])
        facts += speech.say("rings_claimed", amount=wording.amount(ring["claimed_amount"]))
    more = ring["why"][FIRST_REASONS:]
    return RingCard(
        f"{ring['ring_id']} · {number(ring['score'], 1)}",
        facts,
        tuple(ring["why"][:FIRST_REASONS]),
        tuple(more),
        speech.say("rings_more", more=number(len(more))),
        tuple(claim["path"] for claim in ring["claims"]),
    )
