"""What every candidate model keeps, whichever it is. Each is trained once and then only read."""

import dataclasses
import random
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import FeatureMismatch, LearningError, ModelError, ParameterError
from perito.models import CANDIDATES, load_model, save_model
from perito.models.interface import Model, TrainingSet
from tests.unit.models.claims import COLUMNS, PLANTED, auc, labelled, training_set

KNOWN_FILES = {
    "model.json",
    "linear.json",
    "scorecard.json",
    "booster.txt",
    "lightgbm.json",
    "trees.cbm",
    "catboost.json",
    "network.keras",
    "keras.json",
}
KERAS_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
PICKLE = b"\x80"
CONSTANT = ["currency", "branch_number"]
SLOW = {"keras"}
EXACT = {"scorecard"}
"""Candidates whose learning samples no rows and reads every value by weight."""


@dataclass(frozen=True)
class Trained:
    name: str
    training: TrainingSet
    model: Model
    folder: Path


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in CANDIDATES],
)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    training = training_set()
    model = CANDIDATES[request.param](training, seed=3)
    folder = tmp_path_factory.mktemp("models") / request.param
    save_model(model, folder)
    return Trained(request.param, training, model, folder)


@pytest.fixture
def claims() -> pd.DataFrame:
    return training_set(seed=1).frame


def test_contributions_and_base_sum_to_the_log_odds(trained: Trained, claims: pd.DataFrame) -> None:
    parts = trained.model.contributions(claims)

    assert parts.values.shape == claims.shape
    np.testing.assert_allclose(parts.base + parts.values.sum(axis=1), trained.model.log_odds(claims), atol=1e-6)


def test_the_same_seed_gives_the_same_scores_whatever_was_drawn_before(trained: Trained, claims: pd.DataFrame) -> None:
    random.random()
    np.random.random_sample()

    again = CANDIDATES[trained.name](trained.training, seed=3)

    np.testing.assert_array_equal(again.log_odds(claims), trained.model.log_odds(claims))


def test_a_loaded_model_scores_and_explains_like_the_saved_one(trained: Trained, claims: pd.DataFrame) -> None:
    loaded = load_model(trained.folder)

    assert (loaded.kind, loaded.columns) == (trained.name, COLUMNS)
    np.testing.assert_allclose(loaded.log_odds(claims), trained.model.log_odds(claims), atol=1e-6)
    ours, theirs = trained.model.contributions(claims), loaded.contributions(claims)
    assert theirs.base == pytest.approx(ours.base, abs=1e-6)
    np.testing.assert_allclose(theirs.values, ours.values, atol=1e-5)


@pytest.mark.parametrize("method", ["log_odds", "contributions"])
@pytest.mark.parametrize("change", ["missing", "extra", "reordered"])
def test_another_feature_list_is_refused(trained: Trained, claims: pd.DataFrame, change: str, method: str) -> None:
    changed = {
        "missing": claims.drop(columns="vehicle"),
        "extra": claims.assign(policy_age_days=1.0),
        "reordered": claims[list(reversed(claims.columns))],
    }[change]

    with pytest.raises(FeatureMismatch):
        getattr(trained.model, method)(changed)


def test_text_where_a_number_belongs_is_refused_without_showing_it(trained: Trained, claims: pd.DataFrame) -> None:
    with pytest.raises(FeatureMismatch, match="claimed_amount") as refusal:
        trained.model.log_odds(claims.assign(claimed_amount="Calle Mayor 1"))

    assert "Calle" not in str(refusal.value)


def test_scoring_and_explaining_leave_the_claims_as_found(trained: Trained, claims: pd.DataFrame) -> None:
    before = claims.copy(deep=True)

    trained.model.log_odds(claims)
    trained.model.contributions(claims)

    pd.testing.assert_frame_equal(claims, before)


def test_learning_leaves_the_training_claims_as_found(trained: Trained) -> None:
    pd.testing.assert_frame_equal(trained.training.frame, training_set().frame)
    np.testing.assert_array_equal(trained.training.label, training_set().label)


def test_a_claims_score_does_not_depend_on_the_other_claims(trained: Trained, claims: pd.DataFrame) -> None:
    shuffled = np.random.default_rng(0).permutation(len(claims))
    whole = trained.model.log_odds(claims)

    np.testing.assert_allclose(trained.model.log_odds(claims.iloc[shuffled]), whole[shuffled], atol=1e-5)
    np.testing.assert_allclose(trained.model.log_odds(claims.iloc[[5]]), whole[[5]], atol=1e-5)


def test_never_seen_categories_nulls_and_infinities_score_finite(trained: Trained, claims: pd.DataFrame) -> None:
    strange = claims.iloc[:4].assign(
        vehicle=pd.Categorical(["hovercraft", None, "sedan", "sedan"]),
        claimed_amount=[1.0, np.nan, np.inf, -np.inf],
    )

    assert np.isfinite(trained.model.log_odds(strange)).all()
    assert np.isfinite(trained.model.contributions(strange).values).all()


def test_an_infinite_number_is_read_as_missing(trained: Trained, claims: pd.DataFrame) -> None:
    infinite, missing = claims.assign(late_hours=np.inf), claims.assign(late_hours=np.nan)

    np.testing.assert_array_equal(trained.model.log_odds(infinite), trained.model.log_odds(missing))


def test_plain_text_and_category_columns_score_the_same(trained: Trained, claims: pd.DataFrame) -> None:
    as_text = claims.assign(vehicle=claims["vehicle"].astype("str"), currency=claims["currency"].astype("str"))

    np.testing.assert_array_equal(trained.model.log_odds(as_text), trained.model.log_odds(claims))


