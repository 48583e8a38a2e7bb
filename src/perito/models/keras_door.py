"""The only place that imports Keras and TensorFlow, quietly and reproducibly.

Refuses another Keras backend than TensorFlow: a saved network must score the same everywhere.
"""

import importlib
import os
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from perito.domain.errors import MissingExtra

QUIET_LOG_LEVEL = "2"


def open_keras() -> tuple[Any, Any]:
    """Import Keras and TensorFlow: `(keras, tensorflow)`.

    Raises
    ------
    MissingExtra
        When either is not installed, or Keras was told to use another backend.
    """
    # Read by TensorFlow while it is imported. oneDNN adds in an order that varies from machine to machine.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", QUIET_LOG_LEVEL)
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    try:
        tensorflow, keras = importlib.import_module("tensorflow"), importlib.import_module("keras")
    except ImportError as absent:
        raise MissingExtra(
            "The Keras network needs TensorFlow, which is not installed.", remedy="pip install 'perito[tensorflow]'"
        ) from absent
    tensorflow.get_logger().setLevel("ERROR")
    if (backend := keras.backend.backend()) != "tensorflow":
        raise MissingExtra(
            f"The Keras network needs the TensorFlow backend; Keras runs on {backend}.",
            remedy="Unset KERAS_BACKEND, or set it to tensorflow.",
        )
    return keras, tensorflow


@contextmanager
def seeded(keras: Any, tensorflow: Any, seed: int) -> Iterator[None]:
    """Make what happens inside repeatable; the caller's own random state is left as found.

    TensorFlow's deterministic operations stay switched on for the process.
    """
    plain, array = random.getstate(), np.random.get_state()
    try:
        keras.utils.set_random_seed(seed)
        tensorflow.config.experimental.enable_op_determinism()
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(array)


@contextmanager
def without_copy_warning() -> Iterator[None]:
    """Leave out numpy's warning about how Keras itself reads a variable while it saves one."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
        yield
