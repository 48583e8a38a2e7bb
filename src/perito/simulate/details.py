"""What is written on a claim: cause, amount, injuries, evidence, garage, channel.

Suspicious claims leave traces here, moderate and noisy ones. Refuses to draw when or for whom.
"""

from dataclasses import dataclass

import numpy as np

from perito.simulate.causes import CAUSES, STAGED, draw_causes
from perito.simulate.draws import BoolArray, FloatArray, IntArray, happens, one_of
from perito.simulate.garages import Garages, choose_garage
from perito.simulate.losses import EXAGGERATED, RING, Losses, policy_age
from perito.simulate.parameters import REGIONS, Parameters
from perito.simulate.portfolio import Portfolio
from perito.simulate.rings import GARAGES_PER_RING, Rings

CHANNELS = ("phone", "web", "app", "agent", "broker")
_FIRST_CHANNELS, _LAST_CHANNELS = np.array([0.40, 0.20, 0.10, 0.20, 0.10]), np.array([0.20, 0.20, 0.35, 0.15, 0.10])
NO_GARAGE = -1


@dataclass(frozen=True)
class Details:
    """One entry per claim, in the order of the losses. `amount` is in euros, `vehicle_age` in years.

    `garage` is -1 for homes; `counsel` and `physician` say whether one appears.
    """

    cause: IntArray
    amount: FloatArray
    channel: IntArray
    police: BoolArray
    region: IntArray
    injured: IntArray
    witnesses: IntArray
    photos: IntArray
    vehicle_age: IntArray
    garage: IntArray
    counsel: BoolArray
    physician: BoolArray


@dataclass(frozen=True)
class World:
    """What every stage after the losses needs to look at."""

    parameters: Parameters
    garages: Garages
    rings: Rings
    portfolio: Portfolio
    losses: Losses

    @property
    def motor(self) -> BoolArray:
        """Whether each claim is of a motor policy."""
        return self.portfolio.motor[self.losses.policy]

    @property
    def exaggerated(self) -> BoolArray:
        """Whether each claim is exaggerated in truth."""
        chosen: BoolArray = self.losses.kind == EXAGGERATED
        return chosen

    @property
    def staged(self) -> BoolArray:
        """Whether each claim is staged by a ring."""
        chosen: BoolArray = self.losses.kind == RING
        return chosen

    @property
    def progress(self) -> FloatArray:
        """How far into the book each loss lies, 0 to 1, times the drift."""
        return self.parameters.drift * np.clip(self.losses.day / self.parameters.days, 0, 1)

    @property
    def late_ring(self) -> BoolArray:
        """Whether each claim is staged the newer way."""
        late = np.append(self.rings.late, False)  # index -1, no ring
        return late[self.losses.ring]


def draw_details(world: World, rng: np.random.Generator) -> Details:
    """Draw everything that is written on the claims."""
    size, effect = len(world.losses.day), world.parameters.effect
    cause = _draw_cause(world, rng)
    injured = _draw_injured(world, cause, rng)
    hurt: BoolArray = injured > 0
    region = world.portfolio.holders.region[world.portfolio.holder[world.losses.policy]]
    away = happens(rng, 0.08, size)
    region = np.where(away, rng.integers(0, REGIONS, size), region)
    fewer_reports = np.where(world.exaggerated, np.exp(-0.7 * effect), 1.0)
    police = np.array([cause.police for cause in CAUSES])[cause] * fewer_reports
    return Details(
        cause=cause,
        amount=_draw_amount(world, cause, rng),
        channel=_draw_channel(world, rng),
        police=happens(rng, police, size),
        region=region,
        injured=injured,
        witnesses=_draw_witnesses(world, rng),
        photos=_draw_photos(world, rng),
        vehicle_age=_vehicle_age(world),
        garage=_draw_garage(world, region, rng),
        counsel=hurt & happens(rng, np.where(world.staged, 0.7, 0.3), size),
        physician=hurt & happens(rng, np.where(world.staged, 0.9, 0.6), size),
    )


