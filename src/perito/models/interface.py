"""What every model of Perito can do. Refuses to know any one of them.

A score's direction is always the same: higher log-odds, more suspicious.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.errors import FeatureMismatch
from perito.features.columns import FeatureColumn

FloatArray = npt.NDArray[np.float64]
Options = Mapping[str, float]
"""How a kind of model is to learn, by name, where it differs from its defaults."""
NO_OPTIONS: Options = MappingProxyType({})
NAMED = 8
"""Features that a message names; it counts the others."""


@dataclass(frozen=True)
class TrainingSet:
    """Labelled claims to learn from, oldest report first; usually one row per `claim_id`, the index.

    `frame`: float64 and category columns, in the order of `columns`. `label`: 1 for
    substantiated, 0 otherwise. `reported_at`: datetime64, ascending; a model that stops
    early watches the last rows, never a random part. `forward` is False where the table
    has no time; the slice to watch is then a seeded random one.

    `weight`: what each row counts, positive and finite; None: once each. Only the ratios
    between weights mean something: models scale them to add up to the number of distinct
    claims. A claim may have two rows, one of each label, that share its weight.
    """

    columns: tuple[FeatureColumn, ...]
    frame: pd.DataFrame
    label: npt.NDArray[np.int64]
    reported_at: npt.NDArray[np.datetime64]
    forward: bool = True
    weight: FloatArray | None = None


def rows_of(
    training: TrainingSet, rows: npt.NDArray[np.intp], *, label: npt.NDArray[np.int64], weight: FloatArray
) -> TrainingSet:
    """Some rows of a training set, by position and in that order, with other labels and weights."""
    return replace(
        training,
        frame=training.frame.iloc[rows],
        label=label,
        reported_at=training.reported_at[rows],
        weight=weight,
    )


@dataclass(frozen=True)
class Contributions:
    """Additive parts of a score in log-odds: `base + values.sum(axis=1)` is the score's log-odds.

    `values` has one row per claim and one column per feature, in the model's order.
    """

    base: float
    values: FloatArray


class Model(Protocol):
    """A trained model: scores claims and explains every score additively."""

    kind: ClassVar[str]

    @property
    def columns(self) -> tuple[FeatureColumn, ...]:
        """The ordered features it learnt from; it refuses any other list."""
        ...

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row of `frame`; higher is more suspicious."""
        ...

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """The additive parts of `log_odds(frame)`."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder, in native formats only, no pickle."""
        ...


def check_features(frame: pd.DataFrame, columns: Sequence[FeatureColumn]) -> None:
    """Raise unless `frame` holds exactly the features of `columns`, in that order.

    Raises
    ------
    FeatureMismatch
        Naming what is missing, what is unexpected, or the first place out of order.
    """
    expected, came = [column.name for column in columns], [str(name) for name in frame.columns]
    if expected == came:
        return
    missing, unexpected = sorted(set(expected) - set(came)), sorted(set(came) - set(expected))
    pairs = zip(came, expected, strict=False)
    first = next((f"{a} where {b} belongs" for a, b in pairs if a != b), "another length")
    detail = f"out of order: {first}"
    if missing or unexpected:
        detail = f"missing {_some(missing)}, unexpected {_some(unexpected)}"
    raise FeatureMismatch(
        f"The model learnt from {len(expected)} features and was given {len(came)}: {detail}.",
        remedy="Build the features with the dataset the model was trained on, or train again.",
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (", ".join(names[:NAMED]) or "none") + more


def select_features(frame: pd.DataFrame, columns: Sequence[FeatureColumn]) -> pd.DataFrame:
    """The features of `columns`, in that order, out of a frame that may hold more.

    Raises
    ------
    FeatureMismatch
        If the frame lacks one.
    """
    names = [column.name for column in columns]
    known = [name for name in names if name in frame.columns]
    check_features(frame[known], columns)
    return frame[names]
