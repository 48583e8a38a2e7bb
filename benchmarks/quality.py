"""How well Perito ranks claims of a later period, beside peers that learn from the same columns in the same run.

`python -m benchmarks.quality DIR [TASK...]`; DIR holds the tables that docs/results.md names.
Everything is chosen by the training side; the test side is read here, once, to report.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import describe
from benchmarks.peers import PEERS, Peer
from benchmarks.quality_page import render
from perito.datasets.reader import load_spec
from perito.datasets.spec import DatasetSpec, Split
from perito.domain.errors import MissingExtra, SourceError
from perito.engine import Engine
from perito.evaluation.metrics import evaluate
from perito.features.columns import FeatureColumn
from perito.learning import (
    Blended,
    Candidate,
    Material,
    blend,
    find_what_holds,
    gather_material,
    hold_to,
    judge,
    train_candidate,
)
from perito.learning.fairness import protected_values
from perito.models import CANDIDATES
from perito.models.interface import FloatArray, select_features
from perito.simulate.catalogue import simulate
from perito.study import Study, open_study
from perito.validation import read_book

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "quality"
FIGURES = ("auc", "average_precision", "recall_at_capacity")
CAPACITY = 0.1
HASH_KEY = b"a key for benchmarks alone, nothing is kept"
AUTO_SEEDS = tuple(range(10))
TWIN_ROWS = 53_503

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One question: a dataset, its split, and where the outcomes of the claims reported on come from."""

    name: str
    title: str
    spec: DatasetSpec
    seeds: tuple[int, ...] = (0,)
    test_from: date | None = None
    test_to: date | None = None
    truth: Callable[[Path], pd.Series] | None = None
    reach: Mapping[str, float] | None = None


def motor_truth(data: Path) -> pd.Series:
    """The truth of the motor network's claims, 1 or 0 by `claim_id`: for measuring alone."""
    rows = pd.read_csv(data / "motor_network" / "claims.csv", dtype={"ClaimID": str})
    return rows.set_index("ClaimID")["Fraud"].astype(int)


def tasks() -> tuple[Task, ...]:
    """The questions that are asked, with what is to be reached."""
    auto, motor = load_spec("auto-claims-customers"), load_spec("motor-network")
    reach = ("auc", "average_precision", "recall_at_capacity")
    vehicle = load_spec("vehicle-claims")
    return (
        Task(
            "vehicle-1995",
            "Vehicle claims, 1994 → 1995",
            vehicle,
            test_from=date(1995, 1, 1),
            test_to=date(1996, 1, 1),
            reach=dict(zip(reach, (0.82, 0.19, 0.31), strict=True)),
        ),
        Task(
            "vehicle-1996",
            "Vehicle claims, 1994-95 → 1996",
            vehicle,
            test_from=date(1996, 1, 1),
            test_to=date(1997, 1, 1),
            reach=dict(zip(reach, (0.79, 0.17, 0.27), strict=True)),
        ),
        Task(
            "motor",
            "Motor network, the 820 investigated → the 6,281 others, by the truth",
            replace(motor, split=Split("unlabelled")),
            truth=motor_truth,
            reach={"auc": 0.82, "average_precision": 0.23},
        ),
        Task(
            "auto",
            "Auto claims and customers, 60/40 by label",
            replace(auto, split=replace(auto.split, test_share=0.4)),
            seeds=AUTO_SEEDS,
            reach={"average_precision": 0.15},
        ),
        Task("twin", f"Kaggle policies, simulated twin of {TWIN_ROWS:,} rows", load_spec("kaggle-policies")),
    )


def learn(material: Material) -> tuple[Material, Blended, Mapping[str, Candidate]]:
    """What a run does between the leakage gates and the verdicts."""
    material = hold_to(material, find_what_holds(material))
    candidates: dict[str, Candidate] = {}
    for name in CANDIDATES:
        try:
            candidates[name] = train_candidate(material, name)
        except MissingExtra as lacking:
            sys.stderr.write(f"  {lacking}\n")
    return material, blend(material, candidates), candidates


def ask(task: Task, data: Path) -> Iterator[Row]:
    """Every seed of a task: a row for Perito, one for each of its candidates, and one for each peer."""
    for seed in task.seeds:
        with Engine() as engine:
            validated = read_book(task.spec, data, engine, hash_key=HASH_KEY, secrets={})
            study = open_study(validated.book, task.spec, test_from=task.test_from, test_to=task.test_to, seed=seed)
            label = _label(task, study, data)
            yield from _rows(study, label, seed)


def _label(task: Task, study: Study, data: Path) -> pd.Series:
    if task.truth is None:
        return study.reported_on["label"]
    truth = task.truth(data)
    return truth[[claim_id for claim_id in study.plan.test if claim_id in truth.index]]


