"""Folds look forward only, keep the gap, and refuse to pretend when classes are scarce."""

import itertools
from datetime import date

import numpy as np
import pandas as pd
import pytest

from perito.datasets.spec import Split
from perito.domain.errors import LearningError, ParameterError
from perito.evaluation.folds import MINIMUM_OF_A_CLASS, rolling_folds


def training(count=400, *, positive_rate=0.2, days=200, policies=50, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "reported_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.integers(0, days, count)), "D"),
            "policy_id": rng.integers(0, policies, count).astype(str),
            "label": (rng.random(count) < positive_rate).astype(float),
        }
    )


def test_a_fold_validates_only_what_was_reported_after_its_training_and_the_gap():
    table = training()
    folds = rolling_folds(table, Split("time", label_gap_days=7), folds=3, seed=0)
    assert len(folds) == 3
    for fold in folds:
        learnt, validated = (table["reported_at"].iloc[side] for side in (fold.train, fold.validate))
        assert learnt.max() < pd.Timestamp(fold.validate_from) - pd.Timedelta(days=6)
        assert validated.min() >= pd.Timestamp(fold.validate_from)
        assert validated.max() < pd.Timestamp(fold.validate_to)


def test_the_window_grows_and_validation_blocks_follow_each_other_to_the_end():
    table = training()
    folds = rolling_folds(table, Split("time"), folds=3, seed=0)
    assert all(set(a.train) < set(b.train) for a, b in itertools.pairwise(folds))
    validated = np.concatenate([fold.validate for fold in folds])
    assert validated.tolist() == list(range(folds[0].train.size, len(table)))


def test_validation_blocks_hold_nearly_equal_numbers_of_substantiated_claims():
    table = training(2000)
    found = [table["label"].iloc[fold.validate].sum() for fold in rolling_folds(table, Split("time"), seed=0)]
    assert max(found) - min(found) < 0.15 * sum(found)


def test_a_table_that_knows_only_the_year_is_cut_between_years():
    table = training()
    table["reported_at"] = pd.to_datetime(np.where(np.arange(400) < 100, "1994-01-01", "1995-01-01"))
    (fold,) = rolling_folds(table, Split("time"), folds=3, seed=0)
    assert fold.train.tolist() == list(range(100))
    assert fold.validate_from == date(1995, 1, 1)


def test_scarce_positives_give_fewer_folds_and_none_without_both_classes():
    table = training(400, positive_rate=0.05)
    folds = rolling_folds(table, Split("time"), folds=8, seed=0)
    assert 1 <= len(folds) < 8
    for fold in folds:
        for side in (fold.train, fold.validate):
            assert table["label"].iloc[side].sum() >= MINIMUM_OF_A_CLASS


@pytest.mark.parametrize("kind", ["time", "group", "random", "unlabelled"])
def test_too_few_of_a_class_is_an_error_that_says_what_can_be_done(kind):
    table = training()
    table["label"] = 0.0
    table.loc[[3, 200, 390], "label"] = 1.0
    with pytest.raises(LearningError, match="more labelled claims"):
        rolling_folds(table, Split(kind), seed=0)


def test_random_folds_validate_every_claim_once():
    table = training()
    folds = rolling_folds(table, Split("random"), folds=3, seed=0)
    assert sorted(np.concatenate([fold.validate for fold in folds])) == list(range(400))
    assert all(fold.validate_from is None for fold in folds)
    rates = [table["label"].iloc[fold.validate].mean() for fold in folds]
    assert max(rates) - min(rates) < 0.02


@pytest.mark.parametrize("kind", ["group", "unlabelled"])
def test_folds_of_whole_policies_keep_a_policy_on_one_side(kind):
    table = training()
    for fold in rolling_folds(table, Split(kind), folds=3, seed=0):
        learnt, validated = (set(table["policy_id"].iloc[side]) for side in (fold.train, fold.validate))
        assert not learnt & validated


def test_rows_out_of_order_are_refused():
    with pytest.raises(ParameterError, match="order of report"):
        rolling_folds(training()[::-1], Split("time"), seed=0)


def test_unknown_labels_are_refused():
    with pytest.raises(ParameterError, match="labels of 0 or 1"):
        rolling_folds(training().assign(label=np.nan), Split("time"), seed=0)
