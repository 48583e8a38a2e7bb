"""What every benchmark has in common: its cases, the steps it measures, the targets it answers to.

One case is one child process that prints one JSON object, so that its peak memory is its own.
Refuses to import anything heavy: a parent's memory would count as its child's.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import peak_memory_gb

ROOT = Path(__file__).parent.parent
Step = Mapping[str, float]
Result = Mapping[str, Any]
"""One measured case: `case`, `steps` (name to a `Step`), `facts`, `load_average` and `command`."""


@dataclass(frozen=True)
class Target:
    """One promise and what came of it; `met` is None where its case was not run."""

    promise: str
    measured: str
    met: bool | None


@dataclass(frozen=True)
class Benchmark:
    """One subject to measure. `cases` and `quick` hold the arguments of each child process."""

    name: str
    title: str
    cases: tuple[tuple[str, ...], ...]
    quick: tuple[tuple[str, ...], ...]
    targets: Callable[[Sequence[Result]], list[Target]]


@dataclass(frozen=True)
class Meter:
    """Measures named steps of this process: wall and CPU seconds, and the peak of memory so far."""

    steps: dict[str, Step] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure the block as the step `name`."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.steps[name] = {
            "wall_seconds": round(time.perf_counter() - wall, 2),
            "cpu_seconds": round(time.process_time() - processor, 2),
            "peak_memory_gb": peak_memory_gb(),
        }


def run_case(name: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Measure one case in a child process of its own."""
    words = ["-m", f"benchmarks.{name}", *arguments]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return {"command": " ".join(["python", *words]), **json.loads(done.stdout)}


def print_result(case: Mapping[str, object], steps: Mapping[str, Step], **facts: object) -> None:
    """Print what a case measured, for the parent or for a person."""
    load = [round(value, 1) for value in os.getloadavg()]
    result = {"case": dict(case), "steps": dict(steps), "facts": facts, "load_average": load}
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


def of_case(results: Sequence[Result], **case: object) -> Result | None:
    """The result whose case holds all of these values, if it was measured."""
    return next((result for result in results if case.items() <= result["case"].items()), None)
