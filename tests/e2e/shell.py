"""Runs Perito as a person would: in a process of its own, in a folder that holds nothing else."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ONE_THREAD

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
SECONDS = 240
SOURCES = {name: os.environ[name] for name in ("PYTHONPATH", *ONE_THREAD) if name in os.environ}
"""Where the tests were told to find Perito, and in how many threads to work: a command is told the same."""
WITHOUT_TENSORFLOW = '''
"""A Python in which TensorFlow and Keras are not installed."""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorflow", "keras"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
'''


@dataclass(frozen=True)
class Ended:
    """What a command left on the terminal, its exit code, and how long it took."""

    out: str
    err: str
    code: int
    seconds: float

    @property
    def document(self) -> dict[str, Any]:
        """Standard output, which must be one JSON document and nothing else."""
        read: dict[str, Any] = json.loads(self.out)
        return read


@dataclass(frozen=True)
class Place:
    """A folder to stand in, with Perito's and Prefect's homes in it. `extra` variables come on top."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PERITO_HOME": str(self.folder / "perito home"),
            "PREFECT_HOME": str(self.folder / "prefect home"),
            **SOURCES,
            **self.extra,
        }

    @property
    def server_log(self) -> str:
        return (self.folder / "perito home" / "logs" / "prefect-server.log").read_text(errors="replace")

    def having(self, **extra: str) -> "Place":
        return Place(self.folder, {**self.extra, **extra})

    def without_tensorflow(self) -> "Place":
        site = self.folder / "no tensorflow"
        site.mkdir(exist_ok=True)
        (site / "sitecustomize.py").write_text(WITHOUT_TENSORFLOW, encoding="utf-8")
        return self.having(PYTHONPATH=os.pathsep.join(filter(None, (str(site), SOURCES.get("PYTHONPATH")))))

    def perito(self, *words: object) -> Ended:
        return self.type(str(PROGRAMS / "perito"), *words)

    def python(self, *words: object) -> Ended:
        return self.type(sys.executable, *words)

    def type(self, *words: object) -> Ended:
        started = time.monotonic()
        with self.started(words) as process:
            out, err = process.communicate(timeout=SECONDS)
        return Ended(out, err, process.returncode, time.monotonic() - started)

    def killed_while_training(self, death: signal.Signals, *words: object) -> Ended:
        """Run until the folds are being trained on, then send `death` to it and to all that share its terminal."""
        started, seen = time.monotonic(), []
        with self.started([PROGRAMS / "perito", *words]) as process:
            assert process.stderr is not None
            for line in process.stderr:
                seen.append(line)
                if "Train lightgbm" in line:
                    break
            time.sleep(0.5)
            os.killpg(process.pid, death)
            out, err = process.communicate(timeout=SECONDS)
        return Ended(out, "".join(seen) + err, process.returncode, time.monotonic() - started)

    @contextmanager
    def started(self, words: Sequence[object]) -> Iterator["subprocess.Popen[str]"]:
        with subprocess.Popen(
            [str(word) for word in words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def children_of(place: Place) -> list[int]:
    """Processes that still live with this place's homes."""
    mark = f"PREFECT_HOME={place.environment['PREFECT_HOME']}".encode()
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _environ(path)]


def gone_within(place: Place, seconds: float) -> bool:
    """Whether no process of this place is left before the time is over."""
    deadline = time.monotonic() + seconds
    while children_of(place) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not children_of(place)


def _environ(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\0")
    except OSError:
        return []
