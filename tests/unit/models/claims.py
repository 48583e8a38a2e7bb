"""Small generated claims with one planted signal, for every test of a model."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.interface import FloatArray, TrainingSet

PLANTED = "garage_claims_90d"


def feature(name: str, kind: str = "numeric") -> FeatureColumn:
    return FeatureColumn(name, "categorical" if kind == "categorical" else "numeric", "", "{value}", "{value}")


COLUMNS = (
    feature(PLANTED),
    feature("claimed_amount"),
    feature("vehicle", "categorical"),
    feature("currency", "categorical"),
    feature("late_hours"),
    feature("branch_number"),
)


def training_set(claims: int = 400, *, seed: int = 0, steep: float = 2.0, rate: float = 0.25) -> TrainingSet:
    """`PLANTED` raises suspicion; amount, vehicle and hours say nothing; currency and branch never change."""
    rng = np.random.default_rng(seed)
    planted = rng.normal(size=claims)
    frame = pd.DataFrame(
        {
            PLANTED: planted,
            "claimed_amount": np.exp(rng.normal(7, 1, claims)),
            "vehicle": pd.Categorical(rng.choice(["sedan", "sport", "van"], claims)),
            "currency": pd.Categorical(["EUR"] * claims),
            "late_hours": np.where(rng.random(claims) < 0.2, np.nan, rng.uniform(0, 48, claims)),
            "branch_number": np.full(claims, 7.0),
        },
        index=pd.Index([f"C-{i}" for i in range(claims)], name="claim_id"),
    )
    log_odds = steep * planted + np.log(rate / (1 - rate))
    label = (rng.random(claims) < 1 / (1 + np.exp(-log_odds))).astype(np.int64)
    reported_at = np.datetime64("2025-01-01") + np.arange(claims).astype("timedelta64[h]")
    return TrainingSet(COLUMNS, frame, label, reported_at)


def only(training: TrainingSet, names: Sequence[str]) -> TrainingSet:
    """The same claims with some of the features."""
    columns = tuple(column for column in training.columns if column.name in names)
    return dataclasses.replace(training, columns=columns, frame=training.frame[list(names)])


def labelled(training: TrainingSet, label: npt.NDArray[np.int64]) -> TrainingSet:
    """The same claims with other labels."""
    return dataclasses.replace(training, label=label)


def auc(label: npt.NDArray[np.int64], log_odds: FloatArray) -> float:
    """How often a positive is ranked above a negative, by counting every pair."""
    higher = log_odds[label == 1][:, None] - log_odds[label == 0][None, :]
    return float((higher > 0).mean() + (higher == 0).mean() / 2)
