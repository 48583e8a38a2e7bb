"""One small insurer and one main job, which most tests look at."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from perito.entrypoints.cli import main
from perito.simulate.insurer import simulate_insurer
from perito.simulate.parameters import Parameters
from perito.simulate.writing import write_book
from tests.e2e import own_claims
from tests.e2e.shell import Ended, Place

SEED = 3
CLAIMS = 2000
UNTUNED = ("--time-budget", 0)
"""For runs whose subject is not the settings of models: those are tried in a test of their own."""
ANOTHER_DISK = {"TMPDIR": "/dev/shm"} if Path("/dev/shm").is_dir() else {}
"""Temporary files are often on another disk than results, as in a container, and cannot be renamed into them."""
Typed = Callable[..., Ended]


@dataclass(frozen=True)
class MainRun:
    """A main job that ended well, and the folder of its results."""

    place: Place
    book: Path
    ended: Ended
    results: Path

    @property
    def document(self) -> dict[str, Any]:
        return self.ended.document


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("someone"))


@pytest.fixture(scope="session")
def book(place: Place) -> Path:
    """An insurer small enough for a test, with enough investigations to learn from."""
    parameters = Parameters(claims=CLAIMS, rings=5, garages=60, fraud_share=0.12, effect=2, investigated_share=0.5)
    folder = place.folder / "book"
    write_book(simulate_insurer(parameters, seed=1), folder)
    return folder


@pytest.fixture(scope="session")
def own(place: Place) -> Path:
    """A stranger's table as one CSV file; the spec that reads it is `own.toml`."""
    (place.folder / "own.toml").write_text(own_claims.SPEC, encoding="utf-8")
    return own_claims.write(place.folder / "own", own_claims.csv(own_claims.rows()))


@pytest.fixture(scope="session")
def main_run(place: Place, book: Path) -> MainRun:
    words = ("run", "simulated", "--data", book, "--out", "results", "--seed", SEED, *UNTUNED, "--json")
    ended = place.having(**ANOTHER_DISK).perito(*words)
    assert ended.code == 0, ended.err
    return MainRun(place, book, ended, place.folder / "results")


@pytest.fixture
def typed_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Run a command in this process, for what needs no process of its own: many refusals in little time."""

    def typed(place: Place, *words: object) -> Ended:
        monkeypatch.chdir(place.folder)
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        for name in [name for name in os.environ if name.startswith(("PERITO_", "PREFECT_", "MLFLOW_"))]:
            monkeypatch.delenv(name)
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        started = time.monotonic()
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return Ended(out, err, int(ended.value.code or 0), time.monotonic() - started)

    return typed
