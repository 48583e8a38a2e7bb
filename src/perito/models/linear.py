"""Logistic regression as it scores and learns: every number squeezed, every category a switch, one weight each.

The steadiest candidate where positives are few: it has nothing to memorise with. Refuses to
scale by the claims it scores: how a value is read was learnt from the training claims.
"""

import importlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.inputs import CodeArray
from perito.models.interface import NO_OPTIONS, Contributions, FloatArray, Options, TrainingSet, check_features
from perito.models.keras_inputs import Inputs, learn_inputs
from perito.models.preparing import check_training, chosen_options, weights_of

LINEAR_FILE = "linear.json"
DEFAULTS: Options = {"C": 0.05}
"""The inverse strength of the L2 penalty on standardised inputs: at 0.05 a weight of 1 costs as much as 10 nats."""


@dataclass(frozen=True)
class Linear:
    """A logistic regression; higher log-odds, more suspicious.

    `numbers` holds one weight per numeric input of `inputs`, `places` one per category.
    `usual` is each feature's mean part among the training claims, in the order of the
    columns: what a feature adds is counted from there.
    """

    kind: ClassVar[str] = "linear"
    inputs: Inputs
    numbers: tuple[float, ...]
    places: tuple[float, ...]
    usual: tuple[float, ...]
    base: float

    @property
    def columns(self) -> tuple[FeatureColumn, ...]:
        """The ordered features it learnt from; it refuses any other list."""
        return self.inputs.columns

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row of `frame`; higher is more suspicious."""
        parts = self.contributions(frame)
        return np.asarray(parts.base + parts.values.sum(axis=1), dtype=np.float64)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """Weight times input, added up per feature, less the feature's mean part among the training claims."""
        check_features(frame, self.columns)
        return Contributions(self.base, self._parts(frame) - np.asarray(self.usual))

    def save(self, folder: Path) -> None:
        """Write one JSON file into an existing folder."""
        document = {name: getattr(self, name) for name in ("numbers", "places", "usual", "base")}
        text = json.dumps(document | {"inputs": self.inputs.document()}, indent=1)
        (folder / LINEAR_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, columns: tuple[FeatureColumn, ...]) -> Self:
        """Read what `save` wrote."""
        document = json.loads((folder / LINEAR_FILE).read_text(encoding="utf-8"))
        numbers, places, usual = (tuple(document[name]) for name in ("numbers", "places", "usual"))
        return cls(Inputs.of(document["inputs"], columns), numbers, places, usual, float(document["base"]))

    def _parts(self, frame: pd.DataFrame) -> FloatArray:
        plain = self.inputs.numbers(frame) * np.asarray(self.numbers)
        switched = np.asarray(self.places)[self.inputs.places(frame)] if self.places else np.zeros((len(frame), 0))
        parts: FloatArray = np.hstack([plain, switched]) @ self._membership
        return parts

    @cached_property
    def _membership(self) -> FloatArray:
        return np.asarray(self.inputs.owners(1)[:, None] == np.arange(len(self.columns)), dtype=np.float64)


def fit_linear(training: TrainingSet, *, seed: int, options: Options = NO_OPTIONS) -> Linear:
    """Learn an L2-regularised logistic regression from labelled claims; nothing in it is drawn at random.

    `options`: `C`, see `DEFAULTS`.

    Raises
    ------
    LearningError
        When the claims allow no learning.
    """
    check_training(training)
    penalty = chosen_options(options, DEFAULTS)["C"]
    inputs, counts = learn_inputs(training.frame, training.columns), weights_of(training)
    plain, places = inputs.numbers(training.frame).astype(np.float64), inputs.places(training.frame)
    size = sum(vocabulary.size for vocabulary in inputs.vocabularies.values())
    regression = importlib.import_module("sklearn.linear_model").LogisticRegression(C=penalty, max_iter=1000)
    regression.fit(_design(plain, places, size), training.label, sample_weight=counts)
    weights = regression.coef_[0]
    numbers, switches = tuple(weights[: plain.shape[1]].tolist()), tuple(weights[plain.shape[1] :].tolist())
    parts = Linear(inputs, numbers, switches, (0.0,) * len(training.columns), 0.0)._parts(training.frame)
    usual = np.average(parts, axis=0, weights=counts)
    return Linear(inputs, numbers, switches, tuple(usual.tolist()), float(regression.intercept_[0] + usual.sum()))


def _design(plain: FloatArray, places: CodeArray, size: int) -> Any:
    sparse = importlib.import_module("scipy.sparse")
    rows, features = places.shape
    ends = np.arange(rows + 1) * features
    switched = sparse.csr_array((np.ones(places.size), places.ravel(), ends), shape=(rows, size))
    return sparse.csr_matrix(sparse.hstack([sparse.csr_array(plain), switched]))
