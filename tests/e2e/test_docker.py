"""What runs in the containers: for real where a Docker engine can be had; the installation without root everywhere."""

import json
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib import request
from urllib.error import HTTPError, URLError

import pytest

from perito.entrypoints.service.env_file import read_env_file
from perito.simulate.insurer import simulate_insurer
from perito.simulate.parameters import Parameters
from perito.simulate.writing import write_book
from tests.compose_rules import ROOT, the_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

IN_THE_IMAGE = ("LICENSE", "README.md", "pyproject.toml", "locks", "src")
IN_THE_PROJECT = (*IN_THE_IMAGE, "Dockerfile", ".dockerignore", "docker-compose.yml", "main.py", "deployment.py")
NO_ENGINE = "no Docker engine with Compose answers here: images are not built, containers not started"
PYTHONS = [Path(sys.base_prefix) / "bin" / "python3", *(Path(f"/usr{way}/bin/python3") for way in ("/local", ""))]
SUITS = "import ensurepip, ssl, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))"
INSURER = Parameters(claims=2000, rings=5, garages=60, fraud_share=0.12, effect=2, investigated_share=0.5)
"""Enough investigations to learn from, so that a model is registered."""
TRAIN = {"dataset": "simulated", "time_budget": 0.0}


def run(*words: object, check: bool = True, **options: Any) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([str(word) for word in words], check=False, capture_output=True, text=True, **options)
    assert not check or done.returncode == 0, f"{words}: {done.stdout[-3000:]} {done.stderr[-3000:]}"
    return done


def compose_command() -> list[str] | None:
    """Compose as it is typed here, where an engine answers."""
    docker = shutil.which("docker")
    if docker is None or run(docker, "info", check=False).returncode != 0:
        return None
    if run(docker, "compose", "version", check=False).returncode == 0:
        return [docker, "compose"]
    first = shutil.which("docker-compose")
    return None if first is None else [first]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(what: str, seconds: float, met: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = met()
        if found:
            return found
        time.sleep(2)
    raise AssertionError(f"{what} within {seconds:.0f} s: last {met()!r}")


@dataclass(frozen=True)
class Stack:
    """The compose file brought up from a copy of the project, under a name and on ports of its own."""

    folder: Path
    command: list[str]
    environment: dict[str, str]

    def compose(self, *words: object, check: bool = True) -> str:
        return run(*self.command, *words, check=check, cwd=self.folder, env=self.environment).stdout

    def up(self) -> None:
        self.compose("up", "-d", "--no-build")
        wait_for("all services healthy", 300, lambda: set(self.health().values()) == {"healthy"})

    def container(self, service: str) -> dict[str, Any]:
        found = self.compose("ps", "-q", service).split() or [f"{self.environment['COMPOSE_PROJECT_NAME']}_{service}_1"]
        told: dict[str, Any] = json.loads(run("docker", "inspect", found[0]).stdout)[0]
        return told

    def health(self) -> dict[str, str]:
        services = ("postgres", "mlflow", "prefect", "worker")
        return {name: self.container(name)["State"].get("Health", {}).get("Status", "none") for name in services}

    def ask(self, service: str, path: str, body: object = None, **headers: str) -> Any:
        port = self.environment[f"{service.upper()}_PORT"]
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        asked = request.Request(f"http://127.0.0.1:{port}{path}", data=data, headers=headers)
        with request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)

    def train(self) -> str:
        deployment = self.ask("prefect", "/api/deployments/name/perito/train")["id"]
        parameters = {**TRAIN, "data": str(self.folder / "data" / "insurer")}
        asked = self.ask("prefect", f"/api/deployments/{deployment}/create_flow_run", {"parameters": parameters})
        return str(asked["id"])

    def state(self, run_id: str) -> str:
        return str(self.ask("prefect", f"/api/flow_runs/{run_id}")["state_name"])

    def schedules(self) -> list[tuple[str, object]]:
        found = self.ask("prefect", "/api/deployments/filter", {})
        return sorted((one["name"], [schedule["schedule"] for schedule in one["schedules"]]) for one in found)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    command = compose_command()
    if command is None:
        pytest.skip(NO_ENGINE)
    with tempfile.TemporaryDirectory(prefix="perito-docker-", dir="/tmp") as folder:
        project = Path(folder)
        project.chmod(0o755)
        copy_project(project, IN_THE_PROJECT)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PERITO_", "PREFECT_"))
        }
        ports = {f"{name}_PORT": str(free_port()) for name in ("POSTGRES", "MLFLOW", "PREFECT")}
        environment |= {"COMPOSE_PROJECT_NAME": f"perito-test-{secrets.token_hex(4)}", **ports}
        perito = (sys.executable, "-c", "from perito.entrypoints.cli import main; main()")
        run(*perito, "init", cwd=project, env=environment)
        write_book(simulate_insurer(INSURER, seed=1), project / "data" / "insurer")
        run("chmod", "-R", "a+rX", project / "data")
        made = Stack(project, command, environment)
        have_base_images()
        build(made)
        try:
            made.up()
            yield made
        finally:
            made.compose("down", "--volumes", check=False)


