"""LightGBM with defaults for rare positives, its own category codes and exact TreeSHAP parts.

Refuses to choose its size by the claims it is reported on: the number of rounds comes
from the last part of the training period.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.booster_text import trees_asking
from perito.models.inputs import (
    FIRST_KNOWN,
    Vocabulary,
    learn_vocabulary,
    names_of,
    numbers,
    vocabularies_of,
    vocabularies_text,
)
from perito.models.interface import NO_OPTIONS, Contributions, FloatArray, Options, TrainingSet, check_features
from perito.models.preparing import (
    WATCHED_FROM_POSITIVES,
    Mask,
    check_training,
    chosen_options,
    threads_for,
    watched_slice,
    weights_of,
)

BOOSTER_FILE = "booster.txt"
CATEGORIES_FILE = "lightgbm.json"
MOST_ROUNDS = 800
FEWEST_ROUNDS = 50
ROUNDS_PER_POSITIVE = 1.5
FEWEST_FIXED_ROUNDS, MOST_FIXED_ROUNDS = 150, 450
PATIENCE_ROUNDS = 80
POSITIVES_PER_LEAF = 100
FEWEST_LEAVES, MOST_LEAVES = 4, 8
DEFAULTS: Options = {
    "num_leaves": FEWEST_LEAVES,
    "min_data_in_leaf": 20,
    "lambda_l2": 1.0,
    "feature_fraction": 0.5,
    "cat_smooth": 10.0,
}
"""What may be chosen by the folds. `num_leaves` is that of up to 300 positives; see `leaves_for`."""
FIXED: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.02,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_per_group": 50,
    "max_cat_threshold": 16,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
WHOLE = frozenset({"num_leaves", "min_data_in_leaf"})
"""Options that LightGBM takes as whole numbers."""


@dataclass(frozen=True)
class LightGBM:
    """A LightGBM booster, as text, with the categories it learnt; higher log-odds, more suspicious."""

    kind: ClassVar[str] = "lightgbm"
    columns: tuple[FeatureColumn, ...]
    vocabularies: Mapping[str, Vocabulary]
    text: str

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row of `frame`; higher is more suspicious."""
        return self.log_odds_of(self.matrix(frame))

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """TreeSHAP as LightGBM computes it; the base is the booster's mean over its training claims."""
        # The added row of nulls has the same base as any other: it is there when `frame` has no row.
        matrix = np.vstack([self.matrix(frame), np.full(len(self.columns), np.nan)])
        parts = self._predicted(matrix, pred_contrib=True)
        return Contributions(float(parts[-1, -1]), parts[:-1, :-1])

    def save(self, folder: Path) -> None:
        """Write the booster as text and the categories as JSON into an existing folder."""
        (folder / BOOSTER_FILE).write_text(self.text, encoding="utf-8", newline="\n")
        (folder / CATEGORIES_FILE).write_text(vocabularies_text(self.vocabularies), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, columns: tuple[FeatureColumn, ...]) -> Self:
        """Read what `save` wrote."""
        text = (folder / BOOSTER_FILE).read_text(encoding="utf-8")
        vocabularies = vocabularies_of((folder / CATEGORIES_FILE).read_text(encoding="utf-8"))
        return cls(columns, vocabularies, text)

    def matrix(self, frame: pd.DataFrame) -> FloatArray:
        """The claims as the booster reads them: one column per feature, categories as codes, null as NaN."""
        check_features(frame, self.columns)
        return _matrix(frame, self.columns, self.vocabularies)

    def log_odds_of(self, matrix: FloatArray) -> FloatArray:
        """The log-odds of claims that `matrix` made ready; for those who change one column at a time."""
        return self._predicted(matrix, raw_score=True)

    def moved_by(self, matrix: FloatArray, feature: int, values: FloatArray) -> FloatArray:
        """By how much the log-odds change when one column of `matrix` takes other values.

        `values`: one value per claim, in one row for each time the claims are asked. Only trees
        that ask for the feature are walked: a few of the many.
        """
        asking = trees_asking(self.text, feature)
        if asking is None:
            return np.zeros(values.shape)
        booster, changed = _library().Booster(model_str=asking), np.tile(matrix, (len(values), 1))
        changed[:, feature] = values.ravel()
        moved, stayed = (_predicted(booster, rows, raw_score=True) for rows in (changed, matrix))
        return moved.reshape(values.shape) - stayed

    @cached_property
    def _booster(self) -> Any:
        return _library().Booster(model_str=self.text)

    def _predicted(self, matrix: FloatArray, **what: bool) -> FloatArray:
        return _predicted(self._booster, matrix, **what) if len(matrix) else np.zeros(0)


