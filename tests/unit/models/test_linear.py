import numpy as np
import pytest

from perito.domain.errors import ParameterError
from perito.models.linear import fit_linear
from tests.unit.models.claims import PLANTED, auc, training_set


def test_the_planted_signal_is_found() -> None:
    model, unseen = fit_linear(training_set(), seed=0), training_set(seed=1)

    assert auc(unseen.label, model.log_odds(unseen.frame)) > 0.8


def test_the_usual_claim_is_explained_by_the_base_alone_on_average() -> None:
    training = training_set()
    parts = fit_linear(training, seed=0).contributions(training.frame)

    np.testing.assert_allclose(parts.values.mean(axis=0), 0.0, atol=1e-6)


def test_the_strongest_contributions_belong_to_the_planted_feature() -> None:
    training = training_set()
    parts = fit_linear(training, seed=0).contributions(training.frame)

    strength = np.abs(parts.values).mean(axis=0)
    assert training.columns[int(strength.argmax())].name == PLANTED


def test_a_stronger_penalty_gives_smaller_contributions() -> None:
    training = training_set()
    free, held = (fit_linear(training, seed=0, options={"C": c}).contributions(training.frame) for c in (1.0, 0.001))

    assert np.abs(held.values).sum() < np.abs(free.values).sum() / 2


def test_an_option_of_another_kind_is_refused() -> None:
    with pytest.raises(ParameterError, match="num_leaves came"):
        fit_linear(training_set(), seed=0, options={"num_leaves": 4.0})
