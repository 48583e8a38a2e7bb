"""The Keras network as it scores: category vectors beside standardised numbers, explained exactly.

Refuses to learn: `perito.models.keras_net` does that. Loads in Keras' safe mode only.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.integrated import closed, integrated_gradients
from perito.models.interface import Contributions, FloatArray, check_features
from perito.models.keras_door import open_keras, without_copy_warning
from perito.models.keras_inputs import Inputs, Vectors

NETWORK_FILE = "network.keras"
INPUTS_FILE = "keras.json"
TABLE, HEAD = "table", "head"
SCORED_AT_ONCE = 8192
EXPLAINED_AT_ONCE = 256


@dataclass(frozen=True)
class KerasNet:
    """A trained network; higher log-odds, more suspicious.

    The layer `table` of `network` holds the category vectors; its layer `head` turns a
    claim's joined vector into log-odds. `usual` is the mean joined vector of the training
    claims. `shift` is the logarithm of what a substantiated claim weighed in training: it
    is taken off, so that scores keep to the base rate.
    """

    kind: ClassVar[str] = "keras"
    inputs: Inputs
    network: Any
    usual: tuple[float, ...]
    shift: float

    @property
    def columns(self) -> tuple[FeatureColumn, ...]:
        """The ordered features it learnt from; it refuses any other list."""
        return self.inputs.columns

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row of `frame`; higher is more suspicious."""
        check_features(frame, self.columns)
        chunks = [self.raw(vectors) for vectors in self._vectors(frame, SCORED_AT_ONCE)]
        return np.concatenate([np.zeros(0), *chunks])

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """Integrated gradients from the usual claim, the inputs of each feature added up.

        What the integration leaves over, far below a thousandth in log-odds, is shared out
        in proportion to the parts, so that they sum to the log-odds.
        """
        check_features(frame, self.columns)
        usual = np.asarray(self.usual, dtype=np.float32)
        base = float(self.raw(usual[None, :])[0])
        parts = [np.zeros((0, len(self.columns)))]
        for vectors in self._vectors(frame, EXPLAINED_AT_ONCE):
            by_feature = integrated_gradients(self.slopes, vectors, usual) @ self._membership
            parts.append(closed(by_feature, self.raw(vectors) - base))
        return Contributions(base, np.concatenate(parts))

    def save(self, folder: Path) -> None:
        """Write the network as `.keras` and how claims are read as JSON into an existing folder."""
        with without_copy_warning():
            self.network.save(folder / NETWORK_FILE)
        document = {"usual": self.usual, "shift": self.shift, "inputs": self.inputs.document()}
        (folder / INPUTS_FILE).write_text(json.dumps(document, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, columns: tuple[FeatureColumn, ...]) -> Self:
        """Read what `save` wrote."""
        keras, _ = open_keras()
        document = json.loads((folder / INPUTS_FILE).read_text(encoding="utf-8"))
        network = keras.saving.load_model(folder / NETWORK_FILE, compile=False, safe_mode=True)
        return cls(Inputs.of(document["inputs"], columns), network, tuple(document["usual"]), document["shift"])

    @cached_property
    def head(self) -> Any:
        """The part of the network from a claim's joined vector to its unshifted log-odds."""
        return self.network.get_layer(HEAD)

    @cached_property
    def table(self) -> Vectors:
        """The category vectors, one row per place."""
        return category_vectors(self.inputs, self.network)

    @cached_property
    def _membership(self) -> FloatArray:
        owners = self.inputs.owners(self.table.shape[1])
        return np.asarray(owners[:, None] == np.arange(len(self.columns)), dtype=np.float64)

    @cached_property
    def slopes(self) -> Callable[[Vectors], Vectors]:
        """From joined vectors to the gradient of the log-odds at each of them."""
        _, tensorflow = open_keras()

        def gradient(points: Any) -> Any:
            with tensorflow.GradientTape() as tape:
                tape.watch(points)
                out = self.head(points, training=False)
            return tape.gradient(out, points)

        given = tensorflow.TensorSpec([None, len(self.usual)], tensorflow.float32)
        compiled = tensorflow.function(gradient, input_signature=[given])
        return lambda points: np.asarray(compiled(tensorflow.constant(points, tensorflow.float32)))

    def raw(self, vectors: Vectors) -> FloatArray:
        """From joined vectors to log-odds, one value per row."""
        return np.asarray(self.head.predict_on_batch(vectors)[:, 0], dtype=np.float64) - self.shift

    def _vectors(self, frame: pd.DataFrame, most: int) -> Iterator[Vectors]:
        for first in range(0, len(frame), most):
            yield self.inputs.joined(frame.iloc[first : first + most], self.table)


def category_vectors(inputs: Inputs, network: Any) -> Vectors:
    """The category vectors of a network, one row per place; none where no feature is categorical."""
    if not inputs.vocabularies:
        return np.zeros((0, 0), dtype=np.float32)
    return np.asarray(network.get_layer(TABLE).get_weights()[0], dtype=np.float32)
