"""A study learns from what was known before its test period, and from nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from perito.datasets.spec import Split
from perito.domain.errors import LearningError, ParameterError
from perito.domain.facts import Disposition
from perito.domain.words import Outcome
from perito.engine import Engine
from perito.study import open_study
from tests.books import day, instant
from tests.unit.decided import AT_RANDOM, BOUNDARY, BY_TIME, CLAIMS, book, claims, decided, spec, study


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


def everything_decided(*, after_days: int = 5) -> list[Disposition]:
    return [decided(one, after_days=after_days) for one in claims()]


def test_an_outcome_is_learnt_only_when_it_was_known_before_the_test_period(engine: Engine) -> None:
    made = study(engine, everything_decided(after_days=30), spec())
    assert made.learning.index.tolist() == [f"c{on:03d}" for on in range(BOUNDARY - 30)]
    assert (made.learning["known_at"] < pd.Timestamp(day(BOUNDARY))).all()


def test_an_outcome_that_became_known_as_the_test_period_began_is_not_learnt(engine: Engine) -> None:
    decisions = [one for one in everything_decided() if one.claim_id != "c100"]
    midnight = instant(BOUNDARY, hour=0)
    for known_at, learnt in ((midnight - timedelta(seconds=1), True), (midnight, False)):
        late = Disposition("c100", Outcome.SUBSTANTIATED, known_at)
        assert ("c100" in study(engine, [*decisions, late], spec()).learning.index) == learnt


def test_a_decision_superseded_during_the_test_period_is_learnt_as_it_was_known_then(engine: Engine) -> None:
    [before] = [one for one in everything_decided() if one.claim_id == "c100"]
    other = {Outcome.SUBSTANTIATED: Outcome.NOT_SUBSTANTIATED, Outcome.NOT_SUBSTANTIATED: Outcome.SUBSTANTIATED}
    after = replace(before, outcome=other[before.outcome], known_at=instant(BOUNDARY + 5))
    made = study(engine, [*everything_decided(), after], spec())
    assert made.learning.loc["c100", "label"] == (before.outcome is Outcome.SUBSTANTIATED)
    assert made.claims.loc["c100", "label"] == (after.outcome is Outcome.SUBSTANTIATED)


def test_claims_reported_on_keep_the_outcome_the_whole_book_knows(engine: Engine) -> None:
    early = [decided(one) for one in claims()[:BOUNDARY]]
    late = [decided(one, after_days=400) for one in claims()[BOUNDARY:]]
    made = study(engine, early + late, spec())
    assert made.reported_on.index.tolist() == [f"c{on:03d}" for on in range(BOUNDARY, CLAIMS)]


def test_claims_in_the_gap_are_neither_learnt_from_nor_reported_on(engine: Engine) -> None:
    made = study(engine, everything_decided(after_days=1), spec(replace(BY_TIME, label_gap_days=20)))
    assert made.learning.index[-1] == f"c{BOUNDARY - 21:03d}"
    assert made.reported_on.index[0] == f"c{BOUNDARY:03d}"


def test_a_claim_nobody_looked_at_is_left_out_or_counts_as_the_spec_says(engine: Engine) -> None:
    decisions = [one for one in everything_decided() if one.claim_id not in {"c050", f"c{BOUNDARY + 9:03d}"}]
    left_out, counted = (study(engine, decisions, spec(unknown=policy)) for policy in ("leave_out", "unlabelled"))
    assert "c050" not in left_out.learning.index
    assert counted.learning.loc["c050", "label"] == 0
    assert pd.isna(counted.learning.loc["c050", "known_at"])


@pytest.mark.parametrize("policy", ["leave_out", "unlabelled"])
def test_no_figure_speaks_about_a_claim_nobody_looked_at_whatever_the_policy(engine: Engine, policy: str) -> None:
    unknown = f"c{BOUNDARY + 9:03d}"
    decisions = [one for one in everything_decided() if one.claim_id != unknown]
    made = study(engine, decisions, spec(unknown="unlabelled" if policy == "unlabelled" else "leave_out"))
    assert unknown in made.plan.test
    assert unknown not in made.reported_on.index


def test_dates_that_were_asked_for_stand_in_the_study_s_spec(engine: Engine) -> None:
    opened = book(engine, claims(), everything_decided())
    made = open_study(opened, spec(), test_from=day(150), test_to=day(200))
    assert (made.spec.split.test_from, made.spec.split.test_to) == (day(150), day(200))
    assert made.plan.test.tolist() == [f"c{on:03d}" for on in range(150, 200)]


@pytest.mark.parametrize("found", [True, False])
def test_one_class_is_nothing_to_learn_from(engine: Engine, found: bool) -> None:
    decisions = [decided(one, found=found) for one in claims()]
    with pytest.raises(LearningError, match="both outcomes") as refusal:
        study(engine, decisions, spec())
    assert refusal.value.remedy


def test_outcomes_that_all_came_too_late_are_nothing_to_learn_from(engine: Engine) -> None:
    with pytest.raises(LearningError, match="of 0 with a known one"):
        study(engine, everything_decided(after_days=300), spec())


def test_a_table_without_order_in_time_has_no_test_period(engine: Engine) -> None:
    opened = book(engine, claims(), everything_decided())
    with pytest.raises(ParameterError, match="split by random"):
        open_study(opened, spec(AT_RANDOM), test_from=day(100))


@pytest.mark.parametrize("test_to", [150, 149])
def test_a_test_period_that_ends_before_it_starts_is_refused(engine: Engine, test_to: int) -> None:
    opened = book(engine, claims(), everything_decided())
    with pytest.raises(ParameterError, match="start before it ends"):
        open_study(opened, spec(), test_from=day(150), test_to=day(test_to))


def test_a_study_is_forward_only_by_time_and_with_claims_assessed_at_their_report(engine: Engine) -> None:
    decisions = everything_decided()
    for split, assessed_at, forward in (
        (BY_TIME, "reported_at", True),
        (BY_TIME, "end_of_book", False),
        (AT_RANDOM, "reported_at", False),
        (Split("random"), "end_of_book", False),
    ):
        assert open_study(book(engine, claims(), decisions, assessed_at=assessed_at), spec(split)).forward == forward
