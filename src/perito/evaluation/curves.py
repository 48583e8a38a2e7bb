"""The tables behind the pictures: gain, precision against recall, calibration.

Refuses to split a tie: a curve has a point only where the score changes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.errors import LearningError, ParameterError
from perito.evaluation.ranking import rank_claims, tally
from perito.models.interface import FloatArray

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True)
class _Steps:
    opened: FloatArray
    found: FloatArray
    amount: FloatArray
    positives: int


def gain_curve(score: npt.ArrayLike, label: npt.ArrayLike, amount: npt.ArrayLike | None = None) -> pd.DataFrame:
    """Share of the substantiated claims found against share of claims opened.

    One row per tie of the score, after a first row of zeros. Columns `opened_share`,
    `found_share` (0..1) and `lift`: how many times more than a list in random order would
    find, null in the first row. With `amount`, also `found_amount_share`: the same share
    of the claimed amount of substantiated claims, those without an amount left aside; the
    column is absent when none has one.

    Raises
    ------
    LearningError
        Without a substantiated claim.
    """
    steps = _steps(score, label, None if amount is None else np.nan_to_num(_floats(amount)))
    opened, found = steps.opened / steps.opened[-1], steps.found / steps.positives
    lift = np.divide(found, opened, out=np.full(len(found), np.nan), where=opened > 0)
    curve = pd.DataFrame({"opened_share": opened, "found_share": found, "lift": lift})
    return curve.assign(found_amount_share=steps.amount / steps.amount[-1]) if steps.amount[-1] > 0 else curve


def precision_recall_curve(score: npt.ArrayLike, label: npt.ArrayLike) -> pd.DataFrame:
    """Precision against recall as the desk opens more claims.

    One row per tie of the score, most suspicious first. Columns `recall`, `precision`
    (0..1) and `opened_share`.

    Raises
    ------
    LearningError
        Without a substantiated claim.
    """
    steps = _steps(score, label)
    opened, found = steps.opened[1:], steps.found[1:]
    return pd.DataFrame(
        {"recall": found / steps.positives, "precision": found / opened, "opened_share": opened / opened[-1]}
    )


def calibration_table(probability: npt.ArrayLike, label: npt.ArrayLike, bins: int = 10) -> pd.DataFrame:
    """What was said against what happened, in groups of nearly equal numbers of claims.

    One row per group, lowest probability first; equal probabilities share a group, so there
    may be fewer than `bins`. Columns `claims`, `mean_probability`, `observed_rate`, and
    `low`, `high`: the 95 % interval of the rate (Wilson 1927, JASA 22, 209-212).

    Raises
    ------
    ParameterError
        If a probability lies outside 0..1 or `bins` is below 1.
    """
    probability, label = _floats(probability), _floats(label)
    if bins < 1 or not np.all((probability >= 0) & (probability <= 1)):
        raise ParameterError("Expected probabilities from 0 to 1 and at least one bin.", where="calibration_table")
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1]))
    group = np.searchsorted(edges, probability, side="left")
    rows = pd.DataFrame({"mean_probability": probability, "observed_rate": label}).groupby(group)
    table = rows.mean().reset_index(drop=True)
    table.insert(0, "claims", rows.size().to_numpy())
    low, high = _wilson(table["observed_rate"].to_numpy(), table["claims"].to_numpy())
    return table.assign(low=low, high=high)


def _steps(score: npt.ArrayLike, label: npt.ArrayLike, amount: FloatArray | None = None) -> _Steps:
    ranking = rank_claims(_floats(score), _floats(label), amount)
    if not len(ranking.positives):
        raise LearningError(
            "There is no substantiated claim to draw a curve of.",
            remedy="Choose a test period with at least one substantiated claim.",
        )
    counted, above = tally(ranking), np.searchsorted(ranking.positives, ranking.bounds)
    found = counted.found[above].astype(np.float64)
    return _Steps(ranking.bounds.astype(np.float64), found, counted.saved[above], counted.positives)


def _wilson(rate: FloatArray, claims: npt.NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    spread = Z_95**2 / claims
    centre = (rate + spread / 2) / (1 + spread)
    reach = np.sqrt(rate * (1 - rate) * spread + spread**2 / 4) / (1 + spread)
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)


def _floats(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)
