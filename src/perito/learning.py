"""From a book to a chosen model: features, folds, candidates, verdicts, the untouched last period.

The functions that the flow, the command line and a notebook all call. Refuses to choose
anything by the claims kept for reporting.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perito.datasets.spec import Split, UnknownPolicy
from perito.domain.errors import LearningError
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval
from perito.evaluation.folds import Fold, rolling_folds
from perito.evaluation.leakage import columns_to_leave_out, find_leaks, random_versus_temporal_gap
from perito.evaluation.learnability import Learnability, learnability
from perito.evaluation.metrics import FIGURES, Figures, claims_at_capacity, evaluate, point_figures
from perito.features.build import Progress, build_features, silent
from perito.features.columns import FeatureColumn
from perito.models import CANDIDATES
from perito.models.interface import Model, TrainingSet, select_features
from perito.scoring import UsualValues, score_claims, usual_values
from perito.study import Study

CHOSEN_BY = "average_precision"
"""The figure, averaged over the folds, that chooses between candidates."""
FOLDS = 3
AT_CAPACITY = tuple(name for name in FIGURES if name.endswith("_at_capacity"))


@dataclass(frozen=True)
class Material:
    """What candidates learn from: one frame of features for all claims, and one for each fold.

    `columns`: the features left after the leakage gates. `folds` hold positions in
    `study.learning`. `fold_frames`: the features as each fold may know them; the same frame
    as `frame` where every claim reads its own past only.
    """

    study: Study
    frame: pd.DataFrame
    columns: tuple[FeatureColumn, ...]
    folds: tuple[Fold, ...]
    fold_frames: tuple[pd.DataFrame, ...]
    leakage: tuple[Finding, ...]


@dataclass(frozen=True)
class Candidate:
    """One kind of model, trained on everything it may learn from, and what the folds said of it.

    `unseen`: one row per validated claim: `fold`, `log_odds` by a model that had not seen
    it, `label`, `amount`. `metrics`: the mean over the folds.
    """

    name: str
    model: Model
    seconds: float
    unseen: pd.DataFrame
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Ranking:
    """The scored test side, as `score_claims` gives it, with what is usual among the claims learnt from."""

    scores: pd.DataFrame
    usual: UsualValues


def gather_material(study: Study, *, language: Language = Language.ENGLISH, progress: Progress = silent) -> Material:
    """Build the features, run the leakage gates over them, and lay out the folds.

    Raises
    ------
    LearningError
        If the training claims are too few for a single fold.
    """
    table = build_features(study.book, hidden=hidden_from_features(study), progress=progress)
    frame = table.frame()
    leakage = find_leaks(
        frame,
        table.columns,
        study.learning["label"],
        study.claims["reported_at"],
        train=study.learning.index,
        test=study.plan.test,
        kind=study.plan.kind,
        policy_id=study.claims["policy_id"],
        seed=study.seed,
        language=language,
    )
    left_out = set(columns_to_leave_out(leakage))
    columns = tuple(column for column in table.columns if column.name not in left_out)
    folds = rolling_folds(study.learning, study.spec.split, folds=FOLDS, seed=study.seed)
    return Material(study, frame, columns, folds, _fold_frames(study, frame, folds), leakage)


def train_candidate(material: Material, name: str) -> Candidate:
    """Validate one kind of model on every fold, then train it on everything it may learn from.

    Raises
    ------
    MissingExtra
        If the model needs an optional package that is not installed.
    """
    started = time.monotonic()
    unseen = _unseen(material, name, material.folds, material.fold_frames)
    model = CANDIDATES[name](_training_set(material, material.study.learning, material.frame), seed=material.study.seed)
    seconds = time.monotonic() - started
    return Candidate(name, model, seconds, unseen, _fold_means(material.study, unseen))


def choose(candidates: Mapping[str, Candidate]) -> str:
    """The candidate with the best mean `CHOSEN_BY` over the folds; of equals, the first named."""
    return max(candidates, key=lambda name: candidates[name].metrics[CHOSEN_BY])


def judge(candidate: Candidate, *, seed: int) -> Learnability:
    """Whether the candidate's ranking of claims it had not seen beats chance. Reads no test label."""
    unseen = candidate.unseen
    return learnability(unseen["log_odds"], unseen["label"], unseen["amount"], fold=unseen["fold"], seed=seed)


def compare_random_split(
    material: Material, name: str, forward: Learnability, *, language: Language = Language.ENGLISH
) -> tuple[Finding, ...]:
    """What the same kind of model would seem to reach on a random split of the training period.

    Nothing to compare where the split is not by time.
    """
    study = material.study
    if study.plan.kind != "time":
        return ()
    folds = rolling_folds(study.learning, Split("random"), folds=FOLDS, seed=study.seed)
    unseen = _unseen(material, name, folds, (material.frame,) * len(folds))
    shuffled = learnability(
        unseen["log_odds"], unseen["label"], None, fold=unseen["fold"], seed=study.seed, permutations=1
    )
    return random_versus_temporal_gap(shuffled.auc, forward.auc, language=language)


