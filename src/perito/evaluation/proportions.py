"""Shares of small groups and their ratios, with intervals and p-values that hold where nothing or everything counts.

Refuses the normal approximation: a group of forty claims with no alert has an interval too.
"""

from collections.abc import Sequence

import numpy as np

from perito.evaluation.bootstrap import Interval

CHI_SQUARE_95 = 3.841458820694124
"""95th percentile of the chi-square distribution with one degree of freedom."""
FARTHEST = 1e6
"""Ratios beyond this, either way, are told as no bound."""


def share_interval(found: int, among: int) -> Interval:
    """The share `found / among` with its 95 % interval; without a value where there is nothing to count.

    Source: Wilson (1927), JASA 22(158), 209-212.
    """
    from scipy.stats import binomtest

    if not among:
        return Interval(None, None, None)
    bounds = binomtest(found, among).proportion_ci(method="wilson")
    return Interval(found / among, float(bounds.low), float(bounds.high))


def ratio_interval(found: int, among: int, other_found: int, other_among: int) -> Interval:
    """How many times the first share is the other one, with its 95 % score interval.

    The interval holds the ratios that a score test would not reject, so it has a meaning
    with no find at all: 0 finds give a lower bound of 0, no find among the others gives no
    upper bound (None) and no value. Without any find on either side, or nothing to count,
    all three are None.

    Source: Koopman (1984), Biometrics 40(2), 513-517.
    """
    if not among or not other_among or not found + other_found:
        return Interval(None, None, None)
    counts = (found, among, other_found, other_among)
    value = found * other_among / (other_found * among) if other_found else None
    start = value or (found + 0.5) * other_among / ((other_found + 0.5) * among)
    low = _bound(counts, start, 1 / FARTHEST) if found else 0.0
    high = _bound(counts, start, FARTHEST) if other_found else None
    return Interval(value, low, high)


def chance_of_difference(found: int, among: int, other_found: int, other_among: int) -> float:
    """How often shares as far apart would come about if the finds fell on the two groups by chance alone.

    Conditional on how many finds there are, as suits a list whose length is its capacity.
    Two-sided. Source: Fisher (1922), J. Royal Statistical Society 85(1), 87-94.
    """
    from scipy.stats import fisher_exact

    table = np.array([[found, among - found], [other_found, other_among - other_found]], dtype=np.int64)
    return float(fisher_exact(table).pvalue)


def corrected(p_values: Sequence[float]) -> list[float]:
    """The p-values, each raised so that one mistake in the whole family stays as rare as one test promises.

    Whatever their dependence. Source: Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70.

    >>> corrected([0.01, 0.04])
    [0.02, 0.04]
    """
    order = np.argsort(p_values, kind="stable")
    left = len(p_values) - np.arange(len(p_values))
    raised = np.minimum(np.maximum.accumulate(np.asarray(p_values, dtype=np.float64)[order] * left), 1.0)
    by_place = np.empty(len(p_values))
    by_place[order] = raised
    return [float(p_value) for p_value in by_place]


def _bound(counts: tuple[int, int, int, int], start: float, limit: float) -> float | None:
    """The ratio between `start` and `limit` at which the score test begins to reject; None if it never does."""
    from scipy.optimize import brentq

    near, far = np.log(start), np.log(limit)
    if _score_statistic(np.exp(far), counts) < CHI_SQUARE_95:
        return None
    root = brentq(lambda place: _score_statistic(np.exp(place), counts) - CHI_SQUARE_95, near, far, xtol=1e-10)
    return float(np.exp(root))


def _score_statistic(ratio: float, counts: tuple[int, int, int, int]) -> float:
    """Chi-square of the observed counts under the likeliest pair of shares whose ratio is `ratio`."""
    found, among, other_found, other_among = counts
    a = (among + other_among) * ratio
    b = among * ratio + found + other_among + other_found * ratio
    other_share = (b - np.sqrt(max(b * b - 4 * a * (found + other_found), 0.0))) / (2 * a)
    share = ratio * other_share
    return _distance(found, among, share) + _distance(other_found, other_among, other_share)


def _distance(found: int, among: int, share: float) -> float:
    spread = among * share * (1 - share)
    return float((found - among * share) ** 2 / spread) if spread > 0 else 0.0
