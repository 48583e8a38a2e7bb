"""Learns the logistic scorecard: every feature becomes weight of evidence, one coefficient each.

Refuses evidence that only memorises: weights are shrunk towards none, coefficients are
learnt out of fold, and a feature whose coefficient would contradict its own evidence is left out.
"""

import importlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from perito.models.inputs import RARE_BELOW_CLAIMS, CodeArray, Vocabulary, learn_vocabulary, numbers
from perito.models.interface import FloatArray, TrainingSet
from perito.models.preparing import check_training
from perito.models.scorecard import Bins, Line, Scorecard

MOST_BINS = 20
POSITIVES_PER_BIN = 10
PRIOR_POSITIVES = 5.0
FOLDS = 5
REGULARISATION = 0.1
NO_SPREAD = 1e-9


def fit_scorecard(training: TrainingSet, *, seed: int) -> Scorecard:
    """Learn a logistic scorecard from labelled claims.

    Numbers fall into bins of about equal size, with one for missing; categories stand for
    themselves, the rare ones pooled. A group's weight of evidence is its log-odds against
    the base rate, as if `PRIOR_POSITIVES` positives at the base rate had been seen in it
    too; so a group never seen weighs 0. Coefficients come from an L2-regularised logistic
    regression on the standardised weights, each computed without the claim's own fold.

    Raises
    ------
    LearningError
        When the claims allow no learning.
    """
    check_training(training)
    groups, codes = _grouped(training)
    out_of_fold = _out_of_fold(codes, training.label, [group.size for group in groups], seed=seed)
    coefficients = _coefficients(out_of_fold, training.label)
    weights = [_evidence(codes[:, i], training.label, group.size) for i, group in enumerate(groups)]
    usual = [weight[codes[:, i]].mean() for i, weight in enumerate(weights)]
    lines = tuple(
        Line(group, tuple(weight.tolist()), float(coefficient), float(mean))
        for group, weight, coefficient, mean in zip(groups, weights, coefficients, usual, strict=True)
    )
    parts = Scorecard(training.columns, lines, 0.0).log_odds(training.frame)
    return Scorecard(training.columns, lines, _base(parts, float(training.label.mean())))


def _grouped(training: TrainingSet) -> tuple[list[Bins | Vocabulary], CodeArray]:
    most = int(np.clip(training.label.sum() // POSITIVES_PER_BIN, 2, MOST_BINS))
    groups: list[Bins | Vocabulary] = [
        learn_vocabulary(training.frame[column.name])
        if column.kind == "categorical"
        else _learn_bins(training.frame[column.name], most)
        for column in training.columns
    ]
    pairs = zip(training.columns, groups, strict=True)
    return groups, np.column_stack([group.codes(training.frame[column.name]) for column, group in pairs])


def _learn_bins(values: pd.Series, most: int) -> Bins:
    # A bin closes once it holds its share, so a value that half the claims have stands alone.
    plain = numbers(values)
    distinct, counts = np.unique(plain[~np.isnan(plain)], return_counts=True)
    below, share = np.cumsum(counts) - counts, counts.sum() / most
    cuts: list[int] = []
    while (place := int(np.searchsorted(below, (below[cuts[-1]] if cuts else 0) + share))) < len(distinct):
        cuts.append(place)
    if cuts and counts.sum() - below[cuts[-1]] < RARE_BELOW_CLAIMS:
        cuts.pop()
    return Bins(tuple(distinct[cuts].tolist()))


def _evidence(codes: CodeArray, label: CodeArray, size: int) -> FloatArray:
    rate = label.mean()
    positives = np.bincount(codes, weights=label, minlength=size) + PRIOR_POSITIVES
    negatives = np.bincount(codes, weights=1 - label, minlength=size) + PRIOR_POSITIVES * (1 - rate) / rate
    weights: FloatArray = np.log(positives / negatives) - np.log(rate / (1 - rate))
    return weights


def _out_of_fold(codes: CodeArray, label: CodeArray, sizes: Sequence[int], *, seed: int) -> FloatArray:
    fold = _stratified_folds(label, seed)
    evidence = np.zeros(codes.shape)
    for number in range(FOLDS):
        inside, outside = fold == number, fold != number
        for i, size in enumerate(sizes):
            evidence[inside, i] = _evidence(codes[outside, i], label[outside], size)[codes[inside, i]]
    return evidence


def _stratified_folds(label: CodeArray, seed: int) -> CodeArray:
    order = np.random.default_rng(seed).permutation(len(label))
    fold = np.empty(len(label), dtype=np.int64)
    for outcome in (0, 1):
        rows = order[label[order] == outcome]
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold


def _coefficients(evidence: FloatArray, label: CodeArray) -> FloatArray:
    regression = importlib.import_module("sklearn.linear_model").LogisticRegression(C=REGULARISATION, max_iter=1000)
    spread = evidence.std(axis=0)
    standardised = (evidence - evidence.mean(axis=0)) / np.where(spread > NO_SPREAD, spread, 1.0)
    kept, learnt = np.flatnonzero(spread > NO_SPREAD), np.zeros(0)
    while len(kept):
        learnt = regression.fit(standardised[:, kept], label).coef_[0]
        if (learnt >= 0).all():
            break
        kept = kept[learnt > 0]
    coefficients = np.zeros(evidence.shape[1])
    if len(kept):
        coefficients[kept] = learnt / spread[kept]
    return coefficients


def _base(parts: FloatArray, rate: float) -> float:
    # The one base at which the training claims' mean score is their base rate, by halving.
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(parts + middle)))).mean() < rate else (low, middle)
    return (low + high) / 2
