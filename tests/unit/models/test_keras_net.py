import random

import numpy as np
import pandas as pd
import pytest

from perito.models.integrated import integrated_gradients
from perito.models.keras_net import SMALLEST_BATCH, fit_keras
from perito.models.network import KerasNet
from tests.unit.models.claims import COLUMNS, training_set

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network() -> KerasNet:
    return fit_keras(training_set(200), seed=0)


def test_integration_leaves_less_than_a_thousandth_over(network: KerasNet) -> None:
    usual = np.asarray(network.usual, dtype=np.float32)
    points = network.inputs.joined(training_set(200, seed=1).frame, network.table)

    parts = integrated_gradients(network.slopes, points, usual)

    whole = network.raw(points) - network.raw(usual[None, :])
    assert np.abs(parts.sum(axis=1) - whole).max() < 1e-3


def test_a_category_no_training_claim_had_says_nothing(network: KerasNet) -> None:
    frame = training_set(20, seed=1).frame
    strange = frame.assign(vehicle=pd.Categorical(["hovercraft"] * 19 + [None]))
    vehicle = [column.name for column in COLUMNS].index("vehicle")

    np.testing.assert_allclose(network.contributions(strange).values[:, vehicle], 0, atol=1e-6)
    assert np.abs(network.contributions(frame).values[:, vehicle]).max() > 1e-3


def test_learning_leaves_the_callers_random_state_as_found() -> None:
    plain, array = random.getstate(), str(np.random.get_state())

    fit_keras(training_set(60), seed=1)

    assert random.getstate() == plain
    assert str(np.random.get_state()) == array


def test_a_table_smaller_than_a_batch_is_learnt_from() -> None:
    training = training_set(SMALLEST_BATCH - 2)

    assert np.isfinite(fit_keras(training, seed=0).log_odds(training.frame)).all()
