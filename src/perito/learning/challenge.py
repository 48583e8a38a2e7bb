"""A challenger and the reigning champion, both scored anew, on the matured claims that neither learnt from.

Refuses a figure that was remembered, a claim that either model may have seen, and a label
that the book does not know.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from perito.domain.errors import FeatureMismatch
from perito.domain.learnt import LearntFrom
from perito.evaluation.metrics import why_no_figures
from perito.evaluation.promotion import RESAMPLES, Comparison, compare
from perito.evaluation.promotion_words import Obstacle
from perito.learning.opening import claims_opened, opening_order
from perito.models.interface import Model, select_features
from perito.study import Study


@dataclass(frozen=True)
class Contender:
    """One of two models: the version the registry gave it, if any yet, and what it may have learnt from."""

    model: Model
    learnt: LearntFrom | None
    version: str = ""


@dataclass(frozen=True)
class Challenge:
    """What came of a comparison: figures, or the obstacle that prevented it, in words for the reader.

    The claims compared on were reported in [`period_from`, `period_to`).
    """

    comparison: Comparison | None
    obstacle: Obstacle | None
    period_from: date | None = None
    period_to: date | None = None


def learnt_from(study: Study) -> LearntFrom:
    """The record of a model trained on a study: where its learning ended."""
    return LearntFrom.of(study.plan.test_from, (str(claim_id) for claim_id in study.plan.test))


def challenge(
    study: Study, frame: pd.DataFrame, champion: Contender, challenger: Contender, *, resamples: int = RESAMPLES
) -> Challenge:
    """Compare two models on the claims of the test side whose label is known and that neither may have learnt from.

    Both order the whole test side as the desk would. As many of the matured claims may be
    opened by either as the champion's own list would hold. `frame`: features of at least the
    test side. Nothing about either model is chosen by these claims but which of the two reigns.
    """
    maybe_seen = _may_have_seen(study, champion) or _may_have_seen(study, challenger)
    if maybe_seen is not None:
        return Challenge(None, maybe_seen)
    matured = _unseen(study, champion, challenger)
    if matured.empty or why_no_figures(matured["label"]):
        return Challenge(None, Obstacle("too_few_matured", str(len(matured))))
    try:
        old, new = (_order(study, frame, one) for one in (champion, challenger))
    except FeatureMismatch as lacking:
        return Challenge(None, Obstacle("lacks_features", lacking.what))
    room = len(claims_opened(study, old).intersection(matured.index))
    if room == 0:
        return Challenge(None, Obstacle("nobody_looked"))
    found = compare(
        old[matured.index],
        new[matured.index],
        matured["label"],
        matured["claimed_amount"],
        capacity=room,
        money=study.spec.money,
        seed=study.seed,
        resamples=resamples,
        floor=float("-inf") if study.spec.desk.rank_by == "score" else 0.0,
    )
    days = matured["reported_at"].dt.date
    return Challenge(found, None, days.min(), days.max() + timedelta(days=1))


def _order(study: Study, frame: pd.DataFrame, one: Contender) -> pd.Series:
    inputs = select_features(frame.loc[pd.Index(study.plan.test)], one.model.columns)
    return opening_order(study, pd.Series(one.model.log_odds(inputs), index=inputs.index))


def _may_have_seen(study: Study, one: Contender) -> Obstacle | None:
    """Why no claim of the test side can be said to be new to the model; None where some can."""
    if one.learnt is None:
        return Obstacle("no_record", one.version)
    if one.learnt.kept_apart == learnt_from(study).kept_apart or (study.plan.kind == "time" and one.learnt.before):
        return None
    return Obstacle("other_split", one.version)


def _unseen(study: Study, *contenders: Contender) -> pd.DataFrame:
    matured, same = study.reported_on, learnt_from(study).kept_apart
    for one in contenders:
        assert one.learnt is not None
        if one.learnt.kept_apart != same:
            assert one.learnt.before is not None
            matured = matured[matured["reported_at"] >= pd.Timestamp(one.learnt.before)]
    return matured
