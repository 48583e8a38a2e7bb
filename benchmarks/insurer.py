"""What a model that learnt from the investigated claims alone earns, beside one that was told the whole truth.

A simulated insurer of 200,000 claims, 5 % of them investigated, 30 rings. Both models are made by
the same steps and rank by expected net money; both are paid by the truth. Refuses Keras: on 150,000
claims with a known truth it would take an hour.
"""

import argparse
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from benchmarks.books import load
from benchmarks.machine import describe
from benchmarks.measuring import ROOT
from perito.datasets.reader import load_spec
from perito.engine import Engine
from perito.evaluation.places import desk_places
from perito.evaluation.promotion import compare
from perito.learning import Material, blend, find_what_holds, gather_material, hold_to, train_candidate
from perito.learning.opening import opening_order
from perito.models.interface import select_features
from perito.simulate.insurer import simulate_insurer
from perito.simulate.parameters import Parameters
from perito.simulate.writing import write_book
from perito.study import Study, open_study

NAMES = ("linear", "scorecard", "lightgbm", "catboost")
SEEDS = (301, 302, 303)


def told_everything(study: Study, truth: pd.Series) -> Study:
    """The same study, in which every claim of the training side was investigated at once and without an error."""
    train = study.claims.loc[pd.Index(study.plan.train)]
    label = truth[train.index].to_numpy(dtype=np.float64)
    return replace(study, learning=train.assign(label=label, known_at=train["reported_at"]))


def order_of(material: Material) -> pd.Series:
    """What the desk opens the claims of the test side by, after learning, blending and calibrating."""
    material = hold_to(material, find_what_holds(material))
    blended = blend(material, {name: train_candidate(material, name, tuning_seconds=0) for name in NAMES})
    test = pd.Index(material.study.plan.test)
    model = blended.candidate.model
    log_odds = model.log_odds(select_features(material.frame.loc[test], model.columns))
    return opening_order(material.study, pd.Series(log_odds, index=test))


def measure(claims: int, rings: int, seed: int) -> dict[str, object]:
    """One book: net money at capacity of both models by the truth, and their ratio."""
    parameters = replace(Parameters.of_size(claims), investigated_share=0.05, rings=rings)
    with TemporaryDirectory(prefix="perito-insurer-") as scratch, Engine() as engine:
        written = write_book(simulate_insurer(parameters, seed=seed), Path(scratch) / "book")
        assert written.truth is not None
        truth = pd.read_parquet(written.truth).set_index("claim_id")["fraud"].astype(np.float64)
        study = open_study(load(written.folder, engine), load_spec("simulated"))
        material = gather_material(study)
        investigated = order_of(material)
        told = order_of(replace(material, study=told_everything(study, truth)))
    test = study.kept_apart
    places = desk_places(study.spec.desk, len(test)).ranked
    amounts, label = test["claimed_amount"], truth[test.index]
    found = compare(
        told[test.index],
        investigated[test.index],
        label,
        amounts,
        capacity=places,
        money=study.spec.money,
        seed=0,
        floor=0.0,
    )
    earned, best = found.challenger.value, found.champion.value
    assert earned is not None
    assert best is not None
    return {
        "seed": seed,
        "learnt_from": len(study.learning),
        "investigated": round(earned),
        "truth": round(best),
        "share": round(earned / best, 3),
        "difference": found.difference.document(),
    }


def main() -> None:
    """Print and store one row for each seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.insurer", description=__doc__)
    parser.add_argument("--claims", type=int, default=200_000)
    parser.add_argument("--rings", type=int, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "quality" / "insurer.json")
    options = parser.parse_args()
    rows = []
    for seed in options.seeds:
        rows.append(measure(options.claims, options.rings, seed))
        sys.stderr.write(f"{rows[-1]}\n")
    told = {"date": datetime.now(UTC).date().isoformat(), "machine": describe(), "rows": rows}
    options.out.write_text(
        json.dumps(told | {"claims": options.claims, "blended": NAMES}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