def measure(study: Study, frame: pd.DataFrame, model: Model) -> Figures:
    """The figures of a model on the claims kept for reporting. Nothing may be chosen by them.

    The desk opens the first claims of the whole test side, labelled or not; the figures at
    capacity speak about those of them whose label is known. Figures have no value where no
    such claim has a known label. `frame`: the features of at least the test side.
    """
    rows, test = study.reported_on, study.claims.loc[pd.Index(study.plan.test)]
    if rows.empty:
        return dict.fromkeys(FIGURES, Interval(None, None, None))
    log_odds = pd.Series(model.log_odds(select_features(frame.loc[test.index], model.columns)), index=test.index)
    capacity = claims_at_capacity(study.spec.desk.capacity_share, len(test))
    opened = log_odds.sort_index().sort_values(ascending=False, kind="stable").index[:capacity]
    known = int(test.loc[opened, "label"].notna().sum())
    figures = evaluate(
        log_odds[rows.index],
        rows["label"],
        rows["claimed_amount"],
        capacity_share=max(known, 1) / len(rows),
        money=study.spec.money,
        seed=study.seed,
    )
    return figures if known else {**figures, **dict.fromkeys(AT_CAPACITY, Interval(None, None, None))}


def hidden_from_features(study: Study) -> list[str]:
    """The claims whose decisions no feature may read: the test side, unless time itself hides them."""
    return [] if study.forward else [str(claim_id) for claim_id in study.plan.test]


def rank_claims(
    material: Material, candidate: Candidate, language: Language = Language.ENGLISH, currency: str = ""
) -> Ranking:
    """Score and explain every claim of the test side, and raise as many alerts as the desk can open."""
    usual = usual_values(inputs_learnt_from(material), material.columns)
    inputs = inputs_to_score(material)
    capacity = claims_at_capacity(material.study.spec.desk.capacity_share, len(inputs))
    scores = score_claims(candidate.model, inputs, usual, capacity=capacity, language=language, currency=currency)
    return Ranking(scores, usual)


def inputs_to_score(material: Material) -> pd.DataFrame:
    """The features of every claim of the test side, labelled or not: those the list is made of."""
    return _inputs(material, material.frame, pd.Index(material.study.plan.test))


def inputs_learnt_from(material: Material) -> pd.DataFrame:
    """The features of the claims that were learnt from."""
    return _inputs(material, material.frame, material.study.learning.index)


def _fold_frames(study: Study, frame: pd.DataFrame, folds: Sequence[Fold]) -> tuple[pd.DataFrame, ...]:
    if study.forward:
        return (frame,) * len(folds)
    kept = hidden_from_features(study)
    ids = study.learning.index
    return tuple(build_features(study.book, hidden=[*kept, *ids[fold.validate]]).frame() for fold in folds)


def _unseen(material: Material, name: str, folds: Sequence[Fold], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    learning, unknown = material.study.learning, material.study.spec.unknown
    parts = []
    for number, (fold, frame) in enumerate(zip(folds, frames, strict=True)):
        validated = learning.iloc[fold.validate]
        training = _training_set(material, _known_before(learning.iloc[fold.train], fold, unknown=unknown), frame)
        model = CANDIDATES[name](training, seed=material.study.seed)
        log_odds = model.log_odds(_inputs(material, frame, validated.index))
        amount = validated["claimed_amount"]
        parts.append(validated[["label"]].assign(fold=number, log_odds=log_odds, amount=amount))
    return pd.concat(parts)


def _known_before(rows: pd.DataFrame, fold: Fold, *, unknown: UnknownPolicy) -> pd.DataFrame:
    if fold.validate_from is None:
        return rows
    too_late = rows["known_at"] >= pd.Timestamp(fold.validate_from)
    known = rows.assign(label=rows["label"].mask(too_late, 0.0)) if unknown == "unlabelled" else rows[~too_late]
    if known["label"].nunique() < 2:
        raise LearningError(
            f"Of {len(rows)} claims to learn from before {fold.validate_from}, {len(known)} count with an outcome by "
            "then, and not of both kinds.",
            where="folds",
            remedy="Bring more decided claims: outcomes come too late here for any model to learn from the past.",
        )
    return known


def _training_set(material: Material, rows: pd.DataFrame, frame: pd.DataFrame) -> TrainingSet:
    return TrainingSet(
        columns=material.columns,
        frame=_inputs(material, frame, rows.index),
        label=rows["label"].to_numpy(dtype=np.int64),
        reported_at=rows["reported_at"].to_numpy(dtype="datetime64[us]"),
        forward=material.study.plan.kind == "time",
    )


def _inputs(material: Material, frame: pd.DataFrame, claim_ids: pd.Index) -> pd.DataFrame:
    return select_features(frame.loc[claim_ids], material.columns)


def _fold_means(study: Study, unseen: pd.DataFrame) -> Mapping[str, float]:
    measured = [
        point_figures(
            rows["log_odds"],
            rows["label"],
            rows["amount"],
            capacity_share=study.spec.desk.capacity_share,
            money=study.spec.money,
        )
        for _, rows in unseen.groupby("fold")
    ]
    found = {name: [fold[name] for fold in measured if np.isfinite(fold[name])] for name in FIGURES}
    return {name: sum(values) / len(values) for name, values in found.items() if values}
