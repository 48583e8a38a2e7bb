"""Times batch scoring by the LightGBM model alone, with reasons for the first 1 % of the claims.

The model is trained by the real pipeline on a simulated book; the book's rows are then
repeated under new claim ids until there are enough to score.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.measuring import Benchmark, Meter, Result, Target, of_case, print_result, run_case

if TYPE_CHECKING:
    import pandas as pd

MILLION = 1_000_000
LEARNT_FROM = 200_000
EXPLAINED_SHARE = 0.01
FRAME = "frame.parquet"
MODEL = "model"


def _targets(results: Sequence[Result]) -> list[Target]:
    promise = "LightGBM scores 100,000 claims/s or more, the first 1 % with reasons"
    found = of_case(results, claims=MILLION)
    if found is None:
        return [Target(promise, "not measured", None)]
    speed = found["facts"]["claims_per_second"]
    return [Target(promise, f"{speed:,} claims/s", speed >= 100_000)]


BENCHMARK = Benchmark(
    name="scoring",
    title="Batch scoring with reasons",
    cases=(("--claims", str(MILLION)),),
    quick=(("--claims", "10000", "--learnt-from", "10000"),),
    targets=_targets,
)


def train(folder: Path, _claims: int) -> None:
    """Train LightGBM on the book in `folder`; leave the model, the usual values and the features there."""
    from benchmarks.books import load
    from perito.datasets.reader import load_spec
    from perito.engine import Engine
    from perito.learning import gather_material, inputs_learnt_from, train_candidate
    from perito.models import save_model
    from perito.scoring import usual_values, write_usual
    from perito.study import open_study

    meter = Meter()
    with Engine() as engine:
        study = open_study(load(folder / "book", engine), load_spec("simulated"))
        material = gather_material(study)
        with meter.step("train"):
            candidate = train_candidate(material, "lightgbm")
    save_model(candidate.model, folder / MODEL)
    write_usual(usual_values(inputs_learnt_from(material), material.columns), folder)
    material.frame[[column.name for column in material.columns]].to_parquet(folder / FRAME)
    print_result({}, meter.steps, features=len(material.columns), learnt_from=len(study.learning))


def score(folder: Path, claims: int) -> None:
    """Score `claims` claims with the model in `folder`, as a process that only scores.

    Loading includes one claim scored, for that is when the model's libraries are imported.
    """
    import pandas as pd

    from perito.models import load_model
    from perito.scoring import read_usual, score_claims

    frame = _repeated(pd.read_parquet(folder / FRAME), claims)
    explained = round(claims * EXPLAINED_SHARE)
    meter = Meter()
    with meter.step("load model"):
        model, usual = load_model(folder / MODEL), read_usual(folder)
        score_claims(model, frame.head(1), usual, capacity=1)
    with meter.step("score"):
        score_claims(model, frame, usual, capacity=explained, explain=explained)
    print_result({}, meter.steps, explained=explained)


def _repeated(frame: "pd.DataFrame", claims: int) -> "pd.DataFrame":
    rows = frame.iloc[[number % len(frame) for number in range(claims)]]
    return rows.set_axis([f"C{number:08d}" for number in range(claims)])


STEPS: Mapping[str, Callable[[Path, int], None]] = {"train": train, "score": score}


def measure(claims: int, learnt_from: int) -> None:
    """Simulate, train and score in one process each, and print what they took."""
    with TemporaryDirectory(prefix="perito-benchmark-") as scratch:
        run_case("simulate", ("--claims", str(learnt_from), "--seed", "1", "--out", scratch))
        arguments = ("--folder", scratch, "--claims", str(claims))
        done = [run_case("scoring", ("--step", name, *arguments)) for name in STEPS]
    steps = {name: step for result in done for name, step in result["steps"].items()}
    speed = round(claims / steps["score"]["wall_seconds"])
    facts = {name: fact for result in done for name, fact in result["facts"].items()}
    print_result({"claims": claims, "book_claims": learnt_from}, steps, claims_per_second=speed, **facts)


def main() -> None:
    """Measure one case, or one step of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scoring", description=__doc__)
    parser.add_argument("--claims", type=int, default=MILLION, help="claims to score")
    parser.add_argument("--learnt-from", type=int, default=LEARNT_FROM, help="claims in the book to learn from")
    parser.add_argument("--step", choices=STEPS, help="only this step, on the book in --folder")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.step:
        STEPS[options.step](options.folder, options.claims)
    else:
        measure(options.claims, options.learnt_from)


if __name__ == "__main__":
    main()
