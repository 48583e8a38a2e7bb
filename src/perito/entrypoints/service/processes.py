"""Processes that were started and may be ended later, by another command. Refuses to end what it did not start.

A note beside the log says which process a service is. A number that another process has
meanwhile is told apart by the time it began, by the kernel's clock.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from perito.entrypoints.service.native_postgres import Account

LOOK_SECONDS = 0.2
BEGAN = 18
"""The field of /proc/PID/stat, counted after the name, that says when a process began."""


@dataclass(frozen=True)
class Process:
    """A process that was started here, and when it began."""

    pid: int
    began: int

    @property
    def alive(self) -> bool:
        """Whether it is still there; one that has ended and is not fetched yet is not."""
        return began(self.pid) == self.began


@dataclass(frozen=True)
class Place:
    """Where the notes and logs of processes are."""

    folder: Path

    def log(self, name: str) -> Path:
        """The file that a process writes into."""
        return self.folder / f"{name}.log"

    def noted(self, name: str) -> Process | None:
        """The process of that name, if one was started and is alive."""
        note = self._note(name)
        if not note.is_file():
            return None
        process = Process(**json.loads(note.read_text(encoding="utf-8")))
        return process if process.alive else None

    def spawn(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, cwd: Path, runs_as: Account
    ) -> Process:
        """Start a process in a session of its own, and note it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as output:
            started = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=cwd,
                start_new_session=True,
                user=runs_as.uid,
                group=runs_as.gid,
                extra_groups=runs_as.groups,
            )
        process = Process(started.pid, began(started.pid) or 0)
        self._note(name).write_text(json.dumps(asdict(process)), encoding="utf-8")
        return process

    def end(self, name: str, how: signal.Signals, *, grace: float) -> str | None:
        """Ask a process to end, kill it and its children after `grace` seconds; say how it went, None for none."""
        process, asked_at = self.noted(name), time.monotonic()
        told = None
        if process is not None:
            os.kill(process.pid, how)
            while process.alive and time.monotonic() - asked_at < grace:
                time.sleep(LOOK_SECONDS)
            told = "stopped"
            if process.alive:
                os.killpg(process.pid, signal.SIGKILL)
                told = f"did not stop within {grace:.0f} s and was killed"
        self._note(name).unlink(missing_ok=True)
        return told

    def last_line(self, name: str) -> str:
        """The last line of a log that tells of an error, else the last one."""
        written = self.log(name).read_text(errors="replace") if self.log(name).exists() else ""
        lines = [line.strip() for line in written.splitlines() if line.strip()]
        errors = [line for line in lines[-100:] if "error" in line.lower() or "fatal" in line.lower()]
        return (errors or lines or ["it wrote nothing"])[-1][:300]

    def _note(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def began(pid: int) -> int | None:
    """When a process began, in the kernel's ticks; None where there is none that runs."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if state == "Z" else int(fields[BEGAN])
