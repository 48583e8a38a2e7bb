"""Small books for tests: factories for single rows, a Hypothesis strategy for whole books, a loader."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from hypothesis import strategies as st

from perito.datasets.book import CANONICAL, Book
from perito.datasets.spec import Attribute
from perito.domain.facts import Claim, Disposition, Party, Policy
from perito.domain.words import Outcome, Role
from perito.engine import Engine

ARROW = {"VARCHAR": pa.string(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "DOUBLE": pa.float64()}
START = date(2024, 1, 1)
ATTRIBUTES = (
    Attribute("witnesses", "numeric", "witnesses", "Witnesses", "Testigos"),
    Attribute("cause", "categorical", "cause", "Cause", "Causa"),
    Attribute("licensed", "date", "licensed", "Driving licence issued", "Permiso de conducir expedido"),
)
EVERYTHING = frozenset(
    {f"{table}.{column}" for table, columns in CANONICAL.items() for column in columns}
    | {f"parties.{role}" for role in Role}
)


@dataclass(frozen=True)
class Rows:
    """The rows of one book as plain values."""

    claims: tuple[Claim, ...]
    policies: tuple[Policy, ...] = ()
    parties: tuple[Party, ...] = ()
    dispositions: tuple[Disposition, ...] = ()


def day(number: int) -> date:
    """The day `number` days after the start of every test book."""
    return START + timedelta(days=number)


def instant(number: int, hour: int = 9) -> datetime:
    """An hour of the day `number` days after the start of every test book."""
    return datetime(START.year, START.month, START.day, hour, tzinfo=UTC).replace(tzinfo=None) + timedelta(days=number)


def claim(claim_id: str, on: int, **changes: object) -> Claim:
    """A claim reported on day `on`, one day after its loss."""
    plain = Claim(
        claim_id,
        instant(on),
        policy_id=None,
        line_of_business="motor",
        loss_date=day(on - 1),
        claimed_amount=1000.0,
        currency="EUR",
        attributes={"witnesses": 1.0, "cause": "collision", "licensed": date(2010, 5, 1)},
    )
    return replace(plain, **changes)


def load_book(engine: Engine, rows: Rows, *, assessed_at: str = "reported_at") -> Book:
    """Put the rows into the engine's four canonical tables."""
    extra = {"witnesses": "DOUBLE", "cause": "VARCHAR", "licensed": "DATE"}
    for table, columns in CANONICAL.items():
        types = columns | (extra if table == "claims" else {})
        records = [vars(row) | getattr(row, "attributes", {}) for row in getattr(rows, table)]
        schema = pa.schema([(name, ARROW[sql]) for name, sql in types.items()])
        engine.load(table, pa.Table.from_pylist([{n: r.get(n) for n in types} for r in records], schema=schema))
    return Book(engine, ATTRIBUTES, (), EVERYTHING, (), assessed_at)


_days = st.integers(0, 500)
_amounts = st.one_of(st.none(), st.integers(0, 20_000).map(float), st.sampled_from([99.99, 1000.01, 500.0]))
_dates = st.one_of(st.none(), st.integers(-700, 700).map(day))


@st.composite
def _claims(draw: st.DrawFn, number: int) -> Claim:
    reported = draw(_days)
    loss = draw(st.one_of(st.none(), st.integers(0, 40).map(lambda back: day(reported - back))))
    return Claim(
        f"c{number}",
        instant(reported, draw(st.integers(0, 23))),
        policy_id=draw(st.sampled_from([None, "p1", "p2", "p3"])),
        line_of_business=draw(st.sampled_from([None, "motor", "home"])),
        loss_date=loss,
        claimed_amount=draw(_amounts),
        currency="EUR",
        attributes={
            "witnesses": draw(st.sampled_from([None, 0.0, 3.0])),
            "cause": draw(st.sampled_from([None, "theft", "collision"])),
            "licensed": draw(_dates),
        },
    )


@st.composite
def _policies(draw: st.DrawFn, policy_id: str) -> Policy:
    return Policy(
        policy_id,
        draw(st.sampled_from([None, "h1", "h2"])),
        draw(_dates),
        draw(_dates),
        draw(_amounts),
        draw(_amounts),
        draw(_amounts),
    )


@st.composite
def books(draw: st.DrawFn) -> Rows:
    """A few claims that share policies, parties and decisions in every awkward way."""
    count = draw(st.integers(1, 12))
    claims = tuple(draw(_claims(number)) for number in range(count))
    ids = st.sampled_from([c.claim_id for c in claims])
    links = draw(st.sets(st.tuples(ids, st.sampled_from(list(Role)), st.sampled_from(["a", "b", "h1"])), max_size=25))
    decisions = draw(
        st.lists(st.tuples(ids, st.sampled_from(list(Outcome)), _days), max_size=10, unique_by=lambda d: (d[0], d[2]))
    )
    return Rows(
        claims,
        tuple(draw(_policies(name)) for name in ("p1", "p2")),
        tuple(Party(*link) for link in sorted(links)),
        tuple(Disposition(claim_id, outcome, instant(on)) for claim_id, outcome, on in decisions),
    )
