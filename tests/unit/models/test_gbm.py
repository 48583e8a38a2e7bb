import numpy as np
import pytest

from perito.domain.errors import ParameterError
from perito.models.gbm import FEWEST_ROUNDS, FIXED_ROUNDS, MOST_ROUNDS, LightGBM, fit_lightgbm
from tests.unit.models.claims import labelled, only, training_set


def rounds(model: LightGBM) -> int:
    return model.text.count("Tree=")


def test_too_few_watched_positives_give_the_fixed_number_of_rounds() -> None:
    training = training_set()
    label = training.label.copy()
    label[320:] = 0

    assert rounds(fit_lightgbm(labelled(training, label), seed=0)) == FIXED_ROUNDS


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
