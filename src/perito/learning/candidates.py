"""Trains each kind of model on every fold and on everything, and chooses between them by the folds alone."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perito.evaluation.folds import Fold
from perito.evaluation.metrics import FIGURES, point_figures
from perito.learning.material import Material, inputs_of, known_before, training_set
from perito.models import CANDIDATES
from perito.models.interface import Model
from perito.study import Study

CHOSEN_BY = "average_precision"
"""The figure, averaged over the folds, that chooses between candidates."""


@dataclass(frozen=True)
class Candidate:
    """One kind of model, trained on everything it may learn from, and what the folds said of it.

    `unseen`: one row per validated claim: `fold`, `log_odds` by a model that had not seen
    it, `label`, `amount`. `metrics`: the mean over the folds.
    """

    name: str
    model: Model
    seconds: float
    unseen: pd.DataFrame
    metrics: Mapping[str, float]


def train_candidate(material: Material, name: str) -> Candidate:
    """Validate one kind of model on every fold, then train it on everything it may learn from.

    Raises
    ------
    MissingExtra
        If the model needs an optional package that is not installed.
    """
    started = time.monotonic()
    unseen = unseen_scores(material, name, material.folds, material.fold_frames)
    model = CANDIDATES[name](training_set(material, material.study.learning, material.frame), seed=material.study.seed)
    seconds = time.monotonic() - started
    return Candidate(name, model, seconds, unseen, _fold_means(material.study, unseen))


def choose(candidates: Mapping[str, Candidate]) -> str:
    """The candidate with the best mean `CHOSEN_BY` over the folds; of equals, the first named."""
    return max(candidates, key=lambda name: candidates[name].metrics[CHOSEN_BY])


def unseen_scores(material: Material, name: str, folds: Sequence[Fold], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Every validated claim of `folds`, scored by a model that had not seen it, as `Candidate.unseen` holds them."""
    learning, unknown = material.study.learning, material.study.spec.unknown
    parts = []
    for number, (fold, frame) in enumerate(zip(folds, frames, strict=True)):
        validated = learning.iloc[fold.validate]
        training = training_set(material, known_before(learning.iloc[fold.train], fold, unknown=unknown), frame)
        model = CANDIDATES[name](training, seed=material.study.seed)
        log_odds = model.log_odds(inputs_of(material, frame, validated.index))
        amount = validated["claimed_amount"]
        parts.append(validated[["label"]].assign(fold=number, log_odds=log_odds, amount=amount))
    return pd.concat(parts)


def _fold_means(study: Study, unseen: pd.DataFrame) -> Mapping[str, float]:
    measured = [
        point_figures(
            rows["log_odds"],
            rows["label"],
            rows["amount"],
            capacity_share=study.spec.desk.capacity_share,
            money=study.spec.money,
        )
        for _, rows in unseen.groupby("fold")
    ]
    found = {name: [fold[name] for fold in measured if np.isfinite(fold[name])] for name in FIGURES}
    return {name: sum(values) / len(values) for name, values in found.items() if values}
