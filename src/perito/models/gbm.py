"""LightGBM with defaults for rare positives, its own category codes and exact TreeSHAP parts.

Refuses to choose its size by the claims it is reported on: the number of rounds comes
from the last part of the training period.
"""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.inputs import FIRST_KNOWN, Vocabulary, learn_vocabulary, names_of, numbers
from perito.models.interface import Contributions, FloatArray, TrainingSet, check_features
from perito.models.preparing import Mask, check_training, watched_slice, weights_of

BOOSTER_FILE = "booster.txt"
CATEGORIES_FILE = "lightgbm.json"
MOST_ROUNDS = 200
FEWEST_ROUNDS = 20
FIXED_ROUNDS = 80
PATIENCE_ROUNDS = 40
FEW_CLAIMS = 50_000
PARAMETERS: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 12,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "cat_smooth": 10.0,
    "min_data_per_group": 50,
    "max_cat_threshold": 16,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
"""Small steps, shallow trees, sampled features: with rare positives it is a tree's variance that hurts."""


@dataclass(frozen=True)
class LightGBM:
    """A LightGBM booster, as text, with the categories it learnt; higher log-odds, more suspicious."""

    kind: ClassVar[str] = "lightgbm"
    columns: tuple[FeatureColumn, ...]
    vocabularies: Mapping[str, Vocabulary]
    text: str

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row of `frame`; higher is more suspicious."""
        check_features(frame, self.columns)
        return self._predicted(_matrix(frame, self.columns, self.vocabularies), raw_score=True)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """TreeSHAP as LightGBM computes it; the base is the booster's mean over its training claims."""
        check_features(frame, self.columns)
        # The added row of nulls has the same base as any other: it is there when `frame` has no row.
        matrix = np.vstack([_matrix(frame, self.columns, self.vocabularies), np.full(len(self.columns), np.nan)])
        parts = self._predicted(matrix, pred_contrib=True)
        return Contributions(float(parts[-1, -1]), parts[:-1, :-1])

    def save(self, folder: Path) -> None:
        """Write the booster as text and the categories as JSON into an existing folder."""
        categories = {name: vocabulary.known for name, vocabulary in self.vocabularies.items()}
        (folder / BOOSTER_FILE).write_text(self.text, encoding="utf-8", newline="\n")
        (folder / CATEGORIES_FILE).write_text(json.dumps({"categories": categories}, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, columns: tuple[FeatureColumn, ...]) -> Self:
        """Read what `save` wrote."""
        text = (folder / BOOSTER_FILE).read_text(encoding="utf-8")
        categories = json.loads((folder / CATEGORIES_FILE).read_text(encoding="utf-8"))["categories"]
        return cls(columns, {name: Vocabulary(tuple(known)) for name, known in categories.items()}, text)

    @cached_property
    def _booster(self) -> Any:
        return _library().Booster(model_str=self.text)

    def _predicted(self, matrix: FloatArray, **what: bool) -> FloatArray:
        if not len(matrix):
            return np.zeros(0)
        return np.asarray(self._booster.predict(matrix, num_threads=_threads(len(matrix), 0), **what), dtype=np.float64)


def fit_lightgbm(training: TrainingSet, *, seed: int, num_threads: int = 2) -> LightGBM:
    """Learn a LightGBM model from labelled claims.

    The number of rounds, from `FEWEST_ROUNDS` to `MOST_ROUNDS`, is where the log loss on
    the watched slice of the training claims was lowest; with too few positives to watch it
    is `FIXED_ROUNDS`. The model is then learnt from all claims with that number. Fewer
    than `FEW_CLAIMS` are learnt in one thread: more would wait longer than they work.

    Raises
    ------
    LearningError
        When the claims allow no learning.
    """
    check_training(training)
    vocabularies = {name: learn_vocabulary(training.frame[name]) for name in names_of(training.columns, "categorical")}
    matrix = _matrix(training.frame, training.columns, vocabularies)
    parameters = dict(PARAMETERS) | {"seed": seed, "num_threads": _threads(len(matrix), num_threads)}
    rounds = _rounds(parameters, matrix, training, seed=seed)
    everyone = np.ones(len(matrix), dtype=np.bool_)
    booster = _library().train(parameters, _dataset(matrix, training, everyone), rounds)
    return LightGBM(training.columns, vocabularies, booster.model_to_string())


def _rounds(parameters: dict[str, Any], matrix: FloatArray, training: TrainingSet, *, seed: int) -> int:
    watched = watched_slice(training, seed=seed)
    if watched is None:
        return FIXED_ROUNDS
    lgb = _library()
    learn = _dataset(matrix, training, watched.learn)
    weight = weights_of(training)[watched.watch]
    watch = lgb.Dataset(matrix[watched.watch], training.label[watched.watch], weight=weight, reference=learn)
    stop = lgb.early_stopping(PATIENCE_ROUNDS, verbose=False)
    best: int = lgb.train(parameters, learn, MOST_ROUNDS, valid_sets=[watch], callbacks=[stop]).best_iteration
    return max(FEWEST_ROUNDS, best)


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


def _threads(rows: int, most: int) -> int:
    return 1 if rows < FEW_CLAIMS else most
