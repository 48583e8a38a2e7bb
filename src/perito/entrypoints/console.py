"""What a person sees on the terminal while work goes on. Everything here goes to standard error.

Standard output is kept for results. Refuses to animate where nobody watches.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

console = Console(stderr=True, highlight=False)


_shown: ContextVar[Callable[[int, int], None]] = ContextVar("shown")
"""Moves the bar of the step that is going on; set by `working_on`."""


@contextmanager
def working_on(step: str, also: Callable[[int, int], None] = lambda done, of: None) -> Iterator[None]:
    """Show that a step is going on, with a bar once `show_progress` is called, and how long it took at the end.

    `also` is told of every move of the bar.
    """
    started = time.monotonic()
    columns = SpinnerColumn(), TextColumn("{task.description} …"), BarColumn(20), TextColumn("{task.fields[done]}")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(step, total=None, done="")

        def move(done: int, of: int) -> None:
            progress.update(bar, completed=done, total=of or None, done=f"{done} of {of}" if of else f"{done}")
            also(done, of)

        token = _shown.set(move)
        try:
            yield
        finally:
            _shown.reset(token)
    console.print(f"  {step}  [dim]{time.monotonic() - started:.1f} s[/dim]")


def show_progress(done: int, of: int) -> None:
    """Move the bar of the step that is going on; `of` 0 where nobody knows how many there will be."""
    _shown.get()(done, of)


def print_json(document: Mapping[str, object]) -> None:
    """Write one JSON document to standard output, and nothing else."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
