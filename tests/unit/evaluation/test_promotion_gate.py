"""How often the gate errs, on simulated desks: equal models hardly ever pass, a truly better one nearly always."""

import numpy as np
import pytest

from perito.datasets.spec import Money
from perito.evaluation.promotion import compare

pytestmark = pytest.mark.slow

MONEY = Money(investigation_cost=400, recoverable_share=0.6)
SUBSTANTIATED, CAPACITY_SHARE = 0.1, 0.1
WEAK, STRONG = 0.75, 1.2
"""Distance of substantiated from other claims, in standard deviations of what a model sees: AUC 0.70 and 0.80."""


def promoted(claims: int, challenger: float, *, repeats: int) -> float:
    """Share of `repeats` simulated years in which a challenger replaces a WEAK champion."""
    return float(np.mean([replaces(claims, challenger, np.random.default_rng([claims, at])) for at in range(repeats)]))


def replaces(claims: int, challenger: float, chance: np.random.Generator) -> bool:
    label = (chance.random(claims) < SUBSTANTIATED).astype(np.float64)
    amount = chance.lognormal(8.3, 0.7, claims)
    opened_by = [expected_money(label, amount, distance, chance) for distance in (WEAK, challenger)]
    room = round(CAPACITY_SHARE * claims)
    found = compare(*opened_by, label, amount, capacity=room, money=MONEY, seed=0, resamples=200, floor=0.0)
    return found.better


def expected_money(label: np.ndarray, amount: np.ndarray, distance: float, chance: np.random.Generator) -> np.ndarray:
    """What a calibrated model with an eye of its own expects of each claim."""
    seen = distance * label + chance.normal(size=len(label))
    log_odds = distance * seen - distance**2 / 2 + np.log(SUBSTANTIATED / (1 - SUBSTANTIATED))
    return amount * MONEY.recoverable_share / (1 + np.exp(-log_odds)) - MONEY.investigation_cost


@pytest.mark.parametrize("claims", [200, 1000])
def test_an_equal_challenger_is_promoted_at_most_once_in_twenty(claims: int) -> None:
    assert promoted(claims, WEAK, repeats=200) <= 0.05


def test_a_truly_better_challenger_is_promoted_four_times_in_five_with_four_thousand_matured_claims() -> None:
    assert promoted(4000, STRONG, repeats=60) >= 0.8


def test_with_five_hundred_matured_claims_the_same_challenger_mostly_has_to_wait() -> None:
    assert promoted(500, STRONG, repeats=60) < 0.5
