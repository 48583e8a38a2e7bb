"""Settings are tried by the folds and taken only when they are surely better."""

import numpy as np
import pandas as pd

from perito.learning.tuning import RANGES, TRIALS, tune
from perito.models.interface import Options

LABEL = (np.random.default_rng(0).random(600) < 0.3).astype(float)
NOISE = np.random.default_rng(1).normal(0, 1, 600)


def scored(strength: float) -> pd.DataFrame:
    return pd.DataFrame({"label": LABEL, "log_odds": strength * (2 * LABEL - 1) + NOISE})


def better_with_less(options: Options) -> pd.DataFrame:
    """The smaller C, the better the folds; the default is the worst."""
    return scored(0.0 if not options else 1.0 - options["C"])


def indifferent(options: Options) -> pd.DataFrame:
    """Settings change the scores, and none is better than another."""
    wobble = np.random.default_rng(round(1e6 * options.get("C", 0))).normal(0, 0.05, len(LABEL))
    return scored(0.5).assign(log_odds=lambda rows: rows["log_odds"] + wobble)


def test_a_setting_that_is_surely_better_is_taken() -> None:
    tuned = tune("linear", better_with_less, seed=0)

    assert tuned.options["C"] < 0.1
    assert tuned.gain > tuned.error > 0
    assert tuned.trials == TRIALS


def test_within_the_noise_the_defaults_stay() -> None:
    assert not tune("linear", indifferent, seed=0).options


def test_the_same_seed_chooses_the_same_and_every_trial_is_told() -> None:
    told: list[tuple[int, int]] = []
    one = tune("linear", better_with_less, seed=3, tried=lambda done, of: told.append((done, of)))

    assert tune("linear", better_with_less, seed=3) == one
    assert told == [(done, TRIALS) for done in range(1, TRIALS + 1)]


def test_a_budget_of_no_time_and_a_kind_without_ranges_keep_the_defaults() -> None:
    assert tune("linear", better_with_less, seed=0, seconds=0).trials == 0
    assert "keras" not in RANGES
    assert tune("keras", better_with_less, seed=0).trials == 0


def test_a_time_budget_stops_the_search() -> None:
    tuned = tune("linear", better_with_less, seed=0, seconds=0.3)

    assert tuned.trials > 0
    assert tuned.options
