"""Keeps estimates that several candidates need, so that each is made once. Refuses to keep the claims themselves."""

from collections.abc import Callable
from hashlib import sha256

import numpy as np
import pandas as pd

from perito.learning.selection import Mask
from perito.models.interface import FloatArray, TrainingSet


class Chances:
    """Estimates by what they were made from: the same claims, features and known labels give the same one."""

    def __init__(self) -> None:
        self._kept: dict[bytes, FloatArray] = {}

    def once(self, training: TrainingSet, known: Mask, estimate: Callable[[], FloatArray]) -> FloatArray:
        """The estimate for these claims, made by `estimate` if it is not kept yet."""
        key = _fingerprint(training, known)
        if key not in self._kept:
            self._kept[key] = estimate()
        return self._kept[key]


def _fingerprint(training: TrainingSet, known: Mask) -> bytes:
    digest = sha256(repr(training.columns).encode())
    digest.update(pd.util.hash_pandas_object(training.frame).to_numpy().tobytes())
    digest.update(np.where(known, training.label, -1).tobytes())
    return digest.digest()
