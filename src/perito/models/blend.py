"""Several models as one: log-odds added with non-negative weights, so that the reasons add up as well.

The weights hold the calibration too: a blend's log-odds are those of its calibrated
probability. Refuses members that learnt from different features. `perito.learning.blending`
learns the weights.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.interface import Contributions, FloatArray, Model, check_features

BLEND_FILE = "blend.json"


@dataclass(frozen=True)
class Blend:
    """A weighted sum of the log-odds of its members; higher log-odds, more suspicious.

    `members`: kind to model, all of the same columns. `weights`: kind to weight, above 0.
    `base`: what the members' weighted log-odds are shifted by. `sigmoid(log_odds)` is the
    probability that an investigation would substantiate the claim, as far as calibrated.
    """

    kind: ClassVar[str] = "blend"
    members: Mapping[str, Model]
    weights: Mapping[str, float]
    base: float

    @property
    def columns(self) -> tuple[FeatureColumn, ...]:
        """The ordered features all members learnt from."""
        return next(iter(self.members.values())).columns

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row of `frame`; higher is more suspicious."""
        check_features(frame, self.columns)
        parts = (self.weights[name] * model.log_odds(frame) for name, model in self.members.items())
        return np.asarray(self.base + sum(parts), dtype=np.float64)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """The members' contributions, weighted and added up feature by feature."""
        check_features(frame, self.columns)
        base, values = self.base, np.zeros((len(frame), len(self.columns)))
        for name, model in self.members.items():
            parts = model.contributions(frame)
            base += self.weights[name] * parts.base
            values += self.weights[name] * parts.values
        return Contributions(base, values)

    def save(self, folder: Path) -> None:
        """Write the weights as JSON and each member into a folder of its own, named after its kind."""
        for name, model in self.members.items():
            (folder / name).mkdir()
            model.save(folder / name)
        document = {"base": self.base, "weights": dict(self.weights)}
        (folder / BLEND_FILE).write_text(json.dumps(document, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, columns: tuple[FeatureColumn, ...], kinds: Mapping[str, Callable[..., Any]]) -> Self:
        """Read what `save` wrote; `kinds` says how each member is loaded."""
        document = json.loads((folder / BLEND_FILE).read_text(encoding="utf-8"))
        members = {name: kinds[name](folder / name, columns) for name in document["weights"]}
        return cls(members, document["weights"], float(document["base"]))
