"""One question put to one book: which claims are learnt from, and which are kept for reporting.

Refuses to let a label be learnt before it was known.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

import pandas as pd

from perito.datasets.book import Book
from perito.datasets.spec import DatasetSpec, Split
from perito.domain.errors import LearningError, ParameterError
from perito.evaluation.enough import which_dates
from perito.evaluation.split import SplitPlan, plan_split
from perito.labels import mature_labels

_CLAIMS = "SELECT claim_id, policy_id, reported_at, claimed_amount FROM claims ORDER BY reported_at, claim_id"


@dataclass(frozen=True)
class Study:
    """A book parted into claims to learn from and claims kept for reporting.

    `claims`: one row per `claim_id`, oldest report first: `policy_id`, `reported_at`,
    `claimed_amount`, and `label` as the whole book knows it (null: unknown) with the
    `selection_probability` that was logged for its investigation, for reporting only.
    `learning`: the claims to learn from, oldest report first, with the `label` that was
    known before the test period, its `selection_probability`, and `known_at`, when it became
    known (null for a claim that the spec lets count without a decision).
    """

    spec: DatasetSpec
    book: Book
    plan: SplitPlan
    claims: pd.DataFrame
    learning: pd.DataFrame
    seed: int

    @property
    def forward(self) -> bool:
        """Whether every claim reads its own past only: the split is by time, each claim assessed at its report."""
        return self.plan.kind == "time" and self.book.assessed_at == "reported_at"

    @property
    def kept_apart(self) -> pd.DataFrame:
        """The claims kept for reporting, labelled or not."""
        return self.claims.loc[pd.Index(self.plan.test)]

    @property
    def reported_on(self) -> pd.DataFrame:
        """The claims kept for reporting whose label the book knows."""
        kept = self.kept_apart
        return kept[kept["label"].notna()]


def open_study(
    book: Book, spec: DatasetSpec, *, test_from: date | None = None, test_to: date | None = None, seed: int = 0
) -> Study:
    """Part the book's claims as the spec says; `test_from` and `test_to` (excluded) override its test period.

    Raises
    ------
    ParameterError
        If the dates do not fit the table, or the spec's split is not by time.
    LearningError
        If there is nothing to learn from, or only one class.
    """
    split = asked_split(spec, test_from=test_from, test_to=test_to)
    rows = book.engine.query(_CLAIMS).to_pandas().set_index("claim_id")
    claims = rows.join(mature_labels(book)[["label", "selection_probability"]].astype("float64"))
    asked = replace(spec, split=split)
    plan = plan_split(claims, split, seed=seed)
    return Study(asked, book, plan, claims, _learning_rows(book, asked, claims, plan), seed)


def check_both_sides(study: Study) -> None:
    """Raise where no claim of the test side has a known outcome, so that nothing learnt could be measured.

    A split that is there to rank the claims without an outcome is let pass.

    Raises
    ------
    LearningError
        Saying which dates leave outcomes on both sides.
    """
    if study.reported_on.empty and study.plan.kind != "unlabelled":
        since = f" (reported from {study.plan.test_from} on)" if study.plan.test_from else ""
        raise LearningError(
            f"None of the {len(study.plan.test)} claims kept for reporting{since} has a known outcome, so nothing that "
            "is learnt could be measured.",
            where=f"dataset {study.spec.name}",
            remedy=f"{_which_dates(study.book, study.spec, study.claims)} `perito score` then scores the newest.",
        )


def asked_split(spec: DatasetSpec, *, test_from: date | None = None, test_to: date | None = None) -> Split:
    """The spec's split with the dates that were asked for instead of its own.

    Raises
    ------
    ParameterError
        If the spec's split is not by time, or the test period would end before it starts.
    """
    if (test_from or test_to) and spec.split.kind != "time":
        raise ParameterError(
            f"The dataset {spec.name} is split by {spec.split.kind}, so it has no test period.",
            where="--test-from, --test-to",
            remedy="Leave the dates out, or declare a time split in the spec.",
        )
    split = replace(spec.split, test_from=test_from or spec.split.test_from, test_to=test_to or spec.split.test_to)
    if split.test_from and split.test_to and split.test_from >= split.test_to:
        raise ParameterError(
            f"Expected the test period to start before it ends; it would be from {split.test_from} to {split.test_to}.",
            where="--test-from, --test-to",
            remedy="Give both dates in order; --test-to is the day after the last one reported on.",
        )
    return split


def _learning_rows(book: Book, spec: DatasetSpec, claims: pd.DataFrame, plan: SplitPlan) -> pd.DataFrame:
    boundary = datetime.combine(plan.test_from, time(), UTC) if plan.test_from else None
    known = mature_labels(book, as_of=boundary)[["label", "known_at", "selection_probability"]]
    known = known.astype({"label": "float64", "selection_probability": "float64"})
    rows = claims.loc[pd.Index(plan.train)].drop(columns=["label", "selection_probability"]).join(known)
    if spec.unknown == "unlabelled":
        rows = rows.fillna({"label": 0.0})
    rows = rows[rows["label"].notna()]
    positives = int(rows["label"].sum())
    if positives in (0, len(rows)):
        raise LearningError(
            f"Expected claims of both outcomes to learn from; of {len(rows)} with a known one, "
            f"{positives} are substantiated.",
            where=f"dataset {spec.name}",
            remedy=_which_dates(book, spec, claims),
        )
    return rows


def _which_dates(book: Book, spec: DatasetSpec, claims: pd.DataFrame) -> str:
    return which_dates(claims.join(mature_labels(book)[["known_at"]]), spec)
