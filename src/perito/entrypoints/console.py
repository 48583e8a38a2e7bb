"""What a person sees on the terminal while work goes on. Everything here goes to standard error.

Standard output is kept for results. Refuses to animate where nobody watches.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console

console = Console(stderr=True, highlight=False)


@contextmanager
def working_on(step: str) -> Iterator[None]:
    """Show that a step is going on, and how long it took once it is over."""
    started = time.monotonic()
    if console.is_terminal:
        with console.status(f"{step} …"):
            yield
    else:
        yield
    console.print(f"  {step}  [dim]{time.monotonic() - started:.1f} s[/dim]")


def print_json(document: Mapping[str, object]) -> None:
    """Write one JSON document to standard output, and nothing else."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
