"""The isolation forest finds what is unlike the rest, and its parts are the score, exactly."""

import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import FeatureMismatch, LearningError
from perito.models.anomaly import AnomalyForest, category_shares, fit_anomaly_forest
from tests.unit.models.claims import COLUMNS, feature, training_set


def frame(claims: int = 300) -> pd.DataFrame:
    return training_set(claims).frame


def fitted(given: pd.DataFrame, *, seed: int = 0) -> AnomalyForest:
    return fit_anomaly_forest(given, COLUMNS, seed=seed)


def test_the_parts_of_a_score_are_its_logarithm_exactly() -> None:
    given = frame()
    forest = fitted(given)
    parts = forest.contributions(given)
    np.testing.assert_allclose(parts.base + parts.values.sum(axis=1), np.log2(forest.scores(given)), atol=1e-9)
    assert parts.values.shape == (300, len(forest.columns))


def test_a_claim_unlike_the_others_comes_first_because_of_what_is_unlike() -> None:
    given = frame()
    given.loc["C-7", "claimed_amount"] = 1e7
    forest = fitted(given)
    assert given.index[np.argmax(forest.scores(given))] == "C-7"
    own = forest.contributions(given.loc[["C-7"]]).values[0]
    assert forest.columns[int(np.argmax(own))].name == "claimed_amount"


def test_a_rare_category_is_unusual_and_so_is_a_rare_null() -> None:
    for odd in ("tractor", None):
        given = frame()
        vehicle = given["vehicle"].astype("object")
        vehicle.loc["C-3"] = odd
        given["vehicle"] = pd.Categorical(vehicle)
        before = fitted(frame()).scores(frame())[3]
        assert fitted(given).scores(given)[3] > before


def test_scores_lie_between_none_and_one_and_follow_the_seed() -> None:
    given = frame()
    scores = fitted(given).scores(given)
    assert 0 < scores.min() <= scores.max() < 1
    np.testing.assert_array_equal(scores, fitted(given).scores(given))
    assert (scores != fitted(given, seed=1).scores(given)).any()


def test_features_that_never_change_are_left_out() -> None:
    names = [column.name for column in fitted(frame()).columns]
    assert "currency" not in names
    assert "branch_number" not in names
    assert "claimed_amount" in names


def test_what_is_missing_together_counts_once() -> None:
    rare = np.where(np.arange(300) % 50, np.nan, np.arange(300.0))
    given = pd.DataFrame({"amount": np.arange(300.0), "first": rare, "second": 2 * rare})
    forest = fit_anomaly_forest(given, [feature(name) for name in given], seed=0)
    assert [column.name for column in forest.columns] == ["amount", "first"]
    assert [encoder.width for encoder in forest.encoders] == [1, 1]


def test_a_number_that_most_claims_have_keeps_its_value_and_a_flag() -> None:
    given = pd.DataFrame({"some": np.where(np.arange(300) % 5, np.arange(300.0), np.nan)})
    [encoder] = fit_anomaly_forest(given, [feature("some")], seed=0).encoders
    plain = encoder.plain(given["some"])
    assert plain.shape == (300, 2)
    assert plain[0].tolist() == [float(given["some"].median()), 1.0]
    assert plain[1].tolist() == [1.0, 0.0]


def test_claims_that_all_look_alike_have_no_unusual_one() -> None:
    given = pd.DataFrame({"a": np.ones(40)})
    with pytest.raises(LearningError, match="have the same features"):
        fit_anomaly_forest(given, [feature("a")], seed=0)


def test_one_claim_is_unusual_among_nobody() -> None:
    with pytest.raises(LearningError, match="at least 10 claims"):
        fit_anomaly_forest(frame(1), COLUMNS, seed=0)


def test_other_features_are_refused() -> None:
    with pytest.raises(FeatureMismatch):
        fitted(frame()).scores(frame().drop(columns="claimed_amount"))


def test_the_frame_is_left_as_found() -> None:
    given = frame()
    copy = given.copy(deep=True)
    forest = fitted(given)
    forest.scores(given)
    forest.contributions(given)
    pd.testing.assert_frame_equal(given, copy)


def test_null_is_a_category_among_others() -> None:
    assert category_shares(pd.Series(["a", "a", None, "b"], dtype="category")) == {"a": 0.5, "b": 0.25, None: 0.25}
