"""The garages of the simulated country: a few large ones, many small ones, some opened late.

Refuses to know which of them a ring uses; that is `rings`.
"""

from dataclasses import dataclass

import numpy as np

from perito.simulate.draws import BoolArray, FloatArray, IntArray, happens
from perito.simulate.parameters import REGIONS, Parameters

ESTABLISHED = -10_000
"""Opening day of a garage that is older than the book."""
_ZIPF, _NEW_SHARE = 0.9, 0.25


@dataclass(frozen=True)
class Garages:
    """One entry per garage, by region, established ones first. `opens` is a day of the book."""

    region: IntArray
    opens: IntArray
    market: FloatArray


def draw_garages(parameters: Parameters, rng: np.random.Generator) -> Garages:
    """Draw the garages; every region has at least one established one."""
    count = parameters.garages
    region = np.arange(count) % REGIONS
    new = happens(rng, _NEW_SHARE, count) & (np.arange(count) >= REGIONS)
    opens = np.where(new, rng.integers(0, parameters.days, count), ESTABLISHED)
    order = np.lexsort((opens, region))
    market = rng.permutation((1.0 + np.arange(count)) ** -_ZIPF)
    return Garages(region=region[order], opens=opens[order], market=market)


def choose_garage(garages: Garages, region: IntArray, day: IntArray, rng: np.random.Generator) -> IntArray:
    """One garage per claim, of its region and open on its day, by market share."""
    first = np.searchsorted(garages.region, region, side="left")
    last = np.searchsorted(garages.region, region, side="right")
    chosen = _by_market(garages, first, last, rng)
    closed: BoolArray = garages.opens[chosen] > day
    established = np.searchsorted(garages.region[garages.opens == ESTABLISHED], np.arange(REGIONS), side="right")
    count = np.diff(established, prepend=0)[region[closed]]
    chosen[closed] = _by_market(garages, first[closed], first[closed] + count, rng)
    return chosen


def _by_market(garages: Garages, first: IntArray, last: IntArray, rng: np.random.Generator) -> IntArray:
    heaped = np.concatenate(([0.0], np.cumsum(garages.market)))
    at = heaped[first] + rng.random(len(first)) * (heaped[last] - heaped[first])
    chosen: IntArray = np.clip(np.searchsorted(heaped, at, side="right") - 1, first, last - 1)
    return chosen
