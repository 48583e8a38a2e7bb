"""Ctrl-C ends a run even where a library swallowed it."""

import signal
from contextlib import suppress

import pytest

from perito.entrypoints.interrupts import heeding_interrupts, stop_if_interrupted


def test_an_interrupt_that_was_swallowed_stops_the_work_at_the_next_step() -> None:
    with heeding_interrupts():
        stop_if_interrupted()
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            stop_if_interrupted()


def test_afterwards_interrupts_are_what_they_were_and_forgotten() -> None:
    before = signal.getsignal(signal.SIGINT)
    with heeding_interrupts(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    stop_if_interrupted()
