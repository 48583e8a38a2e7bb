"""A Prefect server for one run: the configured one, or a private child that ends with the run.

Its history stays in Prefect's own database, where `prefect server start` shows it. Refuses
Prefect's ephemeral mode (it times out on busy machines) and to print anything. The invariant:
the child lives as long as its standard input is open, so no death of the parent can leave it.
"""

import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from perito.domain.errors import OutputError, ServiceError
from perito.entrypoints.prefect_server import check_server, without_password
from perito.entrypoints.settings import Settings

PREFLIGHT_SECONDS = 5.0
START_SECONDS = 180.0
RECORDED_SECONDS = 30.0
STOP_SECONDS = 20.0
LONGEST_LOG_BYTES = 1_000_000
SHOWN_AFTERWARDS_AT = "http://127.0.0.1:4200"
"""Where `prefect server start` serves by default, so that links in the logs work afterwards."""
LEAN_SERVER = {
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
} | {
    f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
    for service in (
        "SCHEDULER",
        "LATE_RUNS",
        "CANCELLATION_CLEANUP",
        "CLEANUP_RECONCILER",
        "FOREMAN",
        "PAUSE_EXPIRATIONS",
        "TRIGGERS",
    )
}
"""Services that act on deployments and workers are off; what records runs and events stays on."""
UNFINISHED = {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING"]}}
FINISHED = {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}}


@dataclass(frozen=True)
class EmbeddedPrefect:
    """The Prefect API of this run. `ui_command` shows its history; an address if the server is configured."""

    api_url: str
    embedded: bool
    ui_command: str


@dataclass(frozen=True)
class _Child:
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"


@contextmanager
def embedded_prefect(settings: Settings) -> Iterator[EmbeddedPrefect]:
    """Give flows run inside a Prefect API: the configured server, else a private child on a free loopback port.

    On leaving, waits until the task runs are recorded, then ends the child.

    Raises
    ------
    ServiceError
        The configured server does not answer within 5 s, or the child could not be started.
    OutputError
        The folder of its database or of its log cannot be made.
    """
    import prefect.settings as prefect_settings

    configured = settings.prefect_api_url or prefect_settings.PREFECT_API_URL.value()
    if configured:
        check_server(configured.rstrip("/"))
        with prefect_settings.temporary_settings({prefect_settings.PREFECT_API_URL: configured}):
            yield EmbeddedPrefect(api_url=configured, embedded=False, ui_command=without_password(configured))
        return
    prefect_home = Path(prefect_settings.PREFECT_HOME.value())
    with ExitStack() as cleanup:
        cleanup.enter_context(_no_proxy_to_ourselves())
        child = _started(settings.home / "logs" / "prefect-server.log", prefect_home, cleanup)
        embedded = {
            prefect_settings.PREFECT_API_URL: child.api_url,
            prefect_settings.PREFECT_UI_URL: SHOWN_AFTERWARDS_AT,
            # The heartbeat's thread sleeps a second at the end of every run; the child ends with us anyway.
            prefect_settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        }
        cleanup.enter_context(prefect_settings.temporary_settings(embedded))
        cleanup.callback(_wait_until_recorded, child, datetime.now(UTC))
        yield EmbeddedPrefect(child.api_url, embedded=True, ui_command=_ui_command(settings, prefect_home))


@contextmanager
def _no_proxy_to_ourselves() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ("no_proxy", "NO_PROXY")}
    listed = next((value for value in before.values() if value), "")
    os.environ.update(dict.fromkeys(before, f"{listed},127.0.0.1".lstrip(",")))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            os.environ.update({} if value is None else {name: value})


def _ui_command(settings: Settings, prefect_home: Path) -> str:
    command = f"{settings.program('prefect')} server start"
    usual = Path("~/.prefect").expanduser()
    return command if prefect_home == usual else f"PREFECT_HOME={shlex.quote(str(prefect_home))} {command}"


