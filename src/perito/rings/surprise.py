"""The score of a ring: ties, outcomes and time, weighed together. Refuses weights of anybody's choosing.

Each part is a p-value under its own null; Fisher's method joins them, and the number of groups
that were looked at pays for the looking.
"""

from collections.abc import Sequence
from math import exp, factorial, log, log10

from scipy.stats import binom

FALSE_SHARE = 0.1
"""Of the listed groups, the share that chance is expected to make at most; of no group, the chance of one."""


def how_many_listed(scores: Sequence[float]) -> int:
    """How many groups are listed, given all scores, the highest first.

    As many as can be while chance makes at most `FALSE_SHARE` of them, each score saying how many
    groups like this one or more surprising it makes (Benjamini and Hochberg 1995).
    """
    within = (rank for rank, score in enumerate(scores, start=1) if score > -log10(FALSE_SHARE * rank))
    return max(within, default=0)


def outcomes_p_value(substantiated: int, decided: int, rate: float | None) -> float:
    """Chance of at least so many substantiated claims among the decided ones, at the book's `rate`."""
    if rate is None or decided == 0:
        return 1.0
    return float(binom.sf(substantiated - 1, decided, rate))


def time_p_value(count: int, width: float) -> float:
    """Chance that `count` reports lie within a share `width` of the book, were each at any moment of it.

    The range of n uniform draws is at most r with chance n rⁿ⁻¹ - (n - 1) rⁿ (David and Nagaraja
    2003, 2.3). The share counts whole instants: what is reported on one day is that day apart.
    """
    if count < 2:
        return 1.0
    return min(1.0, count * width ** (count - 1) - (count - 1) * width**count)


def log_expected_together(log_expected: float, parts: Sequence[float], groups: int) -> float:
    """Log of how many groups chance would make as surprising as this one, of `groups` groups looked at.

    Parameters
    ----------
    log_expected
        Log of how many groups tied at least as closely chance makes in the book.
    parts
        Log p-values of the rest, independent of the ties and of each other.
    groups
        Groups that were looked at.

    Notes
    -----
    Fisher's method: the product q of n independent p-values is as small as this with chance q
    times the sum over i < n of (-ln q)ⁱ / i! (Fisher 1932). The p-value of the ties is their share
    of all groups that might have been looked at: of at least as many as chance ties so closely,
    for a group may be one of many that overlap, chosen for its time.
    """
    looked_at = max(log(groups), log_expected)
    logged = log_expected - looked_at + sum(parts)
    total = sum((-logged) ** i / factorial(i) for i in range(len(parts) + 1))
    return min(looked_at, logged + log(total) + looked_at)


def log_or_smallest(p_value: float) -> float:
    """Natural log of a p-value; of what a float can no longer tell from 0, that of the smallest one."""
    return log(p_value) if p_value > 0 else log(5e-324)


def plain(logged: float) -> float:
    """The number whose natural log is given, as far as a float reaches."""
    return exp(min(logged, 700.0))
