"""What opening a claim would save, from what its spec assumes. Refuses to guess an amount that nobody stated."""

import numpy as np
import numpy.typing as npt

from perito.datasets.spec import Money


def recoverable_amount(claimed_amount: npt.ArrayLike, money: Money) -> npt.NDArray[np.float64]:
    """What opening each claim saves if it is substantiated, in the book's currency.

    The recoverable share of the claimed amount, or of the typical amount where the claim has
    none; NaN where there is neither.
    """
    claimed = np.asarray(claimed_amount, dtype=np.float64)
    typical = np.nan if money.typical_amount is None else money.typical_amount
    return np.asarray(money.recoverable_share * np.where(np.isnan(claimed), typical, claimed), dtype=np.float64)
