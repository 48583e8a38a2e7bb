"""How often something runs, as a person writes it."""

from datetime import timedelta

import pytest

from perito.domain.errors import ParameterError
from perito.entrypoints.deploying.cadence import ANCHOR, Cron, Every, as_cadence, as_cron, as_every


@pytest.mark.parametrize(
    ("text", "seconds", "shown"),
    [
        ("10s", 10, "every 10s"),
        ("90s", 90, "every 90s"),
        ("15m", 900, "every 15m"),
        (" 2 H ", 7200, "every 2h"),
        ("60m", 3600, "every 1h"),
        ("366d", 366 * 86400, "every 366d"),
    ],
)
def test_an_interval_is_read_and_told_in_its_largest_unit(text: str, seconds: int, shown: str) -> None:
    every = as_every(text)
    assert every.interval == timedelta(seconds=seconds)
    assert every.shown == shown


@pytest.mark.parametrize(
    "text", ["", "0m", "9s", "367d", "-5m", "1.5h", "m", "15", "15 minutes", "\u0661\u0665m", "9" * 30 + "d"]
)
def test_what_is_no_interval_is_refused_with_the_option_and_a_remedy(text: str) -> None:
    with pytest.raises(ParameterError) as refused:
        as_every(text)
    assert refused.value.where == "--every"
    assert refused.value.remedy


@pytest.mark.parametrize("line", ["", "* * * *", "61 * * * *", "every day", "@daily", "0 3 * * * *", "a b c d e"])
def test_what_is_no_cron_line_is_refused(line: str) -> None:
    with pytest.raises(ParameterError):
        as_cron(line)


def test_a_cadence_is_either() -> None:
    assert as_cadence("15m", where="x") == Every(timedelta(minutes=15))
    assert as_cadence("0  3 * * 1-5", where="x") == Cron("0 3 * * 1-5")


def test_intervals_count_from_one_midnight_so_that_deploying_moves_nothing() -> None:
    first, second = (as_every("15m").schedule("main", active=True) for _ in range(2))
    assert first == second
    assert first.anchor_date == ANCHOR
    assert (ANCHOR.hour, ANCHOR.minute, ANCHOR.second) == (0, 0, 0)


def test_a_paused_schedule_is_given_as_paused() -> None:
    assert not as_cron("0 3 * * *").schedule("main", active=False).active
