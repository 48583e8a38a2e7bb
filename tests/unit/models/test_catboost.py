from dataclasses import replace

import catboost
import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import LearningError, ParameterError
from perito.features.columns import FeatureColumn
from perito.models.catboost_trees import (
    FEWEST_ROUNDS,
    MOST_ROUNDS,
    CatBoost,
    fit_catboost,
    rounds_for,
)
from perito.models.interface import TrainingSet
from tests.unit.models.claims import auc, feature, labelled, only, training_set


def rounds(model: CatBoost) -> int:
    return int(model._model.tree_count_)


def codes(claims: int = 1500, *, seed: int = 0) -> TrainingSet:
    """Two categories that say nothing alone; where they agree, claims are suspicious."""
    rng = np.random.default_rng(seed)
    first, second = (rng.choice(list("abcd"), claims) for _ in range(2))
    columns: tuple[FeatureColumn, ...] = (feature("first", "categorical"), feature("second", "categorical"))
    frame = pd.DataFrame(
        {"first": pd.Categorical(first), "second": pd.Categorical(second)},
        index=pd.Index([f"C-{i}" for i in range(claims)], name="claim_id"),
    )
    label = (rng.random(claims) < np.where(first == second, 0.6, 0.05)).astype(np.int64)
    return TrainingSet(columns, frame, label, np.datetime64("2025-01-01") + np.arange(claims).astype("timedelta64[h]"))


def test_with_too_few_watched_positives_their_number_sets_the_rounds() -> None:
    training = training_set()
    label = training.label.copy()
    label[320:] = 0

    assert rounds(fit_catboost(labelled(training, label), seed=0)) == rounds_for(label.sum())
    assert [rounds_for(positives) for positives in (10, 250, 400, 9000)] == [250, 250, 400, 500]


def test_noise_stops_early_and_a_signal_goes_on() -> None:
    training = training_set(4000)
    noise = fit_catboost(only(training, ["claimed_amount", "vehicle"]), seed=0)

    assert rounds(noise) < rounds(fit_catboost(training, seed=0)) <= MOST_ROUNDS
    assert rounds(noise) >= FEWEST_ROUNDS


def test_the_rounds_are_chosen_on_the_last_training_claims() -> None:
    training = training_set(4000)
    early = labelled(training, np.where(np.arange(4000) < 3200, training.label, 1 - training.label))

    assert rounds(fit_catboost(early, seed=0)) < rounds(fit_catboost(training, seed=0))


def test_categories_are_read_together() -> None:
    fresh = codes(seed=1)

    assert auc(fresh.label, fit_catboost(codes(), seed=0).log_odds(fresh.frame)) > 0.7


def test_a_category_of_few_claims_hardly_counts_a_claims_own_outcome() -> None:
    training = training_set(1200)
    every = pd.Categorical([f"plate {i // 10}" for i in range(1200)])
    told = replace(
        training,
        columns=(feature("plate", "categorical"), feature("late_hours")),
        frame=training.frame[["late_hours"]].assign(plate=every)[["plate", "late_hours"]],
    )
    scores = fit_catboost(told, seed=0).log_odds(told.frame)
    own_outcome_counted = pd.Series(told.label).groupby(np.asarray(every)).transform("mean").to_numpy()

    assert auc(told.label, scores) < auc(told.label, own_outcome_counted) - 0.05


def test_the_names_of_categories_are_not_in_the_trees_and_rare_ones_nowhere() -> None:
    training = codes()
    names = np.where(np.arange(1500) == 7, "Calle Mayor 1", training.frame["first"].astype(str) + "-workshop")
    model = fit_catboost(replace(training, frame=training.frame.assign(first=pd.Categorical(names))), seed=0)

    assert b"workshop" not in model.trees
    assert model.vocabularies["first"].known == ("a-workshop", "b-workshop", "c-workshop", "d-workshop")


def test_the_same_learning_gives_the_same_file() -> None:
    assert fit_catboost(training_set(), seed=0).trees == fit_catboost(training_set(), seed=0).trees


def test_another_seed_gives_another_model() -> None:
    training = training_set()
    one, other = (fit_catboost(training, seed=seed).log_odds(training.frame) for seed in (0, 1))

    assert not np.array_equal(one, other)


def test_it_has_no_options() -> None:
    with pytest.raises(ParameterError, match="Expected no option; depth came"):
        fit_catboost(training_set(), seed=0, options={"depth": 6.0})


def test_another_failure_of_the_library_is_not_taken_for_a_finding_about_the_claims() -> None:
    with pytest.raises(catboost.CatBoostError, match="random_seed"):
        fit_catboost(training_set(), seed=-1)


def test_claims_that_no_feature_tells_apart_are_refused() -> None:
    with pytest.raises(LearningError, match="no feature differs"):
        fit_catboost(only(training_set(), ["currency", "branch_number"]), seed=0)
