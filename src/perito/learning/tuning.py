"""Hyper-parameters chosen by the folds: tried by Optuna, taken only when they are surely better than the defaults.

Refuses a choice within the noise of the folds: then the defaults stay.
"""

import importlib
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from perito.models.interface import NO_OPTIONS, FloatArray, Options

TRIALS = 10
"""Settings tried for each kind of model when no time budget is given; so a run repeats itself."""
LUCK = 0.05
"""Chance that the best of settings that are all as good as the defaults is taken."""


@dataclass(frozen=True)
class Range:
    """What may be tried of one option: from `low` to `high`, in even steps of its logarithm unless `whole`."""

    low: float
    high: float
    whole: bool = False


RANGES: Mapping[str, Mapping[str, Range]] = MappingProxyType(
    {
        "linear": {"C": Range(0.003, 1.0)},
        "scorecard": {"C": Range(0.01, 1.0), "prior_positives": Range(2, 20), "positives_per_bin": Range(5, 40)},
        "lightgbm": {
            "num_leaves": Range(3, 12, whole=True),
            "min_data_in_leaf": Range(5, 60, whole=True),
            "lambda_l2": Range(0.1, 30),
            "feature_fraction": Range(0.3, 0.9),
            "cat_smooth": Range(2, 50),
        },
    }
)
"""Kind of model to option to what may be tried. A kind that is not here keeps its defaults."""

Tried = Callable[[int, int], None]
"""Told after every trial how many are done, and how many there will be (0: as many as the time allows)."""


@dataclass(frozen=True)
class Tuned:
    """The options that were chosen (none: the defaults), how many settings were tried, and the gain.

    `gain`: by how much the log loss per claim fell on the folds, against the defaults; `error`: its standard error.
    """

    options: Options
    trials: int
    gain: float
    error: float


def tune(
    name: str,
    unseen: Callable[[Options], pd.DataFrame],
    *,
    seed: int,
    seconds: float | None = None,
    tried: Tried = lambda done, of: None,
) -> Tuned:
    """Try settings of one kind of model; `unseen` scores the folds' claims with a setting, as `Candidate.unseen`.

    Without `seconds`, `TRIALS` settings are tried, and the same seed chooses the same; with
    them, as many as fit, which differs from machine to machine. The best by mean log loss is
    taken only if it beats the defaults, claim by claim, by more than the best of so many
    equals would (Bonferroni at `LUCK`). The search is Optuna's TPE (Akiba et al. 2019, KDD).
    """
    ranges = RANGES.get(name, {})
    if not ranges or seconds == 0:
        return Tuned(NO_OPTIONS, 0, 0.0, 0.0)
    losses, default = list[FloatArray](), _losses(unseen(NO_OPTIONS))

    def loss(trial: Any) -> float:
        losses.append(_losses(unseen(_suggested(trial, ranges))))
        tried(len(losses), 0 if seconds else TRIALS)
        return float(losses[-1].mean())

    best = _search(loss, seed=seed, trials=None if seconds else TRIALS, seconds=seconds)
    gains = default - losses[best.number]
    gain, error = float(gains.mean()), float(gains.std() / math.sqrt(len(gains)))
    surely = NormalDist().inv_cdf(1 - LUCK / len(losses))
    options = _suggested(best, ranges) if gain > surely * error else NO_OPTIONS
    return Tuned(options, len(losses), gain, error)


def _search(loss: Callable[[Any], float], *, seed: int, trials: int | None, seconds: float | None) -> Any:
    optuna = importlib.import_module("optuna")
    optuna.logging.set_verbosity(logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=TRIALS // 2))
    study.optimize(loss, n_trials=trials, timeout=seconds)
    return study.best_trial


def _suggested(trial: Any, ranges: Mapping[str, Range]) -> dict[str, float]:
    return {
        name: float(
            trial.suggest_int(name, round(one.low), round(one.high), log=True)
            if one.whole
            else trial.suggest_float(name, one.low, one.high, log=True)
        )
        for name, one in ranges.items()
    }


def _losses(unseen: pd.DataFrame) -> FloatArray:
    log_odds, label = unseen["log_odds"].to_numpy(dtype=np.float64), unseen["label"].to_numpy(dtype=np.float64)
    return np.logaddexp(0, np.where(label == 1, -log_odds, log_odds))