def _draw_cause(world: World, rng: np.random.Generator) -> IntArray:
    motor = world.motor
    staged_cause = np.select(
        [motor & ~world.late_ring, motor, ~motor & ~world.late_ring],
        [STAGED[True, False], STAGED[True, True], STAGED[False, False]],
        STAGED[False, True],
    )
    follows = world.staged & happens(rng, 0.7, len(motor))
    return np.where(follows, staged_cause, draw_causes(motor, rng))


def _draw_amount(world: World, cause: IntArray, rng: np.random.Generator) -> FloatArray:
    size, effect = len(cause), world.parameters.effect
    years = world.losses.day / 365.25
    median = np.array([cause.amount for cause in CAUSES])[cause] * (1 + world.parameters.inflation_per_year) ** years
    amount = median * rng.lognormal(0, 0.75, size) * np.where(happens(rng, 0.015, size), 1 + rng.pareto(1.6, size), 1)
    amount *= np.where(world.exaggerated, rng.lognormal(0.55 * effect, 0.35, size), 1.0)
    amount *= np.where(world.staged, rng.lognormal(0.25 * effect, 0.2, size), 1.0)
    coverage = world.portfolio.coverage[world.losses.policy]
    near_limit = world.exaggerated & (amount > 0.1 * coverage) & happens(rng, 0.3 * effect, size)
    amount = np.where(near_limit, coverage * rng.uniform(0.7, 1.0, size), amount)
    rounds = happens(rng, np.where(world.exaggerated | world.staged, 0.06 + 0.2 * effect, 0.06), size)
    amount = np.where(rounds, np.maximum(np.round(amount / 50) * 50, 50), amount)
    claimed: FloatArray = np.clip(amount, 20.0, coverage)
    return claimed.round(2)


def _draw_channel(world: World, rng: np.random.Generator) -> IntArray:
    size = len(world.losses.day)
    moved = happens(rng, world.progress, size)
    digital = world.exaggerated & happens(rng, 0.25 * world.parameters.effect, size)
    usual = np.where(moved, one_of(rng, _LAST_CHANNELS, size), one_of(rng, _FIRST_CHANNELS, size))
    return np.where(digital, one_of(rng, [0, 0.5, 0.5, 0, 0], size), usual)


def _draw_injured(world: World, cause: IntArray, rng: np.random.Generator) -> IntArray:
    chance = np.array([cause.injury for cause in CAUSES])[cause]
    chance = np.minimum(chance * np.where(world.staged, 1 + 1.2 * world.parameters.effect, 1.0), 1.0)
    return happens(rng, chance, len(cause)) * (1 + rng.poisson(0.3, len(cause)))


def _draw_witnesses(world: World, rng: np.random.Generator) -> IntArray:
    size = len(world.losses.day)
    brought = world.staged & happens(rng, 0.45 * world.parameters.effect, size)
    usual = np.where(world.exaggerated, 0.3 * np.exp(-0.4 * world.parameters.effect), 0.3)
    return np.minimum(rng.poisson(usual) + brought, 4)


def _draw_photos(world: World, rng: np.random.Generator) -> IntArray:
    learnt = 0.5 * world.progress
    fewer = np.where(world.exaggerated, np.exp(-0.5 * world.parameters.effect * (1 - learnt)), 1.0)
    return rng.poisson(rng.gamma(3.0, 1.4, len(fewer)) * fewer)


def _vehicle_age(world: World) -> IntArray:
    held_days = policy_age(world.portfolio, world.losses.policy, world.losses.day)
    return world.portfolio.vehicle_age[world.losses.policy] + held_days // 365


def _draw_garage(world: World, region: IntArray, rng: np.random.Generator) -> IntArray:
    chosen = choose_garage(world.garages, region, world.losses.day, rng)
    uses = world.staged & happens(rng, world.parameters.ring_sharing, len(chosen))
    which = rng.integers(0, GARAGES_PER_RING, np.count_nonzero(uses))
    chosen[uses] = world.rings.garage[world.losses.ring[uses], which]
    return np.where(world.motor, chosen, NO_GARAGE)
