"""Which claims are learnt from and which are kept for reporting.

Refuses a side without claims, and a claim on two sides. Every claim of the table is on
exactly one: train, gap, test, or after the test period.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.datasets.spec import Split, SplitKind
from perito.domain.errors import LearningError, ParameterError
from perito.models.interface import FloatArray

ClaimIds = npt.NDArray[np.object_]
Days = npt.NDArray[np.datetime64]
Mask = npt.NDArray[np.bool_]
_REMEDIES: Mapping[SplitKind, str] = {
    "time": "Move test_from or test_share, shorten label_gap_days, or bring more labelled claims.",
    "unlabelled": "Bring claims of both sorts, with and without an outcome, or declare another split in the spec.",
}


@dataclass(frozen=True)
class SplitPlan:
    """The claim ids of every side, in the order of the table.

    `time`: `test` was reported in [`test_from`, `test_to`), or from `test_from` on when
    `test_to` is None; `gap` in the `label_gap_days` before `test_from`; `train` before
    that; `after` from `test_to` on. `group` and `random`: both dates are None, `gap` and
    `after` are empty, and `test` holds the claims with an unknown label too: they are to
    be scored, and no figure speaks about them. `unlabelled`: the same, but `test` holds
    those alone, so there is no figure at all.
    """

    kind: SplitKind
    test_from: date | None
    test_to: date | None
    label_gap_days: int
    train: ClaimIds
    test: ClaimIds
    gap: ClaimIds
    after: ClaimIds


def plan_split(claims: pd.DataFrame, split: Split, *, seed: int) -> SplitPlan:
    """Part the claims of a table as its spec says.

    `claims`: one row per `claim_id` (the index), with `reported_at` (datetime64),
    `policy_id` (nullable) and `label` (1, 0, or null for unknown). `seed` matters to
    `group` and `random` only. Labels decide nothing in a `time` split.

    A `time` split without `test_from` keeps the last `test_share` of the claims by report,
    cut at the day boundary nearest to it. A `group` split keeps a policy on one side; a
    claim without a policy is a group of its own. An `unlabelled` split is drawn by nobody:
    labelled claims teach, the others are ranked, and a policy may have claims of both sorts.

    Raises
    ------
    ParameterError
        If the dates of the split do not fit the table, or a share or gap is out of range.
    LearningError
        If a side is empty, or no claim has a label.
    """
    _check_split(split)
    plan = _time_plan(claims, split) if split.kind == "time" else _timeless_plan(claims, split, seed)
    labelled = _side_counts(claims, plan.train)["labelled"]
    if not len(plan.test) or not len(plan.train) or not claims["label"].notna().any():
        raise LearningError(
            f"The {split.kind} split leaves {len(plan.train)} claims to learn from, of which "
            f"{labelled} are labelled, and {len(plan.test)} to report on.",
            where="split",
            remedy=_REMEDIES.get(split.kind, _REMEDIES["time"])
            if claims["label"].notna().any()
            else "Bring claims with a known outcome, of both kinds.",
        )
    return plan


def describe_split(plan: SplitPlan, claims: pd.DataFrame) -> dict[str, object]:
    """The split as a run's document shows it: kind, dates, and what each side counts."""
    return {
        "kind": plan.kind,
        "test_from": plan.test_from.isoformat() if plan.test_from else None,
        "test_to": plan.test_to.isoformat() if plan.test_to else None,
        "label_gap_days": plan.label_gap_days,
        "train": _side_counts(claims, plan.train),
        "test": _side_counts(claims, plan.test),
    }


def report_days(reported_at: pd.Series) -> Days:
    """The day of each report, as datetime64[D].

    Raises
    ------
    ParameterError
        If a claim has no instant of report.
    """
    if reported_at.isna().any():
        raise ParameterError(
            f"Expected every claim to say when it was reported; {reported_at.isna().sum()} do not.",
            where="reported_at",
            remedy="Map reported_at in the spec, or declare a group or random split.",
        )
    days: Days = reported_at.to_numpy().astype("datetime64[D]")
    return days


def whole_policies(kind: SplitKind) -> bool:
    """Whether the claims of a policy stay together whenever claims of this kind of split are dealt."""
    return kind in ("group", "unlabelled")


