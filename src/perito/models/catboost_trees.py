"""CatBoost: trees that ask one question a level, and read a category by how its claims ended.

A category is a number to them: the share of substantiated claims among those before it in a random
order (ordered target statistics, Prokhorenkova et al. 2018, NeurIPS), so a claim never counts its own
outcome. Refuses the names of categories: a saved model holds their codes alone, and the rare ones pooled.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from perito.domain.errors import LearningError
from perito.features.columns import FeatureColumn
from perito.models.inputs import Vocabulary, learn_vocabulary, names_of, numbers, vocabularies_of, vocabularies_text
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

TREES_FILE = "trees.cbm"
CODES_FILE = "catboost.json"
MOST_ROUNDS = 1_000
FEWEST_ROUNDS = 50
FEWEST_FIXED_ROUNDS, MOST_FIXED_ROUNDS = 250, 500
PATIENCE_ROUNDS = 80
THREADS = 2
FIXED: Mapping[str, Any] = {
    "loss_function": "Logloss",
    "depth": 4,
    "learning_rate": 0.03,
    "max_ctr_complexity": 1,
    "logging_level": "Silent",
    "allow_writing_files": False,
}
NOTHING_DIFFERS = "features are either constant or ignored"
"""What CatBoost says of such claims; whatever else it says is no finding about them."""
NEUTRAL: Mapping[str, str] = {"model_guid": "", "train_finish_time": ""}
"""What CatBoost notes about a fit besides the trees: left empty, so that the same learning gives the same file."""


@dataclass(frozen=True)
class CatBoost:
    """CatBoost trees, in its own format, with the category codes they learnt; higher log-odds, more suspicious."""

    kind: ClassVar[str] = "catboost"
    columns: tuple[FeatureColumn, ...]
    vocabularies: Mapping[str, Vocabulary]
    trees: bytes

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row of `frame`; higher is more suspicious."""
        check_features(frame, self.columns)
        if frame.empty:
            return np.zeros(0)
        pool = _pool(frame, self.columns, self.vocabularies)
        scores = self._model.predict(
            pool, prediction_type="RawFormulaVal", thread_count=threads_for(len(frame), THREADS)
        )
        return np.asarray(scores, dtype=np.float64)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """TreeSHAP as CatBoost computes it; the base is the trees' mean over their training claims."""
        check_features(frame, self.columns)
        if frame.empty:
            return Contributions(0.0, np.zeros((0, len(self.columns))))
        pool = _pool(frame, self.columns, self.vocabularies)
        parts = self._model.get_feature_importance(
            pool, type="ShapValues", thread_count=threads_for(len(frame), THREADS)
        )
        return Contributions(float(parts[0, -1]), np.asarray(parts[:, :-1], dtype=np.float64))

    def save(self, folder: Path) -> None:
        """Write the trees in CatBoost's format and the categories as JSON into an existing folder."""
        (folder / TREES_FILE).write_bytes(self.trees)
        (folder / CODES_FILE).write_text(vocabularies_text(self.vocabularies), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, columns: tuple[FeatureColumn, ...]) -> Self:
        """Read what `save` wrote."""
        vocabularies = vocabularies_of((folder / CODES_FILE).read_text(encoding="utf-8"))
        return cls(columns, vocabularies, (folder / TREES_FILE).read_bytes())

    @cached_property
    def _model(self) -> Any:
        return _library().CatBoostClassifier().load_model(blob=self.trees)


def fit_catboost(training: TrainingSet, *, seed: int, options: Options = NO_OPTIONS) -> CatBoost:
    """Learn a CatBoost model from labelled claims.

    The number of rounds, from `FEWEST_ROUNDS` to `MOST_ROUNDS`, is where the log loss on
    the watched slice of the training claims was lowest; with too few positives to watch it
    is `rounds_for` them. The model is then learnt from all claims with that number. There
    are no `options`.

    Raises
    ------
    LearningError
        When the claims allow no learning.
    """
    check_training(training)
    chosen_options(options, NO_OPTIONS)
    vocabularies = {name: learn_vocabulary(training.frame[name]) for name in names_of(training.columns, "categorical")}
    parameters = {**FIXED, "random_seed": seed, "thread_count": threads_for(len(training.frame), THREADS)}
    everyone = np.ones(len(training.frame), dtype=np.bool_)
    rounds = _rounds(parameters, training, vocabularies, seed=seed)
    model = _fitted({**parameters, "iterations": rounds}, _labelled(training, vocabularies, everyone))
    return CatBoost(training.columns, vocabularies, _bytes_of(model))


def rounds_for(positives: float) -> int:
    """Rounds where there are too few positives to watch: one for each, within bounds."""
    return int(np.clip(positives, FEWEST_FIXED_ROUNDS, MOST_FIXED_ROUNDS))


def _rounds(
    parameters: Mapping[str, Any], training: TrainingSet, vocabularies: Mapping[str, Vocabulary], *, seed: int
) -> int:
    watched = watched_slice(training, seed=seed, fewest_positives=WATCHED_FROM_POSITIVES)
    if watched is None:
        return rounds_for(float(weights_of(training)[training.label == 1].sum()))
    learn, watch = (_labelled(training, vocabularies, rows) for rows in (watched.learn, watched.watch))
    stopping = {"iterations": MOST_ROUNDS, "early_stopping_rounds": PATIENCE_ROUNDS}
    best: int = _fitted({**parameters, **stopping}, learn, watch).get_best_iteration()
    return max(FEWEST_ROUNDS, best + 1)


def _fitted(parameters: Mapping[str, Any], learn: Any, watch: Any = None) -> Any:
    library = _library()
    try:
        return library.CatBoostClassifier(**parameters).fit(learn, eval_set=watch)
    except library.CatBoostError as failure:
        if NOTHING_DIFFERS not in str(failure):
            raise
        raise LearningError(
            "CatBoost finds nothing to learn from in these claims: no feature differs between them.",
            remedy="Add features that tell claims apart, or bring more claims.",
        ) from failure


def _labelled(training: TrainingSet, vocabularies: Mapping[str, Vocabulary], rows: Mask) -> Any:
    outcomes = {"label": training.label[rows], "weight": weights_of(training)[rows]}
    return _pool(training.frame[rows], training.columns, vocabularies, **outcomes)


def _pool(
    frame: pd.DataFrame, columns: tuple[FeatureColumn, ...], vocabularies: Mapping[str, Vocabulary], **outcomes: Any
) -> Any:
    """The claims as CatBoost reads them: numbers as float64 with NaN for null, categories as whole codes."""
    values = {
        column.name: vocabularies[column.name].codes(frame[column.name])
        if column.kind == "categorical"
        else numbers(frame[column.name])
        for column in columns
    }
    return _library().Pool(pd.DataFrame(values), cat_features=names_of(columns, "categorical"), **outcomes)


def _bytes_of(model: Any) -> bytes:
    for name, nothing in NEUTRAL.items():
        model.get_metadata()[name] = nothing
    with TemporaryDirectory(prefix="perito-catboost-") as folder:
        path = Path(folder) / TREES_FILE
        model.save_model(str(path))
        return path.read_bytes()


def _library() -> Any:
    return importlib.import_module("catboost")
