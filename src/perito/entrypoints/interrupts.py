"""An interrupt is obeyed even if a library swallowed it. Refuses to stop inside a step: between two it is safe.

Python drops an exception that is raised in a callback of compiled code, and Ctrl-C then says nothing.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked = threading.Event()


@contextmanager
def heeding_interrupts() -> Iterator[None]:
    """Remember an interrupt besides raising it, until the block ends; `stop_if_interrupted` then raises it again."""
    _asked.clear()
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is interrupted, and only it may say how
        return
    before = signal.signal(signal.SIGINT, _remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        _asked.clear()


def stop_if_interrupted() -> None:
    """Raise KeyboardInterrupt if there was an interrupt inside `heeding_interrupts` and work went on regardless."""
    if _asked.is_set():
        raise KeyboardInterrupt


def _remember(number: int, frame: FrameType | None) -> None:
    _asked.set()
    signal.default_int_handler(number, frame)
