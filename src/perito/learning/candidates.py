"""Trains each kind of model: options chosen by the folds, validated on every fold, then learnt from everything."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from perito.evaluation.folds import Fold
from perito.evaluation.metrics import FIGURES, point_figures
from perito.learning.material import Material, inputs_of, known_before, training_set
from perito.learning.tuning import Tried, Tuned, tune
from perito.models import CANDIDATES
from perito.models.catboost_trees import CatBoost
from perito.models.gbm import LightGBM
from perito.models.interface import NO_OPTIONS, Model, Options, TrainingSet
from perito.models.preparing import FEW_CLAIMS
from perito.study import Study

AT_ONCE = 2
FREE = frozenset({LightGBM.kind, CatBoost.kind})
"""Kinds that learn in libraries which free Python's lock; Keras seeds the whole process."""
UNTUNED = Tuned(NO_OPTIONS, 0, 0.0, 0.0)


@dataclass(frozen=True)
class Candidate:
    """One kind of model, trained on everything it may learn from, and what the folds said of it.

    `unseen`: one row per validated claim: `fold`, `log_odds` by a model that had not seen
    it, `learnt`, how many rows that model learnt from, `label`, `amount`. `metrics`: the mean
    over the folds. `tuned`: what was tried.
    """

    name: str
    model: Model
    seconds: float
    unseen: pd.DataFrame
    metrics: Mapping[str, float]
    tuned: Tuned = field(default=UNTUNED)


@dataclass(frozen=True)
class _FoldSet:
    """What one fold learns from, and the claims it is validated on with their inputs."""

    training: TrainingSet
    inputs: pd.DataFrame
    validated: pd.DataFrame


def train_candidate(
    material: Material, name: str, *, tuning_seconds: float | None = None, tried: Tried = lambda done, of: None
) -> Candidate:
    """Choose the options of one kind of model by the folds, validate it on each, then train it on everything.

    `tuning_seconds`: how long settings may be tried; None for a fixed number of trials, 0 for
    the defaults. `tried` is told of every trial.

    Raises
    ------
    MissingExtra
        If the model needs an optional package that is not installed.
    """
    started = time.monotonic()
    study, sets = material.study, _fold_sets(material, material.folds, material.fold_frames)

    def unseen(options: Options) -> pd.DataFrame:
        return _unseen(sets, name, options, seed=study.seed)

    tuned = tune(name, unseen, seed=study.seed, seconds=tuning_seconds, tried=tried)
    validated = unseen(tuned.options)
    everything = training_set(material, study.learning, material.frame)
    model = CANDIDATES[name](everything, seed=study.seed, options=tuned.options)
    return Candidate(name, model, time.monotonic() - started, validated, fold_means(study, validated), tuned)


def unseen_scores(material: Material, name: str, folds: Sequence[Fold], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Every validated claim of `folds`, scored by a model that had not seen it, as `Candidate.unseen` holds them."""
    return _unseen(_fold_sets(material, folds, frames), name, NO_OPTIONS, seed=material.study.seed)


def fold_means(study: Study, unseen: pd.DataFrame) -> Mapping[str, float]:
    """The mean over the folds of each figure that has a meaning there."""
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


def _fold_sets(material: Material, folds: Sequence[Fold], frames: Sequence[pd.DataFrame]) -> list[_FoldSet]:
    held = material.fold_columns if folds is material.folds else ()
    columns = held or (material.columns,) * len(folds)
    parts = zip(folds, frames, columns, strict=True)
    return [_fold_set(replace(material, columns=kept), fold, frame) for fold, frame, kept in parts]


def _fold_set(material: Material, fold: Fold, frame: pd.DataFrame) -> _FoldSet:
    learning = material.study.learning
    validated = learning.iloc[fold.validate]
    rows = known_before(learning.iloc[fold.train], fold, unknown=material.study.spec.unknown)
    return _FoldSet(training_set(material, rows, frame), inputs_of(material, frame, validated.index), validated)


def _unseen(sets: Sequence[_FoldSet], name: str, options: Options, *, seed: int) -> pd.DataFrame:
    def scored(number: int) -> pd.DataFrame:
        one = sets[number]
        log_odds = CANDIDATES[name](one.training, seed=seed, options=options).log_odds(one.inputs)
        told = one.validated[["label"]].assign(fold=number, learnt=len(one.training.label))
        return told.assign(log_odds=log_odds, amount=one.validated["claimed_amount"])

    with ThreadPoolExecutor(_at_once(sets, name)) as pool:
        return pd.concat(pool.map(scored, range(len(sets))))


def _at_once(sets: Sequence[_FoldSet], name: str) -> int:
    """How many folds learn at the same time: several where a fit keeps to one thread and frees Python's lock."""
    small = all(len(one.training.label) < FEW_CLAIMS for one in sets)
    return AT_ONCE if small and name in FREE else 1
