"""Rings: small groups of policyholders who stage claims together for a while, then stop.

Later rings differ from earlier ones: they use garages that opened lately and stage another
cause. Refuses to draw their claims; that is `losses`.
"""

from dataclasses import dataclass

import numpy as np

from perito.simulate.draws import BoolArray, FloatArray, IntArray, happens, some_of
from perito.simulate.garages import Garages
from perito.simulate.parameters import Parameters

GARAGES_PER_RING = 2


@dataclass(frozen=True)
class Rings:
    """One entry per ring. Days count from the book's start; `garage` has two per ring.

    `late` marks the newer way of working: parked cars and burglaries by day, instead of
    rear-end collisions and burst pipes by night.
    """

    members: IntArray
    claims: IntArray
    opens: IntArray
    closes: IntArray
    motor: BoolArray
    late: BoolArray
    region: IntArray
    garage: IntArray

    @property
    def member_ring(self) -> IntArray:
        """The ring of each member, members of one ring side by side."""
        return np.repeat(np.arange(len(self.members)), self.members)


def draw_rings(parameters: Parameters, garages: Garages, rng: np.random.Generator) -> Rings:
    """Draw size, window, line of business, way of working and garages of every ring."""
    count = parameters.rings
    members = rng.integers(parameters.ring_members_min, parameters.ring_members_max + 1, count)
    opens = rng.integers(0, parameters.days - 60, count)
    garage = np.array([_ring_garages(garages, day, parameters.drift, rng) for day in opens], dtype=np.int64)
    garage = garage.reshape(count, GARAGES_PER_RING)
    return Rings(
        members=members,
        claims=members + rng.poisson(members * (parameters.ring_claims_per_member - 1)),
        opens=opens,
        closes=np.minimum(opens + rng.integers(90, 300, count), parameters.days - 10),
        motor=happens(rng, 0.85, count),
        late=happens(rng, parameters.drift * opens / parameters.days, count),
        region=garages.region[garage[:, 0]],
        garage=garage,
    )


def _ring_garages(garages: Garages, day: int, drift: float, rng: np.random.Generator) -> IntArray:
    open_by_then = garages.opens <= day
    recent = (garages.opens > day - 365) & open_by_then
    weights: FloatArray = open_by_then / garages.market * (1 + 10 * drift * recent)
    return some_of(rng, weights, GARAGES_PER_RING)
