"""Which features still help in the period after the one they were learnt in. The others are left out.

Judged inside the training period alone: a model learns from the claims before each fold, and
each feature is shuffled among the fold's claims. Refuses to use a fold's verdict for that fold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.evaluation.folds import Fold
from perito.features.columns import FeatureColumn
from perito.learning.material import Material, inputs_of, known_before, training_set
from perito.models.gbm import LightGBM, fit_lightgbm
from perito.models.interface import FloatArray
from perito.models.linear import Linear, fit_linear

SHUFFLES = 4
"""How often each feature is shuffled in each fold."""
MOST_SHUFFLED = 3_000
"""Claims of a fold, drawn by the seed, that are shuffled: enough to see what a feature adds."""
FEWEST_FEATURES = 2
FEWEST_FOLDS = 2
"""Folds below which nothing is left out: one period alone is too noisy a witness."""


@dataclass(frozen=True)
class Holding:
    """What one feature is worth, in nats of log loss per claim that shuffling it costs; above 0, it helps.

    `past`: on the claims that were learnt from. `following`: on the claims of the next
    period, the mean over the folds; up to 0 the feature is left out. `kept` says whether it was.
    """

    feature: str
    past: float
    following: float
    kept: bool


@dataclass(frozen=True)
class Held:
    """The features that hold, and the evidence.

    `columns`: what is learnt from in the end. `fold_columns`: for each fold, what the other
    evidence alone would have kept: the folds before it where the split is by time, all
    others elsewhere. `evidence`: one entry per feature, most helpful first.
    """

    columns: tuple[FeatureColumn, ...]
    fold_columns: tuple[tuple[FeatureColumn, ...], ...]
    evidence: tuple[Holding, ...]


@dataclass(frozen=True)
class _Cost:
    past: FloatArray
    following: FloatArray


def find_what_holds(material: Material) -> Held:
    """Ask of every feature whether it helps in the period after the one it was learnt in.

    A boosted and a linear model learn from the claims before each fold. A feature's worth is
    what the mean of their log-odds loses, in log loss, when its values are shuffled among the
    claims of the fold (permutation importance, Breiman 2001, Machine Learning 45(1), 5-32,
    measured on a later period). One that is worth nothing there, or harms, is left out; but
    never all: the `FEWEST_FEATURES` most helpful stay, and below `FEWEST_FOLDS` folds all do.
    """
    costs = [_cost(material, fold, frame) for fold, frame in zip(material.folds, material.fold_frames, strict=True)]
    forward = material.study.plan.kind == "time"
    known = [costs[:i] if forward else [*costs[:i], *costs[i + 1 :]] for i in range(len(costs))]
    kept = _kept(costs, material.columns)
    return Held(
        columns=_named(material.columns, kept),
        fold_columns=tuple(_named(material.columns, _kept(others, material.columns)) for others in known),
        evidence=_evidence(costs, material.columns, kept),
    )


def hold_to(material: Material, held: Held) -> Material:
    """The material with the features that hold; each fold learns from what was known to hold before it."""
    return replace(material, columns=held.columns, fold_columns=held.fold_columns)


def _cost(material: Material, fold: Fold, frame: pd.DataFrame) -> _Cost:
    learning = material.study.learning
    rows = known_before(learning.iloc[fold.train], fold, unknown=material.study.spec.unknown)
    training = training_set(material, rows, frame)
    seed = material.study.seed
    models = fit_lightgbm(training, seed=seed), fit_linear(training, seed=seed)
    sides = (rows, learning.iloc[fold.validate])
    past, following = (_shuffled_cost(models, *_sample(material, side, frame), seed=seed) for side in sides)
    return _Cost(past, following)


def _sample(material: Material, rows: pd.DataFrame, frame: pd.DataFrame) -> tuple[pd.DataFrame, FloatArray]:
    drawn = rows.sample(min(len(rows), MOST_SHUFFLED), random_state=material.study.seed)
    return inputs_of(material, frame, drawn.index), drawn["label"].to_numpy(dtype=np.float64)


def _shuffled_cost(
    models: tuple[LightGBM, Linear], inputs: pd.DataFrame, label: FloatArray, *, seed: int
) -> FloatArray:
    boosted, linear = models
    matrix, parts = boosted.matrix(inputs), linear.contributions(inputs)
    whole = boosted.log_odds_of(matrix), parts.base + parts.values.sum(axis=1)
    plain, costs = _log_loss((whole[0] + whole[1]) / 2, label), np.zeros(matrix.shape[1])
    for i, orders in enumerate(_orders(len(label), matrix.shape[1], seed)):
        moved = boosted.moved_by(matrix, i, matrix[orders, i]), parts.values[orders, i] - parts.values[:, i]
        costs[i] = _log_loss((whole[0] + moved[0] + whole[1] + moved[1]) / 2, label) - plain
    return costs


def _orders(claims: int, features: int, seed: int) -> Iterator[npt.NDArray[np.intp]]:
    rng = np.random.default_rng(seed)
    for _ in range(features):
        yield np.stack([rng.permutation(claims) for _ in range(SHUFFLES)])


def _log_loss(log_odds: FloatArray, label: FloatArray) -> float:
    return float(np.logaddexp(0, np.where(label == 1, -log_odds, log_odds)).mean())


def _kept(costs: Sequence[_Cost], columns: Sequence[FeatureColumn]) -> npt.NDArray[np.bool_]:
    if len(costs) < FEWEST_FOLDS:
        return np.ones(len(columns), dtype=np.bool_)
    worth = np.mean([cost.following for cost in costs], axis=0)
    kept: npt.NDArray[np.bool_] = worth > 0
    kept[np.argsort(-worth, kind="stable")[:FEWEST_FEATURES]] = True
    return kept


def _named(columns: Sequence[FeatureColumn], kept: npt.NDArray[np.bool_]) -> tuple[FeatureColumn, ...]:
    return tuple(column for column, keep in zip(columns, kept, strict=True) if keep)


def _evidence(
    costs: Sequence[_Cost], columns: Sequence[FeatureColumn], kept: npt.NDArray[np.bool_]
) -> tuple[Holding, ...]:
    past, following = (np.mean([getattr(cost, side) for cost in costs], axis=0) for side in ("past", "following"))
    entries = (
        Holding(column.name, float(before), float(after), bool(keep))
        for column, before, after, keep in zip(columns, past, following, kept, strict=True)
    )
    return tuple(sorted(entries, key=lambda entry: -entry.following))
