"""A blend's weights are never negative, chosen out of time, and its probabilities agree with what happened."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perito.engine import Engine
from perito.learning import Candidate, Material, blend, gather_material, train_candidate
from perito.learning.blending import START
from perito.models.blend import Blend
from tests.unit.decided import AT_RANDOM, claims, decided, spec, study


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def material(engine: Engine) -> Material:
    return gather_material(study(engine, [decided(one) for one in claims()], spec()))


@pytest.fixture(scope="module")
def candidates(material: Material) -> Mapping[str, Candidate]:
    return {
        name: train_candidate(material, name, tuning_seconds=0)
        for name in ("linear", "scorecard", "lightgbm", "catboost")
    }


def with_scores(candidate: Candidate, log_odds: pd.Series) -> Candidate:
    return replace(candidate, unseen=candidate.unseen.assign(log_odds=log_odds))


def test_reasons_of_the_blend_sum_to_its_calibrated_log_odds(
    material: Material, candidates: Mapping[str, Candidate]
) -> None:
    model = blend(material, candidates).candidate.model
    frame = material.frame[[column.name for column in model.columns]]
    parts = model.contributions(frame)

    np.testing.assert_allclose(parts.base + parts.values.sum(axis=1), model.log_odds(frame), atol=1e-8)


def test_a_member_that_only_guesses_is_left_out(material: Material, candidates: Mapping[str, Candidate]) -> None:
    rows = candidates["linear"].unseen
    guesses = pd.Series(np.random.default_rng(0).normal(0, 6, len(rows)), index=rows.index)
    given = {"linear": with_scores(candidates["linear"], guesses), "scorecard": candidates["scorecard"]}
    blended = blend(material, given)

    assert blended.weights["linear"] == 0
    assert blended.weights["scorecard"] > 0
    assert isinstance(blended.candidate.model, Blend)
    assert list(blended.candidate.model.members) == ["scorecard"]


def test_no_weight_is_negative(material: Material, candidates: Mapping[str, Candidate]) -> None:
    opposed = with_scores(candidates["linear"], 3 - 6 * candidates["linear"].unseen["label"])
    weights = blend(material, {**candidates, "linear": opposed}).weights

    assert min(weights.values()) == weights["linear"] == 0


def test_what_the_folds_cannot_tell_stays_where_weights_start(
    material: Material, candidates: Mapping[str, Candidate]
) -> None:
    same = candidates["scorecard"].unseen["log_odds"]
    alike = {name: with_scores(one, same) for name, one in candidates.items()}
    without = {name: one for name, one in alike.items() if name != "catboost"}

    all_kinds, fewer = blend(material, alike).weights, blend(material, without).weights

    assert all_kinds["catboost"] - all_kinds["linear"] == pytest.approx(START["catboost"] - START["linear"], abs=0.01)
    assert all_kinds["lightgbm"] == pytest.approx(all_kinds["catboost"])
    assert fewer["lightgbm"] - fewer["linear"] == pytest.approx(0.05 / 0.65, abs=0.01)


def test_equal_members_share_the_weight_without_trees(material: Material, candidates: Mapping[str, Candidate]) -> None:
    twin = with_scores(candidates["linear"], candidates["scorecard"].unseen["log_odds"])
    weights = blend(material, {"linear": twin, "scorecard": candidates["scorecard"]}).weights

    assert weights["linear"] == pytest.approx(weights["scorecard"], rel=0.01)


def test_folds_that_tell_move_the_weights_from_there(material: Material, candidates: Mapping[str, Candidate]) -> None:
    label = candidates["lightgbm"].unseen["label"]
    seer = with_scores(candidates["lightgbm"], candidates["lightgbm"].unseen["log_odds"] + 3 * label)
    blind = with_scores(candidates["lightgbm"], 3 - 6 * label)
    before = blend(material, candidates).weights["lightgbm"]

    assert blend(material, {**candidates, "lightgbm": seer}).weights["lightgbm"] > before
    assert blend(material, {**candidates, "lightgbm": blind}).weights["lightgbm"] == 0


def test_a_fold_that_learnt_from_little_says_little(material: Material, candidates: Mapping[str, Candidate]) -> None:
    rows = candidates["lightgbm"].unseen
    early = rows["fold"] == rows["fold"].min()
    opposed = with_scores(candidates["lightgbm"], rows["log_odds"].where(~early, 3 - 6 * rows["label"]))
    given = {**candidates, "lightgbm": opposed}

    def weight(share: float) -> float:
        learnt = rows["learnt"].where(~early, share * rows["learnt"].max())
        told = {name: replace(one, unseen=one.unseen.assign(learnt=learnt)) for name, one in given.items()}
        return blend(material, told).weights["lightgbm"]

    assert rows.groupby("fold")["learnt"].first().is_monotonic_increasing
    assert weight(0.01) > weight(1.0)


def test_a_fold_is_judged_with_weights_that_its_own_outcomes_did_not_choose(
    material: Material, candidates: Mapping[str, Candidate]
) -> None:
    before = blend(material, candidates).candidate.unseen
    last = before["fold"].max()
    changed = {
        name: replace(one, unseen=one.unseen.assign(label=one.unseen["label"].where(one.unseen["fold"] < last, 0.0)))
        for name, one in candidates.items()
    }
    after = blend(material, changed).candidate.unseen

    pd.testing.assert_series_equal(
        after.loc[after["fold"] == last, "log_odds"], before.loc[before["fold"] == last, "log_odds"]
    )


def test_probabilities_are_calibrated_on_the_most_recent_period(
    material: Material, candidates: Mapping[str, Candidate]
) -> None:
    calibration = blend(material, candidates).calibration
    last = material.folds[-1]
    recent = candidates["linear"].unseen.query("fold == fold.max()")

    assert (calibration.period_from, calibration.period_to) == (str(last.validate_from), str(last.validate_to))
    assert calibration.claims == len(recent)
    shifted = {name: with_scores(one, one.unseen["log_odds"] + 2.0) for name, one in candidates.items()}
    again = blend(material, shifted)
    total = sum(again.weights.values())
    assert again.calibration.shift == pytest.approx(calibration.shift - 2 * total * calibration.slope, abs=0.05)


def test_without_time_all_folds_calibrate(engine: Engine) -> None:
    made = gather_material(study(engine, [decided(one) for one in claims()], spec(AT_RANDOM)))
    one = train_candidate(made, "linear", tuning_seconds=0)
    calibration = blend(made, {"linear": one}).calibration

    assert calibration.claims == len(one.unseen)
    assert calibration.period_from == ""
