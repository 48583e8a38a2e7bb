"""Who was investigated: how likely it was, logged or estimated, and what each known label then counts.

Refuses to let a claim that could not have been missed stand for others: it counts once.
"""

import numpy as np
import numpy.typing as npt

from perito.domain.errors import LearningError
from perito.models.baseline import fit_scorecard
from perito.models.interface import FloatArray, TrainingSet, rows_of

FOLDS = 3
MOST_OTHERS = 20_000
"""Claims without the event that one scorecard of a chance learns from, drawn by the seed and weighted up."""
FEWEST_EVENTS = 2 * FOLDS
LOWEST_OF_BASE = 0.1
"""An estimated chance is held above this share of the average one: no claim stands for too many others."""

Mask = npt.NDArray[np.bool_]


def out_of_fold_chance(everyone: TrainingSet, event: Mask, *, seed: int) -> FloatArray:
    """The chance of `event` for each claim by its features, from scorecards that had not seen the claim.

    Cross-fitted over `FOLDS` parts, stratified by the event (Chernozhukov et al. 2018): a
    chance fitted to the claim's own event would be too sure of it.

    Raises
    ------
    LearningError
        With fewer than `FEWEST_EVENTS` claims with the event, or without it.
    """
    happened = int(event.sum())
    if min(happened, len(event) - happened) < FEWEST_EVENTS:
        raise LearningError(
            f"The chance of an investigation is to be estimated from {len(event)} claims, of which {happened} were "
            f"investigated; expected at least {FEWEST_EVENTS} of either kind.",
            where="labels",
            remedy="Log selection_probability with each disposition, or set labels.weighting to 'none' and "
            "labels.unknown to 'leave_out'.",
        )
    rng = np.random.default_rng(seed)
    fold, chance = _dealt(event, rng), np.zeros(len(event))
    for number in range(FOLDS):
        model = fit_scorecard(_thinned(everyone, event, fold != number, rng), seed=seed)
        asked = fold == number
        chance[asked] = 1 / (1 + np.exp(-model.log_odds(everyone.frame[asked])))
    return chance


def inverse_propensity(everyone: TrainingSet, known: Mask, logged: FloatArray, *, seed: int) -> FloatArray:
    """What each known label counts, in the order of the claims that have one: 1 over the chance of having it.

    `everyone`: all claims that could have been investigated, known or not. `logged`: for each
    of them the chance that was logged, NaN where none was.

    A claim whose chance was logged as 1 counts once: certainty stands for itself alone. Where
    every known label has a logged chance p, each counts 1 / p (Horvitz and Thompson 1952).
    Otherwise the chance q of having been picked without a log is estimated from the features,
    out of fold and bounded below; a claim could then have been reached both ways, and counts
    1 / (1 - (1 - p)(1 - q)). For claims that were not drawn, p is the rate of the draws.
    That is right when what steers the unlogged picks is in the features. No claim counts more
    than sqrt(n) times the average one (Ionides 2008): a few claims would drown the others.

    Raises
    ------
    LearningError
        When a chance has to be estimated and there are too few claims for it.
    """
    by_log = np.where(np.isnan(logged), _draw_rate(logged[known]), logged)
    unlogged = known & np.isnan(logged)
    if unlogged.any() and not known.all():
        picked = out_of_fold_chance(everyone, unlogged, seed=seed)
        lowest = LOWEST_OF_BASE * unlogged.mean()
        reached = 1 - (1 - by_log) * (1 - np.maximum(picked, lowest))
    else:
        reached = np.where(unlogged, 1.0, by_log)
    weight: FloatArray = 1 / reached[known]
    most = float(weight.mean()) * np.sqrt(len(weight))
    return np.clip(weight, None, most)


def _draw_rate(logged: FloatArray) -> float:
    # The claims the draws stand for are estimated by the sum of 1 / p, so this is draws by claims.
    drawn = logged[logged < 1]
    return float(len(drawn) / np.sum(1 / drawn)) if len(drawn) else 0.0


def _dealt(event: Mask, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    order, fold = rng.permutation(len(event)), np.zeros(len(event), dtype=np.int64)
    for happened in (False, True):
        rows = order[event[order] == happened]
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold


def _thinned(everyone: TrainingSet, event: Mask, learn: Mask, rng: np.random.Generator) -> TrainingSet:
    others = np.flatnonzero(learn & ~event)
    kept = rng.choice(others, min(len(others), MOST_OTHERS), replace=False)
    rows = np.sort(np.r_[np.flatnonzero(learn & event), kept])
    weight = np.where(event[rows], 1.0, len(others) / len(kept))
    return rows_of(everyone, rows, label=event[rows].astype(np.int64), weight=weight)
