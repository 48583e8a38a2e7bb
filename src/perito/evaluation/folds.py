"""Rolling-origin folds inside the training period, for choosing between models.

Refuses to validate a claim on anything reported after it, when the table has time; and
refuses a fold in which a class is too rare to say anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.datasets.spec import Split
from perito.domain.errors import LearningError, ParameterError
from perito.evaluation.split import Days, Mask, even_places, report_days, whole_policies

MINIMUM_OF_A_CLASS = 2
"""Claims of the rarer class that both sides of a fold must have."""


@dataclass(frozen=True)
class Fold:
    """One choice of claims to learn from and claims to validate on, as positions in the rows given.

    `validate_from` and `validate_to` bound the days of report of the validation claims,
    the second one excluded; both are None where the split is not by time.
    """

    train: npt.NDArray[np.intp]
    validate: npt.NDArray[np.intp]
    validate_from: date | None = None
    validate_to: date | None = None


def rolling_folds(claims_of_training: pd.DataFrame, split: Split, *, folds: int = 3, seed: int) -> tuple[Fold, ...]:
    """Part the labelled training claims into folds, or fewer than asked if they are scarce.

    `claims_of_training`: one row per labelled claim, oldest report first, with
    `reported_at`, `policy_id` and `label` (1 or 0). Positions in the folds are its rows.

    `time`: the substantiated claims are cut into folds + 2 nearly equal parts at day
    boundaries. The first two parts only teach; each later one is validated by a model that
    learnt from everything reported at least `label_gap_days` before it (a growing window).
    Any other kind: as many parts as folds, stratified by label, each validated once; whole
    policies for `group` and `unlabelled`. `seed` matters only there.

    The idea of the gap is scikit-lego's `TimeGapSplit`; of the rolling origin, Tashman
    (2000), International Journal of Forecasting 16(4), 437-450.

    Raises
    ------
    ParameterError
        If a label is unknown, `folds` is below 1, or the rows are not in order of report.
    LearningError
        If no fold has `MINIMUM_OF_A_CLASS` claims of each class on both sides.
    """
    label = claims_of_training["label"].to_numpy(dtype=np.float64)
    if folds < 1 or not np.isin(label, (0, 1)).all():
        raise ParameterError(f"Expected labels of 0 or 1 and at least one fold; asked for {folds}.", where="folds")
    for wanted in range(folds, 0, -1):
        made = tuple(_folds(claims_of_training, split, wanted, seed))
        if made and all(_says_something(label, fold) for fold in made):
            return made
    raise LearningError(
        f"{int(label.sum())} substantiated and {int((label == 0).sum())} other claims cannot be parted so that "
        f"every model learns from and is validated on at least {MINIMUM_OF_A_CLASS} of each.",
        where="folds",
        remedy="Bring more labelled claims, start the test period later, shorten label_gap_days, "
        "or declare a random split.",
    )


def _folds(claims: pd.DataFrame, split: Split, folds: int, seed: int) -> Iterator[Fold]:
    return _time_folds(claims, split, folds) if split.kind == "time" else _dealt_folds(claims, split, folds, seed)


def _time_folds(claims: pd.DataFrame, split: Split, folds: int) -> Iterator[Fold]:
    days = report_days(claims["reported_at"])
    if np.any(days[1:] < days[:-1]):
        raise ParameterError("Expected the claims in order of report.", where="folds", remedy="Sort by reported_at.")
    cuts = _day_cuts(days, claims["label"].to_numpy(dtype=np.float64), folds)
    ends = [*cuts[1:], *(days[-1:] + np.timedelta64(1, "D"))]
    for start, end in zip(cuts, ends, strict=True):
        learnt_to = start - np.timedelta64(split.label_gap_days, "D")
        yield Fold(
            train=np.flatnonzero(days < learnt_to),
            validate=np.flatnonzero((days >= start) & (days < end)),
            validate_from=start.astype(object),
            validate_to=end.astype(object),
        )


def _day_cuts(days: Days, label: npt.NDArray[np.float64], folds: int) -> Days:
    present, first = np.unique(days, return_index=True)
    total = label.sum()
    if len(present) < 2 or not total:
        return present[:0]
    before = np.concatenate(([0.0], np.cumsum(label)))[first] / total
    wanted = np.arange(2, folds + 2) / (folds + 2)
    nearest = 1 + np.argmin(np.abs(before[1:, None] - wanted), axis=0)
    cuts: Days = present[np.unique(nearest)]
    return cuts


def _dealt_folds(claims: pd.DataFrame, split: Split, folds: int, seed: int) -> Iterator[Fold]:
    parts = max(folds, 2)
    part = np.floor(even_places(claims, by_policy=whole_policies(split.kind), seed=seed) * parts)
    for number in range(folds):
        validated: Mask = part == number
        yield Fold(train=np.flatnonzero(~validated), validate=np.flatnonzero(validated))


def _says_something(label: npt.NDArray[np.float64], fold: Fold) -> bool:
    rarer = (min(np.sum(label[side] == 1), np.sum(label[side] == 0)) for side in (fold.train, fold.validate))
    return all(count >= MINIMUM_OF_A_CLASS for count in rarer)
