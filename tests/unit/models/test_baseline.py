import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perito.models.baseline import fit_scorecard
from perito.models.inputs import FIRST_KNOWN, MISSING, RARE
from perito.models.interface import TrainingSet
from perito.models.scorecard import Bins, Line, Scorecard
from tests.unit.models.claims import PLANTED, auc, feature, only, training_set


def with_column(name: str, values: Any, kind: str = "numeric") -> TrainingSet:
    training = training_set()
    frame = training.frame.assign(**{name: values})
    return dataclasses.replace(training, columns=(*training.columns, feature(name, kind)), frame=frame)


def line_of(scorecard: Scorecard, name: str) -> Line:
    return scorecard.lines[[column.name for column in scorecard.columns].index(name)]


def test_a_value_on_a_cut_belongs_to_the_bin_above() -> None:
    codes = Bins((10.0, 20.0)).codes(pd.Series([9.9, 10.0, 20.0, np.nan]))

    assert codes.tolist() == [FIRST_KNOWN, FIRST_KNOWN + 1, FIRST_KNOWN + 2, MISSING]


def test_a_flag_that_few_claims_carry_has_a_bin_of_its_own() -> None:
    flag = (np.arange(400) % 20 == 0).astype(float)

    assert line_of(fit_scorecard(with_column("shared_phone", flag), seed=0), "shared_phone").groups == Bins((1.0,))


def test_a_bin_of_fewer_than_ten_claims_joins_the_one_below() -> None:
    flag = (np.arange(400) < 9).astype(float)

    assert line_of(fit_scorecard(with_column("shared_phone", flag), seed=0), "shared_phone").groups == Bins(())


def test_bins_hold_about_equally_many_claims() -> None:
    line = line_of(fit_scorecard(training_set(), seed=0), "claimed_amount")
    assert isinstance(line.groups, Bins)

    counts = np.bincount(line.groups.codes(training_set().frame["claimed_amount"]))[FIRST_KNOWN:]

    assert len(counts) > 5
    assert counts.max() <= 1.5 * counts.min()


def test_never_seen_groups_weigh_nothing() -> None:
    line = line_of(fit_scorecard(training_set(), seed=0), "vehicle")

    assert line.evidence[RARE] == pytest.approx(0)
    assert line.evidence[MISSING] == pytest.approx(0)


def test_missing_values_that_mean_something_get_evidence() -> None:
    training = training_set()
    told = with_column("hours", np.where(training.label == 1, np.nan, 1.0))

    assert line_of(fit_scorecard(told, seed=0), "hours").evidence[MISSING] > 1


def test_a_category_per_claim_is_pooled_and_cannot_be_memorised() -> None:
    plates = pd.Categorical([f"plate-{i}" for i in range(400)])
    scorecard = fit_scorecard(with_column("plate", plates, "categorical"), seed=0)

    assert line_of(scorecard, "plate").coefficient * max(map(abs, line_of(scorecard, "plate").evidence)) < 1e-6


def test_no_coefficient_contradicts_its_own_evidence() -> None:
    assert all(line.coefficient >= 0 for line in fit_scorecard(training_set(), seed=0).lines)


def test_without_any_signal_every_claim_gets_the_base_rate() -> None:
    training = only(training_set(), ["currency", "branch_number"])
    log_odds = fit_scorecard(training, seed=0).log_odds(training.frame)

    rate = training.label.mean()
    np.testing.assert_allclose(log_odds, np.log(rate / (1 - rate)), atol=1e-9)


def test_the_mean_training_score_is_the_base_rate() -> None:
    training = training_set()
    score = 1 / (1 + np.exp(-fit_scorecard(training, seed=0).log_odds(training.frame)))

    assert score.mean() == pytest.approx(training.label.mean(), abs=1e-9)


def test_forty_features_and_three_percent_positives_still_generalise() -> None:
    learnt, fresh = (_wide(training_set(2000, seed=seed, rate=0.01)) for seed in (0, 1))
    scorecard = fit_scorecard(learnt, seed=0)

    assert learnt.label.mean() < 0.05
    assert auc(fresh.label, scorecard.log_odds(fresh.frame)) > 0.8
    assert auc(fresh.label, fresh.frame[PLANTED].to_numpy()) - auc(fresh.label, scorecard.log_odds(fresh.frame)) < 0.08


def _wide(training: TrainingSet) -> TrainingSet:
    rng, claims = np.random.default_rng(7), len(training.label)
    noise = {f"noise_{i}": rng.normal(size=claims) for i in range(24)}
    towns = {f"town_{i}": pd.Categorical(rng.integers(0, 30, claims).astype(str)) for i in range(10)}
    extra = (*map(feature, noise), *(feature(name, "categorical") for name in towns))
    frame = training.frame.assign(**noise, **towns)
    return dataclasses.replace(training, columns=(*training.columns, *extra), frame=frame)
