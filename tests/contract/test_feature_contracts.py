"""The five contracts of every feature, over the whole catalogue, on generated books.

1. The future changes nothing.   2. One claim at a time equals the batch.   3. Row order is
irrelevant.   4. Inputs are left as found.   5. The first line is a reason, in both languages.
"""

import math
import random
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from perito.datasets.book import CANONICAL
from perito.domain.facts import Claim, Disposition, Party
from perito.domain.words import Outcome, Role
from perito.engine import Engine
from perito.features.build import compute
from perito.features.catalogue import CATALOGUE, applicable
from perito.features.cut import TIME_CUT
from tests.books import Rows, books, claim, instant, load_book
from tests.reference import Reference

NO_CUT = None
BRIEF = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
ANY_EXAMPLE = settings(BRIEF, phases=(Phase.generate,))
LONG = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module")
def engine():
    with Engine(memory_limit="500MB", threads=1) as open_engine:
        yield open_engine


def values(
    engine: Engine, rows: Rows, *, cut: int | None = TIME_CUT, only: tuple[str, ...] = (), **options
) -> pd.DataFrame:
    book = load_book(engine, rows, **options)
    return compute(book, applicable(book), cut=cut, only=only).frame()


def same(left: pd.DataFrame, right: pd.DataFrame) -> bool:
    """Equal claims, columns and values, to the last digit; null equals null."""
    return left.astype(object).where(left.notna(), None).equals(right.astype(object).where(right.notna(), None))


def with_a_future(rows: Rows, first: int) -> Rows:
    """The book, later: new claims of the same parties, and new decisions, from day `first` on."""
    parties = tuple(Party(f"later{n}", p.role, p.party_id) for n, p in enumerate(rows.parties))
    more = tuple(
        replace(claim(f"later{n}", first + n), policy_id="p1", claimed_amount=7e5) for n in range(len(parties) + 1)
    )
    decided = tuple(Disposition(c.claim_id, Outcome.SUBSTANTIATED, instant(first + 3, 23)) for c in rows.claims + more)
    return Rows(rows.claims + more, rows.policies, rows.parties + parties, rows.dispositions + decided)


def up_to(rows: Rows, last: int) -> Rows:
    """What the book held at the end of day `last`."""
    claims = tuple(c for c in rows.claims if c.reported_at < instant(last + 1, 0))
    kept = {c.claim_id for c in claims}
    return Rows(
        claims,
        rows.policies,
        tuple(p for p in rows.parties if p.claim_id in kept),
        tuple(d for d in rows.dispositions if d.claim_id in kept and d.known_at < instant(last + 1, 0)),
    )


def the_future_changes_nothing(engine: Engine, rows: Rows, cut: int | None) -> bool:
    past = up_to(rows, 250)
    known = values(engine, past, cut=cut)
    return same(known, values(engine, with_a_future(past, 251), cut=cut).loc[known.index])


def one_claim_equals_the_batch(engine: Engine, rows: Rows, cut: int | None) -> bool:
    batch = values(engine, rows, cut=cut)
    return all(
        same(batch.loc[[c.claim_id]], values(engine, rows, cut=cut, only=(c.claim_id,))) for c in rows.claims[:4]
    )


def row_order_is_irrelevant(engine: Engine, rows: Rows, cut: int | None) -> bool:
    def shuffled(items: tuple) -> tuple:
        return tuple(random.Random(7).sample(items, len(items)))

    other = Rows(*(shuffled(getattr(rows, table)) for table in CANONICAL))
    return same(values(engine, rows, cut=cut), values(engine, other, cut=cut))


def inputs_are_left_as_found(engine: Engine, rows: Rows, cut: int | None) -> bool:
    book = load_book(engine, rows)
    before = {table: engine.query(f"SELECT * FROM {table} ORDER BY ALL").to_pylist() for table in CANONICAL}
    compute(book, applicable(book), cut=cut)
    return before == {table: engine.query(f"SELECT * FROM {table} ORDER BY ALL").to_pylist() for table in CANONICAL}


def the_first_line_is_a_reason(engine: Engine, rows: Rows, cut: int | None) -> bool:
    built = compute(book := load_book(engine, rows), applicable(book), cut=cut)
    return all("{value}" in line and len(line) > 10 for c in built.columns for line in (c.sentence_en, c.sentence_es))


