"""Expected net money: what a claim is worth to a desk before anybody has looked at it."""

import numpy as np
import pandas as pd
import pytest

from perito.datasets.spec import Money
from perito.domain.errors import ParameterError
from perito.scoring.money import Stakes, desk_order, expected_net_money, sigmoid

MONEY = Money(investigation_cost=400, recoverable_share=0.6)
CLAIMS = pd.Index(["C1", "C2", "C3"])


def test_it_is_the_probability_times_what_can_be_recovered_less_the_cost() -> None:
    worth = expected_net_money(np.array([0.5, 0.1]), np.array([5000.0, 5000.0]), MONEY)
    assert worth.tolist() == pytest.approx([0.5 * 3000 - 400, 0.1 * 3000 - 400])


def test_an_amount_nobody_stated_is_the_typical_one_or_else_unknown() -> None:
    chance, amount = np.array([0.5]), np.array([np.nan])
    assert np.isnan(expected_net_money(chance, amount, MONEY)).all()
    typical = Money(investigation_cost=400, recoverable_share=0.6, typical_amount=1000)
    assert expected_net_money(chance, amount, typical).tolist() == pytest.approx([0.5 * 600 - 400])


@pytest.mark.parametrize("chance", [-0.1, 1.1, np.nan])
def test_what_is_no_probability_is_refused(chance: float) -> None:
    with pytest.raises(ParameterError, match="from 0 to 1"):
        expected_net_money(np.array([chance]), np.array([1.0]), MONEY)


def test_the_map_to_probabilities_is_the_callers() -> None:
    def halved(log_odds: np.ndarray) -> np.ndarray:
        return sigmoid(log_odds) / 2

    stakes = Stakes(pd.Series(1000.0, index=CLAIMS), MONEY, "expected_net_money", halved)
    assert stakes.expected(CLAIMS, np.zeros(3)).tolist() == pytest.approx([0.25 * 600 - 400] * 3)


def test_only_claims_at_or_above_zero_are_worth_opening_by_money_and_all_are_by_score() -> None:
    half = Money(investigation_cost=400, recoverable_share=0.5)
    amounts = pd.Series([12_000.0, 1600.0, 100.0], index=CLAIMS)
    by_money = desk_order(Stakes(amounts, half, "expected_net_money"), CLAIMS, np.zeros(3))
    assert by_money.values.tolist() == [2600, 0, -375]
    assert by_money.worth_opening == 2
    assert desk_order(Stakes(amounts, half, "score"), CLAIMS, np.zeros(3)).worth_opening == 3
