"""Plain functions as Prefect tasks that a person recognises, on the terminal and in Prefect's page.

Refuses to cache or persist: a table of claims never reaches Prefect.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging.handlers import PrefectConsoleHandler
from prefect.runtime import deployment

from perito.domain.errors import PeritoError, ServiceError
from perito.entrypoints.console import working_on
from perito.entrypoints.flows.artifacts import ProgressBar
from perito.entrypoints.interrupts import stop_if_interrupted
from perito.entrypoints.once import settle_code

MAIN = "main.py"
RUN_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")
WAITS_SECONDS = (5.0, 15.0, 45.0)
P = ParamSpec("P")
R = TypeVar("R")

_seconds: ContextVar[dict[str, float]] = ContextVar("seconds")
"""How long each step of this run took, by its key in the document."""


class _Whole:
    """The bar of a whole run, a step at a time."""

    def __init__(self, bar: ProgressBar, steps: int) -> None:
        self._bar, self._steps, self._done = bar, steps, 0

    def one_more(self) -> None:
        self._done += 1
        self._bar.move(self._done, max(self._steps, self._done))


_whole: ContextVar[_Whole] = ContextVar("whole")


def step(key: str, name: str, work: Callable[P, R], *, patient: bool = False) -> Callable[P, R]:
    """`work` as a Prefect task that also shows itself on the terminal, with a bar where it tells how far it is.

    A `patient` step may be done again: where a worker runs it and a server does not answer, it
    waits and tries again, so that a restart of MLflow or PostgreSQL does not cost an hour of training.
    """

    @wraps(work)
    def shown(*args: P.args, **kwargs: P.kwargs) -> R:
        started = time.monotonic()
        with working_on(name, also=ProgressBar(key, name).move):
            done = work(*args, **kwargs)
        stop_if_interrupted()
        _whole.get().one_more()
        _seconds.get()[key] = round(time.monotonic() - started, 2)
        return done

    return task(
        name=name,
        task_run_name=name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(WAITS_SECONDS) if patient else 0,
        retry_delay_seconds=list(WAITS_SECONDS),
        retry_condition_fn=_server_is_away if patient else None,
    )(shown)


def _server_is_away(what: object, run: object, state: Any) -> bool:
    """Nobody waits in front of a scheduled run, so it is patient; a person is told at once."""
    return bool(deployment.id) and isinstance(state.result(raise_on_failure=False), ServiceError)


def hush_terminal() -> None:
    """Keep Prefect's lines off the terminal, where ours are; its server still gets all of them.

    By its handler, since `main.py` has loaded Prefect before anybody could tell it by a variable.
    """
    for handler in logging.getLogger().handlers:
        if isinstance(handler, PrefectConsoleHandler):
            handler.setLevel(logging.CRITICAL)


def without_our_traces(record: logging.LogRecord) -> bool:
    """Take the traceback off a record about an error of ours: its sentence says what to do, and is in the message."""
    if record.exc_info and isinstance(record.exc_info[1], PeritoError):
        record.exc_info, record.exc_text = None, None
    return True


def begin(steps: int) -> Mapping[str, float]:
    """Begin a run of so many steps: settle a scheduled run's code, and show in one bar how far the whole is.

    Returns how long each step took, by its key; it grows with them.
    """
    for name in RUN_LOGGERS:
        logging.getLogger(name).addFilter(without_our_traces)  # once, however often it is added
    if deployment.id:
        settle_code(Path.cwd() / MAIN)
    seconds: dict[str, float] = {}
    _seconds.set(seconds)
    _whole.set(_Whole(ProgressBar("run", "How far the whole run is"), steps))
    return seconds
