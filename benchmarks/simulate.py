"""Times one simulated insurer, drawn and written, and prints JSON.

Run it with `python benchmarks/simulate.py --rows 1000000`.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from machine import describe, peak_memory_gb

from perito.simulate.insurer import simulate_insurer
from perito.simulate.parameters import Parameters
from perito.simulate.writing import write_book


def measure(rows: int, seed: int) -> dict[str, object]:
    """Draw a book of `rows` claims and write it to a folder that is then removed."""
    started = time.perf_counter()
    book = simulate_insurer(Parameters.of_size(rows), seed=seed)
    drawn = time.perf_counter()
    with TemporaryDirectory(prefix="perito-benchmark-") as scratch:
        summary = write_book(book, Path(scratch) / "book")
        written = time.perf_counter()
        size = sum(path.stat().st_size for path in summary.files)
    return {
        "benchmark": "simulate",
        "rows": dict(summary.rows),
        "seed": seed,
        "seconds": {"draw": round(drawn - started, 2), "write": round(written - drawn, 2)},
        "peak_memory_gb": peak_memory_gb(),
        "disk_mb": round(size / 1e6, 1),
        "machine": describe(),
    }


def main() -> None:
    """Read the options, measure once, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="claims in the book")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    json.dump(measure(options.rows, options.seed), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
