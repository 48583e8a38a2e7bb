"""Candidates learn from what was knowable, are chosen by the folds, and never meet a test label."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from perito.datasets.spec import Split
from perito.domain.errors import LearningError
from perito.domain.facts import Disposition
from perito.engine import Engine
from perito.evaluation.metrics import FIGURES
from perito.features.columns import FeatureColumn
from perito.learning import (
    AT_CAPACITY,
    Material,
    blend,
    candidates,
    find_what_holds,
    gather_material,
    hidden_from_features,
    hold_to,
    inputs_learnt_from,
    inputs_to_score,
    judge,
    measure,
    rank_claims,
    train_candidate,
)
from perito.models.interface import Contributions, FloatArray
from perito.study import Study, open_study
from tests.unit.decided import AT_RANDOM, BOUNDARY, BY_TIME, CLAIMS, book, claims, decided, spec, study


@dataclass(frozen=True)
class Given:
    """A model whose opinion of each claim is one column."""

    kind: ClassVar[str] = "given"

    @property
    def columns(self) -> tuple[FeatureColumn, ...]:
        return (FeatureColumn("opinion", "numeric", "", "", ""),)

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        return frame["opinion"].to_numpy(dtype=np.float64)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        return Contributions(0.0, self.log_odds(frame)[:, None])

    def save(self, folder: Path) -> None:
        raise NotImplementedError


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


def everything_decided(*, after_days: int = 5) -> list[Disposition]:
    return [decided(one, after_days=after_days) for one in claims()]


@pytest.fixture(scope="module")
def material(engine: Engine) -> Material:
    return gather_material(study(engine, everything_decided(after_days=15), spec()))


def flipped(material: Material, which: pd.Series) -> Material:
    """The same material, in which other outcomes were learnt for some claims."""
    learning = material.study.learning.copy()
    learning["label"] = learning["label"].where(~which, 1 - learning["label"])
    return replace(material, study=replace(material.study, learning=learning))


def unseen_by_last_fold(material: Material) -> list[float]:
    candidate = train_candidate(material, "scorecard")
    return candidate.unseen.query("fold == fold.max()")["log_odds"].tolist()


def test_a_fold_learns_no_outcome_that_became_known_after_it_began(material: Material) -> None:
    last = replace(material, folds=material.folds[-1:], fold_frames=material.fold_frames[-1:])
    learning, start = material.study.learning, pd.Timestamp(material.folds[-1].validate_from)
    taught = learning.index.isin(learning.index[material.folds[-1].train])
    too_late, in_time = taught & (learning["known_at"] >= start), taught & (learning["known_at"] < start)
    assert too_late.sum() > 5
    assert unseen_by_last_fold(flipped(last, too_late)) == unseen_by_last_fold(last)
    assert unseen_by_last_fold(flipped(last, in_time)) != unseen_by_last_fold(last)


def test_what_nobody_decided_before_a_fold_counts_there_as_the_spec_says(engine: Engine) -> None:
    decisions = [one for one in everything_decided(after_days=15) if int(one.claim_id[1:]) % 3]
    made = gather_material(study(engine, decisions, spec(unknown="unlabelled")))
    last = replace(made, folds=made.folds[-1:], fold_frames=made.fold_frames[-1:])
    learning, start = made.study.learning, pd.Timestamp(made.folds[-1].validate_from)
    taught = learning.index.isin(learning.index[made.folds[-1].train])
    too_late, undecided = taught & (learning["known_at"] >= start), taught & learning["known_at"].isna()
    assert unseen_by_last_fold(flipped(last, too_late)) == unseen_by_last_fold(last)
    assert unseen_by_last_fold(flipped(last, undecided)) != unseen_by_last_fold(last)


def test_outcomes_that_come_too_late_for_every_fold_are_told(engine: Engine) -> None:
    made = study(engine, everything_decided(), spec())
    learning = made.learning.assign(known_at=pd.Timestamp(made.plan.test_from) - pd.Timedelta(days=1))
    with pytest.raises(LearningError, match="count with an outcome by then") as refusal:
        train_candidate(gather_material(replace(made, learning=learning)), "scorecard")
    assert "too late" in refusal.value.remedy


def test_too_few_claims_for_a_single_fold_are_told(engine: Engine) -> None:
    few = [decided(one, found=one.claim_id == "c010") for one in claims()]
    with pytest.raises(LearningError, match="cannot be parted"):
        gather_material(study(engine, few, spec()))


def test_the_folds_cover_claims_of_the_training_period_alone(material: Material) -> None:
    candidate = train_candidate(material, "scorecard")
    assert set(candidate.unseen.index) < set(material.study.learning.index)
    assert not set(candidate.unseen.index) & set(material.study.plan.test)
    assert candidate.unseen.index.is_unique
    assert set(candidate.metrics) == set(FIGURES)


def test_what_is_learnt_chosen_and_scored_does_not_depend_on_any_test_label(engine: Engine) -> None:
    lists = []
    for found in (True, False):
        kept_apart = [decided(one, found=found) for one in claims()[BOUNDARY:]]
        learnt = [decided(one) for one in claims()[: BOUNDARY - 5]]
        made = gather_material(study(engine, learnt + kept_apart, spec()))
        assert made.study.reported_on["label"].eq(found).all()
        made = hold_to(made, find_what_holds(made))
        blended = blend(made, {name: train_candidate(made, name) for name in ("scorecard", "lightgbm")})
        used = blended.candidate
        lists.append((blended.weights, judge(used, seed=0), rank_claims(made, used).scores))
    (weights, verdict, scores), (other_weights, other_verdict, other_scores) = lists
    assert (weights, verdict) == (other_weights, other_verdict)
    pd.testing.assert_frame_equal(scores, other_scores)


def test_a_column_that_gives_the_outcome_away_is_told_and_not_learnt_from(engine: Engine) -> None:
    made = claims(telltale=True)
    told = gather_material(study(engine, [decided(one) for one in made], spec(), made=made))
    honest = gather_material(study(engine, everything_decided(), spec()))
    assert "cause" in [column.name for column in honest.columns]
    assert "cause" not in [column.name for column in told.columns]
    assert "cause" in [finding.column for finding in told.leakage]
    assert "cause" not in inputs_learnt_from(told).columns
    assert "cause" not in train_candidate(told, "scorecard").model.columns


def test_only_time_may_leave_the_decisions_of_the_test_side_readable(engine: Engine) -> None:
    decisions = everything_decided()
    by_time, at_random = study(engine, decisions, spec()), study(engine, decisions, spec(AT_RANDOM))
    at_the_end = open_study(book(engine, claims(), decisions, assessed_at="end_of_book"), spec())
    assert hidden_from_features(by_time) == []
    assert hidden_from_features(at_random) == at_random.plan.test.tolist()
    undecided = study(engine, decisions[:BOUNDARY], spec(Split("unlabelled")))
    assert hidden_from_features(undecided) == []
    assert hidden_from_features(at_the_end) == [f"c{on:03d}" for on in range(BOUNDARY, CLAIMS)]


def opinions(of: Study, *, first: list[str]) -> pd.DataFrame:
    """A frame in which the claims named come first, in that order, and the others follow."""
    opinion = pd.Series(0.0, index=pd.Index(of.plan.test))
    opinion[first] = range(len(first), 0, -1)
    return pd.DataFrame({"opinion": opinion})


def test_the_figures_count_what_the_desk_would_really_open(engine: Engine) -> None:
    tested = claims()[BOUNDARY:]
    found = [one.claim_id for one in tested[:3]]
    decisions = [decided(one) for one in claims()[:BOUNDARY]]
    decisions += [decided(one, found=one.claim_id in found) for one in tested[:20]]
    made = study(engine, decisions, spec())
    nobody_looked = [one.claim_id for one in tested[20:]]
    opened = opinions(made, first=[found[0], *nobody_looked[:4], tested[10].claim_id])
    figures = measure(made, opened, Given())
    assert len(made.plan.test) == 60, "the desk opens 6 of 60; the outcome of 2 of them is known"
    assert figures["precision_at_capacity"].value == pytest.approx(1 / 2)
    assert figures["recall_at_capacity"].value == pytest.approx(1 / 3)
    assert figures["lift_at_capacity"].value == pytest.approx((1 / 2) / (3 / 20))


def test_a_desk_whose_claims_nobody_looked_at_has_no_figures_at_capacity(engine: Engine) -> None:
    decisions = [decided(one) for one in claims()[: BOUNDARY + 30]]
    made = study(engine, decisions, spec())
    figures = measure(made, opinions(made, first=[one.claim_id for one in claims()[-20:]]), Given())
    assert all(figures[name].value is None for name in AT_CAPACITY)
    assert figures["auc"].value is not None


def test_a_test_side_without_a_known_outcome_has_no_figures_but_a_list(engine: Engine) -> None:
    made = gather_material(study(engine, [decided(one) for one in claims()[: BOUNDARY - 5]], spec()))
    candidate = train_candidate(made, "scorecard")
    assert all(figure.value is None for figure in measure(made.study, made.frame, candidate.model).values())
    assert len(rank_claims(made, candidate).scores) == CLAIMS - BOUNDARY


def test_an_unlabelled_split_learns_from_all_that_is_known_and_only_ranks_the_rest(engine: Engine) -> None:
    asked = replace(spec(Split("unlabelled")), confirmed=("claimed_amount",))
    made = gather_material(study(engine, everything_decided()[::2], asked))
    candidate = train_candidate(made, "scorecard")
    ranked = rank_claims(made, candidate).scores
    assert set(made.study.learning.index) == {one.claim_id for one in claims()[::2]}
    assert set(ranked["claim_id"]) == {one.claim_id for one in claims()[1::2]}
    assert candidate.metrics["auc"] > 0.6, "the folds say what the ranking is worth"
    assert all(figure.value is None for figure in measure(made.study, made.frame, candidate.model).values())


def test_the_list_holds_every_claim_of_the_test_side_and_one_alert_for_each_place_at_the_desk(
    material: Material,
) -> None:
    scores = rank_claims(material, train_candidate(material, "scorecard")).scores
    assert set(scores["claim_id"]) == set(inputs_to_score(material).index) == set(material.study.plan.test)
    assert scores["alert"].sum() == round(0.1 * (CLAIMS - BOUNDARY))


@pytest.mark.parametrize("split", [BY_TIME, AT_RANDOM], ids=["time", "random"])
def test_the_same_seed_gives_the_same_candidate(engine: Engine, split: object) -> None:
    asked = spec(BY_TIME if split is BY_TIME else AT_RANDOM)
    made = gather_material(study(engine, everything_decided(), asked))
    one, other = (train_candidate(made, "lightgbm") for _ in range(2))
    pd.testing.assert_frame_equal(one.unseen, other.unseen)
    assert one.metrics == other.metrics


@pytest.mark.parametrize("name", ["lightgbm", "catboost"])
def test_folds_that_learn_at_the_same_time_give_the_scores_of_folds_one_by_one(
    material: Material, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    side_by_side = train_candidate(material, name, tuning_seconds=0)
    monkeypatch.setattr(candidates, "AT_ONCE", 1)

    pd.testing.assert_frame_equal(side_by_side.unseen, train_candidate(material, name, tuning_seconds=0).unseen)
