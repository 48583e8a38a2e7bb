"""The services of `docker-compose.yml` started on this machine without Docker, by the file's own commands.

Refuses a port that another program listens at: its health would be taken for ours.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from perito.domain.errors import ServiceError
from perito.entrypoints.service.compose import Service, read_compose
from perito.entrypoints.service.native_postgres import Account, account, find_binaries, make_cluster
from perito.entrypoints.service.processes import LOOK_SECONDS, Place

POSTGRES = "postgres"
PORTS = {"postgres": 5432, "mlflow": 5000, "prefect": 4200}
"""Where each service is reached, unless `.env` says otherwise: POSTGRES_PORT, MLFLOW_PORT, PREFECT_PORT."""
CLIENT_SETTINGS = (
    "PREFECT_API_URL",
    "PREFECT_API_AUTH_STRING",
    "MLFLOW_TRACKING_URI",
    "PERITO_DATABASE_URL",
    "PERITO_HASH_KEY",
)
OURS = ("PREFECT_", "MLFLOW_", "PERITO_", "POSTGRES_")
"""A service gets what the compose file says, and none of the reader's own settings of these."""
ONE_SHOT_SECONDS = 180
USUAL_PATIENCE_SECONDS = 60.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Native:
    """The services of one checkout on this machine: `root` holds the compose file, `home` what they keep."""

    root: Path
    home: Path
    variables: Mapping[str, str]

    @property
    def place(self) -> Place:
        """Where notes, logs and data of the services are."""
        return Place(self.home / "services")

    def services(self) -> dict[str, Service]:
        """The compose file's services, with addresses and folders of this machine."""
        return read_compose(self.root / "docker-compose.yml", self._variables())

    def port(self, service: str) -> str:
        """The port of this machine that a service is reached at: as `.env` says, or the usual one."""
        return self.variables.get(_setting(service)) or str(PORTS[service])

    def client_settings(self) -> dict[str, str]:
        """What a program on this machine needs in its environment to work with the services."""
        told = self.services()["worker"].environment
        return {name: told[name] for name in CLIENT_SETTINGS if told.get(name)}

    def _variables(self) -> dict[str, str]:
        kept = self.place.folder
        native = {f"{name.upper()}_AT": f"127.0.0.1:{self.port(name)}" for name in PORTS}
        native |= {f"{name.upper()}_LISTEN_PORT": self.port(name) for name in PORTS}
        native |= {
            "LISTEN": "127.0.0.1",
            "MLFLOW_SEEN_AT": self.variables.get("MLFLOW_SEEN_AT") or f"http://127.0.0.1:{self.port('mlflow')}",
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
        A port is taken, or a service ended, or was not healthy in time; with the last line of its log.
    """
    services = native.services()
    # A shell that starts a job in the background makes it ignore SIGINT, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    binaries = find_binaries(os.environ)
    for service in services.values():
        began = time.monotonic()
        if native.place.noted(service.name) is not None:
            say(f"{service.name}: runs already")
            continue
        _start(native, service, binaries)
        say(f"{service.name}: ready after {time.monotonic() - began:.1f} s")


def stop_all(native: Native, say: Say) -> None:
    """Stop what was started here, in reverse; each has the grace that the compose file gives it."""
    for service in reversed(native.services().values()):
        # PostgreSQL takes SIGINT as: end now, in order, though somebody is still connected.
        how = signal.SIGINT if service.name == POSTGRES else signal.SIGTERM
        told = native.place.end(service.name, how, grace=service.grace)
        if told is not None:
            say(f"{service.name}: {told}")


def status(native: Native) -> dict[str, str]:
    """By service: `healthy`, `runs, not healthy`, or `stopped`; one that ends by itself is left out."""
    told = {}
    for service in native.services().values():
        if service.ends:
            continue
        if native.place.noted(service.name) is None:
            told[service.name] = "stopped"
        else:
            told[service.name] = "healthy" if _is_healthy(service, find_binaries(os.environ)) else "runs, not healthy"
    return told


def _start(native: Native, service: Service, binaries: Path) -> None:
    environment, command = _environment(service, binaries), _command(native, service, binaries)
    if service.ends:
        _run_to_end(native, service, command, environment)
        return
    runs_as, cwd = Account(), native.root
    _check_port(native, service.name)
    if service.name == POSTGRES:
        runs_as, cwd = account(), Path("/")
        make_cluster(binaries, native.place.folder / POSTGRES, runs_as, native.variables["POSTGRES_PASSWORD"])
    native.place.spawn(service.name, command, environment, cwd=cwd, runs_as=runs_as)
    _wait_until_healthy(native, service, binaries)


def _setting(service: str) -> str:
    return f"{service.upper()}_PORT"


def _check_port(native: Native, service: str) -> None:
    if service not in PORTS:
        return
    port = native.port(service)
    with socket.socket() as probe:
        probe.settimeout(LOOK_SECONDS)
        taken = probe.connect_ex(("127.0.0.1", int(port))) == 0
    if taken:
        raise ServiceError(
            f"Another program listens at port {port}, where {service} is to be.",
            where=f".env, {_setting(service)}",
            remedy=f"Stop it, or write another {_setting(service)} into .env.",
        )


def _command(native: Native, service: Service, binaries: Path) -> list[str]:
    program, *rest = service.command
    if service.name == POSTGRES:
        return [str(binaries / program), "-D", str(native.place.folder / POSTGRES), *rest]
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


def _run_to_end(native: Native, service: Service, command: list[str], environment: Mapping[str, str]) -> None:
    log = native.place.log(service.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        try:
            code = subprocess.run(
                command,
                env=dict(environment),
                cwd=native.root,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=ONE_SHOT_SECONDS,
            ).returncode
        except subprocess.TimeoutExpired:
            raise _not_ready(native, service, f"did not end within {ONE_SHOT_SECONDS} seconds") from None
    if code:
        raise _not_ready(native, service, f"failed with {code}")


def _wait_until_healthy(native: Native, service: Service, binaries: Path) -> None:
    patience = USUAL_PATIENCE_SECONDS if service.health is None else service.health.patience
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if native.place.noted(service.name) is None:
            raise _not_ready(native, service, "ended")
        if _is_healthy(service, binaries):
            return
        time.sleep(LOOK_SECONDS)
    raise _not_ready(native, service, f"was not healthy within {patience:.0f} seconds")


def _is_healthy(service: Service, binaries: Path) -> bool:
    if service.health is None:
        return True
    program, *rest = service.health.command
    command = [_program(program, binaries), *rest]
    environment = _environment(service, binaries)
    try:
        asked = subprocess.run(
            command, env=environment, capture_output=True, check=False, timeout=service.health.timeout, cwd="/"
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def _not_ready(native: Native, service: Service, how: str) -> ServiceError:
    return ServiceError(
        f"{service.name} {how}: {native.place.last_line(service.name)}",
        where=str(native.place.log(service.name)),
        remedy="Read its log. `perito services stop` ends what was started.",
    )
