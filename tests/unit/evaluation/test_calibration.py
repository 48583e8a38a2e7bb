import numpy as np
import pytest

from perito.evaluation.calibration import calibration_error

RNG = np.random.default_rng(0)
PROBABILITY = RNG.uniform(0.01, 0.6, 4000)
LABEL = (RNG.random(4000) < PROBABILITY).astype(float)


def test_probabilities_that_come_true_have_a_small_error() -> None:
    found = calibration_error(PROBABILITY, LABEL, seed=0)

    assert found is not None
    assert found.error.value is not None
    assert found.error.value < 0.03
    assert found.said == pytest.approx(PROBABILITY.mean())
    assert found.happened.value == pytest.approx(LABEL.mean())


def test_probabilities_that_promise_too_much_are_off_by_as_much() -> None:
    found = calibration_error(PROBABILITY + 0.2, LABEL, seed=0)

    assert found is not None
    assert found.error.value == pytest.approx(0.2, abs=0.03)
    assert found.error.low is not None
    assert found.error.low > 0.15


def test_without_a_claim_there_is_no_error() -> None:
    assert calibration_error([], [], seed=0) is None


def test_claims_of_one_probability_are_one_group() -> None:
    found = calibration_error(np.full(10, 0.5), np.array([0, 1] * 5), seed=0)

    assert found is not None
    assert found.error.value == pytest.approx(0.0)
