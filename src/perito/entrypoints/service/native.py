"""The services of `docker-compose.yml` started on this machine without Docker, by the file's own commands.

Each service gets a log and a note of its process. Refuses to end a process that it did not
start: a number that another process has meanwhile is told apart by the time it began.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from perito.domain.errors import ServiceError
from perito.entrypoints.service.compose import Service, read_compose
from perito.entrypoints.service.native_postgres import (
    Account,
    account,
    find_binaries,
    make_cluster,
)

POSTGRES = "postgres"
PORTS = {"POSTGRES": 5432, "MLFLOW": 5000, "PREFECT": 4200}
CLIENT_SETTINGS = (
    "PREFECT_API_URL",
    "PREFECT_API_AUTH_STRING",
    "MLFLOW_TRACKING_URI",
    "PERITO_DATABASE_URL",
    "PERITO_HASH_KEY",
)
OURS = ("PREFECT_", "MLFLOW_", "PERITO_", "POSTGRES_")
"""A service gets what the compose file says, and none of the reader's own settings of these."""
LOOK_SECONDS = 0.2
Say = Callable[[str], None]


@dataclass(frozen=True)
class Process:
    """A process that was started here, and when it began by the kernel's clock."""

    pid: int
    began: int
    command: tuple[str, ...]


@dataclass(frozen=True)
class Native:
    """The services of one checkout on this machine: `root` holds the compose file, `home` what they keep."""

    root: Path
    home: Path
    variables: Mapping[str, str]

    def services(self) -> dict[str, Service]:
        """The compose file's services, with addresses and folders of this machine."""
        return read_compose(self.root / "docker-compose.yml", self._variables())

    def port(self, service: str) -> str:
        """The port of this machine that a service is reached at: as `.env` says, or the usual one."""
        return self.variables.get(f"{service}_PORT") or str(PORTS[service])

    def client_settings(self) -> dict[str, str]:
        """What a program on this machine needs in its environment to work with the services."""
        told = self.services()["worker"].environment
        return {name: told[name] for name in CLIENT_SETTINGS if told.get(name)}

    def _variables(self) -> dict[str, str]:
        kept = self.home / "services"
        native = {f"{name}_AT": f"127.0.0.1:{self.port(name)}" for name in PORTS}
        native |= {f"{name}_LISTEN_PORT": self.port(name) for name in PORTS}
        native |= {
            "LISTEN": "127.0.0.1",
            "WORKER_HEALTH_PORT": self.variables.get("WORKER_HEALTH_PORT") or "8080",
            "POSTGRES_DATA_DIR": str(kept / POSTGRES),
            "POSTGRES_SOCKET_DIR": str(kept / POSTGRES),
            "MLFLOW_ARTIFACTS_DIR": str(kept / "mlflow-artifacts"),
            "PREFECT_HOME_DIR": str(kept / "prefect"),
            "PERITO_HOME_DIR": str(self.home),
            "PERITO_RESULTS_DIR": self.variables.get("PERITO_RESULTS") or str(self.root / "perito-results"),
            "PERITO_PROJECT": str(self.root),
            "WORKER_TMP_DIR": tempfile.gettempdir(),
        }
        return {**self.variables, **native}


def start_all(native: Native, say: Say) -> None:
    """Start every service in order, each once those it needs are healthy; one that runs is left alone.

    Raises
    ------
    ParameterError, MissingExtra, OutputError
        A setting is missing, or PostgreSQL is.
    ServiceError
        A service ended, or was not healthy in time; with the last line of its log.
    """
    services = native.services()
    # A shell that starts a job in the background makes it ignore SIGINT, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    binaries, runs_as = find_binaries(os.environ), account()
    for service in services.values():
        started = time.monotonic()
        if _alive(_noted(native, service.name)):
            say(f"{service.name}: runs already")
            continue
        command = _command(native, service, binaries)
        if service.name == POSTGRES:
            data = _postgres_data(native)
            make_cluster(binaries, data, runs_as, native.variables["POSTGRES_PASSWORD"])
        environment = _environment(service, binaries)
        if service.ends:
            _run_to_end(native, service, command, environment)
        else:
            _spawn(native, service, command, environment, runs_as if service.name == POSTGRES else Account())
            _wait_until_healthy(native, service, environment)
        say(f"{service.name}: ready after {time.monotonic() - started:.1f} s")


