"""A checkout in service: its servers and worker started by the compose file's own commands, on free ports.

For tests. The checkout is a copy of what a user has: compose file, `deployment.py`, the package,
and a `main.py` that its user has added a slow flow to.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
POOL = "pipeline-tensorflow-pool"
PORTS = ("POSTGRES_PORT", "MLFLOW_PORT", "PREFECT_PORT", "WORKER_HEALTH_PORT")
OURS = ("PREFECT_", "MLFLOW_", "PERITO_", "POSTGRES_")
MAIN = '''"""The flows of this checkout, with a slow one that its user added."""

import os
import time
from pathlib import Path

import helper
from perito.entrypoints.flows import main_job as pipeline
from perito.entrypoints.flows import score_new_claims
from prefect import flow

VERSION = "one"


@flow(name="perito-monitor", log_prints=True)
def monitor(*, dataset: str = "simulated", data: str | None = None, seconds: float = 0.0, mark: str = "mark"):
    folder = Path(__file__).with_name("marks")
    (folder / f"{mark}.begun").write_text(f"{os.getpid()} {VERSION} {helper.WORD}")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        print("at work", "." * 200)
        time.sleep(0.2)
    (folder / f"{mark}.ended").write_text(f"{VERSION} {helper.WORD}")
'''


@dataclass
class Checkout:
    """A folder with a user's copy of Perito, and the ports of its services."""

    folder: Path
    data: Path
    ports: Mapping[str, int]
    environment: dict[str, str] = field(default_factory=dict, repr=False)

    def run(self, *words: str, seconds: float = 120, code: int | None = 0, **extra: str) -> str:
        """Type a command in the folder; its output, after a look at its exit code."""
        done = subprocess.run(
            [str(BIN / words[0]) if (BIN / words[0]).exists() else words[0], *words[1:]],
            cwd=self.folder,
            env={**self.environment, **extra},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        said = done.stdout + done.stderr
        assert code is None or done.returncode == code, f"{words} ended with {done.returncode}:\n{said}"
        return said

    def prefect(self, path: str, body: object | None = None, method: str | None = None) -> Any:
        """Ask Prefect's API."""
        url = f"http://127.0.0.1:{self.ports['PREFECT_PORT']}/api{path}"
        sent = None if body is None else json.dumps(body).encode()
        request = Request(url, sent, {"Content-Type": "application/json"}, method=method)
        with urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def deployment(self, name: str) -> Any:
        """A deployment by its full name."""
        return self.prefect(f"/deployments/name/{name}")

    def start_run(self, name: str, **parameters: Any) -> str:
        """Start a run of a deployment; its id."""
        body = {"parameters": parameters, "state": {"type": "SCHEDULED", "name": "Scheduled"}}
        return str(self.prefect(f"/deployments/{self.deployment(name)['id']}/create_flow_run", body)["id"])

    def state(self, run_id: str) -> tuple[str, str]:
        """Name and message of a run's state."""
        state = self.prefect(f"/flow_runs/{run_id}")["state"]
        return state["name"], state["message"] or ""

    def ended(self, run_id: str, seconds: float = 120) -> tuple[str, str]:
        """The state a run ended in."""
        return until(lambda: self._end(run_id), seconds, f"run {run_id} did not end")

    def _end(self, run_id: str) -> tuple[str, str] | None:
        run = self.prefect(f"/flow_runs/{run_id}")
        over = run["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
        return (run["state"]["name"], run["state"]["message"] or "") if over else None

    def at_work(self) -> list[str]:
        """The runs that are at work or due: each keeps another of its deployment from beginning.

        A worker takes a run up to ten seconds early; then it is pending before its time.
        """
        alive = {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING", "CANCELLING"]}}
        runs = self.prefect("/flow_runs/filter", {"flow_runs": {"state": alive}})
        now = datetime.now(UTC)
        return [
            run["id"]
            for run in runs
            if run["state_type"] != "SCHEDULED" or datetime.fromisoformat(run["expected_start_time"]) <= now
        ]

    def begun(self, run_id: str, mark: str, seconds: float = 180) -> int:
        """Wait until a run of the slow flow has begun under a mark; the number of its process.

        A run that ended before that never will: the error says in which state, and why.
        """
        path = self.folder / "marks" / f"{mark}.begun"

        def words() -> list[str] | None:
            if path.exists():
                return path.read_text().split()
            end = self._end(run_id)
            assert end is None or path.exists(), f"run {run_id} ended before it began: {end}"
            return None

        return int(until(words, seconds, f"run {run_id} did not begin")[0])

    def service(self, name: str) -> int:
        """The number of a service's process."""
        return int(json.loads((self.folder / ".perito" / "services" / f"{name}.json").read_text())["pid"])

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a service a signal; with SIGKILL, to all of its processes at once, as a power cut would."""
        pid = self.service(name)
        if how is signal.SIGKILL:
            os.killpg(pid, how)
        else:
            os.kill(pid, how)

    def start(self) -> None:
        """Start what does not run."""
        self.run("perito", "services", "start", seconds=240)


@contextmanager
def in_service(data: Path, *, main: str = MAIN) -> Iterator[Checkout]:
    """A checkout whose services run, with `main` as its `main.py`; stopped and removed at the end."""
    # Straight below /tmp, and open to others: PostgreSQL runs as another user, and its socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="perito-service-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        for name in ("docker-compose.yml", "deployment.py"):
            shutil.copy(ROOT / name, folder / name)
        (folder / "src").symlink_to(ROOT / "src")
        (folder / "main.py").write_text(main)
        (folder / "helper.py").write_text('WORD = "first"\n')
        (folder / "marks").mkdir()
        checkout = Checkout(folder, data, dict(zip(PORTS, free_ports(len(PORTS)), strict=True)))
        checkout.environment |= {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        checkout.environment |= {"PREFECT_HOME": str(folder / "prefect-client"), "PYTHONPATH": str(ROOT / "src")}
        checkout.run("perito", "init", "--data", str(data))
        with (folder / ".env").open("a") as settings:
            settings.writelines(f"{name}={port}\n" for name, port in checkout.ports.items())
            settings.write("WORKER_QUERY_SECONDS=1\n")
        try:
            checkout.start()
            exports = checkout.run("perito", "services", "environment")
            checkout.environment |= dict(line.removeprefix("export ").split("=", 1) for line in exports.splitlines())
            yield checkout
        finally:
            checkout.run("perito", "services", "stop", seconds=240)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens at."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def until(look: Callable[[], Any], seconds: float, otherwise: str) -> Any:
    """What `look` returns once that is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(otherwise)


def fresh_mark() -> str:
    """A name that no other run has."""
    return secrets.token_hex(4)


def log(checkout: Checkout, run_id: str, what: str) -> str:
    """What a run has written, once that holds `what`; until then nothing."""
    lines = checkout.prefect("/logs/filter", {"logs": {"flow_run_id": {"any_": [run_id]}}})
    written = "\n".join(one["message"] for one in lines)
    return written if what in written else ""


def tasks(checkout: Checkout, run_id: str) -> dict[str, str]:
    """The steps of a run so far, and the name of the state of each."""
    found = checkout.prefect("/task_runs/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
    return {one["name"]: one["state"]["name"] for one in found}


def bound(listener: socket.socket, port: int) -> bool:
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def versions(checkout: Checkout) -> list[str]:
    """The registered versions of the model."""
    asked = "filter=name%3D%27perito-simulated%27"
    url = f"http://127.0.0.1:{checkout.ports['MLFLOW_PORT']}/api/2.0/mlflow/model-versions/search?{asked}"
    with urlopen(url, timeout=20) as answer:
        return [one["version"] for one in json.loads(answer.read()).get("model_versions", ())]


def process_of(run_id: str) -> int:
    """The process that does the work of a run."""
    marker = f"PREFECT__FLOW_RUN_ID={run_id}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if marker in environment.read_bytes().split(b"\0"):
                return int(environment.parent.name)
        except OSError:
            continue
    raise AssertionError(f"no process does the work of {run_id}")
