"""What candidates learn from: features after the leakage gates, folds, and the training sets cut from them.

Refuses to hand a fold a label that was not known when it begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from perito.datasets.spec import UnknownPolicy
from perito.domain.errors import LearningError
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.enough import check_something_varies
from perito.evaluation.folds import Fold, rolling_folds
from perito.evaluation.leakage import columns_to_leave_out
from perito.features.build import Progress, build_features, silent
from perito.features.columns import FeatureColumn
from perito.learning.chances import Chances
from perito.learning.leaks import look_for_leaks
from perito.learning.selection import inverse_propensity
from perito.learning.unlabelled import both_ways, suspicion_of_undecided
from perito.models.interface import TrainingSet, rows_of, select_features
from perito.study import Study

FOLDS = 4


@dataclass(frozen=True)
class Material:
    """What candidates learn from: one frame of features for all claims, and one for each fold.

    `columns`: the features left after the leakage gates. `folds` hold positions in
    `study.learning`. `fold_frames`: the features as each fold may know them; the same frame
    as `frame` where every claim reads its own past only. `fold_columns`: the features each
    fold learns from, where that was asked of the folds before it; empty for `columns`. `chances`
    keeps what was estimated about who is investigated, so that every kind of model learns
    from the same estimate.
    """

    study: Study
    frame: pd.DataFrame
    columns: tuple[FeatureColumn, ...]
    folds: tuple[Fold, ...]
    fold_frames: tuple[pd.DataFrame, ...]
    leakage: tuple[Finding, ...]
    fold_columns: tuple[tuple[FeatureColumn, ...], ...] = ()
    chances: Chances = field(default_factory=Chances, compare=False, repr=False)


def gather_material(study: Study, *, language: Language = Language.ENGLISH, progress: Progress = silent) -> Material:
    """Build the features, run the leakage gates over them, and lay out the folds.

    Raises
    ------
    LearningError
        If the training claims are too few for a single fold, or no feature tells them apart.
    SpecError
        If the spec confirms a column that is no feature.
    """
    hidden = hidden_from_features(study)
    table = build_features(study.book, hidden=hidden, progress=progress)
    frame = table.frame()
    leakage = look_for_leaks(study, table, frame, hidden=hidden, language=language)
    left_out = set(columns_to_leave_out(leakage))
    columns = tuple(column for column in table.columns if column.name not in left_out)
    check_something_varies(frame.loc[study.learning.index], columns)
    folds = rolling_folds(study.learning, study.spec.split, folds=FOLDS, seed=study.seed)
    return Material(study, frame, columns, folds, _fold_frames(study, frame, folds), leakage)


def hidden_from_features(study: Study) -> list[str]:
    """The claims whose decisions no feature may read: the test side, unless time hides them or it has no outcome."""
    open_to_all = study.forward or study.plan.kind == "unlabelled"
    return [] if open_to_all else [str(claim_id) for claim_id in study.plan.test]


def inputs_to_score(material: Material) -> pd.DataFrame:
    """The features of every claim of the test side, labelled or not: those the list is made of."""
    return inputs_of(material, material.frame, pd.Index(material.study.plan.test))


def inputs_learnt_from(material: Material) -> pd.DataFrame:
    """The features of the claims that were learnt from."""
    return inputs_of(material, material.frame, material.study.learning.index)


def training_set(material: Material, rows: pd.DataFrame, frame: pd.DataFrame) -> TrainingSet:
    """The claims of `rows` with their features out of `frame`, ready to be learnt from as the spec says.

    `rows`: `label`, `reported_at`, `selection_probability`; no other label is read. Where the
    spec weighs labels or learns from claims without one, the other claims of the training
    side take part too, up to the last report in `rows`: as claims nobody has decided yet.
    """
    spec, seed = material.study.spec, material.study.seed
    if spec.weighting == "none" and spec.unknown != "positive_unlabelled":
        return _plain(material, rows, frame)
    everyone = _everyone(material, rows)
    training, known = _plain(material, everyone, frame), everyone["known"].to_numpy(dtype=np.bool_)
    logged = everyone["selection_probability"].to_numpy(dtype=np.float64)
    if spec.unknown == "positive_unlabelled":
        suspicion = material.chances.once(suspicion_of_undecided, training, known, logged, seed)
        return both_ways(training, known, suspicion)
    weight = material.chances.once(inverse_propensity, training, known, logged, seed)
    return rows_of(training, np.flatnonzero(known), label=training.label[known], weight=weight)


def _everyone(material: Material, rows: pd.DataFrame) -> pd.DataFrame:
    study = material.study
    train = study.claims.loc[pd.Index(study.plan.train)]
    others = train[~train.index.isin(rows.index) & (train["reported_at"] <= rows["reported_at"].max())]
    # The label of a claim without one is never read; `known` says which have one.
    undecided = others[["reported_at"]].assign(label=0.0, selection_probability=np.nan, known=False)
    known = rows[["reported_at", "label", "selection_probability"]].assign(known=True)
    everyone: pd.DataFrame = pd.concat([known, undecided]).sort_values("reported_at", kind="stable")
    return everyone


def _plain(material: Material, rows: pd.DataFrame, frame: pd.DataFrame) -> TrainingSet:
    return TrainingSet(
        columns=material.columns,
        frame=inputs_of(material, frame, rows.index),
        label=rows["label"].to_numpy(dtype=np.int64),
        reported_at=rows["reported_at"].to_numpy(dtype="datetime64[us]"),
        forward=material.study.plan.kind == "time",
    )


def known_before(rows: pd.DataFrame, fold: Fold, *, unknown: UnknownPolicy) -> pd.DataFrame:
    """Those of a fold's training claims whose label was known when its validation begins.

    Raises
    ------
    LearningError
        If too few were known for a model to learn both outcomes.
    """
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


def inputs_of(material: Material, frame: pd.DataFrame, claim_ids: pd.Index) -> pd.DataFrame:
    """The features of some claims, in the order models take them."""
    return select_features(frame.loc[claim_ids], material.columns)


def _fold_frames(study: Study, frame: pd.DataFrame, folds: Sequence[Fold]) -> tuple[pd.DataFrame, ...]:
    if study.forward:
        return (frame,) * len(folds)
    kept = hidden_from_features(study)
    ids = study.learning.index
    return tuple(build_features(study.book, hidden=[*kept, *ids[fold.validate]]).frame() for fold in folds)
