"""How a claim becomes the vectors a network reads, learnt once from the training claims.

Refuses heavy tails: a number is squeezed by `asinh` around its median before it is standardised.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.inputs import CodeArray, Vocabulary, learn_vocabulary, names_of, numbers
from perito.models.interface import FloatArray

Vectors = npt.NDArray[np.float32]

FURTHEST_DEVIATIONS = 4.0


@dataclass(frozen=True)
class Squeeze:
    """How one number is read: `(asinh((value - middle) / spread) - mean) / deviation`, at most 4 from 0.

    A missing value reads 0, the training mean. `may_miss` is set where some training claims
    had the value and some had not: then a second input says which. A `deviation` of 0
    marks a number that never changed, which always reads 0.
    """

    middle: float
    spread: float
    mean: float
    deviation: float
    may_miss: bool

    def read(self, values: pd.Series) -> FloatArray:
        """One or two inputs per claim: the squeezed value, and 1 where it is missing."""
        plain = numbers(values)
        missing = np.isnan(plain)
        if self.deviation:
            squeezed = (np.arcsinh((plain - self.middle) / self.spread) - self.mean) / self.deviation
            read = np.where(missing, 0.0, np.clip(squeezed, -FURTHEST_DEVIATIONS, FURTHEST_DEVIATIONS))
        else:
            read = np.zeros(len(plain))
        return np.column_stack([read, missing]) if self.may_miss else read[:, None]


@dataclass(frozen=True)
class Inputs:
    """How every feature is read: numbers by a squeeze, categories by a vocabulary.

    One table of category vectors serves all features; each has its own block of rows.
    """

    columns: tuple[FeatureColumn, ...]
    squeezes: Mapping[str, Squeeze]
    vocabularies: Mapping[str, Vocabulary]

    @property
    def blocks(self) -> dict[str, slice]:
        """The rows of the table of category vectors that belong to each categorical feature."""
        ends = np.cumsum([0, *(vocabulary.size for vocabulary in self.vocabularies.values())]).tolist()
        return {name: slice(*ends[i : i + 2]) for i, name in enumerate(self.vocabularies)}

    def numbers(self, frame: pd.DataFrame) -> Vectors:
        """One row per claim, one or two inputs per numeric feature."""
        read = [squeeze.read(frame[name]) for name, squeeze in self.squeezes.items()]
        return np.hstack([np.zeros((len(frame), 0)), *read]).astype(np.float32)

    def places(self, frame: pd.DataFrame) -> CodeArray:
        """One row per claim, one row number of the table of vectors per categorical feature."""
        blocks, places = self.blocks, np.zeros((len(frame), len(self.vocabularies)), dtype=np.int64)
        for i, (name, vocabulary) in enumerate(self.vocabularies.items()):
            places[:, i] = blocks[name].start + vocabulary.codes(frame[name])
        return places

    def joined(self, frame: pd.DataFrame, table: Vectors) -> Vectors:
        """One row per claim: its numbers, then the vectors of its categories from `table`."""
        vectors = table[self.places(frame)].reshape(len(frame), len(self.vocabularies) * table.shape[1])
        return np.hstack([self.numbers(frame), vectors])

    def owners(self, width: int) -> CodeArray:
        """The place in `columns` of the feature behind every input; category vectors are `width` wide."""
        order = {column.name: i for i, column in enumerate(self.columns)}
        numeric = [order[name] for name, squeeze in self.squeezes.items() for _ in range(1 + squeeze.may_miss)]
        categorical = [order[name] for name in self.vocabularies for _ in range(width)]
        return np.array(numeric + categorical, dtype=np.int64)

    def document(self) -> dict[str, Any]:
        """What a JSON file keeps of it, besides the columns."""
        return {
            "squeezes": {name: asdict(squeeze) for name, squeeze in self.squeezes.items()},
            "categories": {name: vocabulary.known for name, vocabulary in self.vocabularies.items()},
        }

    @classmethod
    def of(cls, document: Mapping[str, Any], columns: tuple[FeatureColumn, ...]) -> Self:
        """Read what `document` wrote."""
        squeezes = {name: Squeeze(**entry) for name, entry in document["squeezes"].items()}
        known = document["categories"]
        return cls(columns, squeezes, {name: Vocabulary(tuple(entry)) for name, entry in known.items()})


def learn_inputs(frame: pd.DataFrame, columns: tuple[FeatureColumn, ...]) -> Inputs:
    """Learn from the training claims how each feature is read."""
    return Inputs(
        columns,
        {name: _learn_squeeze(frame[name]) for name in names_of(columns, "numeric")},
        {name: learn_vocabulary(frame[name]) for name in names_of(columns, "categorical")},
    )


def _learn_squeeze(values: pd.Series) -> Squeeze:
    plain = numbers(values)
    seen = plain[~np.isnan(plain)]
    may_miss = 0 < len(seen) < len(plain)
    if not len(seen) or seen.min() == seen.max():
        return Squeeze(0.0, 1.0, 0.0, 0.0, may_miss)
    middle = float(np.median(seen))
    quarters = float(np.quantile(seen, 0.75) - np.quantile(seen, 0.25))
    spread = quarters or float(seen.std())
    squeezed = np.arcsinh((seen - middle) / spread)
    return Squeeze(middle, spread, float(squeezed.mean()), float(squeezed.std()), may_miss)
