"""The score of a ring: ties, outcomes and time, weighed together. Refuses weights of anybody's choosing.

Each part is a p-value under its own null; Fisher's method joins them, and the number of groups
that were looked at pays for the looking.
"""

from collections.abc import Sequence
from math import exp, factorial, inf, log, log10

from scipy.stats import binom

LISTED_FROM = -log10(0.05)
"""The score from which a group is listed: chance would make 0.05 such groups in the whole book."""


def log_ties(log_expected: float, groups: int) -> float:
    """Log p-value of the ties of one of `groups` groups, from how many chance makes in the book."""
    return min(0.0, log_expected - log(groups))


def outcomes_p_value(substantiated: int, decided: int, rate: float | None) -> float:
    """Chance of at least so many substantiated claims among the decided ones, at the book's `rate`."""
    if rate is None or decided == 0:
        return 1.0
    return float(binom.sf(substantiated - 1, decided, rate))


def time_p_value(moments: Sequence[float]) -> float:
    """Chance that as many reports lie within as short a part of the book, were each at any moment of it.

    `moments`: each claim's rank by report among all claims of the book, from 0 to 1. The range
    of n uniform draws is at most r with chance n rⁿ⁻¹ - (n - 1) rⁿ (David and Nagaraja 2003, 2.3).
    """
    count = len(moments)
    if count < 2:
        return 1.0
    width = max(moments) - min(moments)
    return min(1.0, count * width ** (count - 1) - (count - 1) * width**count)


def log_expected_together(parts: Sequence[float], groups: int) -> float:
    """Log of how many of `groups` groups chance would make as surprising as this one, from log p-values.

    Fisher's method: the product q of n independent p-values is as small as this with chance
    q times the sum over i < n of (-ln q)ⁱ / i! (Fisher 1932).
    """
    logged = sum(parts)
    if logged == -inf:
        return -inf
    total = sum((-logged) ** i / factorial(i) for i in range(len(parts)))
    return min(log(groups), logged + log(total) + log(groups))


def log_or_smallest(p_value: float) -> float:
    """Natural log of a p-value; of what a float can no longer tell from 0, that of the smallest one."""
    return log(p_value) if p_value > 0 else log(5e-324)


def plain(logged: float) -> float:
    """The number whose natural log is given, as far as a float reaches."""
    return exp(min(logged, 700.0))
