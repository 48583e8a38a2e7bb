"""Books of decided claims and the studies of them, for tests of learning."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from perito.datasets.book import Book
from perito.datasets.spec import DatasetSpec, Desk, Money, Split, TableMap, UnknownPolicy, Weighting
from perito.domain.facts import Claim, Disposition
from perito.domain.words import Outcome
from perito.engine import Engine
from perito.study import Study, open_study
from tests.books import Rows, claim, day, instant, load_book

CLAIMS = 240
BOUNDARY = 180
"""The day from which the claims of these books are reported on; one claim is reported each day."""
BY_TIME = Split("time", test_from=day(BOUNDARY))
AT_RANDOM = Split("random", test_share=0.25)
DESK = Desk(0.1)
COLUMNS = {"claims.claimed_amount", "claims.loss_date"}
"""What the book provides: nothing by which one claim could learn of another's outcome."""


def spec(
    split: Split = BY_TIME,
    *,
    unknown: UnknownPolicy = "leave_out",
    weighting: Weighting = "none",
    desk: Desk = DESK,
) -> DatasetSpec:
    """A spec whose tables are never read: the book is made by hand."""
    return DatasetSpec(
        name="decided",
        title="Decided claims",
        description="",
        folder=Path(),
        sources={},
        claims=TableMap("claims", (), {}),
        policies=None,
        parties=(),
        dispositions=None,
        split=split,
        desk=desk,
        money=Money(100, 0.5),
        unknown=unknown,
        weighting=weighting,
    )


def claims(count: int = CLAIMS, *, telltale: bool = False) -> list[Claim]:
    """One claim a day; high amounts are the suspicious ones. With `telltale` the cause gives the outcome away."""
    amounts = np.random.default_rng(0).integers(1, 10_000, count).tolist()
    made = [claim(f"c{on:03d}", on, claimed_amount=float(amount)) for on, amount in enumerate(amounts)]
    if not telltale:
        return made
    cause = {True: "withdrawn", False: "paid"}
    return [replace(one, attributes=one.attributes | {"cause": cause[suspicious(one)]}) for one in made]


def suspicious(one: Claim) -> bool:
    """What the investigation of a claim finds: the amount decides, with an error in every eleventh claim."""
    assert one.claimed_amount is not None
    return (one.claimed_amount > 7000) != (int(one.claim_id[1:]) % 11 == 0)


def decided(one: Claim, *, after_days: int = 5, found: bool | None = None) -> Disposition:
    """The decision about a claim, some days after its report."""
    outcome = Outcome.SUBSTANTIATED if (suspicious(one) if found is None else found) else Outcome.NOT_SUBSTANTIATED
    return Disposition(one.claim_id, outcome, instant(int(one.claim_id[1:]) + after_days))


def book(engine: Engine, made: list[Claim], decisions: list[Disposition], *, assessed_at: str = "reported_at") -> Book:
    """The claims and decisions as a book."""
    loaded = load_book(engine, Rows(tuple(made), dispositions=tuple(decisions)), assessed_at=assessed_at)
    return replace(loaded, provides=frozenset(COLUMNS))


def study(
    engine: Engine, decisions: list[Disposition], asked: DatasetSpec, *, made: list[Claim] | None = None
) -> Study:
    """The study of a book with these decisions."""
    return open_study(book(engine, made or claims(), decisions), asked)


def test_period(of: Study) -> tuple[date | None, date | None]:
    """The days the claims reported on lie between."""
    return of.plan.test_from, of.plan.test_to
