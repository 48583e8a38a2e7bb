"""Times the default catalogue over a simulated insurer, apart from reading and validating its files."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Benchmark, Meter, Result, Target, of_case, print_result, run_case

SIZES = (100_000, 1_000_000, 10_000_000)
LARGEST_WHOLE = 2_000_000
"""Claims up to which all steps are run. Beyond it reading may need more than the machine has, and
the features do not fit into one pandas frame: each million is half a gigabyte."""
NEAR_LINEAR = 13
"""Ten times the claims may cost this many times the CPU seconds: sorting adds a little to ten.
Wall seconds are told too, but a neighbour's load on one of two runs would decide by them."""
HASH_KEY = b"benchmark"
ENGINE_MEMORY = "50%"
"""The default of the engine: half of the machine."""


def _targets(results: Sequence[Result]) -> list[Target]:
    return [_fast(results), _small(results), *(_linear(results, size) for size in SIZES[:-1])]


def _fast(results: Sequence[Result]) -> Target:
    promise = "the features of 1 million claims take at most 60 s"
    found = of_case(results, claims=SIZES[1])
    if found is None:
        return Target(promise, "not measured", None)
    seconds = found["steps"]["build"]["wall_seconds"]
    return Target(promise, f"{seconds:.1f} s", seconds <= 60)


def _small(results: Sequence[Result]) -> Target:
    promise = "the features of 1 million claims need at most 4 GB"
    found = of_case(results, claims=SIZES[1])
    if found is None:
        return Target(promise, "not measured", None)
    gigabytes = found["steps"]["frame"]["peak_memory_gb"]
    return Target(promise, f"{gigabytes:.1f} GB, the pandas frame included", gigabytes <= 4)


def _linear(results: Sequence[Result], size: int) -> Target:
    promise = f"features: {size * 10:,} claims cost at most {NEAR_LINEAR} times the CPU of {size:,}"
    small, large = of_case(results, claims=size), of_case(results, claims=size * 10)
    if small is None or large is None:
        return Target(promise, "not measured", None)
    wall, processor = (
        large["steps"]["build"][unit] / small["steps"]["build"][unit] for unit in ("wall_seconds", "cpu_seconds")
    )
    measured = f"{processor:.1f} times the CPU seconds, {wall:.1f} times the seconds"
    return Target(promise, measured, processor <= NEAR_LINEAR)


BENCHMARK = Benchmark(
    name="features",
    title="Features of the default catalogue",
    cases=tuple(("--claims", str(size)) for size in SIZES),
    quick=(("--claims", "2000"),),
    targets=_targets,
)


def read(folder: Path, memory: str) -> None:
    """Read and validate the book as the main job does."""
    from perito.datasets.reader import load_spec
    from perito.engine import Engine
    from perito.validation import read_book

    meter = Meter()
    with Engine(memory_limit=memory) as engine, meter.step("read and validate"):
        validated = read_book(load_spec("simulated"), folder, engine, hash_key=HASH_KEY)
    print_result({}, meter.steps, accepted=validated.accepted)


def build(folder: Path, memory: str) -> None:
    """Build the features of a book that lies in the engine, and take them out as a frame unless it is too large."""
    from benchmarks.books import load
    from perito.engine import Engine
    from perito.features.build import build_features

    meter = Meter()
    with Engine(memory_limit=memory) as engine:
        with meter.step("load"):
            book = load(folder, engine)
        with meter.step("build"):
            table = build_features(book)
        if engine.count("features") <= LARGEST_WHOLE:
            with meter.step("frame"):
                table.frame()
        rows = {name: engine.count(name) for name in ("claims", "policies", "parties", "dispositions")}
    print_result({}, meter.steps, features=len(table.features), rows=rows)


STEPS: Mapping[str, Callable[[Path, str], None]] = {"read": read, "build": build}


def measure(claims: int, memory: str) -> None:
    """Simulate a book in one process, then run each step of it in another, and print what they took."""
    with TemporaryDirectory(prefix="perito-benchmark-") as scratch:
        folder = Path(scratch)
        run_case("simulate", ("--claims", str(claims), "--seed", "1", "--out", str(folder)))
        wanted = STEPS if claims <= LARGEST_WHOLE else ("build",)
        arguments = ("--folder", str(folder / "book"), "--memory", memory)
        done = [run_case("features", ("--step", name, *arguments)) for name in wanted]
    steps = {name: step for result in done for name, step in result["steps"].items()}
    facts = {name: fact for result in done for name, fact in result["facts"].items()}
    if claims > LARGEST_WHOLE:
        facts["not_run"] = f"reading and the pandas frame: made for up to {LARGEST_WHOLE:,} claims at a time"
    print_result({"claims": claims, "engine_memory": memory}, steps, **facts)


def main() -> None:
    """Measure one case, or one step of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    parser.add_argument("--claims", type=int, default=SIZES[1], help="claims in the book")
    parser.add_argument("--memory", default=ENGINE_MEMORY, help="what the engine may hold before it spills")
    parser.add_argument("--step", choices=STEPS, help="only this step, on the book in --folder")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.step:
        STEPS[options.step](options.folder, options.memory)
    else:
        measure(options.claims, options.memory)


if __name__ == "__main__":
    main()
