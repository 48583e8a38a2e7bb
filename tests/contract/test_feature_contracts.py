"""The five contracts of every feature, over the whole catalogue, on generated books.

1. The future changes nothing.   2. One claim at a time equals the batch.   3. Row order is
irrelevant.   4. Inputs are left as found.   5. The first line is a reason, in both languages.
"""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

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


def chain(*links: tuple[str, str]) -> tuple[Party, ...]:
    """Links of garages to claims, `("c0", "g")`."""
    return tuple(Party(claim_id, Role.GARAGE, party) for claim_id, party in links)


def test_two_steps_away_a_decision_is_read_from_the_day_after_it_is_known(engine):
    parties = chain(("c0", "g"), ("c1", "g"), ("c1", "h"), ("c2", "h"), ("c3", "g"), ("c4", "g"))
    claims = tuple(claim(f"c{n}", on) for n, on in enumerate((0, 10, 20, 40, 41)))
    decisions = (
        Disposition("c2", Outcome.SUBSTANTIATED, instant(40)),
        Disposition("c0", Outcome.NOT_SUBSTANTIATED, instant(15)),
    )
    built = values(engine, Rows(claims, (), parties, decisions))
    assert built.loc["c3":, "linked_claims"].tolist() == [2, 3]
    assert pd.isna(built.loc["c3", "further_substantiated_lift"]), "known on the day of c3 itself"
    assert built.loc["c4", "further_substantiated_lift"] == pytest.approx((1 / 0.5 + 2) / (1 + 2))


@pytest.mark.parametrize("outcome", [Outcome.SUBSTANTIATED, Outcome.NOT_SUBSTANTIATED])
def test_the_outcome_of_a_claim_comes_back_to_it_along_no_path(engine, outcome):
    """c0 and c1 share two garages, and c0 meets c2 and c3 through both of them."""
    parties = chain(*((c, g) for c in ("c0", "c1") for g in "gh"), ("c2", "g"), ("c2", "k"), ("c3", "k"), ("c3", "h"))
    others = (
        Disposition("c1", Outcome.SUBSTANTIATED, instant(9)),
        Disposition("c3", Outcome.NOT_SUBSTANTIATED, instant(9)),
    )
    claims = tuple(claim(f"c{n}", n) for n in range(4))
    without = values(engine, Rows(claims, (), parties, others), assessed_at="end_of_book").loc[["c0"]]
    decided = Rows(claims, (), parties, (*others, Disposition("c0", outcome, instant(8))))
    assert without.loc["c0", "further_substantiated_lift"] > 0
    assert same(values(engine, decided, assessed_at="end_of_book").loc[["c0"]], without)


def busy(claims: int) -> Rows:
    """One garage of many claims, several of them on one day, each of a policyholder with one claim before."""
    made = [claim(f"c{n:03d}", 100 + (n if n < 40 else max(n - 8, 40))) for n in range(claims)]
    before = [claim(f"d{n:03d}", n) for n in range(claims)]
    parties = [Party(one.claim_id, Role.GARAGE, "g") for one in made]
    parties += [Party(f"{c}{n:03d}", Role.POLICYHOLDER, f"h{n}") for n in range(claims) for c in "cd"]
    decided = [Disposition(f"d{n:03d}", list(Outcome)[n % 2], instant(100 + (7 * n) % 90)) for n in range(0, claims, 3)]
    return Rows((*made, *before), (), tuple(parties), tuple(decided))


@pytest.mark.parametrize("at_the_end", [False, True], ids=["reported_at", "end_of_book"])
@pytest.mark.parametrize("claims", [10, 11, 12, 51, 52, 75])
def test_a_party_of_too_many_claims_is_followed_by_its_first_ones_alone(engine, claims, at_the_end):
    rows = busy(claims)
    built = values(engine, rows, assessed_at="end_of_book" if at_the_end else "reported_at")
    last = max(one.reported_at for one in rows.claims).date().toordinal() + 1
    last = max(last, max(one.known_at for one in rows.dispositions).date().toordinal() + 1)
    reference = Reference(rows, as_of=date.fromordinal(last) if at_the_end else None)
    for one in rows.claims:
        expected = reference.neighbourhood(one)
        came = built.loc[one.claim_id, list(expected)].astype(float)
        assert came.tolist() == pytest.approx([math.nan if v is None else v for v in expected.values()], nan_ok=True)


def test_the_busy_garage_reaches_the_cap(engine):
    linked = values(engine, busy(75))["linked_claims"]
    assert (linked.max(), linked["c074"]) == (51, 1), "fifty of the garage and one of the policyholder; then one"


def test_one_claim_of_a_busy_garage_equals_the_batch(engine):
    rows = busy(75)
    batch = values(engine, rows)
    for claim_id in ("c049", "c050", "c074", "d010"):
        assert same(batch.loc[[claim_id]], values(engine, rows, only=(claim_id,)))


@pytest.mark.slow
def test_two_runs_on_several_threads_agree_to_the_last_bit():
    """Enough links for two threads to share them: sums of doubles came out in either order."""
    drawn = random.Random(3)
    count = 30_000
    claims = tuple(claim(f"c{n:05d}", n // 40, policy_id=f"p{n % 9000}") for n in range(count))
    sizes = (7, 300, 1100, 6000)
    parties = tuple(
        Party(one.claim_id, role, f"{role}{drawn.randrange(size)}")
        for one in claims
        for role, size in zip((Role.BROKER, Role.GARAGE, Role.LAWYER, Role.PHONE), sizes, strict=True)
    )
    decided = tuple(
        Disposition(one.claim_id, drawn.choice(list(Outcome)), one.reported_at + timedelta(days=drawn.randrange(90)))
        for one in claims
        if drawn.random() < 0.2
    )
    with Engine(memory_limit="2GB", threads=4) as engine:
        book = load_book(engine, Rows(claims, (), parties, decided))
        first, *more = (compute(book, applicable(book)).frame() for _ in range(3))
    assert all(same(first, other) for other in more)


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