def copy_project(to: Path, names: tuple[str, ...]) -> None:
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, to / name)


def have_base_images() -> None:
    """Docker's official images where a registry can be reached, else ones made from Debian's packages."""
    files = the_files()
    python = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", files.dockerfile, re.MULTILINE)[0]
    tags = (python, files.services["postgres"]["image"])
    missing = [tag for tag in tags if run("docker", "image", "inspect", tag, check=False).returncode != 0]
    if any(run("docker", "pull", "--quiet", tag, check=False).returncode != 0 for tag in missing):
        assert os.getuid() == 0, "no image registry answers, and only root can make images that stand in"
        assert shutil.which("debootstrap"), "no image registry answers; install debootstrap, to make stand-in images"
        run("sh", ROOT / "tests" / "e2e" / "stand_in_images.sh", *tags)


def build(stack: Stack) -> None:
    # Straight with the engine's own builder: an engine without the BuildKit plug-in has no other.
    plugin = run("docker", "buildx", "version", check=False).returncode == 0
    environment = stack.environment | {"DOCKER_BUILDKIT": "1" if plugin else "0"}
    for name in ("db-init", "worker"):
        service = the_files().services[name]
        words = ("build", "--quiet", "--target", service["build"]["target"], "--tag", service["image"], ".")
        run("docker", *words, cwd=stack.folder, env=environment)


def test_every_service_is_healthy_and_the_databases_were_made(stack: Stack) -> None:
    assert set(stack.health().values()) == {"healthy"}
    ended = stack.container("db-init")["State"]
    assert (ended["Status"], ended["ExitCode"]) == ("exited", 0)
    assert "database perito: " in stack.compose("logs", "db-init")


def test_each_server_listens_on_this_machine_alone_and_nobody_is_root(stack: Stack) -> None:
    for service in stack.health():
        bound = stack.container(service)["NetworkSettings"]["Ports"] or {}
        assert {one["HostIp"] for ports in bound.values() for one in ports or []} <= {"127.0.0.1"}
        assert stack.compose("exec", "-T", service, "id", "-u").strip() in {"999", "10001"}


def test_no_secret_stands_in_a_process_list_or_in_a_log(stack: Stack) -> None:
    said = stack.compose("top") + stack.compose("logs")
    told = {name: value for name, value in read_env_file(stack.folder / ".env").items() if len(value) == 64}
    assert len(told) == 5
    assert [name for name, value in told.items() if value in said] == []


def test_mlflow_knows_its_name_in_the_network_and_refuses_others(stack: Stack) -> None:
    search = "/api/2.0/mlflow/experiments/search"
    assert stack.ask("mlflow", search, {"max_results": 1}, Host="mlflow:5000")["experiments"]
    with pytest.raises(HTTPError, match="403"):
        stack.ask("mlflow", search, {"max_results": 1}, Host="claims.example.org")


