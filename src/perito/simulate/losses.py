"""When things go wrong, for whom, and when the insurer hears of it. Refuses to say how much is claimed.

Every claim in the book is reported after its loss and before the book closes.
"""

from dataclasses import dataclass

import numpy as np

from perito.simulate.draws import DAY_SECONDS, BoolArray, FloatArray, IntArray, happens, one_of, some_of
from perito.simulate.parameters import Parameters
from perito.simulate.portfolio import DEDUCTIBLES, GENDERS, NO_RING, PAYMENTS, Portfolio
from perito.simulate.rings import Rings

HONEST, EXAGGERATED, RING = 0, 1, 2
KINDS = ("honest", "exaggerated", "ring")
_HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 8, 10, 8, 7, 7, 8, 8, 8, 8, 9, 11, 10, 8, 6, 4, 3, 2], dtype=np.float64)
_NIGHT = np.array([22, 23, 0, 1, 2, 3, 4, 5])
_RUN_UP_DAYS = 30


@dataclass(frozen=True)
class Losses:
    """One entry per claim, in the order of report. Seconds and days count from the book's start.

    `policy` is an index into the portfolio, `ring` is -1 outside rings, `kind` is the truth.
    """

    policy: IntArray
    day: IntArray
    hour: IntArray
    reported: IntArray
    kind: IntArray
    ring: IntArray

    def rows(self, order: IntArray) -> "Losses":
        """The entries at `order`."""
        return Losses(**{name: values[order] for name, values in vars(self).items()})


def draw_losses(parameters: Parameters, portfolio: Portfolio, rings: Rings, rng: np.random.Generator) -> Losses:
    """Draw staged claims, then as many ordinary ones as the book still needs, and exaggerate some."""
    staged = _draw_staged(parameters, portfolio, rings, rng)
    ordinary = _draw_ordinary(parameters, portfolio, parameters.claims - len(staged.day), rng)
    wanted = max(0, round(parameters.fraud_share * parameters.claims) - len(staged.day))
    ordinary = _exaggerate(parameters, portfolio, ordinary, wanted, rng)
    pairs = zip(vars(ordinary).items(), vars(staged).values(), strict=True)
    both = Losses(**{name: np.concatenate((first, second)) for (name, first), second in pairs})
    return both.rows(np.argsort(both.reported, kind="stable"))


def policy_age(portfolio: Portfolio, policy: IntArray, day: IntArray) -> IntArray:
    """Days from the policy's inception to `day`."""
    return day - portfolio.inception[policy]


def _draw_ordinary(parameters: Parameters, portfolio: Portfolio, count: int, rng: np.random.Generator) -> Losses:
    size = int(1.6 * count) + 500
    first = np.maximum(portfolio.inception, -_RUN_UP_DAYS)
    exposed = np.maximum(np.minimum(portfolio.expiry, parameters.days) - first, 0)
    policy = one_of(rng, exposed * portfolio.frailty, size)
    day = first[policy] + (rng.random(size) * exposed[policy]).astype(np.int64)
    hour = one_of(rng, _HOURS, size)
    reported = _reported(day, hour, rng.lognormal(0.6, 1.1, size))
    season = 1 + parameters.seasonality * np.cos(2 * np.pi * (day - 15) / 365.25)
    in_book = (reported >= 0) & (reported < parameters.days * DAY_SECONDS)
    kept = some_of(rng, season * in_book, count)
    candidates = Losses(policy, day, hour, reported, np.full(size, HONEST), np.full(size, NO_RING))
    return candidates.rows(kept)


def _draw_staged(parameters: Parameters, portfolio: Portfolio, rings: Rings, rng: np.random.Generator) -> Losses:
    ring = np.repeat(np.arange(len(rings.claims)), rings.claims)
    turn = np.arange(len(ring)) - np.repeat(np.cumsum(rings.claims) - rings.claims, rings.claims)
    again = turn >= rings.members[ring]
    member = np.where(again, (rng.random(len(ring)) * rings.members[ring]).astype(np.int64), turn)
    first_member = np.cumsum(rings.members) - rings.members
    policy = portfolio.ordinary + first_member[ring] + member
    day = rng.integers(rings.opens[ring], rings.closes[ring])
    hour = one_of(rng, _HOURS, len(ring))
    chance: FloatArray = np.where(rings.late[ring], 0.0, 0.25 * parameters.effect)
    night = happens(rng, chance, len(ring))
    hour[night] = rng.choice(_NIGHT, np.count_nonzero(night))
    reported = _before_close(
        parameters, day, hour, _reported(day, hour, rng.lognormal(0.6 + 0.2 * parameters.effect, 1.1, len(ring)))
    )
    return Losses(policy, day, hour, reported, np.full(len(ring), RING), ring)


def _exaggerate(
    parameters: Parameters, portfolio: Portfolio, losses: Losses, wanted: int, rng: np.random.Generator
) -> Losses:
    chosen = some_of(rng, np.exp(_propensity(parameters, portfolio, losses)), wanted)
    kind, hour, reported = losses.kind.copy(), losses.hour.copy(), losses.reported.copy()
    kind[chosen] = EXAGGERATED
    night = chosen[happens(rng, min(1.0, 0.15 * parameters.effect), len(chosen))]
    hour[night] = rng.choice(_NIGHT, len(night))
    delay = rng.lognormal(0.6 + 0.5 * parameters.effect, 1.1, len(chosen))
    late = _reported(losses.day[chosen], hour[chosen], delay)
    late = np.where(late < 0, reported[chosen], late)  # lost before the book's first day: as reported
    reported[chosen] = _before_close(parameters, losses.day[chosen], hour[chosen], late)
    return Losses(losses.policy, losses.day, hour, reported, kind, losses.ring)


def _propensity(parameters: Parameters, portfolio: Portfolio, losses: Losses) -> FloatArray:
    policy = losses.policy
    young = np.exp(-policy_age(portfolio, policy, losses.day) / 120)
    monthly: BoolArray = portfolio.payment[policy] == PAYMENTS.index("monthly")
    high_deductible: BoolArray = portfolio.deductible[policy] >= DEDUCTIBLES[3]
    woman: BoolArray = portfolio.holders.gender[portfolio.holder[policy]] == GENDERS.index("female")
    plain = 1.8 * young + 0.5 * monthly + 0.4 * high_deductible
    propensity: FloatArray = parameters.effect * plain + parameters.planted_bias * woman
    return propensity


def _reported(day: IntArray, hour: IntArray, delay_days: FloatArray) -> IntArray:
    return day * DAY_SECONDS + hour * 3600 + np.maximum(delay_days * DAY_SECONDS, 3600).astype(np.int64)


def _before_close(parameters: Parameters, day: IntArray, hour: IntArray, reported: IntArray) -> IntArray:
    happened = day * DAY_SECONDS + hour * 3600
    closes = parameters.days * DAY_SECONDS
    return np.where(reported < closes, reported, happened + (closes - happened) // 2)
