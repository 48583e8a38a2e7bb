"""Plain functions as Prefect tasks that a person recognises, on the terminal and in Prefect's page.

Refuses to cache or persist: a table of claims never reaches Prefect.
"""

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE

from perito.entrypoints.console import working_on
from perito.entrypoints.flows.artifacts import ProgressBar
from perito.entrypoints.interrupts import stop_if_interrupted

P = ParamSpec("P")
R = TypeVar("R")

_seconds: ContextVar[dict[str, float]] = ContextVar("seconds")
"""How long each step of this run took, by its key in the document."""


def step(key: str, name: str, work: Callable[P, R]) -> Callable[P, R]:
    """`work` as a Prefect task that also shows itself on the terminal, with a bar where it tells how far it is."""

    @wraps(work)
    def shown(*args: P.args, **kwargs: P.kwargs) -> R:
        started = time.monotonic()
        with working_on(name, also=ProgressBar(key, name).move):
            done = work(*args, **kwargs)
        stop_if_interrupted()
        _seconds.get()[key] = round(time.monotonic() - started, 2)
        return done

    return task(name=name, cache_policy=NO_CACHE, persist_result=False)(shown)


def timed() -> Mapping[str, float]:
    """Begin to note how long the steps of a run take; the mapping grows with them."""
    seconds: dict[str, float] = {}
    _seconds.set(seconds)
    return seconds
