"""Learning from decided and undecided claims: one that nobody decided enters once as either outcome.

Refuses to overrule an investigation: known outcomes of both kinds stay what they are.
"""

import numpy as np

from perito.learning.selection import Mask
from perito.models.baseline import fit_scorecard
from perito.models.gbm import fit_lightgbm
from perito.models.interface import FloatArray, TrainingSet, rows_of

LEAST_SHARE = 1e-3
"""Neither outcome of an undecided claim counts less: a model takes no weight of 0."""
FEWEST_AUDITS_FOUND = 5
"""Substantiated random audits below which they do not say how keen the eye of the investigators is."""
MOST_TILT = 4.0


def both_ways(everyone: TrainingSet, known: Mask, suspicion: FloatArray) -> TrainingSet:
    """The claims with a known label as they are, every other one twice: as substantiated and as not.

    `suspicion`: for each claim without a label, in their order, the chance that an
    investigation would substantiate it. The two rows count that and the rest of 1, so a claim
    counts once in all, as in Elkan and Noto (2008), section 3. Rows stay in order of report.
    """
    share = np.clip(suspicion, LEAST_SHARE, 1 - LEAST_SHARE)
    undecided = np.flatnonzero(~known)
    rows = np.r_[np.flatnonzero(known), undecided, undecided]
    label = np.r_[everyone.label[known], np.ones(len(undecided)), np.zeros(len(undecided))].astype(np.int64)
    weight = np.r_[np.ones(int(known.sum())), share, 1 - share]
    order = np.argsort(rows, kind="stable")
    return rows_of(everyone, rows[order], label=label[order], weight=weight[order])


def suspicion_of_undecided(everyone: TrainingSet, known: Mask, logged: FloatArray, *, seed: int) -> FloatArray:
    """The chance that an investigation would substantiate each claim without a label, in their order.

    What the scorecard and LightGBM learnt from the known labels, the mean of their log-odds
    lowered by one number: the exponential tilting of Kim and Yu (2011). That number is the
    log of how many times likelier a claim was investigated because there was something to
    find, its features being equal: what an adjuster saw and no table holds. Random audits
    tell it, for they say how many claims could be substantiated in all (Horvitz and Thompson
    1952). With fewer than `FEWEST_AUDITS_FOUND` substantiated audits it is 0: then features
    alone are taken to have steered who was investigated.

    `logged`: each claim's logged chance of selection, NaN where there was none.
    """
    decided = np.flatnonzero(known)
    learnt = rows_of(everyone, decided, label=everyone.label[known], weight=np.ones(len(decided)))
    undecided = everyone.frame[~known]
    teachers = (fit_scorecard(learnt, seed=seed), fit_lightgbm(learnt, seed=seed))
    log_odds = np.mean([teacher.log_odds(undecided) for teacher in teachers], axis=0)
    found = known & (everyone.label == 1)
    return _chance(log_odds - _tilt(log_odds, found, known, logged))


def _tilt(log_odds: FloatArray, found: Mask, known: Mask, logged: FloatArray) -> float:
    sampled = known & ~np.isnan(logged)
    if (found & sampled & (logged < 1)).sum() < FEWEST_AUDITS_FOUND:
        return 0.0
    share = np.sum(1 / logged[found & sampled]) / np.sum(1 / logged[sampled])
    still_to_find = share * len(known) - found.sum()
    low, high = -MOST_TILT, MOST_TILT
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(log_odds - middle).sum() > still_to_find else (low, middle)
    return (low + high) / 2


def _chance(log_odds: FloatArray) -> FloatArray:
    return np.exp(-np.logaddexp(0.0, -log_odds))
