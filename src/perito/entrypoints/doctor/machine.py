"""Disk and clock of this machine."""

import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from perito.entrypoints.doctor.findings import Fault, Finding
from perito.entrypoints.settings import Settings

LEAST_FREE_BYTES = 1_000_000_000
FURTHEST = timedelta(seconds=30)


def check_disk(settings: Settings, least: int = LEAST_FREE_BYTES) -> list[Finding]:
    """Whether the folders that Perito writes into have room and can be written to."""
    return [_folder(name, path, least) for name, path in _folders(settings).items()]


def check_clock(served_at: str | None, here: datetime) -> list[Finding]:
    """This clock against a server's `Date`; schedules and what was known when depend on it."""
    if served_at is None:
        return []
    apart = abs(here - parsedate_to_datetime(served_at).astimezone(UTC))
    told = f"{apart.total_seconds():.0f} s apart from the Prefect server's"
    if apart <= FURTHEST:
        return [Finding("clock", told)]
    return [
        Finding("clock", told, Fault.MACHINE, "Set both clocks by a time server (NTP); what is later depends on it.")
    ]


def _folders(settings: Settings) -> dict[str, Path]:
    return {
        "PERITO_HOME": settings.home,
        "PERITO_RESULTS": settings.cwd / settings.results,
        "TMPDIR": Path(tempfile.gettempdir()),
    }


def _folder(name: str, path: Path, least: int) -> Finding:
    there = path
    while not there.exists():
        there = there.parent
    if not os.access(there, os.W_OK):
        return Finding(
            f"disk, {name}", f"{there} cannot be written to", Fault.MACHINE, f"Set {name} to another folder."
        )
    free = shutil.disk_usage(there).free
    told = f"{free / 1e9:.1f} GB free in {there}"
    if free >= least:
        return Finding(f"disk, {name}", told)
    return Finding(f"disk, {name}", told, Fault.MACHINE, f"Make room (at least {least / 1e9:.0f} GB), or set {name}.")
