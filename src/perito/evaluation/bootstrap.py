"""How sure a figure is: the percentile interval of the ordinary bootstrap.

Refuses to know what is measured: it hands out resamples as counts per claim and turns the
figures of the resamples into an interval.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from perito.models.interface import FloatArray

Counts = npt.NDArray[np.int64]
TAILS = (2.5, 97.5)
"""Percentiles of the resampled figures that bound a 95 % interval."""


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % interval. All three are None where the figure has no meaning.

    A figure has no meaning when its denominator is empty: no substantiated claim, no other
    claim, or no amount to count money with. It is never shown as 0.
    """

    value: float | None
    low: float | None
    high: float | None

    def document(self) -> dict[str, float | None]:
        """The interval as JSON can hold it: `value`, `low`, `high`."""
        return asdict(self)


def resampled_counts(claims: int, resamples: int, rng: np.random.Generator) -> Iterator[Counts]:
    """How often each claim is drawn, for one resample after another.

    Every resample draws as many claims as there are, with replacement and without regard to
    the label, so the number of substantiated claims varies as it would in another year.
    One resample is held at a time. Source: Efron (1979), Annals of Statistics 7(1), 1-26.
    """
    for _ in range(resamples):
        yield np.bincount(rng.integers(0, claims, size=claims), minlength=claims)


def percentile_interval(value: float, draws: FloatArray) -> Interval:
    """The figure with the 2.5th and 97.5th percentile of its resampled values.

    A resample in which the figure has no meaning (NaN: it drew one class only) is left out.
    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    meant = draws[np.isfinite(draws)]
    if not np.isfinite(value) or meant.size == 0:
        return Interval(None, None, None)
    low, high = np.percentile(meant, TAILS)
    return Interval(float(value), float(low), float(high))