def stop_all(native: Native, say: Say) -> None:
    """Stop what was started here, in reverse; each has the grace that the compose file gives it."""
    for service in reversed(native.services().values()):
        noted = _noted(native, service.name)
        if noted is None or not _alive(noted):
            _note_of(native, service.name).unlink(missing_ok=True)
            continue
        began = time.monotonic()
        # PostgreSQL takes SIGINT as: end now, in order, though somebody is still connected.
        os.kill(noted.pid, signal.SIGINT if service.name == POSTGRES else signal.SIGTERM)
        while _alive(noted) and time.monotonic() - began < service.grace:
            time.sleep(LOOK_SECONDS)
        how = "stopped"
        if _alive(noted):
            os.killpg(noted.pid, signal.SIGKILL)
            how = f"did not stop within {service.grace:.0f} s and was killed"
        _note_of(native, service.name).unlink(missing_ok=True)
        say(f"{service.name}: {how}")


def status(native: Native) -> dict[str, str]:
    """By service: `healthy`, `runs, not healthy`, or `stopped`; one that ends by itself is left out."""
    told = {}
    for service in native.services().values():
        if service.ends:
            continue
        if not _alive(_noted(native, service.name)):
            told[service.name] = "stopped"
            continue
        environment = _environment(service, find_binaries(os.environ))
        told[service.name] = "healthy" if _is_healthy(service, environment) else "runs, not healthy"
    return told


def log_of(native: Native, name: str) -> Path:
    """The file that a service's output goes to."""
    return native.home / "services" / f"{name}.log"


def _note_of(native: Native, name: str) -> Path:
    return native.home / "services" / f"{name}.json"


def _postgres_data(native: Native) -> Path:
    return native.home / "services" / POSTGRES


def _noted(native: Native, name: str) -> Process | None:
    path = _note_of(native, name)
    if not path.is_file():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Process(int(told["pid"]), int(told["began"]), tuple(told["command"]))


def _alive(process: Process | None) -> bool:
    return process is not None and _began(process.pid) == process.began


def _began(pid: int) -> int | None:
    """When a process began, in the kernel's ticks; None where there is none, or it has ended and is not fetched yet."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if state == "Z" else int(fields[18])


def _command(native: Native, service: Service, binaries: Path) -> list[str]:
    program, *rest = service.command
    if service.name == POSTGRES:
        return [str(binaries / program), "-D", str(_postgres_data(native)), *rest]
    return [_program(program, binaries), *rest]


def _program(name: str, binaries: Path) -> str:
    """A program of this Python environment, of PostgreSQL, or of the machine."""
    if name == "python":
        return sys.executable
    for folder in (Path(sys.executable).parent, binaries):
        if (folder / name).is_file():
            return str(folder / name)
    return shutil.which(name) or name


def _environment(service: Service, binaries: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = os.pathsep.join([str(Path(sys.executable).parent), own.get("PATH", os.defpath), str(binaries)])
    return {**own, "PATH": path, **service.environment}


def _spawn(
    native: Native, service: Service, command: list[str], environment: Mapping[str, str], runs_as: Account
) -> None:
    log = log_of(native, service.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd="/" if service.name == POSTGRES else native.root,
            start_new_session=True,
            user=runs_as.uid,
            group=runs_as.gid,
            extra_groups=runs_as.groups,
        )
    noted = Process(process.pid, _began(process.pid) or 0, tuple(command[:3]))
    _note_of(native, service.name).write_text(json.dumps(asdict(noted)), encoding="utf-8")


def _run_to_end(native: Native, service: Service, command: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, env=dict(environment), cwd=native.root, capture_output=True, text=True, check=False, timeout=180
    )
    log_of(native, service.name).write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        raise ServiceError(
            f"{service.name} failed: {_last_line(log_of(native, service.name))}",
            where=str(log_of(native, service.name)),
            remedy="Read its log. `perito services stop` ends what was started.",
        )


def _wait_until_healthy(native: Native, service: Service, environment: Mapping[str, str]) -> None:
    patience = 60.0 if service.health is None else service.health.patience
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if not _alive(_noted(native, service.name)):
            raise _not_ready(native, service, "ended")
        if _is_healthy(service, environment):
            return
        time.sleep(LOOK_SECONDS)
    raise _not_ready(native, service, f"was not healthy within {patience:.0f} seconds")


def _is_healthy(service: Service, environment: Mapping[str, str]) -> bool:
    if service.health is None:
        return True
    program, *rest = service.health.command
    command = [_program(program, find_binaries(os.environ)), *rest]
    try:
        asked = subprocess.run(
            command, env=dict(environment), capture_output=True, check=False, timeout=service.health.timeout, cwd="/"
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def _not_ready(native: Native, service: Service, how: str) -> ServiceError:
    log = log_of(native, service.name)
    return ServiceError(
        f"{service.name} {how}: {_last_line(log)}",
        where=str(log),
        remedy="Read its log; another program may listen at its port. `perito services stop` ends what was started.",
    )


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines[-100:] if "error" in line.lower() or "fatal" in line.lower()]
    return (errors or lines or ["it wrote nothing"])[-1][:300]
