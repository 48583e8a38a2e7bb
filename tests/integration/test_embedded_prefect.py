"""A real Prefect server for one run: it starts, records, ends, and leaves its history and no process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib import request
from urllib.error import URLError

import pytest

from perito.domain.errors import ServiceError
from perito.entrypoints.embedded_prefect import embedded_prefect
from perito.entrypoints.settings import Settings

pytestmark = pytest.mark.slow

TINY_FLOW = """
import os, sys, time
from pathlib import Path
from perito.entrypoints.settings import Settings, quiet_libraries
quiet_libraries(os.environ)
from perito.entrypoints.embedded_prefect import embedded_prefect
from prefect import flow, task

@task(task_run_name="read claims")
def read():
    return 1

@task(task_run_name="score claims")
def score(rows):
    return rows + 1

@flow(name="tiny")
def tiny():
    return score(read())

with embedded_prefect(Settings.from_environment(os.environ, Path.cwd())) as server:
    tiny()
    print(server.ui_command, server.api_url, flush=True)
    time.sleep(float(sys.argv[1]))
"""


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "PERITO_"))}
    kept |= {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}  # a proxy that answers nobody
    return {**kept, "PREFECT_HOME": str(folder / "prefect"), "PERITO_HOME": str(folder / "home")}


def start_run(folder: Path, *, linger: float = 0.0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", TINY_FLOW, str(linger)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def announced(run: "subprocess.Popen[str]") -> tuple[str, str]:
    assert run.stdout is not None
    command, _, api_url = run.stdout.readline().strip().rpartition(" ")
    return command, api_url


def answer(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with request.urlopen(request.Request(url, data, {"Content-Type": "application/json"}), timeout=10) as page:
        return json.load(page)


def alive(api_url: str) -> bool:
    try:
        return bool(answer(f"{api_url}/health"))
    except (URLError, OSError):
        return False


def gone_within(api_url: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and alive(api_url):
        time.sleep(0.2)
    return not alive(api_url)


@contextmanager
def served(command: str, folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "shown.log").open("wb") as log:
        server = subprocess.Popen(
            f"exec env {command} --port {port}",
            shell=True,
            cwd=folder,
            env={name: value for name, value in environment(folder).items() if name != "PREFECT_HOME"},
            stdout=log,
            stderr=log,
        )
    api_url, deadline = f"http://127.0.0.1:{port}/api", time.monotonic() + 120
    try:
        while not alive(api_url):
            assert server.poll() is None, (folder / "shown.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.3)
        yield api_url
    finally:
        server.terminate()
        server.wait(30)


@dataclass(frozen=True)
class Ended:
    folder: Path
    returncode: int
    out: str
    err: str


@pytest.fixture(scope="module")
def two_runs_at_once(tmp_path_factory: pytest.TempPathFactory) -> list[Ended]:
    """Two runs that meet on one empty PREFECT_HOME; its migrated database serves the tests after."""
    folder = tmp_path_factory.mktemp("two-runs")
    runs = [start_run(folder), start_run(folder)]
    outcomes = [run.communicate(timeout=300) for run in runs]
    return [Ended(folder, run.returncode, *outcome) for run, outcome in zip(runs, outcomes, strict=True)]


def test_runs_may_start_at_once_and_leave_only_their_own_words_on_the_terminal(two_runs_at_once: list[Ended]) -> None:
    for run in two_runs_at_once:
        assert run.returncode == 0, run.err
        assert run.out.count("\n") == 1, run.out
        assert "Traceback" not in run.err
        assert "WARNING" not in run.err
        assert "temporary server" not in run.err
        assert not alive(run.out.strip().rpartition(" ")[2])
    server_log = two_runs_at_once[0].folder / "home" / "logs" / "prefect-server.log"
    assert "Traceback" not in server_log.read_text()


def test_the_printed_command_shows_the_history_of_every_run(two_runs_at_once: list[Ended]) -> None:
    folder, command = two_runs_at_once[0].folder, two_runs_at_once[0].out.strip().rpartition(" ")[0]
    assert command.startswith(f"PREFECT_HOME={folder / 'prefect'} ")
    assert command.endswith("/prefect server start")
    with served(command, folder) as shown:
        flow_runs = answer(f"{shown}/flow_runs/filter", {})
        task_runs = answer(f"{shown}/task_runs/filter", {})
        logs = answer(f"{shown}/logs/filter", {})
    assert [flow_run["state_name"] for flow_run in flow_runs] == ["Completed"] * 2
    seen = sorted((task_run["name"], task_run["state_name"]) for task_run in task_runs)
    assert seen == [("read claims", "Completed")] * 2 + [("score claims", "Completed")] * 2
    assert logs


@pytest.mark.parametrize("death", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_a_run_ends_its_server_ends_too(two_runs_at_once: list[Ended], death: signal.Signals) -> None:
    run = start_run(two_runs_at_once[0].folder, linger=120)
    _, api_url = announced(run)
    assert alive(api_url)
    run.send_signal(death)
    run.communicate(timeout=60)
    assert run.returncode != 0
    assert gone_within(api_url, 30)


def test_a_configured_server_that_does_not_answer_is_refused_within_seconds(tmp_path: Path) -> None:
    settings = Settings(cwd=tmp_path, home=tmp_path, prefect_api_url="http://someone:secret@127.0.0.1:9/api")
    before = time.monotonic()
    with pytest.raises(ServiceError, match="did not answer") as refusal, embedded_prefect(settings):
        pass
    assert "secret" not in str(refusal.value)
    assert "PREFECT_API_URL" in refusal.value.remedy
    assert time.monotonic() - before < 15


def test_a_server_that_cannot_start_is_reported_with_its_log(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", TINY_FLOW, "0"],
        cwd=tmp_path,
        env={**environment(tmp_path), "PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:////proc/no.db"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode != 0
    assert "The embedded Prefect server did not start" in run.stderr
    assert str(tmp_path / "home" / "logs" / "prefect-server.log") in run.stderr
