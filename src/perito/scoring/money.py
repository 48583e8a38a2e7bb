"""What opening a claim is expected to bring, and the order in which a desk opens claims for it.

Refuses an amount that nobody stated: such a claim is worth an unknown sum, and takes its
place in the order as if it were of the list's median.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perito.datasets.money import recoverable_amount
from perito.datasets.spec import Money, RankBy
from perito.domain.errors import ParameterError
from perito.models.interface import FloatArray

Probability = Callable[[FloatArray], FloatArray]
"""Log-odds to the probability that an investigation would substantiate the claim; never falling."""


def sigmoid(log_odds: FloatArray) -> FloatArray:
    """Log-odds read as they stand: 0 to 1, a probability only where the model is calibrated."""
    return np.exp(-np.logaddexp(0.0, -log_odds))


@dataclass(frozen=True)
class Stakes:
    """What is at stake in each claim, and what the desk ranks by.

    `amounts`: claimed amounts indexed by `claim_id`, null where the claim states none.
    `probability`: turns a model's log-odds into the probability that money is counted with.
    """

    amounts: pd.Series
    money: Money
    rank_by: RankBy
    probability: Probability = sigmoid

    def expected(self, claims: pd.Index, log_odds: FloatArray) -> FloatArray:
        """`expected_net_money` of these claims, NaN where nothing tells their amount."""
        amounts = self.amounts.reindex(claims).to_numpy(dtype=np.float64, na_value=np.nan)
        return expected_net_money(self.probability(log_odds), amounts, self.money)


def expected_net_money(probability: FloatArray, amount: FloatArray, money: Money) -> FloatArray:
    """What opening each claim is expected to bring, less what opening it costs.

    `probability`, 0 to 1: that an investigation would substantiate the claim. `amount`: its
    claimed amount, NaN where it states none. In the book's currency; below zero where the
    investigation costs more than it is expected to save; NaN where neither the claim nor
    `money.typical_amount` tells an amount.

    Raises
    ------
    ParameterError
        If a probability is no number from 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> money = Money(investigation_cost=400, recoverable_share=0.5)
    >>> expected_net_money(np.array([0.5, 0.1]), np.array([4000.0, 4000.0]), money).tolist()
    [600.0, -200.0]
    """
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ParameterError("Expected a probability from 0 to 1 for every claim.", where="probability")
    return probability * recoverable_amount(amount, money) - money.investigation_cost


@dataclass(frozen=True)
class DeskOrder:
    """What the desk opens claims by: the highest of `values` first, and never one below `floor`."""

    values: FloatArray
    floor: float

    @property
    def worth_opening(self) -> int:
        """How many of the claims the desk would open if it had room for all."""
        return int(np.sum(self.values >= self.floor))


def desk_order(stakes: Stakes | None, claims: pd.Index, log_odds: FloatArray) -> DeskOrder:
    """The order in which a desk opens claims: by score, or by expected net money in the book's currency.

    By money, a claim below zero is not worth opening, whatever room the desk has left, and a
    claim whose amount nothing tells takes its place as if it were the median of the others.

    Raises
    ------
    ParameterError
        If the desk ranks by money and nothing tells the amount of any claim.
    """
    if stakes is None or stakes.rank_by == "score":
        return DeskOrder(log_odds, -np.inf)
    return DeskOrder(_money_known_or_typical(stakes, claims, log_odds), 0.0)


def _money_known_or_typical(stakes: Stakes, claims: pd.Index, log_odds: FloatArray) -> FloatArray:
    expected = stakes.expected(claims, log_odds)
    unknown = np.isnan(expected)
    if not unknown.any():
        return expected
    known = stakes.amounts.reindex(claims).median()
    if len(claims) and pd.isna(known):
        raise ParameterError(
            "No claim has a known amount to rank by.",
            where="amounts",
            remedy='Give money.typical_amount in the spec, or write [desk] rank_by = "score".',
        )
    assumed = np.full(len(claims), float(known))
    return np.where(unknown, expected_net_money(stakes.probability(log_odds), assumed, stakes.money), expected)
