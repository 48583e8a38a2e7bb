"""The policies of the simulated insurer and the people who hold them.

Gender and postcode decide nothing here and nothing later, unless a bias is planted.
"""

from dataclasses import dataclass

import numpy as np

from perito.simulate.draws import BoolArray, FloatArray, IntArray, happens, one_of
from perito.simulate.parameters import REGIONS, Parameters
from perito.simulate.rings import Rings

GENDERS = ("female", "male", "other")
PAYMENTS = ("annual", "quarterly", "monthly")
DEDUCTIBLES = np.array([0.0, 150.0, 300.0, 500.0, 1000.0])
NO_RING = -1
_POLICIES_PER_HOLDER, _HOUSEHOLD_SHARE, _OLDEST_DAYS = 1.4, 0.12, 3 * 365


@dataclass(frozen=True)
class Holders:
    """One entry per policyholder; ring members come last. `household` is another's index, or one's own."""

    age: IntArray
    gender: IntArray
    region: IntArray
    postcode: IntArray
    household: IntArray
    ring: IntArray


@dataclass(frozen=True)
class Portfolio:
    """One entry per policy; those of ring members come last, in the order of the members.

    `inception` and `expiry` are days of the book, `vehicle_age` is in years at inception.
    """

    holders: Holders
    holder: IntArray
    motor: BoolArray
    inception: IntArray
    expiry: IntArray
    coverage: FloatArray
    premium: FloatArray
    deductible: FloatArray
    payment: IntArray
    vehicle_age: IntArray
    frailty: FloatArray

    @property
    def ordinary(self) -> int:
        """Number of policies that no ring member holds; they come first."""
        return int(np.count_nonzero(self.holders.ring[self.holder] == NO_RING))


def draw_portfolio(parameters: Parameters, rings: Rings, rng: np.random.Generator) -> Portfolio:
    """Draw policyholders with one or more policies, and one policy for every ring member."""
    staged = int(rings.members.sum())
    ordinary = max(int(parameters.claims * parameters.policies_per_claim) - staged, parameters.claims // 10)
    people = max(1, int(ordinary / _POLICIES_PER_HOLDER))
    holders = _draw_holders(people, rings, rng)
    size = ordinary + staged
    holder = np.concatenate((rng.integers(0, people, ordinary), people + np.arange(staged)))
    holder[: min(people, ordinary)] = np.arange(min(people, ordinary))
    motor = happens(rng, parameters.motor_share, size)
    motor[ordinary:] = rings.motor[rings.member_ring]
    inception, expiry = _draw_terms(parameters, rings, ordinary, rng)
    vehicle_age = np.minimum(rng.geometric(0.14, size) - 1, 25)
    coverage = _draw_coverage(motor, vehicle_age, rng)
    rate = np.where(motor, 0.035, 0.009) * np.where(holders.age[holder] < 26, 1.6, 1.0)
    return Portfolio(
        holders=holders,
        holder=holder,
        motor=motor,
        inception=inception,
        expiry=expiry,
        coverage=coverage,
        premium=np.round(120 + coverage * rate * rng.lognormal(0, 0.2, size), 2),
        deductible=DEDUCTIBLES[one_of(rng, [0.15, 0.25, 0.35, 0.2, 0.05], size)],
        payment=one_of(rng, [0.5, 0.2, 0.3], size),
        vehicle_age=vehicle_age,
        frailty=rng.gamma(2.0, 0.5, size),
    )


def _draw_holders(people: int, rings: Rings, rng: np.random.Generator) -> Holders:
    ring = np.concatenate((np.full(people, NO_RING), rings.member_ring))
    size = len(ring)
    region = one_of(rng, 1 / (2.0 + np.arange(REGIONS)), size)
    region[people:] = rings.region[rings.member_ring]
    household = np.arange(size)
    joins = np.flatnonzero(happens(rng, _HOUSEHOLD_SHARE, people))
    household[joins] = rng.integers(0, people, len(joins))
    region[joins] = region[household[joins]]
    return Holders(
        age=np.clip(rng.normal(47, 15, size).round(), 18, 92).astype(np.int64),
        gender=one_of(rng, [0.495, 0.495, 0.01], size),
        region=region,
        postcode=60_000 + region * 1_000 + rng.integers(0, 1_000, size),
        household=household,
        ring=ring,
    )


def _draw_terms(
    parameters: Parameters, rings: Rings, ordinary: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    ring = rings.member_ring
    inception = np.concatenate(
        (
            rng.integers(-_OLDEST_DAYS, parameters.days - 30, ordinary),
            rings.opens[ring] - rng.integers(15, 240, len(ring)),
        )
    )
    terms = np.minimum(rng.geometric(0.3, len(inception)), 8)
    terms[ordinary:] = np.maximum(terms[ordinary:], 2)
    expiry = inception + 365 * terms
    return inception, np.where(expiry <= 30, expiry + 365 * np.ceil((31 - expiry) / 365).astype(np.int64), expiry)


def _draw_coverage(motor: BoolArray, vehicle_age: IntArray, rng: np.random.Generator) -> FloatArray:
    car = 24_000 * 0.91**vehicle_age * rng.lognormal(0, 0.35, len(motor))
    home = 38_000 * rng.lognormal(0, 0.5, len(motor))
    coverage: FloatArray = np.where(motor, np.maximum(car, 1_500.0), home)
    return coverage.round(-2)