def _started(log: Path, prefect_home: Path, cleanup: ExitStack) -> _Child:
    # One start at a time per PREFECT_HOME: two servers that migrate one empty database break each other.
    # Once started, servers share the database (SQLite in WAL mode, 60 s of patience).
    deadline = time.monotonic() + START_SECONDS
    _make_folder(prefect_home, variable="PREFECT_HOME")
    _make_folder(log.parent, variable="PERITO_HOME")
    with (prefect_home / "perito-start.lock").open("w") as lock:
        _take(lock.fileno(), deadline, prefect_home)
        for last_try in (False, True):
            child = _spawned(log)
            cleanup.callback(_stop, child)
            if _answers(child, deadline):
                return child
            if last_try or time.monotonic() > deadline:
                break
    raise ServiceError(
        f"The embedded Prefect server did not start: {_last_error(log)}",
        where=str(log),
        remedy="Read the log, or start `prefect server start` yourself and set PREFECT_API_URL.",
    )


def _make_folder(folder: Path, *, variable: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise OutputError(
            f"The folder cannot be made ({failure.strerror}).",
            where=str(folder),
            remedy=f"Set {variable} to a folder you can write to.",
        ) from failure


def _take(lock: int, deadline: float, prefect_home: Path) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"Another run has been starting a Prefect server for {START_SECONDS:.0f} seconds.",
                    where=str(prefect_home),
                    remedy="End that run, or set PREFECT_HOME to a folder of its own.",
                ) from None
            time.sleep(0.2)
        else:
            return


def _spawned(log: Path) -> _Child:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    too_long = log.exists() and log.stat().st_size > LONGEST_LOG_BYTES
    with log.open("wb" if too_long else "ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "perito.entrypoints.embedded_prefect", str(port)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **LEAN_SERVER},
            start_new_session=True,  # Ctrl-C is for the run; the server must still record how it ended.
        )
    return _Child(process, port, log)


def _answers(child: _Child, deadline: float) -> bool:
    while time.monotonic() < deadline and child.process.poll() is None:
        if _healthy(child.api_url):
            return child.process.poll() is None
        time.sleep(0.1)
    return False


def _healthy(api_url: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{api_url}/health", timeout=PREFLIGHT_SECONDS).is_success
    except httpx.HTTPError:
        return False


def _last_error(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines[-200:] if "error" in line.lower()]
    return (errors or lines or ["it wrote nothing"])[-1][:300]


def _wait_until_recorded(child: _Child, entered_at: datetime) -> None:
    # Task runs reach the server as events, one by one and in order, after the flow has returned. Three equal
    # looks without an unfinished task mean that the last event has been written.
    deadline, looks = time.monotonic() + RECORDED_SECONDS, [-1]
    sending = threading.Thread(target=copy_context().run, args=(_send_what_waits,), daemon=True)
    sending.start()
    sending.join(RECORDED_SECONDS)
    while time.monotonic() < deadline and child.process.poll() is None and not _settled(looks):
        time.sleep(0.2)
        looks.append(_recorded(child, entered_at))


def _settled(looks: list[int]) -> bool:
    return looks[-1] >= 0 and looks[-3:] == [looks[-1]] * 3


def _send_what_waits() -> None:
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    EventsWorker.instance().wait_until_empty()  # else draining warns about every event that still waits
    EventsWorker.drain_all(at_exit=False)
    APILogWorker.drain_all(at_exit=False)


def _recorded(child: _Child, entered_at: datetime) -> int:
    flow_runs = {"start_time": {"after_": entered_at.isoformat()}, "state": FINISHED}
    unfinished = _count(child, {"flow_runs": flow_runs, "task_runs": {"state": UNFINISHED}})
    return _count(child, {"flow_runs": flow_runs}) if unfinished == 0 else -1


def _count(child: _Child, task_runs: object) -> int:
    import httpx

    try:
        answer = httpx.post(f"{child.api_url}/task_runs/count", json=task_runs, timeout=10.0)
        return int(answer.raise_for_status().text)
    except httpx.HTTPError:
        return -1


def _stop(child: _Child) -> None:
    assert child.process.stdin is not None
    child.process.stdin.close()
    try:
        child.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()
    except BaseException:
        child.process.kill()
        raise


def _serve(port: int) -> None:
    import runpy

    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    runpy.run_module("prefect", run_name="__main__")


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS / 2)
    os._exit(1)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
