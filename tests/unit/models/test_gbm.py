from dataclasses import replace

import numpy as np
import pytest

from perito.domain.errors import ParameterError
from perito.models.gbm import (
    FEWEST_LEAVES,
    FEWEST_ROUNDS,
    MOST_LEAVES,
    MOST_ROUNDS,
    LightGBM,
    fit_lightgbm,
    leaves_for,
    rounds_for,
)
from perito.models.interface import rows_of
from tests.unit.models.claims import labelled, only, training_set


def rounds(model: LightGBM) -> int:
    return model.text.count("Tree=")


def test_with_too_few_watched_positives_their_number_sets_the_rounds() -> None:
    training = training_set()
    label = training.label.copy()
    label[320:] = 0

    assert rounds(fit_lightgbm(labelled(training, label), seed=0)) == rounds_for(label.sum())


def test_more_positives_give_more_rounds_and_more_leaves_within_bounds() -> None:
    assert [rounds_for(positives) for positives in (10, 100, 200, 300, 5000)] == [150, 150, 300, 450, 450]
    assert [leaves_for(positives) for positives in (10, 299, 300, 450, 5000)] == [4, 4, 5, 6, 8]


def test_a_claim_that_counts_twice_gives_as_many_leaves_as_two() -> None:
    training = training_set(2000)
    positives = np.flatnonzero(training.label == 1)[:200]
    weight = np.full(2000, 1.0)
    few = rows_of(training, np.arange(2000), label=np.isin(np.arange(2000), positives).astype(np.int64), weight=weight)
    heavy = replace(few, weight=np.where(few.label == 1, 9.0, 1.0))

    assert f"[num_leaves: {FEWEST_LEAVES}]" in fit_lightgbm(few, seed=0).text
    assert f"[num_leaves: {MOST_LEAVES}]" in fit_lightgbm(heavy, seed=0).text


def test_noise_stops_early_and_a_signal_goes_on() -> None:
    training = training_set(4000)
    noise = fit_lightgbm(only(training, ["claimed_amount", "vehicle"]), seed=0)

    assert rounds(noise) == FEWEST_ROUNDS
    assert FEWEST_ROUNDS < rounds(fit_lightgbm(training, seed=0)) <= MOST_ROUNDS


def test_the_rounds_are_chosen_on_the_last_training_claims() -> None:
    training = training_set(4000)
    early = labelled(training, np.where(np.arange(4000) < 3200, training.label, 1 - training.label))

    assert rounds(fit_lightgbm(early, seed=0)) < rounds(fit_lightgbm(training, seed=0))


def test_options_are_those_of_the_kind_and_change_the_model() -> None:
    training = training_set()
    more = fit_lightgbm(training, seed=0, options={"num_leaves": 8.0})

    assert "[num_leaves: 8]" in more.text
    with pytest.raises(ParameterError, match="leaves came"):
        fit_lightgbm(training, seed=0, options={"leaves": 8.0})


def test_the_number_of_threads_does_not_change_the_scores() -> None:
    training = training_set()
    one, two = (fit_lightgbm(training, seed=0, num_threads=threads) for threads in (1, 2))

    np.testing.assert_array_equal(one.log_odds(training.frame), two.log_odds(training.frame))


def test_another_seed_gives_another_model() -> None:
    training = training_set()
    one, other = (fit_lightgbm(training, seed=seed).log_odds(training.frame) for seed in (0, 1))

    assert (one != other).any()


def test_what_one_feature_moves_is_what_the_whole_booster_would_say() -> None:
    training = training_set()
    model = fit_lightgbm(training, seed=0)
    matrix, rng = model.matrix(training.frame), np.random.default_rng(0)

    for feature in range(matrix.shape[1]):
        values = np.stack([rng.permutation(matrix[:, feature]) for _ in range(2)])
        moved = model.moved_by(matrix, feature, values)
        for row, other in zip(moved, values, strict=True):
            changed = matrix.copy()
            changed[:, feature] = other
            np.testing.assert_allclose(row, model.log_odds_of(changed) - model.log_odds_of(matrix), atol=1e-9)


def test_a_feature_that_no_tree_asks_for_moves_nothing() -> None:
    training = training_set()
    frame = training.frame.assign(claimed_amount=1.0)
    model = fit_lightgbm(replace(training, frame=frame), seed=0)
    amount = [column.name for column in training.columns].index("claimed_amount")

    assert not model.moved_by(model.matrix(frame), amount, np.full((1, len(frame)), 9.0)).any()