def even_places(claims: pd.DataFrame, *, by_policy: bool, seed: int) -> FloatArray:
    """A place in (0, 1) for every labelled claim, so that any slice of places holds its share.

    Claims with and without a substantiated label are dealt apart, so a slice [a, b) holds
    nearly b - a of each. With `by_policy`, the claims of a policy share one place, and
    policies with a substantiated claim are dealt by how many they have.
    """
    groups, label = _groups(claims, by_policy=by_policy), claims["label"].to_numpy(dtype=np.float64)
    size, positives = np.bincount(groups).astype(np.float64), np.bincount(groups, weights=label)
    place, rng = np.zeros(len(size)), np.random.default_rng(seed)
    for members, weight in ((positives > 0, positives), (positives == 0, size)):
        dealt = rng.permutation(np.flatnonzero(members))
        ends = np.cumsum(weight[dealt])
        place[dealt] = (ends - weight[dealt] / 2) / ends[-1:]
    return place[groups]


def _check_split(split: Split) -> None:
    if not 0 < split.test_share < 1 or split.label_gap_days < 0:
        raise ParameterError(
            "Expected test_share between 0 and 1 and label_gap_days of 0 or more; "
            f"came {split.test_share} and {split.label_gap_days}.",
            where="split",
        )
    if split.test_from and split.test_to and split.test_from >= split.test_to:
        raise ParameterError(
            f"Expected test_from before test_to; came {split.test_from} and {split.test_to}.", where="split"
        )


def _time_plan(claims: pd.DataFrame, split: Split) -> SplitPlan:
    days = report_days(claims["reported_at"])
    after = np.zeros(len(days), dtype=np.bool_) if split.test_to is None else days >= np.datetime64(split.test_to)
    test_from = _boundary(days[~after], split)
    learnt_to = test_from - np.timedelta64(split.label_gap_days, "D")
    return SplitPlan(
        kind="time",
        test_from=test_from.astype(object),
        test_to=split.test_to,
        label_gap_days=split.label_gap_days,
        train=_ids(claims, days < learnt_to),
        test=_ids(claims, (days >= test_from) & ~after),
        gap=_ids(claims, (days >= learnt_to) & (days < test_from)),
        after=_ids(claims, after),
    )


def _boundary(days: Days, split: Split) -> np.datetime64:
    if not len(days):
        raise LearningError("No claim was reported before test_to.", where="split", remedy="Choose a later test_to.")
    present, counts = np.unique(days, return_counts=True)
    if split.test_from is not None:
        asked = np.datetime64(split.test_from)
        if not present[0] < asked <= present[-1]:
            raise ParameterError(
                f"Expected test_from after the first report ({present[0]}) and not after the last ({present[-1]}); "
                f"came {asked}.",
                where="split.test_from",
                remedy="Choose a date with claims before and after it.",
            )
        return asked
    if len(present) < 2:
        raise LearningError(
            f"Every claim was reported on {present[0]}, so time cannot part them.",
            where="split",
            remedy="Declare a group or random split in the spec." if len(days) > 1 else "Bring more than one claim.",
        )
    kept = 1 - np.cumsum(counts)[:-1] / len(days)
    boundary: np.datetime64 = present[1 + np.argmin(np.abs(kept - split.test_share))]
    return boundary


def _timeless_plan(claims: pd.DataFrame, split: Split, seed: int) -> SplitPlan:
    labelled = claims["label"].notna().to_numpy()
    test: Mask = ~labelled
    if split.kind != "unlabelled":
        place = even_places(claims[labelled], by_policy=whole_policies(split.kind), seed=seed)
        test[labelled] = place >= 1 - split.test_share
    nobody = _ids(claims, np.zeros(len(claims), dtype=np.bool_))
    return SplitPlan(
        kind=split.kind,
        test_from=None,
        test_to=None,
        label_gap_days=0,
        train=_ids(claims, ~test),
        test=_ids(claims, test),
        gap=nobody,
        after=nobody,
    )


def _groups(claims: pd.DataFrame, *, by_policy: bool) -> npt.NDArray[np.intp]:
    alone = np.arange(len(claims), dtype=np.intp)
    if not by_policy:
        return alone
    codes = pd.factorize(claims["policy_id"])[0].astype(np.intp)
    return np.unique(np.where(codes < 0, codes.max(initial=-1) + 1 + alone, codes), return_inverse=True)[1]


def _side_counts(claims: pd.DataFrame, side: ClaimIds) -> Mapping[str, int]:
    label = claims["label"].reindex(pd.Index(side))
    return {"claims": len(label), "labelled": int(label.notna().sum()), "positives": int((label == 1).sum())}


def _ids(claims: pd.DataFrame, mask: Mask) -> ClaimIds:
    return claims.index.to_numpy(dtype=object)[mask]
