"""What `docker-compose.yml` and the Dockerfile promise, as rules that name each fault they find."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).parents[1]
SERVICES = {"postgres", "db-init", "mlflow", "prefect", "worker"}
EXACT = re.compile(r"[a-z][a-z0-9./-]*:\d+\.\d+(\.\d+)?(-[a-z-]+)?")
REQUIRED = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")
PLACES = {"postgres:5432": "POSTGRES_AT", "mlflow:5000": "MLFLOW_AT", "prefect:4200": "PREFECT_AT", "0.0.0.0": "LISTEN"}
SECRET = re.compile(r"PASSWORD|SECRET|HASH_KEY|TOKEN|AUTH_STRING")

Rule = Callable[["Files"], Iterator[str]]
RULES: list[Rule] = []


@dataclass
class Files:
    """The files that the rules are about."""

    compose: dict[str, Any]
    dockerfile: str
    dockerignore: str

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        return dict(self.compose["services"])


def the_files() -> Files:
    """The files as they are."""
    return Files(
        yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")),
        (ROOT / "Dockerfile").read_text(encoding="utf-8"),
        (ROOT / ".dockerignore").read_text(encoding="utf-8"),
    )


def with_defaults(text: str) -> str:
    """A text as Compose reads it where no variable is set but the required ones, which are `set` here."""
    return re.sub(r"\$\{[A-Z_]+(:-([^}]*)|:\?[^}]*)\}", lambda found: found[2] if found[1][1] == "-" else "set", text)


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


def words_in(value: Any) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from words_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_in(inner)
    elif isinstance(value, str):
        yield value


@rule
def the_specification_allows_it(files: Files) -> Iterator[str]:
    schema = json.loads((ROOT / "tests" / "compose-spec.json").read_text(encoding="utf-8"))
    for fault in jsonschema.Draft201909Validator(schema).iter_errors(files.compose):
        yield f"{'.'.join(map(str, fault.absolute_path))}: {fault.message}"


@rule
def the_services_have_their_names(files: Files) -> Iterator[str]:
    yield from sorted(files.services.keys() ^ SERVICES)


@rule
def every_service_has_a_health_check_without_a_shell(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        check = service.get("healthcheck", {})
        if not {"test", "interval", "timeout", "retries", "start_period"} <= check.keys():
            yield f"{name}: its health check is incomplete"
        elif not isinstance(check["test"], list) or check["test"][0] != "CMD" or {"curl", "wget"} & {*check["test"]}:
            yield f"{name}: {check['test']}"


@rule
def every_image_is_pinned(files: Files) -> Iterator[str]:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    for name, service in files.services.items():
        image = str(service.get("image"))
        if not EXACT.fullmatch(image):
            yield f"{name}: {image}"
        if "build" in service and image.partition(":")[2] != version:
            yield f"{name}: built as {image}, and this is {version}"
    bases = re.findall(r"^ARG [A-Z_]+_IMAGE=(\S+)", files.dockerfile, re.MULTILINE)
    stages = re.findall(r"^FROM (\S+)", files.dockerfile, re.MULTILINE)
    known = {"${PYTHON_IMAGE}", *re.findall(r"^FROM \S+ AS (\S+)", files.dockerfile, re.MULTILINE)}
    yield from (
        base for base in [*bases, *(stage for stage in stages if stage not in known)] if not EXACT.fullmatch(base)
    )


@rule
def no_secret_has_a_value(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        for variable, value in service.get("environment", {}).items():
            secret = REQUIRED.sub("", str(value or ""))
            if SECRET.search(variable) and not re.fullmatch(r"(\$\{[A-Z_]+:-\})?", secret):
                yield f"{name}: {variable}"
            if re.search(r"://[^/@]*:[^@]+@", secret):
                yield f"{name}: {variable} holds a password"


@rule
def no_secret_stands_on_a_command_line(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        for word in words_in([service.get("command"), service.get("healthcheck")]):
            if SECRET.search(word):
                yield f"{name}: {word}"


@rule
def every_port_is_for_this_machine_alone(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        for port in service.get("ports", []):
            if not re.fullmatch(r"127\.0\.0\.1:\d+:\d+", with_defaults(str(port))):
                yield f"{name}: {port}"


@rule
def every_volume_has_a_name_and_a_use(files: Files) -> Iterator[str]:
    mounts = [(name, one) for name, service in files.services.items() for one in service.get("volumes", [])]
    used = {one.partition(":")[0] for _, one in mounts if isinstance(one, str)}
    yield from sorted(f"volume {name}" for name in used ^ files.compose.get("volumes", {}).keys())
    for name, mount in mounts:
        if isinstance(mount, dict) and not mount.get("read_only") and mount["source"] != "/dev/null":
            yield f"{name}: may write to {mount['source']} of the machine"


@rule
def each_waits_until_what_it_needs_is_ready(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        needed = service.get("depends_on", {})
        if name != "postgres" and not needed:
            yield f"{name}: waits for nothing"
        for other in needed:
            wanted = "service_completed_successfully" if other == "db-init" else "service_healthy"
            if not isinstance(needed, dict) or needed[other].get("condition") != wanted:
                yield f"{name}: does not wait until {other} is ready"


@rule
def no_service_shares_the_machine(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        yield from (
            f"{name}: {key}"
            for key in ("network_mode", "privileged", "pid", "ipc", "devices", "cap_add")
            if key in service
        )
        if not (service.get("read_only") and service.get("cap_drop") == ["ALL"]):
            yield f"{name}: can write to its image, or has capabilities"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: can gain privileges"


@rule
def no_service_is_root(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", str(service.get("user"))):
            yield f"{name}: user {service.get('user')}"
    for target in ("service", "worker"):
        stage = re.search(rf"^FROM \S+ AS {target}$(.*?)(?=^FROM |\Z)", files.dockerfile, re.MULTILINE | re.DOTALL)
        users = re.findall(r"^USER (\S+)$", stage[1], re.MULTILINE) if stage else []
        if users[-1:] != ["10001:10001"]:
            yield f"target {target}: user {users}"


@rule
def memory_and_logs_have_an_end(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        if not re.fullmatch(r"\d+[mg]", with_defaults(str(service.get("mem_limit")))):
            yield f"{name}: memory"
        if "max-size" not in service.get("logging", {}).get("options", {}):
            yield f"{name}: logs"


@rule
def every_service_can_stop_and_comes_back(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        if service.get("init") is not True or "stop_grace_period" not in service:
            yield f"{name}: cannot stop in peace"
        if service.get("restart") != ("no" if name == "db-init" else "unless-stopped"):
            yield f"{name}: restart {service.get('restart')}"
    if files.services["worker"].get("stop_grace_period") != "10m":
        yield "worker: a run may not end"


@rule
def no_command_needs_a_shell(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        command = service.get("command")
        if not isinstance(command, list) or command[0] in {"sh", "bash", "/bin/sh"} or "entrypoint" in service:
            yield f"{name}: {command}"


@rule
def nothing_is_installed_while_a_container_starts(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        if re.search(r"\b(pip|apt-get|apt|npm|conda|uv)\b", " ".join(words_in(service.get("command")))):
            yield f"{name}: {service['command']}"
    yield from re.findall(r"^(?:ENTRYPOINT|CMD)\b.*", files.dockerfile, re.MULTILINE)
    for line in files.dockerfile.replace("\\\n", " ").splitlines():
        for install in re.findall(r"pip install [^&]*", line):
            if "--require-hashes" not in install and "--no-index" not in install:
                yield install


@rule
def every_place_is_a_variable(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        kept = {key: value for key, value in service.items() if key not in {"image", "depends_on"}}
        for word in words_in(kept):
            for place, variable in PLACES.items():
                if place in word.replace(f"${{{variable}:-{place}}}", ""):
                    yield f"{name}: {place}"


@rule
def the_servers_know_every_variable(files: Files) -> Iterator[str]:
    for name, service in files.services.items():
        for variable in service.get("environment", {}):
            own = {"PREFECT_DB_PASSWORD", "MLFLOW_DB_PASSWORD"} if name == "db-init" else set()
            if re.match("PREFECT_|MLFLOW_", variable) and variable not in _known_variables() | own:
                yield f"{name}: {variable}"


@rule
def nothing_secret_can_reach_an_image(files: Files) -> Iterator[str]:
    lines = [line for line in files.dockerignore.splitlines() if line and line[0] != "#"]
    if lines[:1] != ["*"]:
        yield "not everything is left out at first"
    yield from (line for line in lines if line.startswith("!") and ("env" in line or "*" in line or line == "!."))


ASK = """
import json
from mlflow import environment_variables
from mlflow.cli import cli
from prefect.settings import Settings
from prefect.settings.legacy import _get_valid_setting_names

named = [getattr(value, "name", None) for value in vars(environment_variables).values()]
options = [option.envvar for option in cli.commands["server"].params]
names = [*_get_valid_setting_names(Settings), *options, *named]
print(json.dumps([name for name in names if isinstance(name, str)]))
"""


@cache
def _known_variables() -> set[str]:
    """What the installed Prefect and MLflow read from the environment. Asked apart: both warn when imported."""
    told = subprocess.run([sys.executable, "-W", "ignore", "-c", ASK], check=True, capture_output=True, text=True)
    return set(json.loads(told.stdout))
