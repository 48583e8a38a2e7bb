"""Runs the benchmarks, stores their results and writes the page of them: `python -m benchmarks [NAME...] [--quick]`."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import features, postgres, rings, scoring, service, simulate, startup
from benchmarks.machine import describe
from benchmarks.measuring import ROOT, Benchmark, Target, run_case
from benchmarks.page import render_page

BENCHMARKS = {
    each.BENCHMARK.name: each.BENCHMARK for each in (startup, simulate, scoring, features, rings, postgres, service)
}
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"


def run(benchmark: Benchmark, *, quick: bool) -> dict[str, object]:
    """Run every case of a benchmark; what its file in `results` holds."""
    results = [run_case(benchmark.name, case) for case in (benchmark.quick if quick else benchmark.cases)]
    return {
        "benchmark": benchmark.name,
        "title": benchmark.title,
        "command": f"python -m benchmarks {benchmark.name}{' --quick' if quick else ''}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": describe(),
        "targets": [asdict(target) for target in benchmark.targets(results)],
        "results": results,
    }


def tell(target: Target) -> str:
    """One line for a person who waits."""
    return f"  {target.promise}: {target.measured}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the named benchmarks, all by default. A quick trial is stored only where `--out` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="tiny cases: does everything still run?")
    parser.add_argument("--out", type=Path, help="folder for the results instead of benchmarks/results")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - BENCHMARKS.keys())
    if unknown:
        parser.error(f"expected names of {', '.join(BENCHMARKS)}; {', '.join(unknown)} came")
    folder = options.out or (None if options.quick else RESULTS)
    for name in options.names or BENCHMARKS:
        _run_and_store(BENCHMARKS[name], folder, quick=options.quick)
    if folder == RESULTS:
        PAGE.write_text(render_page(RESULTS), encoding="utf-8")


def _run_and_store(benchmark: Benchmark, folder: Path | None, *, quick: bool) -> None:
    sys.stderr.write(f"{benchmark.title} ...\n")
    document = json.dumps(run(benchmark, quick=quick), indent=1)
    if folder is None:
        sys.stdout.write(document + "\n")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{benchmark.name}.json").write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
