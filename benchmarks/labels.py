"""What each label policy earns on simulated books whose truth is known, beside a model that was told the truth.

Refuses real tables: only a simulator knows what nobody investigated. The truth is read for
the figures and for the model called `truth`, and for nothing else.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from benchmarks.books import load
from perito.datasets.reader import load_spec
from perito.datasets.spec import DatasetSpec
from perito.engine import Engine
from perito.evaluation.metrics import point_figures
from perito.evaluation.places import desk_places
from perito.learning import Material, gather_material, inputs_to_score
from perito.learning.material import training_set
from perito.models import CANDIDATES
from perito.models.interface import FloatArray, TrainingSet, select_features
from perito.simulate.insurer import simulate_insurer
from perito.simulate.parameters import Parameters
from perito.simulate.writing import write_book
from perito.study import open_study

TRUTH = "truth"
FIGURES = ("auc", "average_precision", "precision_at_capacity", "net_money_at_capacity")


@dataclass(frozen=True)
class Bench:
    """One simulated book, ready to be learnt from in any way, and its truth (1: suspicious in truth)."""

    material: Material
    truth: pd.Series


def policies() -> Mapping[str, DatasetSpec]:
    """The label policies compared."""
    spec = load_spec("simulated")
    return {
        "leave_out": replace(spec, unknown="leave_out", weighting="none"),
        "inverse_propensity": replace(spec, unknown="leave_out", weighting="inverse_propensity"),
        "unlabelled": replace(spec, unknown="unlabelled", weighting="none"),
        "positive_unlabelled": replace(spec, unknown="positive_unlabelled", weighting="none"),
    }


def training_sets(bench: Bench) -> Iterator[tuple[str, TrainingSet]]:
    """What each policy would have a model learn from; first the truth about every claim of the training side."""
    material, study = bench.material, bench.material.study
    train = study.claims.loc[pd.Index(study.plan.train)]
    yield (
        TRUTH,
        TrainingSet(
            material.columns,
            select_features(material.frame.loc[train.index], material.columns),
            bench.truth[train.index].to_numpy(dtype=np.int64),
            train["reported_at"].to_numpy(dtype="datetime64[us]"),
        ),
    )
    for name, spec in policies().items():
        asked = open_study(study.book, spec, seed=study.seed)
        yield name, training_set(replace(material, study=asked), asked.learning, material.frame)


def figures(bench: Bench, log_odds: FloatArray) -> Mapping[str, float]:
    """The figures of a ranking of every claim of the test side, by the truth."""
    test, spec = bench.material.study.kept_apart, bench.material.study.spec
    share = desk_places(spec.desk, len(test)).ranked / len(test)
    score = pd.Series(log_odds, index=inputs_to_score(bench.material).index)[test.index]
    measured = point_figures(
        score, bench.truth[test.index], test["claimed_amount"], capacity_share=share, money=spec.money
    )
    return {name: measured[name] for name in FIGURES}


def measure(claims: int, rings: int, seed: int, kinds: list[str]) -> pd.DataFrame:
    """One book, learnt by every policy with every kind of model: a row each, with its share of the truth's money."""
    parameters = replace(Parameters.of_size(claims), investigated_share=0.05, rings=rings)
    rows = []
    with TemporaryDirectory(prefix="perito-labels-") as scratch, Engine(threads=1) as engine:
        written = write_book(simulate_insurer(parameters, seed=seed), Path(scratch) / "book")
        material = gather_material(open_study(load(written.folder, engine), policies()["leave_out"]))
        assert written.truth is not None
        truth = pd.read_parquet(written.truth).set_index("claim_id")["fraud"].astype(float)
        bench = Bench(material, truth)
        for name, taught in training_sets(bench):
            for kind in kinds:
                model = CANDIDATES[kind](taught, seed=0)
                row = {"seed": seed, "model": kind, "policy": name}
                rows.append(row | dict(figures(bench, model.log_odds(inputs_to_score(material)))))
    table = pd.DataFrame(rows)
    best = table[table["policy"] == TRUTH].set_index("model")["net_money_at_capacity"]
    return table.assign(share_of_truth=table["net_money_at_capacity"] / table["model"].map(best))


def main() -> None:
    """Print the mean over the seeds, and every row with `--each`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labels", description=__doc__)
    parser.add_argument("--claims", type=int, default=60_000)
    parser.add_argument("--rings", type=int, default=9)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    parser.add_argument("--models", nargs="+", choices=list(CANDIDATES), default=["scorecard", "lightgbm"])
    parser.add_argument("--each", action="store_true")
    options = parser.parse_args()
    table = pd.concat([measure(options.claims, options.rings, seed, options.models) for seed in options.seeds])
    if options.each:
        print(table.round(3).to_string(index=False))
    mean = table.drop(columns="seed").groupby(["model", "policy"], sort=False).mean()
    worst = table.groupby(["model", "policy"], sort=False)["share_of_truth"].min().rename("worst_share")
    print(mean.join(worst).round(3).to_string())


if __name__ == "__main__":
    main()
