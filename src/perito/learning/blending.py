"""One model out of several: weights learnt out of time, then calibrated on the most recent matured period.

Refuses a negative weight, and to judge the blend by claims its weights were learnt from.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from perito.learning.candidates import Candidate, fold_means
from perito.learning.material import Material
from perito.models.blend import Blend
from perito.models.interface import FloatArray

BLEND = Blend.kind
START: Mapping[str, float] = MappingProxyType({"lightgbm": 0.35, "catboost": 0.35, "linear": 0.3})
"""Where weights start beside boosted trees, in proportion among the kinds that were trained; a kind not named: at 0.

The boosted trees alone read features together, and the regression errs least like them: a scorecard
reads bins as trees do, and a network needs many claims. Without `TREES`, all start equal.
"""
TREES = frozenset({"lightgbm", "catboost"})
HELD_STRENGTH = 10.0
"""How strongly weights are held to where they start: 0.3 away from it costs 0.9 nats, as one surprising claim does."""
LEAST_WEIGHT = 0.05
"""A member below this is left out: it would cost every score its time and change none."""
FEWEST_FOR_SLOPE = 30
"""Substantiated claims of the period below which only the level is calibrated, not the slope."""
SLOPE_STRENGTH = 5.0


@dataclass(frozen=True)
class Calibration:
    """How the blend's raw log-odds became calibrated ones: `shift + slope * raw`.

    `claims`, `positives`: what it was learnt from, reported from `period_from` on until
    before `period_to` (both empty where the split is not by time).
    """

    slope: float
    shift: float
    claims: int
    positives: int
    period_from: str
    period_to: str


@dataclass(frozen=True)
class Blended:
    """The blend as a candidate, its weights before calibration by name (0: left out), and the calibration."""

    candidate: Candidate
    weights: Mapping[str, float]
    calibration: Calibration


def blend(material: Material, candidates: Mapping[str, Candidate]) -> Blended:
    """Add up the candidates' log-odds with non-negative weights that the folds chose, and calibrate the sum.

    Weights minimise the log loss of the folds' claims, each scored by models that had not
    seen it and counting by how much these had learnt from, with a level of its own for each
    fold (stacking, Wolpert 1992, Neural Networks 5(2), 241-259; non-negative as in Breiman
    1996, Machine Learning 24(1), 49-64), and are held to `START`. `unseen` of the blend uses,
    for each fold, the weights that the other folds chose. Calibration is a line in log-odds
    (Platt 1999), so reasons still add up.
    """
    unseen, names = _side_by_side(candidates), list(candidates)
    weights = chosen_weights(unseen, names)
    calibration = _calibrate(material, unseen, weights)
    kept = {name: calibration.slope * weight for name, weight in weights.items() if weight}
    model = Blend({name: candidates[name].model for name in kept}, kept, calibration.shift)
    judged = _cross_fitted(unseen, names)
    seconds = sum(one.seconds for one in candidates.values())
    return Blended(Candidate(BLEND, model, seconds, judged, fold_means(material.study, judged)), weights, calibration)


def _side_by_side(candidates: Mapping[str, Candidate]) -> pd.DataFrame:
    first = next(iter(candidates.values())).unseen[["fold", "learnt", "label", "amount"]]
    return first.assign(**{name: one.unseen["log_odds"].to_numpy() for name, one in candidates.items()})


def chosen_weights(unseen: pd.DataFrame, names: Sequence[str]) -> dict[str, float]:
    """The weight of each kind before calibration, by name; 0 for one that would be idle.

    `unseen`: one row per validated claim: `fold`, `label`, the log-odds of each kind under its
    name, by a model that had not seen the claim, and `learnt`, how many rows that model learnt
    from. A claim counts in proportion to it: what is learnt from few claims says little of
    what is learnt from all, and flatters simple kinds.
    """
    left = list(names)
    while True:
        weights = dict(zip(left, _weights(unseen, left).tolist(), strict=True))
        idle = [name for name, weight in weights.items() if weight < LEAST_WEIGHT]
        if not idle or len(idle) == len(left):
            return dict.fromkeys(names, 0.0) | weights
        left = [name for name in left if name not in idle]


def _weights(unseen: pd.DataFrame, names: Sequence[str]) -> FloatArray:
    log_odds, label = unseen[list(names)].to_numpy(dtype=np.float64), unseen["label"].to_numpy(dtype=np.float64)
    level = pd.get_dummies(unseen["fold"]).to_numpy(dtype=np.float64)
    design, members, held_to = np.hstack([log_odds, level]), len(names), _where_weights_start(names)
    counts = (unseen["learnt"] / unseen["learnt"].max()).to_numpy(dtype=np.float64)

    def loss(point: FloatArray) -> tuple[float, FloatArray]:
        raw = design @ point
        away = point[:members] - held_to
        slope = design.T @ (counts * (_sigmoid(raw) - label))
        slope[:members] += 2 * HELD_STRENGTH * away
        total = counts @ np.logaddexp(0, np.where(label == 1, -raw, raw)) + HELD_STRENGTH * (away**2).sum()
        return float(total), slope

    start = np.r_[held_to, np.zeros(level.shape[1])]
    bounds = [(0.0, None)] * members + [(None, None)] * level.shape[1]
    minimize = importlib.import_module("scipy.optimize").minimize
    found: FloatArray = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x[:members]
    return found


def _where_weights_start(names: Sequence[str]) -> FloatArray:
    start = np.array([1.0 if TREES.isdisjoint(names) else START.get(name, 0.0) for name in names])
    return np.asarray(start / start.sum(), dtype=np.float64)


def _cross_fitted(unseen: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    log_odds = pd.Series(0.0, index=unseen.index)
    for fold in unseen["fold"].unique():
        here = unseen["fold"] == fold
        others = unseen[~here]
        weights = _weights(others, names) if len(others) else _where_weights_start(names)
        log_odds[here] = unseen.loc[here, list(names)].to_numpy(dtype=np.float64) @ weights
    return unseen[["label", "fold", "learnt", "amount"]].assign(log_odds=log_odds)


def _calibrate(material: Material, unseen: pd.DataFrame, weights: Mapping[str, float]) -> Calibration:
    forward = material.study.plan.kind == "time"
    recent = unseen[unseen["fold"] == unseen["fold"].max()] if forward else unseen
    raw = recent[list(weights)].to_numpy(dtype=np.float64) @ np.array(list(weights.values()))
    label = recent["label"].to_numpy(dtype=np.float64)
    slope, shift = _line(raw, label)
    last = material.folds[-1]
    return Calibration(
        slope,
        shift,
        claims=len(recent),
        positives=int(label.sum()),
        period_from=str(last.validate_from or ""),
        period_to=str(last.validate_to or ""),
    )


def _line(raw: FloatArray, label: FloatArray) -> tuple[float, float]:
    bends = label.sum() >= FEWEST_FOR_SLOPE

    def loss(point: FloatArray) -> float:
        slope = point[0] if bends else 1.0
        calibrated = slope * raw + point[1]
        away = SLOPE_STRENGTH * (slope - 1) ** 2
        return float(np.logaddexp(0, np.where(label == 1, -calibrated, calibrated)).sum() + away)

    minimize = importlib.import_module("scipy.optimize").minimize
    found = minimize(loss, np.array([1.0, 0.0]), bounds=[(0.1, 3.0), (None, None)], method="L-BFGS-B").x
    return (float(found[0]) if bends else 1.0), float(found[1])


def _sigmoid(log_odds: FloatArray) -> FloatArray:
    return np.exp(-np.logaddexp(0.0, -log_odds))
