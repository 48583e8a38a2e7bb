"""How often something runs, as a person writes it: `15m`, or a cron line. Refuses what would run without rest.

Intervals count from one fixed instant, so that deploying again never moves the next run.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from perito.domain.errors import ParameterError

if TYPE_CHECKING:
    from prefect.schedules import Schedule

ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)
"""A midnight: 15m runs at :00, :15, :30 and :45, however often and whenever it is deployed."""
SHORTEST = timedelta(seconds=10)
"""A worker asks for work every ten seconds, and no run starts faster."""
LONGEST = timedelta(days=366)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
WRITTEN = re.compile(r"(\d+)\s*([smhd])", re.ASCII)


@dataclass(frozen=True)
class Every:
    """At a fixed interval, counted from `ANCHOR`."""

    interval: timedelta

    @property
    def shown(self) -> str:
        """As a person writes it: `15m`."""
        seconds = int(self.interval.total_seconds())
        unit, length = next((unit, length) for unit, length in reversed(UNITS.items()) if seconds % length == 0)
        return f"every {seconds // length}{unit}"

    def schedule(self, slug: str, *, active: bool) -> "Schedule":
        """What Prefect is given."""
        from prefect.schedules import Interval

        return Interval(self.interval, anchor_date=ANCHOR, timezone="UTC", slug=slug, active=active)


@dataclass(frozen=True)
class Cron:
    """By a cron line of five fields, in UTC."""

    line: str

    @property
    def shown(self) -> str:
        """The line itself."""
        return f"cron {self.line}"

    def schedule(self, slug: str, *, active: bool) -> "Schedule":
        """What Prefect is given."""
        from prefect.schedules import Cron as PrefectCron

        return PrefectCron(self.line, timezone="UTC", slug=slug, active=active)


Cadence = Every | Cron


def as_every(text: str, *, where: str = "--every") -> Every:
    """An interval from text such as `90s`, `15m`, `2h` or `1d`.

    Raises
    ------
    ParameterError
        It is no such text, or shorter than 10 seconds or longer than a year.

    Examples
    --------
    >>> as_every("15m").interval.total_seconds()
    900.0
    """
    found = WRITTEN.fullmatch(text.strip().lower())
    if found is None:
        raise ParameterError(
            f"Expected an interval such as 90s, 15m, 2h or 1d; got {text!r}.",
            where=where,
            remedy="A whole number and a unit: s, m, h or d. For times of the day, use --cron.",
        )
    number, unit = found.groups()
    seconds = int(number) * UNITS[unit]
    if not SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds():
        raise ParameterError(
            f"Expected an interval from {int(SHORTEST.total_seconds())}s to {LONGEST.days}d; got {text!r}.",
            where=where,
            remedy="To stop a schedule, pause it in Prefect's page or with `prefect deployment schedule pause`.",
        )
    return Every(timedelta(seconds=seconds))


def as_cron(line: str, *, where: str = "--cron") -> Cron:
    """A cron line of five fields, in UTC.

    Raises
    ------
    ParameterError
        It is no such line.

    Examples
    --------
    >>> as_cron("0 3 * * *").shown
    'cron 0 3 * * *'
    """
    from prefect.client.schemas.schedules import CronSchedule
    from pydantic import ValidationError

    fields = line.split()
    try:
        if len(fields) != 5:
            raise ValueError
        CronSchedule(cron=" ".join(fields), timezone="UTC")
    except (ValueError, ValidationError):
        raise ParameterError(
            f"Expected a cron line of five fields, minute hour day month weekday; got {line!r}.",
            where=where,
            remedy='Every day at three in the morning, UTC, is "0 3 * * *".',
        ) from None
    return Cron(" ".join(fields))


def as_cadence(text: str, *, where: str) -> Cadence:
    """An interval, or else a cron line.

    Raises
    ------
    ParameterError
        It is neither.
    """
    return as_cron(text, where=where) if len(text.split()) > 2 else as_every(text, where=where)