CONTRACTS: tuple[Callable[[Engine, Rows, int | None], bool], ...] = (
    the_future_changes_nothing,
    one_claim_equals_the_batch,
    row_order_is_irrelevant,
    inputs_are_left_as_found,
    the_first_line_is_a_reason,
)


@pytest.mark.slow
@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
def test_every_feature_keeps_the_contract(engine, contract):
    @BRIEF
    @given(rows=books())
    def check(rows):
        assert contract(engine, rows, TIME_CUT)

    check()


@pytest.mark.slow
@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
def test_without_the_time_cut_exactly_the_first_contract_fails(engine, contract):
    def broken(rows: Rows) -> bool:
        return not contract(engine, rows, NO_CUT)

    if contract is the_future_changes_nothing:
        assert find(books(), broken, settings=ANY_EXAMPLE)
    else:
        with pytest.raises(NoSuchExample):
            find(books(), broken, settings=ANY_EXAMPLE)


@pytest.mark.slow
@LONG
@given(rows=books(), at_the_end=st.booleans())
def test_the_sql_equals_the_plain_python_reference(engine, rows, at_the_end):
    built = values(engine, rows, assessed_at="end_of_book" if at_the_end else "reported_at")
    last = max([c.reported_at for c in rows.claims] + [d.known_at for d in rows.dispositions]).date()
    reference = Reference(rows, as_of=last.fromordinal(last.toordinal() + 1) if at_the_end else None)
    for each in rows.claims:
        expected = reference.features(each)
        assert set(expected) == set(built.columns)
        for name, value in expected.items():
            came = built.loc[each.claim_id, name]
            agrees = pd.isna(came) if value is None else came == value or math.isclose(came, value, rel_tol=1e-9)
            assert agrees, f"{name} of {each.claim_id}: reference {value}, SQL {came}"


def test_a_claim_never_reads_its_own_decision_even_when_it_is_known_before_the_assessment(engine):
    rows = Rows(
        (claim("c1", 10), claim("c2", 400)),
        parties=(Party("c1", Role.GARAGE, "g"),),
        dispositions=(Disposition("c1", Outcome.SUBSTANTIATED, instant(20)),),
    )
    assert values(engine, rows, assessed_at="end_of_book").loc["c1", "garage_substantiated"] == 0


def test_a_later_decision_supersedes_the_earlier_one_from_the_day_it_is_known(engine):
    parties = tuple(Party(f"c{n}", Role.GARAGE, "g") for n in range(3))
    decisions = (
        Disposition("c0", Outcome.SUBSTANTIATED, instant(10)),
        Disposition("c0", Outcome.NOT_SUBSTANTIATED, instant(50)),
    )
    built = values(engine, Rows((claim("c0", 0), claim("c1", 30), claim("c2", 60)), (), parties, decisions))
    assert built["garage_substantiated"].tolist() == [0, 1, 0]
    assert built.loc["c2", "garage_substantiated_ratio"] == 0


def test_hidden_decisions_are_not_read(engine):
    rows = Rows(
        (claim("c0", 0), claim("c1", 30)),
        parties=(Party("c0", Role.IBAN, "i"), Party("c1", Role.IBAN, "i")),
        dispositions=(Disposition("c0", Outcome.SUBSTANTIATED, instant(5)),),
    )
    book = load_book(engine, rows)
    seen = compute(book, applicable(book)).frame()
    hidden = compute(book, applicable(book), hidden=["c0"]).frame()
    assert (seen.loc["c1", "linked_substantiated"], hidden.loc["c1", "linked_substantiated"]) == (1, 0)


def test_feature_names_are_unique_and_every_role_speaks():
    names = [feature.name for feature in CATALOGUE]
    assert len(names) == len(set(names))
    assert {role for role in Role if any(name.startswith(f"{role}_") for name in names)} == set(Role)


def test_sentences_are_unique_in_each_language():
    for language in ("sentence_en", "sentence_es"):
        sentences = [getattr(feature, language) for feature in CATALOGUE]
        assert len(sentences) == len(set(sentences)), language


def test_a_claim_is_a_plain_value():
    assert Claim("c1", instant(0)) == Claim("c1", instant(0))
