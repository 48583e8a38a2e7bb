"""What Perito is measured against: the same claims and the same columns, in other hands.

A peer gets the features that passed the leakage gates and chooses nothing by the claims it is
measured on either. AutoGluon runs in a Python of its own, which `PERITO_PEERS_PYTHON` names:
its pins do not agree with ours.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import catboost
import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from perito.models.interface import FloatArray

Labels = npt.NDArray[np.int64]
AUTOGLUON_SECONDS = 600
AUTOGLUON = f"""
import sys
import pandas
from autogluon.tabular import TabularPredictor
folder, seed = sys.argv[1], int(sys.argv[2])
train, test = (pandas.read_parquet(f"{{folder}}/{{side}}.parquet") for side in ("train", "test"))
predictor = TabularPredictor(label="label", eval_metric="roc_auc", path=f"{{folder}}/models", verbosity=0)
predictor.fit(train, presets="best_quality", time_limit={AUTOGLUON_SECONDS}, num_cpus=2, num_gpus=0)
score = predictor.predict_proba(test, as_multiclass=False)
score.to_frame("score").to_parquet(f"{{folder}}/score.parquet")
"""


@dataclass(frozen=True)
class Peer:
    """Another way to rank. `rank` returns a score per row of the test inputs, or None where it is not installed."""

    name: str
    rank: Callable[[pd.DataFrame, Labels, pd.DataFrame, int], FloatArray | None]


def _logistic(train: pd.DataFrame, label: Labels, test: pd.DataFrame, seed: int) -> FloatArray:
    numbers = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore")
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_include="category")),
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=2000, random_state=seed)).fit(train, label)
    return np.asarray(model.decision_function(test), dtype=np.float64)


def _lightgbm(train: pd.DataFrame, label: Labels, test: pd.DataFrame, seed: int) -> FloatArray:
    model = lightgbm.LGBMClassifier(random_state=seed, n_jobs=2, verbosity=-1).fit(train, label)
    return np.asarray(model.predict_proba(test)[:, 1], dtype=np.float64)


def _catboost(train: pd.DataFrame, label: Labels, test: pd.DataFrame, seed: int) -> FloatArray:
    words = list(train.select_dtypes("category"))
    sides = [
        side.assign(**{name: side[name].astype(object).fillna("").astype(str) for name in words})
        for side in (train, test)
    ]
    model = catboost.CatBoostClassifier(random_seed=seed, thread_count=2, verbose=False, allow_writing_files=False)
    model.fit(sides[0], label, cat_features=words)
    return np.asarray(model.predict(sides[1], prediction_type="RawFormulaVal"), dtype=np.float64)


def _autogluon(train: pd.DataFrame, label: Labels, test: pd.DataFrame, seed: int) -> FloatArray | None:
    python = os.environ.get("PERITO_PEERS_PYTHON")
    if not python:
        sys.stderr.write("  AutoGluon is left out: PERITO_PEERS_PYTHON names no Python that has it\n")
        return None
    with TemporaryDirectory(prefix="perito-peers-") as scratch:
        for side, rows in (("train", train.assign(label=label)), ("test", test)):
            rows.reset_index(drop=True).to_parquet(Path(scratch) / f"{side}.parquet")
        subprocess.run([python, "-c", AUTOGLUON, scratch, str(seed)], check=True, capture_output=True)
        return pd.read_parquet(Path(scratch) / "score.parquet")["score"].to_numpy(dtype=np.float64)


PEERS = (
    Peer("logistic regression", _logistic),
    Peer("LightGBM, defaults", _lightgbm),
    Peer("CatBoost, defaults", _catboost),
    Peer("AutoGluon", _autogluon),
)