def test_no_claims_give_no_scores(trained: Trained, claims: pd.DataFrame) -> None:
    none = claims.iloc[:0]

    assert trained.model.log_odds(none).shape == (0,)
    assert trained.model.contributions(none).values.shape == (0, len(COLUMNS))


def test_a_saved_folder_holds_native_files_only(trained: Trained) -> None:
    files = list(trained.folder.iterdir())

    assert {path.name for path in files} <= KNOWN_FILES
    assert not [path.name for path in files if path.read_bytes().startswith(PICKLE)]
    for archive in trained.folder.glob("*.keras"):
        with zipfile.ZipFile(archive) as members:
            assert set(members.namelist()) <= KERAS_MEMBERS


def test_an_obvious_signal_is_learnt(trained: Trained) -> None:
    fresh = training_set(seed=2)

    assert auc(fresh.label, trained.model.log_odds(fresh.frame)) > 0.8


def test_a_higher_score_is_more_suspicious_and_close_to_the_base_rate(trained: Trained) -> None:
    score = 1 / (1 + np.exp(-trained.model.log_odds(trained.training.frame)))

    assert score.mean() == pytest.approx(trained.training.label.mean(), abs=0.05)


def test_the_planted_feature_is_the_first_reason(trained: Trained, claims: pd.DataFrame) -> None:
    size = np.abs(trained.model.contributions(claims).values).mean(axis=0)

    assert COLUMNS[int(size.argmax())].name == PLANTED


def test_a_feature_that_never_changes_contributes_nothing(trained: Trained, claims: pd.DataFrame) -> None:
    places = [i for i, column in enumerate(COLUMNS) if column.name in CONSTANT]

    np.testing.assert_allclose(trained.model.contributions(claims).values[:, places], 0, atol=1e-6)


def test_one_class_is_no_ground_for_learning(trained: Trained) -> None:
    nothing_found = labelled(trained.training, np.zeros_like(trained.training.label))

    with pytest.raises(LearningError, match="0 of them substantiated"):
        CANDIDATES[trained.name](nothing_found, seed=0)


def test_a_damaged_file_is_refused(trained: Trained, tmp_path: Path) -> None:
    for name in sorted(path.name for path in trained.folder.iterdir() if path.name != "model.json"):
        folder = tmp_path / name.replace(".", "-")
        shutil.copytree(trained.folder, folder)
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

        with pytest.raises(ModelError, match="damaged"):
            load_model(folder)


def test_weights_of_one_are_no_weights(trained: Trained, claims: pd.DataFrame) -> None:
    ones = dataclasses.replace(trained.training, weight=np.ones(len(trained.training.label)))

    again = CANDIDATES[trained.name](ones, seed=3)

    np.testing.assert_allclose(again.log_odds(claims), trained.model.log_odds(claims), atol=1e-9)


def test_only_the_ratios_between_weights_matter(trained: Trained, claims: pd.DataFrame) -> None:
    weight = np.where(trained.training.frame["claimed_amount"] > 1000, 2.0, 0.5)

    small, large = (
        CANDIDATES[trained.name](dataclasses.replace(trained.training, weight=weight * scale), seed=3)
        for scale in (1.0, 64.0)
    )

    np.testing.assert_allclose(small.log_odds(claims), large.log_odds(claims), atol=1e-4)


def test_weights_move_the_base_rate(trained: Trained, claims: pd.DataFrame) -> None:
    training = trained.training
    weight = np.where(training.label == 1, 3.0, 1.0)
    heavier = CANDIDATES[trained.name](dataclasses.replace(training, weight=weight), seed=3)

    expected = np.average(training.label, weights=weight)
    scores = 1 / (1 + np.exp(-heavier.log_odds(training.frame)))

    assert np.average(scores, weights=weight) == pytest.approx(expected, abs=0.05)
    assert heavier.log_odds(claims).mean() > trained.model.log_odds(claims).mean() + 0.3


def test_a_signal_that_only_light_claims_contradict_is_learnt(trained: Trained) -> None:
    training = trained.training
    upside_down = np.arange(len(training.label)) % 2 == 0
    mixed = labelled(training, np.where(upside_down, 1 - training.label, training.label))
    weight = np.where(upside_down, 0.01, 1.0)

    model = CANDIDATES[trained.name](dataclasses.replace(mixed, weight=weight), seed=3)

    fresh = training_set(seed=2)
    assert auc(fresh.label, model.log_odds(fresh.frame)) > 0.75


def test_a_weight_of_two_is_the_claim_twice_where_learning_is_exact(trained: Trained, claims: pd.DataFrame) -> None:
    if trained.name not in EXACT:
        pytest.skip("it samples rows, so two rows are not drawn like one")
    training, twice = trained.training, np.arange(len(trained.training.label)) % 3 == 0
    rows = np.repeat(np.arange(len(twice)), 1 + twice)
    repeated = dataclasses.replace(
        training,
        frame=training.frame.iloc[rows],
        label=training.label[rows],
        reported_at=training.reported_at[rows],
    )
    weighted = dataclasses.replace(training, weight=1.0 + twice)

    by_weight, by_rows = (CANDIDATES[trained.name](given, seed=3).log_odds(claims) for given in (weighted, repeated))

    np.testing.assert_allclose(by_weight, by_rows, atol=1e-3)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_a_weight_that_is_not_positive_and_finite_is_refused(trained: Trained, wrong: float) -> None:
    weight = np.ones(len(trained.training.label))
    weight[7] = wrong

    with pytest.raises(ParameterError, match="1 of 400"):
        CANDIDATES[trained.name](dataclasses.replace(trained.training, weight=weight), seed=0)


def test_another_number_of_weights_than_claims_is_refused(trained: Trained) -> None:
    with pytest.raises(ParameterError, match="one weight per row"):
        CANDIDATES[trained.name](dataclasses.replace(trained.training, weight=np.ones(3)), seed=0)
