"""Every kind of leak is found when it is planted in a simulated insurer, and a clean insurer is not accused."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perito.datasets.book import Book
from perito.datasets.spec import Split
from perito.domain.errors import SpecError
from perito.domain.opinions import Finding
from perito.engine import Engine
from perito.evaluation.own_label import reads_own_decision
from perito.features.build import build_features, compute
from perito.features.feature import Feature
from perito.learning import Material, gather_material
from perito.learning.leaks import look_for_leaks
from perito.simulate.insurer import SimulatedBook
from perito.study import open_study
from tests.insurers import SPEC, book_of, claims_of, planted, simulated

LEAKS = frozenset({"blocked", "left_out", "asked"})
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def insurer() -> SimulatedBook:
    return simulated(3000, seed=1)


@pytest.fixture
def book(engine: Engine, insurer: SimulatedBook) -> Book:
    return book_of(engine, insurer)


@pytest.fixture
def claims(book: Book) -> pd.DataFrame:
    return claims_of(book)


def gathered(book: Book, *, confirmed: tuple[str, ...] = (), split: Split = SPEC.split) -> Material:
    return gather_material(open_study(book, replace(SPEC, confirmed=confirmed, split=split)))


def found(material: Material) -> set[tuple[str, str, str]]:
    return {(one.check, one.column, one.action) for one in material.leakage}


def noise(claims: pd.DataFrame) -> np.ndarray:
    return np.random.default_rng(7).normal(size=len(claims))


def test_the_table_that_leaks_are_planted_in_is_clean(book: Book) -> None:
    assert found(gathered(book)) == set()


def test_a_column_that_knows_the_outcome_is_blocked_and_not_learnt_from(book: Book, claims: pd.DataFrame) -> None:
    material = gathered(planted(book, "numeric", 3 * claims["label"].fillna(0) + 0.3 * noise(claims)))
    assert found(material) == {("knows_the_outcome", "planted", "blocked")}
    assert "planted" not in [column.name for column in material.columns]


def test_a_strong_but_imperfect_column_is_asked_about_and_kept_once_confirmed(book: Book, claims: pd.DataFrame) -> None:
    leaky = planted(book, "numeric", 2.3 * claims["label"].fillna(0) + noise(claims))
    asked, answered = gathered(leaky), gathered(leaky, confirmed=("planted",))
    assert found(asked) == {("knows_the_outcome", "planted", "asked")}
    assert 'confirmed = ["planted"] in the spec' in asked.leakage[0].evidence
    assert "planted" not in [column.name for column in asked.columns]
    assert found(answered) == {("knows_the_outcome", "planted", "warned")}
    assert "the spec confirms" in answered.leakage[0].evidence
    assert "planted" in [column.name for column in answered.columns]


def test_what_knows_the_outcome_stays_blocked_whoever_confirms_it(book: Book, claims: pd.DataFrame) -> None:
    leaky = planted(book, "numeric", 3 * claims["label"].fillna(0) + 0.3 * noise(claims))
    assert found(gathered(leaky, confirmed=("planted",))) == {("knows_the_outcome", "planted", "blocked")}


def test_a_confirmed_column_that_does_not_exist_is_an_error_that_lists_the_columns(book: Book) -> None:
    with pytest.raises(SpecError, match="came 'closing_note'") as refusal:
        gathered(book, confirmed=("closing_note",))
    assert "claimed_amount" in refusal.value.remedy


@pytest.mark.parametrize("filled", [1.0, 0.4], ids=["always", "in two of five"])
def test_a_cost_that_only_investigated_claims_have_is_asked_about(
    book: Book, claims: pd.DataFrame, filled: float
) -> None:
    has = claims["known_at"].notna() & (np.random.default_rng(3).random(len(claims)) < filled)
    material = gathered(planted(book, "numeric", pd.Series(noise(claims) ** 2, claims.index).where(has)))
    assert found(material) == {("only_when_decided", "planted", "asked")}


def test_a_cost_that_is_zero_unless_investigated_is_asked_about(book: Book, claims: pd.DataFrame) -> None:
    cost = pd.Series(noise(claims) ** 2, claims.index).where(claims["known_at"].notna(), 0.0)
    assert found(gathered(planted(book, "numeric", cost))) == {("only_when_decided", "planted", "asked")}


def test_a_state_that_only_decided_claims_reach_is_asked_about(book: Book, claims: pd.DataFrame) -> None:
    dealt = pd.Series(np.random.default_rng(3).choice(["open", "paid"], len(claims)), claims.index)
    material = gathered(planted(book, "categorical", dealt.mask(claims["known_at"].notna(), "closed by a specialist")))
    assert found(material) == {("only_when_decided", "planted", "asked")}


def test_a_column_that_investigators_merely_like_is_not_asked_about(book: Book, claims: pd.DataFrame) -> None:
    chance = np.where(claims["known_at"].notna(), 0.6, 0.15)
    lawyer = pd.Series(np.random.default_rng(3).random(len(claims)) < chance, claims.index)
    assert found(gathered(planted(book, "categorical", lawyer.map({True: "yes", False: "no"})))) == set()


def test_a_running_number_is_left_out_and_kept_once_confirmed(book: Book, claims: pd.DataFrame) -> None:
    numbered = planted(book, "numeric", pd.Series(np.arange(len(claims)) * 10.0, claims.index) + 50 * noise(claims))
    assert found(gathered(numbered)) == {("marks_time", "planted", "left_out")}
    assert found(gathered(numbered, confirmed=("planted",))) == {("marks_time", "planted", "warned")}


def test_a_number_that_runs_from_year_to_year_but_not_within_one_is_left_out(book: Book, claims: pd.DataFrame) -> None:
    within = np.random.default_rng(3).random(len(claims))
    assert ("marks_time", "planted", "left_out") in found(
        gathered(planted(book, "numeric", claims["reported_at"].dt.year + within))
    )


@pytest.mark.parametrize("kind", ["numeric", "categorical"])
def test_a_year_is_left_out_as_number_and_as_word(book: Book, claims: pd.DataFrame, kind: str) -> None:
    year = claims["reported_at"].dt.year
    values = year.astype(float) if kind == "numeric" else year.astype(str)
    assert ("marks_time", "planted", "left_out") in found(
        gathered(planted(book, "numeric" if kind == "numeric" else "categorical", values))
    )


def test_a_month_of_the_book_is_left_out(book: Book, claims: pd.DataFrame) -> None:
    month = claims["reported_at"].dt.to_period("M").astype(str)
    assert found(gathered(planted(book, "categorical", month))) == {("marks_time", "planted", "left_out")}


@pytest.mark.parametrize("unit", ["month", "week"])
def test_a_calendar_position_is_left_out_where_training_covers_it_once(engine: Engine, unit: str) -> None:
    one_year = book_of(engine, simulated(3000, seed=1, years=1))
    reported = claims_of(one_year)["reported_at"]
    position = reported.dt.month if unit == "month" else reported.dt.isocalendar().week
    assert found(gathered(planted(one_year, "numeric", position.astype(float)))) == {
        ("marks_time", "planted", "left_out")
    }


@pytest.mark.parametrize("unit", ["month", "week", "weekday"])
def test_a_calendar_position_that_came_back_is_kept(book: Book, claims: pd.DataFrame, unit: str) -> None:
    reported = claims["reported_at"].dt
    position = {"month": reported.month, "week": reported.isocalendar().week, "weekday": reported.day_of_week}[unit]
    assert found(gathered(planted(book, "numeric", position.astype(float)))) == set()
    assert found(gathered(planted(book, "categorical", position.astype(str), name="as_word"))) == set()


def test_a_party_count_that_includes_the_claim_itself_is_blocked(book: Book, claims: pd.DataFrame) -> None:
    garages = book.engine.query("SELECT claim_id, party_id FROM parties WHERE role = 'garage'").to_pandas()
    garage = garages.set_index("claim_id")["party_id"].reindex(claims.index)
    counted = claims["label"].fillna(0).groupby(garage).cumsum()
    assert ("counts_own_outcome", "planted", "blocked") in found(gathered(planted(book, "numeric", counted)))


def test_a_party_count_of_the_past_alone_is_kept(book: Book, claims: pd.DataFrame) -> None:
    garages = book.engine.query("SELECT claim_id, party_id FROM parties WHERE role = 'garage'").to_pandas()
    garage = garages.set_index("claim_id")["party_id"].reindex(claims.index)
    label = claims["label"].fillna(0)
    assert found(gathered(planted(book, "numeric", label.groupby(garage).cumsum() - label))) == set()


OWN_OUTCOME = """(SELECT COUNT(*) FROM dispositions AS d WHERE d.claim_id = c.claim_id
  AND d.outcome = 'SUBSTANTIATED' AND d.claim_id NOT IN (SELECT claim_id FROM _hidden))"""


def test_a_feature_of_ours_that_would_read_its_own_decision_is_blocked(book: Book) -> None:
    study = open_study(book, SPEC)
    means = "never"
    leaky = Feature("own", "claim", OWN_OUTCOME, "count", "Own: {value}", "Propio: {value}", means, frozenset())
    honest = Feature(
        "amount", "claim", "c.claimed_amount", "amount", "Asks {value}", "Pide {value}", means, frozenset()
    )
    table = compute(book, (leaky, honest))
    label = study.learning["label"]
    (finding,) = reads_own_decision(table, table.frame(), label)
    assert (finding.check, finding.column, finding.action) == ("counts_own_outcome", "own", "blocked")


def test_copies_of_claims_inside_training_and_across_the_split_are_said(engine: Engine, book: Book) -> None:
    for table in ("claims", "dispositions"):
        again = f"SELECT * REPLACE (concat(claim_id, '-again') AS claim_id) FROM {table} WHERE right(claim_id, 1) < '2'"
        engine.create(table, f"SELECT * FROM {table} UNION ALL {again}")
    evidence = [one.evidence for one in gathered(book).leakage if one.check == "duplicated_rows"]
    assert len(evidence) == 1
    assert "repeat another claim" in evidence[0]
    at_random = gathered(book, split=Split("random", test_share=0.3)).leakage
    assert len([one for one in at_random if one.check == "duplicated_rows"]) == 2


def test_parties_on_both_sides_of_a_random_split_are_said_and_of_a_time_split_not(book: Book) -> None:
    at_random = found(gathered(book, split=Split("random", test_share=0.3)))
    assert ("group_overlap", "parties.policyholder", "warned") in at_random
    assert not [one for one in found(gathered(book)) if one[0] == "group_overlap"]


def accused(engine: Engine, seed: int) -> tuple[Finding, ...]:
    """What the gates claim about a clean insurer."""
    study = open_study(book_of(engine, simulated(seed=seed)), SPEC, seed=seed)
    table = build_features(study.book)
    return look_for_leaks(study, table, table.frame())


def test_of_50_clean_insurers_at_most_one_in_twenty_is_accused(engine: Engine) -> None:
    alarms = {seed: told for seed in range(50) if (told := accused(engine, seed))}
    assert len(alarms) <= 50 * 0.05, alarms