def _rows(study: Study, label: pd.Series, seed: int) -> Iterator[Row]:
    material = gather_material(study)
    started = time.monotonic()
    held, blended, candidates = learn(material)
    seconds = time.monotonic() - started
    verdict = judge(blended.candidate, seed=seed)
    own = {"seed": seed, "learnability": verdict.verdict, "sentence": verdict.sentence()}
    yield own | _measured(study, label, "perito", _score(held, blended.candidate, label), seconds)
    for name, one in candidates.items():
        yield {"seed": seed} | _measured(study, label, f"perito's {name}", _score(held, one, label), one.seconds)
    for peer in PEERS:
        yield from _peer_row(peer, material, label, seed, "")
    if study.spec.protected:
        told, given = _with_protected(study, material), f", {' and '.join(study.spec.protected)} too"
        started = time.monotonic()
        held, blended, _ = learn(told)
        seconds = time.monotonic() - started
        yield {"seed": seed} | _measured(
            study, label, f"perito{given}", _score(held, blended.candidate, label), seconds
        )
        yield from _peer_row(PEERS[0], told, label, seed, given)


def _score(material: Material, candidate: Candidate, label: pd.Series) -> FloatArray:
    return candidate.model.log_odds(select_features(material.frame.loc[label.index], candidate.model.columns))


def _with_protected(study: Study, material: Material) -> Material:
    """The features and the protected attributes, which no run gives a model: what leaving them out costs."""
    values = protected_values(study)[list(study.spec.protected)]
    words = [name for name in values if values[name].dtype.kind not in "fiu"]
    values = values.astype(dict.fromkeys(words, "category"))
    more = tuple(FeatureColumn(str(name), "categorical" if name in words else "numeric", "", "", "") for name in values)
    return replace(
        material,
        frame=material.frame.join(values),
        columns=material.columns + more,
        fold_frames=tuple(frame.join(values) for frame in material.fold_frames),
    )


def _peer_row(peer: Peer, material: Material, label: pd.Series, seed: int, given: str) -> Iterator[Row]:
    """A peer's row; `given` says what it gets besides the features that passed the gates."""
    learning = material.study.learning
    wanted = [column.name for column in material.columns]
    inputs = [material.frame.loc[ids, wanted] for ids in (learning.index, label.index)]
    started = time.monotonic()
    score = peer.rank(inputs[0], learning["label"].to_numpy(dtype=np.int64), inputs[1], seed)
    if score is not None:
        seconds = time.monotonic() - started
        yield {"seed": seed} | _measured(material.study, label, f"{peer.name}{given}", score, seconds)


def _measured(study: Study, label: pd.Series, who: str, score: FloatArray, seconds: float) -> Row:
    sys.stderr.write(f"  {who} {seconds:.0f} s\n")
    figures = evaluate(score, label, None, capacity_share=CAPACITY, money=study.spec.money, seed=study.seed)
    return {"who": who, "seconds": round(seconds, 1)} | {name: figures[name].document() for name in FIGURES}


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask the named tasks, all by default; store the rows and write the page."""
    known = {task.name: task for task in tasks()}
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the tables")
    parser.add_argument("names", nargs="*", metavar="TASK", help=f"of {', '.join(known)}; all by default")
    options = parser.parse_args(arguments)
    results = RESULTS / "tasks.json"
    stored = json.loads(results.read_text(encoding="utf-8")) if results.is_file() else {"tasks": {}}
    with TemporaryDirectory(prefix="perito-quality-") as scratch:
        for name in options.names or known:
            task = known[name]
            sys.stderr.write(f"{task.title}\n")
            try:
                rows = list(ask(task, _folder(task, options.data, Path(scratch))))
            except SourceError as absent:
                sys.stderr.write(f"  skipped: {absent}\n")
                continue
            rows += _not_asked_now(rows, stored["tasks"].get(name))
            told = {"title": task.title, "reach": task.reach, "date": datetime.now(UTC).date().isoformat()}
            stored["tasks"][name] = told | {"machine": describe(), "rows": rows}
            results.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    write_page(stored["tasks"])


def _not_asked_now(rows: Sequence[Row], earlier: Mapping[str, Any] | None) -> list[Row]:
    """What an earlier run has of peers that are not installed now, each with the day it was measured."""
    if earlier is None:
        return []
    absent = {peer.name for peer in PEERS} - {row["who"] for row in rows}
    return [{"date": earlier["date"]} | row for row in earlier["rows"] if row["who"] in absent]


def write_page(tasks: Mapping[str, Any]) -> None:
    """Write docs/quality.md from what is stored, and print it."""
    insurer = RESULTS / "insurer.json"
    page = render(tasks, json.loads(insurer.read_text(encoding="utf-8")) if insurer.is_file() else None)
    (ROOT / "docs" / "quality.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def _folder(task: Task, data: Path, scratch: Path) -> Path:
    if task.name != "twin":
        return data
    simulate("kaggle-policies", folder=scratch / "twin", rows=TWIN_ROWS, seed=0)
    return scratch / "twin"


if __name__ == "__main__":
    main()