def fit_lightgbm(training: TrainingSet, *, seed: int, options: Options = NO_OPTIONS, num_threads: int = 2) -> LightGBM:
    """Learn a LightGBM model from labelled claims.

    The number of rounds, from `FEWEST_ROUNDS` to `MOST_ROUNDS`, is where the log loss on
    the watched slice of the training claims was lowest; with too few positives to watch it
    is `rounds_for` them. The model is then learnt from all claims with that number. Fewer
    than `FEW_CLAIMS` are learnt in one thread: more would wait longer than they work. `options`: see
    `DEFAULTS`; a number of leaves that is not given is `leaves_for` the positives.

    Raises
    ------
    LearningError
        When the claims allow no learning.
    """
    check_training(training)
    vocabularies = {name: learn_vocabulary(training.frame[name]) for name in names_of(training.columns, "categorical")}
    matrix = _matrix(training.frame, training.columns, vocabularies)
    positives = float(weights_of(training)[training.label == 1].sum())
    by_default: Options = {"num_leaves": leaves_for(positives)}
    parameters = {
        **FIXED,
        **_typed({**by_default, **options}),
        "seed": seed,
        "num_threads": threads_for(len(matrix), num_threads),
    }
    rounds = _rounds(parameters, matrix, training, seed=seed)
    everyone = np.ones(len(matrix), dtype=np.bool_)
    booster = _library().train(parameters, _dataset(matrix, training, everyone), rounds)
    return LightGBM(training.columns, vocabularies, booster.model_to_string())


def leaves_for(positives: float) -> int:
    """Leaves of a tree where nobody chose: the more positives, the less a tree's variance hurts.

    So a fold, which learns from fewer, does not speak for trees that are too simple for all.
    """
    return int(np.clip(2 + positives // POSITIVES_PER_LEAF, FEWEST_LEAVES, MOST_LEAVES))


def rounds_for(positives: float) -> int:
    """Rounds where there are too few positives to watch: in proportion to them, within bounds."""
    return int(np.clip(ROUNDS_PER_POSITIVE * positives, FEWEST_FIXED_ROUNDS, MOST_FIXED_ROUNDS))


def _rounds(parameters: dict[str, Any], matrix: FloatArray, training: TrainingSet, *, seed: int) -> int:
    watched = watched_slice(training, seed=seed, fewest_positives=WATCHED_FROM_POSITIVES)
    if watched is None:
        return rounds_for(float(weights_of(training)[training.label == 1].sum()))
    lgb = _library()
    learn = _dataset(matrix, training, watched.learn)
    weight = weights_of(training)[watched.watch]
    watch = lgb.Dataset(matrix[watched.watch], training.label[watched.watch], weight=weight, reference=learn)
    stop = lgb.early_stopping(PATIENCE_ROUNDS, verbose=False)
    best: int = lgb.train(parameters, learn, MOST_ROUNDS, valid_sets=[watch], callbacks=[stop]).best_iteration
    return max(FEWEST_ROUNDS, best)


def _predicted(booster: Any, matrix: FloatArray, **what: bool) -> FloatArray:
    return np.asarray(booster.predict(matrix, num_threads=threads_for(len(matrix), 0), **what), dtype=np.float64)


def _typed(options: Options) -> dict[str, Any]:
    chosen = chosen_options(options, DEFAULTS)
    return {name: round(value) if name in WHOLE else value for name, value in chosen.items()}


def _dataset(matrix: FloatArray, training: TrainingSet, rows: Mask) -> Any:
    categorical = [i for i, column in enumerate(training.columns) if column.kind == "categorical"]
    weight = weights_of(training)[rows]
    return _library().Dataset(matrix[rows], training.label[rows], weight=weight, categorical_feature=categorical)


def _matrix(
    frame: pd.DataFrame, columns: tuple[FeatureColumn, ...], vocabularies: Mapping[str, Vocabulary]
) -> FloatArray:
    matrix = np.empty((len(frame), len(columns)))
    for i, column in enumerate(columns):
        values = frame[column.name]
        if column.kind == "numeric":
            matrix[:, i] = numbers(values)
        else:
            code = vocabularies[column.name].codes(values) - FIRST_KNOWN
            matrix[:, i] = np.where(code >= 0, code, np.nan)
    return matrix


def _library() -> Any:
    return importlib.import_module("lightgbm")
