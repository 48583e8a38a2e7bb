"""How often chance alone would tie policyholders together: the null that rings are judged by.

The null is the configuration model (Bollobás 1980; Chung and Lu 2002): every party keeps its number of
households and every household its number of parties, and who names whom falls at random. Refuses
thresholds: a limit is set where chance would pass it once in the whole book.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb, inf, lgamma, log

import numpy as np
from numpy.typing import NDArray

CHANCE_SEEDS = 1.0
"""Doubly tied pairs, and triangles, that chance may put into a whole book; busier parties tie nobody."""


MOST_TOGETHER = 64
"""Households of a group beyond which one party's meeting them is counted as if it met so many."""


def hub_limits(degrees: Mapping[int, int], households: int) -> tuple[int, int]:
    """The busiest party that may tie a pair twice, and the busiest that may close a triangle; 1 where none may.

    `degrees`: number of households of a party to the number of such parties. Among `households` drawn
    at random, parties up to a limit make L pairs; then L² / 2C pairs are tied twice, C being the number
    of all pairs, and (2L / households)³ / 6 triangles close. Both grow with the limit, and each
    limit is the largest that keeps its number within `CHANCE_SEEDS`.
    """
    pairs_twice = pairs_round = 1
    ties = 0
    for degree in sorted(degrees):
        ties += degrees[degree] * comb(degree, 2)
        if ties**2 <= 2 * CHANCE_SEEDS * comb(households, 2):
            pairs_twice = degree
        if (2 * ties / households) ** 3 <= 6 * CHANCE_SEEDS:
            pairs_round = degree
    return pairs_twice, pairs_round


def neighbour_limit(degrees: Mapping[int, int], households: int) -> int:
    """The busiest party that may begin a group by itself; 1 where none may.

    `degrees` as in `hub_limits`. Parties up to the limit L give a household 2L / households others to
    share one with, L being their pairs. The limit is the largest that leaves three households, the
    fewest of a ring, no more than one such other: beyond it every group would grow by chance.
    """
    limit = 1
    ties = 0
    for degree in sorted(degrees):
        ties += degrees[degree] * comb(degree, 2)
        if 3 * 2 * ties <= households:
            limit = degree
    return limit


def degree_class(degree: int) -> int:
    """Parties of like busyness are counted together: 2, 3 to 4, 5 to 8 and so on."""
    return (degree - 1).bit_length()


@dataclass(frozen=True)
class Chance:
    """The book as chance sees it: households per party, to the number of such parties, and the book's size.

    `slots` is the number of pairs of household and party in the whole book, unshared parties included.
    """

    degrees: Mapping[int, int]
    households: int
    slots: int

    def log_expected(self, members: int, slots: int, shared: Sequence[tuple[int, int]]) -> float:
        """Natural log of how many groups tied like this a book made by chance would hold.

        Parameters
        ----------
        members
            Households in the group.
        slots
            Pairs of one of them and a party, unshared parties included.
        shared
            For every party of two or more of them: its number of households in the whole book,
            and in the group.

        Notes
        -----
        The first moment: the number of groups of this size, times the chance that one of them is tied
        so. A party of d households meets k of the group's m with chance C(d, k) fᵏ m! / (m - k)! mᵏ
        at most, f being the group's share of all slots (the rest is Maclaurin's inequality: it
        meets k different ones); n parties of one class and one k come together with chance
        Λⁿ / n! at most, Λ being the sum over all parties of the class. That the pattern over the
        classes could have been another is paid for by the number of such patterns.
        """
        share = log(slots / self.slots)
        apart = [lgamma(members + 1) - lgamma(members - k + 1) - k * log(members) for k in range(members + 1)]
        counts: dict[tuple[int, int], int] = {}
        for degree, k in shared:
            key = (degree_class(degree), min(k, MOST_TOGETHER))
            counts[key] = counts.get(key, 0) + 1
        total = _log_comb(self.households, members)
        for (kind, k), n in counts.items():
            total += min(0.0, n * (self._log_choices[kind][k] + k * share + apart[k]) - lgamma(n + 1))
        return total + _log_comb(len(shared) + self._classes - 1, self._classes - 1)

    @cached_property
    def _classes(self) -> int:
        return max(1, len(self._log_choices))

    @cached_property
    def _log_choices(self) -> dict[int, NDArray[np.float64]]:
        """By class and k: log of the sum over its parties of C(d, k)."""
        sums: dict[int, list[int]] = {}
        for degree, parties in self.degrees.items():
            row = sums.setdefault(degree_class(degree), [])
            top = min(degree, MOST_TOGETHER)
            row.extend([0] * (top + 1 - len(row)))
            for k in range(top + 1):
                row[k] += parties * comb(degree, k)
        return {kind: np.array([log(value) if value else -inf for value in row]) for kind, row in sums.items()}


def _log_comb(whole: int, part: int) -> float:
    return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
