import json
from pathlib import Path

import numpy as np
import pytest

from perito.domain.errors import FeatureMismatch, ModelError
from perito.models import load_model, save_model
from perito.models.baseline import fit_scorecard
from perito.models.blend import Blend
from perito.models.gbm import fit_lightgbm
from perito.models.linear import fit_linear
from tests.unit.models.claims import training_set

WEIGHTS = {"linear": 0.2, "scorecard": 0.5, "lightgbm": 0.4}


@pytest.fixture(scope="module")
def made() -> Blend:
    training = training_set()
    fits = {"linear": fit_linear, "scorecard": fit_scorecard, "lightgbm": fit_lightgbm}
    return Blend({name: fit(training, seed=0) for name, fit in fits.items()}, WEIGHTS, -0.25)


def test_reasons_of_the_blend_sum_to_its_log_odds(made: Blend) -> None:
    claims = training_set(seed=1).frame
    parts = made.contributions(claims)

    np.testing.assert_allclose(parts.base + parts.values.sum(axis=1), made.log_odds(claims), atol=1e-9)


def test_the_log_odds_are_the_weighted_sum_of_the_members(made: Blend) -> None:
    claims = training_set(seed=1).frame
    expected = -0.25 + sum(WEIGHTS[name] * member.log_odds(claims) for name, member in made.members.items())

    np.testing.assert_allclose(made.log_odds(claims), expected)


def test_a_loaded_blend_scores_and_explains_like_the_saved_one(made: Blend, tmp_path: Path) -> None:
    save_model(made, tmp_path / "model")
    loaded, claims = load_model(tmp_path / "model"), training_set(seed=1).frame

    assert (loaded.kind, loaded.columns) == ("blend", made.columns)
    np.testing.assert_allclose(loaded.log_odds(claims), made.log_odds(claims))
    np.testing.assert_allclose(loaded.contributions(claims).values, made.contributions(claims).values)


def test_a_member_that_was_changed_after_it_was_written_is_refused(made: Blend, tmp_path: Path) -> None:
    save_model(made, tmp_path / "model")
    path = tmp_path / "model" / "linear" / "linear.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document | {"base": 9.0}), encoding="utf-8")

    with pytest.raises(ModelError, match=r"linear/linear\.json was changed"):
        load_model(tmp_path / "model")


def test_another_list_of_features_is_refused(made: Blend) -> None:
    with pytest.raises(FeatureMismatch):
        made.log_odds(training_set().frame.iloc[:, ::-1])
