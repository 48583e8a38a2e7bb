"""How every candidate reads a frame: numbers as float64, categories as codes learnt once.

Refuses to learn from a category too rare to mean anything: those are pooled. An
infinite number says as little as a null and is read as missing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.errors import FeatureMismatch
from perito.features.columns import FeatureColumn
from perito.models.interface import FloatArray

CodeArray = npt.NDArray[np.int64]

RARE, MISSING, FIRST_KNOWN = 0, 1, 2
"""Codes of a pooled or never seen category, of a null, and of the first known category."""

RARE_BELOW_CLAIMS = 10
MOST_CATEGORIES = 200


@dataclass(frozen=True)
class Vocabulary:
    """The categories of one feature that occur often enough, in alphabetical order."""

    known: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many codes there are, `RARE` and `MISSING` included."""
        return FIRST_KNOWN + len(self.known)

    def codes(self, values: pd.Series) -> CodeArray:
        """One code per row: `MISSING` for null, `RARE` for what is not known."""
        place, categories = _factorised(values)
        code = {name: FIRST_KNOWN + i for i, name in enumerate(self.known)}
        by_place = np.array([code.get(name, RARE) for name in categories] + [MISSING], dtype=np.int64)
        return by_place[place]


def learn_vocabulary(values: pd.Series) -> Vocabulary:
    """Keep the `MOST_CATEGORIES` commonest categories of at least `RARE_BELOW_CLAIMS` claims each."""
    place, categories = _factorised(values)
    counts = pd.Series(place[place >= 0]).map(dict(enumerate(categories))).value_counts()
    often = counts[counts >= RARE_BELOW_CLAIMS]
    commonest = sorted(often.items(), key=lambda pair: (-pair[1], str(pair[0])))[:MOST_CATEGORIES]
    return Vocabulary(tuple(sorted(str(name) for name, _ in commonest)))


def vocabularies_text(vocabularies: Mapping[str, Vocabulary]) -> str:
    """What a model file holds of its categories, as JSON."""
    return json.dumps({"categories": {name: each.known for name, each in vocabularies.items()}}, indent=1)


def vocabularies_of(text: str) -> dict[str, Vocabulary]:
    """Read what `vocabularies_text` made."""
    return {name: Vocabulary(tuple(known)) for name, known in json.loads(text)["categories"].items()}


def numbers(values: pd.Series) -> FloatArray:
    """The feature as float64; null and infinite become NaN.

    Raises
    ------
    FeatureMismatch
        When the column holds something else than numbers.
    """
    if not pd.api.types.is_numeric_dtype(values.dtype):
        raise FeatureMismatch(
            f"The feature is numeric and came as {values.dtype}.",
            where=str(values.name),
            remedy="Build the features with the dataset the model was trained on.",
        )
    plain = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(plain), plain, np.nan)


def names_of(columns: Sequence[FeatureColumn], kind: str) -> list[str]:
    """The names of the features of one kind, in the model's order."""
    return [column.name for column in columns if column.kind == kind]


def _factorised(values: pd.Series) -> tuple[CodeArray, list[str]]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return np.asarray(values.cat.codes, dtype=np.int64), [str(name) for name in values.cat.categories]
    place, categories = pd.factorize(values)
    return np.asarray(place, dtype=np.int64), [str(name) for name in categories]
