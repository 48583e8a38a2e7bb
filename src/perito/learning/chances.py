"""Keeps estimates that several candidates need, so that each is made once. Refuses to keep the claims themselves."""

from hashlib import sha256
from typing import Protocol

import numpy as np
import pandas as pd

from perito.learning.selection import Mask
from perito.models.interface import FloatArray, TrainingSet


class Estimate(Protocol):
    """Estimates one number per claim; `known` says which have a label, `logged` their logged chances."""

    __name__: str

    def __call__(self, everyone: TrainingSet, known: Mask, logged: FloatArray, *, seed: int) -> FloatArray:
        """The estimate."""
        ...


class Chances:
    """Estimates by name and by what they were made from: claims, features, labels and logged chances."""

    def __init__(self) -> None:
        self._kept: dict[bytes, FloatArray] = {}

    def once(self, estimate: Estimate, everyone: TrainingSet, known: Mask, logged: FloatArray, seed: int) -> FloatArray:
        """What `estimate` makes of these claims, made now if it is not kept yet."""
        key = _fingerprint(estimate.__name__, everyone, known, logged, seed)
        if key not in self._kept:
            self._kept[key] = estimate(everyone, known, logged, seed=seed)
        return self._kept[key]


def _fingerprint(name: str, everyone: TrainingSet, known: Mask, logged: FloatArray, seed: int) -> bytes:
    digest = sha256(repr((name, everyone.columns, seed)).encode())
    digest.update(pd.util.hash_pandas_object(everyone.frame).to_numpy().tobytes())
    digest.update(np.where(known, everyone.label, -1).tobytes() + logged.tobytes())
    return digest.digest()
