"""Times one simulated insurer, drawn and written."""

import argparse
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Benchmark, Meter, Result, Target, of_case, print_result

MILLION = 1_000_000


def _targets(results: Sequence[Result]) -> list[Target]:
    promise = "simulating 1 million claims takes less than 60 s"
    found = of_case(results, claims=MILLION)
    if found is None:
        return [Target(promise, "not measured", None)]
    seconds = sum(step["wall_seconds"] for step in found["steps"].values())
    return [Target(promise, f"{seconds:.1f} s", seconds < 60)]


BENCHMARK = Benchmark(
    name="simulate",
    title="Simulating an insurer",
    cases=(("--claims", str(MILLION)),),
    quick=(("--claims", "2000"),),
    targets=_targets,
)


def measure(claims: int, seed: int, folder: Path) -> None:
    """Draw a book of `claims` claims, write it to `folder`, and print what it took."""
    from perito.simulate.insurer import simulate_insurer
    from perito.simulate.parameters import Parameters
    from perito.simulate.writing import write_book

    meter = Meter()
    with meter.step("draw"):
        book = simulate_insurer(Parameters.of_size(claims), seed=seed)
    with meter.step("write"):
        summary = write_book(book, folder)
    size = sum(path.stat().st_size for path in summary.files)
    case = {"claims": claims, "seed": seed}
    print_result(case, meter.steps, rows=dict(summary.rows), disk_mb=round(size / 1e6, 1))


def main() -> None:
    """Measure one case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=__doc__)
    parser.add_argument("--claims", type=int, default=MILLION, help="claims in the book")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="keep the book in this folder; without it nothing is kept")
    options = parser.parse_args()
    with nullcontext(options.out) if options.out else TemporaryDirectory(prefix="perito-benchmark-") as folder:
        measure(options.claims, options.seed, Path(folder) / "book")


if __name__ == "__main__":
    main()
