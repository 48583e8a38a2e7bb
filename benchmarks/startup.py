"""Times `perito --help`, and names what its imports cost."""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import peak_memory_gb
from benchmarks.measuring import Benchmark, Result, Target, of_case, print_result

RUNS = 9
SLOWEST_PACKAGES = 8
COMMAND = "perito --help"


def _targets(results: Sequence[Result]) -> list[Target]:
    promise = "`perito --help` answers in less than 0.5 s"
    found = of_case(results, runs=RUNS)
    if found is None:
        return [Target(promise, "not measured", None)]
    seconds = found["steps"][COMMAND]["wall_seconds"]
    return [Target(promise, f"{seconds:.2f} s, the median of {RUNS}", seconds < 0.5)]


BENCHMARK = Benchmark(
    name="startup",
    title="Starting the command line",
    cases=(("--runs", str(RUNS)),),
    quick=(("--runs", "1"),),
    targets=_targets,
)


def time_help() -> float:
    """Wall seconds of one `perito --help`."""
    program = Path(sys.executable).with_name("perito")
    started = time.perf_counter()
    subprocess.run([program, "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def import_costs() -> dict[str, float]:
    """Milliseconds of import by top package, its own modules only, the slowest first."""
    words = [sys.executable, "-X", "importtime", "-c", "import perito.entrypoints.cli"]
    lines = subprocess.run(words, stderr=subprocess.PIPE, text=True, check=True).stderr.splitlines()
    costs: Counter[str] = Counter()
    for line in lines[1:]:
        own, _, module = line.removeprefix("import time:").split("|")
        costs[module.strip().split(".")[0]] += int(own)
    return {package: round(cost / 1000, 1) for package, cost in costs.most_common(SLOWEST_PACKAGES)}


def measure(runs: int) -> None:
    """Start the program `runs` times and print the median, the slowest and what imports cost."""
    time_help()  # once uncounted, so that the disk's cache is the same for all
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = [time_help() for _ in range(runs)]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / runs
    step = {
        "wall_seconds": round(statistics.median(seconds), 3),
        "cpu_seconds": round(processor, 3),
        "peak_memory_gb": peak_memory_gb(of=resource.RUSAGE_CHILDREN),
    }
    print_result(
        {"runs": runs}, {COMMAND: step}, slowest_seconds=round(max(seconds), 3), import_milliseconds=import_costs()
    )


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how often to start it")
    measure(parser.parse_args().runs)


if __name__ == "__main__":
    main()
