"""Learns the logistic scorecard: every feature becomes weight of evidence, one coefficient each.

Refuses evidence that only memorises: weights are shrunk towards none, coefficients are
learnt out of fold, and a feature whose coefficient would contradict its own evidence is left out.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perito.models.inputs import RARE_BELOW_CLAIMS, CodeArray, Vocabulary, learn_vocabulary, numbers
from perito.models.interface import FloatArray, TrainingSet
from perito.models.preparing import check_training, weights_of
from perito.models.scorecard import Bins, Line, Scorecard

MOST_BINS = 20
POSITIVES_PER_BIN = 10
PRIOR_POSITIVES = 5.0
FOLDS = 5
REGULARISATION = 0.1
NO_SPREAD = 1e-9


@dataclass(frozen=True)
class Counted:
    """Outcomes with what each row counts."""

    label: CodeArray
    weight: FloatArray

    @property
    def positives(self) -> float:
        """The weight of the substantiated claims."""
        return float(self.weight[self.label == 1].sum())

    @property
    def rate(self) -> float:
        """The base rate, by weight."""
        return self.positives / float(self.weight.sum())


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
    counted = Counted(training.label, weights_of(training))
    groups, codes = _grouped(training, counted)
    fold = _stratified_folds(training.frame.index, training.label, seed)
    out_of_fold = _out_of_fold(codes, counted, [group.size for group in groups], fold)
    coefficients = _coefficients(out_of_fold, counted)
    weights = [_evidence(codes[:, i], counted, group.size) for i, group in enumerate(groups)]
    usual = [np.average(weight[codes[:, i]], weights=counted.weight) for i, weight in enumerate(weights)]
    lines = tuple(
        Line(group, tuple(weight.tolist()), float(coefficient), float(mean))
        for group, weight, coefficient, mean in zip(groups, weights, coefficients, usual, strict=True)
    )
    parts = Scorecard(training.columns, lines, 0.0).log_odds(training.frame)
    return Scorecard(training.columns, lines, _base(parts, counted))


def _grouped(training: TrainingSet, counted: Counted) -> tuple[list[Bins | Vocabulary], CodeArray]:
    most = int(np.clip(counted.positives // POSITIVES_PER_BIN, 2, MOST_BINS))
    groups: list[Bins | Vocabulary] = [
        learn_vocabulary(training.frame[column.name])
        if column.kind == "categorical"
        else _learn_bins(training.frame[column.name], counted.weight, most)
        for column in training.columns
    ]
    pairs = zip(training.columns, groups, strict=True)
    return groups, np.column_stack([group.codes(training.frame[column.name]) for column, group in pairs])


def _learn_bins(values: pd.Series, weight: FloatArray, most: int) -> Bins:
    # A bin closes once it holds its share, so a value that half the claims have stands alone.
    plain = numbers(values)
    known = ~np.isnan(plain)
    distinct, value = np.unique(plain[known], return_inverse=True)
    counts = np.bincount(value, weights=weight[known])
    below, share = np.cumsum(counts) - counts, counts.sum() / most
    cuts: list[int] = []
    while (place := int(np.searchsorted(below, (below[cuts[-1]] if cuts else 0) + share))) < len(distinct):
        cuts.append(place)
    if cuts and counts.sum() - below[cuts[-1]] < RARE_BELOW_CLAIMS:
        cuts.pop()
    return Bins(tuple(distinct[cuts].tolist()))


def _evidence(codes: CodeArray, counted: Counted, size: int) -> FloatArray:
    rate = counted.rate
    positives = np.bincount(codes, weights=counted.label * counted.weight, minlength=size) + PRIOR_POSITIVES
    others = np.bincount(codes, weights=(1 - counted.label) * counted.weight, minlength=size)
    weights: FloatArray = np.log(positives / (others + PRIOR_POSITIVES * (1 - rate) / rate))
    weights -= np.log(rate / (1 - rate))
    return weights


def _out_of_fold(codes: CodeArray, counted: Counted, sizes: Sequence[int], fold: CodeArray) -> FloatArray:
    evidence = np.zeros(codes.shape)
    for number in range(FOLDS):
        inside, outside = fold == number, fold != number
        learnt = Counted(counted.label[outside], counted.weight[outside])
        for i, size in enumerate(sizes):
            evidence[inside, i] = _evidence(codes[outside, i], learnt, size)[codes[inside, i]]
    return evidence


def _stratified_folds(claim_id: pd.Index, label: CodeArray, seed: int) -> CodeArray:
    # All rows of a claim share a fold; one that has both labels is dealt with those not substantiated.
    claim = pd.factorize(claim_id)[0]
    certain = np.ones(claim.max() + 1, dtype=np.int64)
    np.minimum.at(certain, claim, label)
    order = np.random.default_rng(seed).permutation(len(certain))
    fold = np.empty(len(certain), dtype=np.int64)
    for outcome in (0, 1):
        rows = order[certain[order] == outcome]
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold[claim]


def _coefficients(evidence: FloatArray, counted: Counted) -> FloatArray:
    regression = importlib.import_module("sklearn.linear_model").LogisticRegression(C=REGULARISATION, max_iter=1000)
    middle = np.average(evidence, axis=0, weights=counted.weight)
    spread = np.sqrt(np.average((evidence - middle) ** 2, axis=0, weights=counted.weight))
    standardised = (evidence - middle) / np.where(spread > NO_SPREAD, spread, 1.0)
    kept, learnt = np.flatnonzero(spread > NO_SPREAD), np.zeros(0)
    while len(kept):
        learnt = regression.fit(standardised[:, kept], counted.label, sample_weight=counted.weight).coef_[0]
        if (learnt >= 0).all():
            break
        kept = kept[learnt > 0]
    coefficients = np.zeros(evidence.shape[1])
    if len(kept):
        coefficients[kept] = learnt / spread[kept]
    return coefficients


def _base(parts: FloatArray, counted: Counted) -> float:
    # The one base at which the training claims' mean score is their base rate, by halving.
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        mean = np.average(1 / (1 + np.exp(-(parts + middle))), weights=counted.weight)
        low, high = (middle, high) if mean < counted.rate else (low, middle)
    return (low + high) / 2
