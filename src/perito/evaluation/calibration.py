"""How far what was said lies from what happened. Refuses to calibrate: that is done before, on other claims."""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from perito.evaluation.bootstrap import Interval, percentile_interval, resampled_counts
from perito.models.interface import FloatArray

BINS = 10


@dataclass(frozen=True)
class CalibrationError:
    """Probabilities against outcomes, on labelled claims that nothing was chosen by.

    `error`: the expected calibration error, 0 to 1: the mean over groups of nearly equal
    numbers of claims of the distance between mean probability and observed rate. It is above
    0 by luck alone. `said`: the mean probability. `happened`: the observed rate.
    """

    error: Interval
    said: float
    happened: Interval

    def document(self) -> dict[str, object]:
        """As JSON can hold it."""
        return asdict(self)


def calibration_error(
    probability: npt.ArrayLike, label: npt.ArrayLike, *, seed: int, resamples: int = 500
) -> CalibrationError | None:
    """Measure calibration with 95 % bootstrap intervals; None without a claim.

    One row per labelled claim. Groups are cut once, on all claims. Source: Naeini, Cooper and
    Hauskrecht (2015), Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI.
    """
    said, happened = np.asarray(probability, dtype=np.float64), np.asarray(label, dtype=np.float64)
    if not len(said):
        return None
    group = np.searchsorted(np.quantile(said, np.linspace(0, 1, BINS + 1)[1:-1]), said, side="right")
    rng = np.random.default_rng(seed)
    counts = [np.ones(len(said), dtype=np.int64), *resampled_counts(len(said), resamples, rng)]
    drawn = np.array([_error_and_rate(group, said, happened, one) for one in counts])
    error, rate = (percentile_interval(float(drawn[0, i]), drawn[1:, i]) for i in (0, 1))
    return CalibrationError(error, float(said.mean()), rate)


def _error_and_rate(
    group: npt.NDArray[np.intp], said: FloatArray, happened: FloatArray, counts: npt.NDArray[np.int64]
) -> tuple[float, float]:
    away = np.abs(np.bincount(group, counts * (said - happened), BINS))
    return float(away.sum() / counts.sum()), float((counts * happened).sum() / counts.sum())