def test_a_worker_that_is_killed_mid_run_comes_back_and_the_next_run_ends_well(stack: Stack) -> None:
    data = stack.folder / "data" / "insurer"
    stack.compose("exec", "-T", "worker", "python", "deployment.py", "--dataset", "simulated", "--data", data)
    cut_off = stack.train()
    wait_for("the run is at work", 120, lambda: stack.state(cut_off) == "Running")
    time.sleep(5)
    run("docker", "kill", stack.container("worker")["Id"])
    stack.up()
    wait_for("the run is marked as crashed", 60, lambda: stack.state(cut_off) == "Crashed")
    whole = stack.train()
    ended = wait_for("the next run ends", 600, lambda: stack.state(whole) in {"Completed", "Failed", "Crashed"})
    assert ended
    assert stack.state(whole) == "Completed"


def test_data_and_schedules_survive_down_and_up(stack: Stack) -> None:
    before = what_is_kept(stack)
    assert len(before["schedules"]) == 3
    assert before["models"]
    assert "report.html" in before["results"]
    stack.compose("down")
    with pytest.raises(URLError):
        stack.ask("prefect", "/api/health")
    stack.up()
    assert what_is_kept(stack) == before


def what_is_kept(stack: Stack) -> dict[str, Any]:
    ended = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED", "CRASHED"]}}}, "sort": "EXPECTED_START_TIME_ASC"}
    models = stack.ask("mlflow", "/api/2.0/mlflow/registered-models/search")
    return {
        "schedules": stack.schedules(),
        "runs": [one["id"] for one in stack.ask("prefect", "/api/flow_runs/filter", ended) if one["start_time"]][:2],
        "models": [(one["name"], one["latest_versions"]) for one in models.get("registered_models", [])],
        "results": stack.compose("exec", "-T", "worker", "ls", "/var/lib/perito-results/simulated").split(),
        "ledger": stack.compose("exec", "-T", "worker", "perito", "ledger", "--json"),
    }


@dataclass(frozen=True)
class Nobody:
    """A folder of a user without rights, and a Python that this user may run."""

    folder: Path
    python: Path
    identity: dict[str, Any]

    def run(self, *words: object) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        environment |= {"HOME": str(self.folder / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
        return run(*words, cwd=self.folder, env=environment, **self.identity).stdout


@pytest.fixture(scope="module")
def nobody() -> Iterator[Nobody]:
    with tempfile.TemporaryDirectory(prefix="perito-nobody-", dir="/tmp") as temporary:
        folder = Path(temporary)
        identity: dict[str, Any] = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody")
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(folder, user.pw_uid, user.pw_gid)
        able = [one for one in PYTHONS if run("test", "-x", one, check=False, **identity).returncode == 0]
        able = [one for one in able if run(one, "-c", SUITS, check=False, cwd="/", **identity).returncode == 0]
        assert able, "no Python 3.11 to 3.13 that a user without rights may run: apt-get install python3-venv"
        python = able[0]
        yield Nobody(folder, python, identity)


def test_the_locks_install_into_an_empty_folder_and_start_as_a_user_without_rights(nobody: Nobody) -> None:
    copy_project(nobody.folder, IN_THE_IMAGE)
    run("chmod", "-R", "a+rX", *(nobody.folder / name for name in IN_THE_IMAGE))
    venv, made = nobody.folder / "venv", nobody.folder / "wheels"
    hashed = ("install", "--quiet", "--no-cache-dir", "--only-binary", ":all:", "--no-deps", "--require-hashes")
    for place, lock in ((nobody.folder / "build", "build"), (venv, "runtime")):
        nobody.run(nobody.python, "-m", "venv", place)
        nobody.run(place / "bin" / "pip", *hashed, "-r", f"locks/{lock}.txt")
    wheel = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", made)
    nobody.run(nobody.folder / "build" / "bin" / "pip", *wheel, nobody.folder)
    nobody.run(venv / "bin" / "pip", "install", "--quiet", "--no-deps", "--no-index", *made.glob("*.whl"))
    assert "mlflow, version 3." in nobody.run(venv / "bin" / "mlflow", "--version")
    assert "3." in nobody.run(venv / "bin" / "prefect", "version")
    assert "perito services" in nobody.run(venv / "bin" / "perito", "services", "--help")
    assert nobody.run(venv / "bin" / "perito", "--version").startswith("perito ")
    nobody.run(venv / "bin" / "pip", "check")
