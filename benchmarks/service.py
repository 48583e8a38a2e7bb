"""Times what a run of a worker costs before its first line of work, with all services on this machine.

The services are those of the compose file, started without Docker in a checkout of their own.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.measuring import ROOT, Benchmark, Result, Target, of_case, print_result

if TYPE_CHECKING:
    from tests.in_service import Checkout

RUNS = 9
SECONDS = 10
STARTED, WAITED = "process to first task", "asked to first task"
FLOW = "perito-monitor/monitor"


def _targets(results: Sequence[Result]) -> list[Target]:
    promise = "A scheduled run reaches its first line of work at most 10 s after its process starts"
    found = of_case(results, runs=RUNS)
    if found is None:
        return [Target(promise, "not measured", None)]
    slowest = found["facts"]["slowest_seconds"]
    median = found["steps"][STARTED]["wall_seconds"]
    return [Target(promise, f"{median:.1f} s, the slowest of {RUNS} {slowest:.1f} s", slowest <= SECONDS)]


BENCHMARK = Benchmark(
    name="service",
    title="A run in service",
    cases=(("--runs", str(RUNS)),),
    quick=(("--runs", "1"),),
    targets=_targets,
)


def time_run(checkout: "Checkout") -> tuple[float, float]:
    """Seconds from the start of a run's process, and from asking for the run, to the start of its first task."""
    run = checkout.start_run(FLOW)
    checkout.ended(run)
    tasks = {"flow_runs": {"id": {"any_": [run]}}, "sort": "EXPECTED_START_TIME_ASC"}
    first = min(_instant(one["start_time"]) for one in checkout.prefect("/task_runs/filter", tasks))
    asked = _instant(checkout.prefect(f"/flow_runs/{run}")["expected_start_time"])
    states = checkout.prefect(f"/flow_run_states/?flow_run_id={run}")
    # Prefect calls a run pending when its worker begins to start the process.
    began = min(_instant(one["timestamp"]) for one in states if one["type"] == "PENDING")
    return (first - began).total_seconds(), (first - asked).total_seconds()


def measure(runs: int) -> None:
    """Start a run `runs` times, one after the other, and print the medians."""
    sys.path.insert(0, str(ROOT))
    from tests.in_service import in_service

    with TemporaryDirectory() as data, in_service(Path(data), main=(ROOT / "main.py").read_text()) as checkout:
        checkout.run("python", "deployment.py", "--monitor", "0 0 1 1 *", "--cron", "0 0 1 1 *")
        time_run(checkout)  # once uncounted, so that the disk's cache is the same for all
        times = [time_run(checkout) for _ in range(runs)]
    started, waited = zip(*times, strict=True)
    steps = {
        name: {"wall_seconds": round(statistics.median(of), 2)} for name, of in ((STARTED, started), (WAITED, waited))
    }
    print_result({"runs": runs}, steps, slowest_seconds=round(max(started), 2))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how many runs")
    measure(parser.parse_args().runs)


if __name__ == "__main__":
    main()
