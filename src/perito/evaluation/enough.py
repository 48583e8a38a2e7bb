"""Whether there is enough to learn from: outcomes, differences between claims, outcomes on both sides of a date.

Refuses to promote what so few claims taught, however well it ranks them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from perito.datasets.spec import DatasetSpec
from perito.domain.errors import LearningError
from perito.domain.words import Language
from perito.evaluation.learnability import Verdict
from perito.evaluation.split import report_days
from perito.features.columns import FeatureColumn

FEWEST_SUBSTANTIATED = 30
"""Substantiated claims to learn from below which a model is trained and told of, and never registered.

Below about 30 events an AUC's interval is wider than what separates a good model from chance:
with 30 and many other claims its half-width is about .10 (Hanley and McNeil 1982, Radiology
143(1), 29-36, equation 1, at an AUC of .70).
"""

Limited = Verdict | Literal["too_few"]


@dataclass(frozen=True)
class Enough:
    """How many substantiated claims were learnt from, held against `FEWEST_SUBSTANTIATED`."""

    substantiated: int

    @property
    def holds(self) -> bool:
        """Whether a model that learnt from them may be registered."""
        return self.substantiated >= FEWEST_SUBSTANTIATED

    def limit(self, verdict: Verdict) -> Limited:
        """The verdict of the folds, or `too_few` where no verdict on so few claims can be relied on."""
        return verdict if self.holds else "too_few"

    def sentence(self, language: Language = Language.ENGLISH) -> str:
        """What to say before the verdict of the folds; empty where there are enough."""
        if self.holds:
            return ""
        return _TOO_FEW[language].format(substantiated=self.substantiated, fewest=FEWEST_SUBSTANTIATED)


def check_something_varies(frame: pd.DataFrame, columns: Sequence[FeatureColumn]) -> None:
    """Raise unless at least one feature tells the claims of `frame` apart.

    Raises
    ------
    LearningError
        When every feature is constant, or there is none.
    """
    if not any(frame[column.name].nunique(dropna=False) > 1 for column in columns):
        raise LearningError(
            f"Expected a feature that differs between claims; all {len(columns)} are constant over the {len(frame)} "
            "claims to learn from.",
            where="features",
            remedy="Map columns that differ between claims in the spec.",
        )


def workable_dates(claims: pd.DataFrame, spec: DatasetSpec) -> tuple[date, date] | None:
    """The first and the last `test_from` that leave known outcomes on both sides; None where no date does.

    `claims`: one row per `claim_id` with `reported_at`, `known_at` and `label`, null where
    unknown. Before the date there must be `FEWEST_SUBSTANTIATED` claims of either outcome,
    reported more than the label gap earlier and known by then; from the date on, a claim
    with a known outcome. That something can be learnt from them is not promised.
    """
    split, days = spec.split, report_days(claims["reported_at"])
    decided = claims["label"].notna().to_numpy()
    ready = days + np.timedelta64(split.label_gap_days + 1, "D")
    known = claims["known_at"].to_numpy().astype("datetime64[D]") + np.timedelta64(1, "D")
    learnt = np.where(decided, np.maximum(ready, known), ready)
    is_other = (claims["label"] == 0).to_numpy() | (~decided & (spec.unknown == "unlabelled"))
    teaching = [learnt[(claims["label"] == 1).to_numpy()], learnt[is_other]]
    measured = days[decided if split.test_to is None else decided & (days < np.datetime64(split.test_to))]
    if min(map(len, teaching)) < FEWEST_SUBSTANTIATED or not len(measured):
        return None
    first = max(np.sort(one)[FEWEST_SUBSTANTIATED - 1] for one in teaching)
    return (first.astype(object), measured.max().astype(object)) if first <= measured.max() else None


def which_dates(claims: pd.DataFrame, spec: DatasetSpec) -> str:
    """What to do about outcomes that all lie on one side of the boundary, as a sentence; empty without a time split."""
    if spec.split.kind != "time":
        return "Bring more decided claims, of both outcomes."
    dates = workable_dates(claims, spec)
    if dates is None:
        return (
            f"No date leaves {FEWEST_SUBSTANTIATED} claims of either outcome to learn from and a known one after them: "
            "bring more decided claims, of both outcomes."
        )
    return (
        f"Any --test-from between {dates[0]} and {dates[1]} leaves {FEWEST_SUBSTANTIATED} claims of either outcome to "
        "learn from and a known one after them."
    )


_TOO_FEW = {
    Language.ENGLISH: (
        "Too few to rely on: {substantiated} substantiated claims to learn from, of the {fewest} that are needed "
        "before a model is registered. What follows speaks about so few."
    ),
    Language.SPANISH: (
        "Demasiado pocos para fiarse: {substantiated} siniestros confirmados de los que aprender, de los {fewest} "
        "necesarios para registrar un modelo. Lo que sigue habla de tan pocos."
    ),
}
