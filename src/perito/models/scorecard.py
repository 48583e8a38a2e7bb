"""Logistic scorecard as it scores: per feature, its groups, what each says, and one coefficient.

Refuses to learn: `perito.models.baseline` does that. Needs nothing but numpy and pandas.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.inputs import FIRST_KNOWN, MISSING, CodeArray, Vocabulary, numbers
from perito.models.interface import Contributions, FloatArray, check_features

SCORECARD_FILE = "scorecard.json"


@dataclass(frozen=True)
class Bins:
    """The cuts of one numeric feature; a value on a cut belongs to the bin above it."""

    cuts: tuple[float, ...]

    @property
    def size(self) -> int:
        """How many codes there are, the one for a missing value included."""
        return FIRST_KNOWN + len(self.cuts) + 1

    def codes(self, values: pd.Series) -> CodeArray:
        """One code per row: `MISSING` for null or infinite, otherwise the bin."""
        plain = numbers(values)
        place = FIRST_KNOWN + np.searchsorted(np.asarray(self.cuts), plain, side="right")
        return np.where(np.isnan(plain), MISSING, place).astype(np.int64)


@dataclass(frozen=True)
class Line:
    """One feature of the scorecard.

    `evidence` holds one weight of evidence per group code, in log-odds; `usual` is its
    mean over the training claims.
    """

    groups: Bins | Vocabulary
    evidence: tuple[float, ...]
    coefficient: float
    usual: float

    def contributions(self, values: pd.Series) -> FloatArray:
        """What the feature adds to each claim's log-odds, against the usual claim."""
        by_code: FloatArray = self.coefficient * (np.asarray(self.evidence) - self.usual)
        return by_code[self.groups.codes(values)]


@dataclass(frozen=True)
class Scorecard:
    """A logistic scorecard; higher log-odds, more suspicious."""

    kind: ClassVar[str] = "scorecard"
    columns: tuple[FeatureColumn, ...]
    lines: tuple[Line, ...]
    base: float

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row of `frame`; higher is more suspicious."""
        parts = self.contributions(frame)
        return np.asarray(parts.base + parts.values.sum(axis=1), dtype=np.float64)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """Coefficient times (evidence minus its training mean), per claim and feature."""
        check_features(frame, self.columns)
        pairs = zip(self.columns, self.lines, strict=True)
        return Contributions(self.base, np.column_stack([line.contributions(frame[c.name]) for c, line in pairs]))

    def save(self, folder: Path) -> None:
        """Write one JSON file into an existing folder."""
        document = {"base": self.base, "lines": [asdict(line) for line in self.lines]}
        (folder / SCORECARD_FILE).write_text(json.dumps(document, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, columns: tuple[FeatureColumn, ...]) -> Self:
        """Read what `save` wrote."""
        document = json.loads((folder / SCORECARD_FILE).read_text(encoding="utf-8"))
        return cls(columns, tuple(_line(entry) for entry in document["lines"]), float(document["base"]))


def _line(entry: Mapping[str, Any]) -> Line:
    groups = entry["groups"]
    learnt = Bins(tuple(groups["cuts"])) if "cuts" in groups else Vocabulary(tuple(groups["known"]))
    return Line(learnt, tuple(entry["evidence"]), float(entry["coefficient"]), float(entry["usual"]))
