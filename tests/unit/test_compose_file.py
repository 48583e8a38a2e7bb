"""The compose file and the Dockerfile keep every rule, and every rule can fail."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perito.entrypoints.service.env_file import new_env_text
from tests.compose_rules import RULES, Files, Rule, the_files, with_defaults, words_in

Break = Callable[[Files], object]


@pytest.fixture(scope="module")
def files() -> Files:
    return the_files()


def put(service: str, key: str, value: Any) -> Break:
    return lambda files: files.compose["services"][service].__setitem__(key, value)


def drop(service: str, key: str) -> Break:
    return lambda files: files.compose["services"][service].pop(key)


def put_environment(service: str, name: str, value: str) -> Break:
    return lambda files: files.compose["services"][service]["environment"].__setitem__(name, value)


def in_dockerfile(old: str, new: str) -> Break:
    def change(files: Files) -> None:
        assert old in files.dockerfile
        files.dockerfile = files.dockerfile.replace(old, new)

    return change


def in_ignored(old: str, new: str) -> Break:
    return lambda files: setattr(files, "dockerignore", files.dockerignore.replace(old, new))


BROKEN: list[tuple[str, Break]] = [
    ("the_specification_allows_it", put("mlflow", "retriez", 3)),
    ("the_specification_allows_it", put("mlflow", "depends_on", {"postgres": {"condition": "healthy"}})),
    ("the_services_have_their_names", lambda files: files.compose["services"].pop("prefect")),
    ("every_service_has_a_health_check_without_a_shell", drop("db-init", "healthcheck")),
    (
        "every_service_has_a_health_check_without_a_shell",
        lambda files: files.services["mlflow"]["healthcheck"].__setitem__("test", ["CMD", "curl", "http://x"]),
    ),
    (
        "every_service_has_a_health_check_without_a_shell",
        lambda files: files.services["mlflow"]["healthcheck"].__setitem__("test", "python -c pass"),
    ),
    ("every_image_is_pinned", put("postgres", "image", "postgres:latest")),
    ("every_image_is_pinned", put("postgres", "image", "postgres:16")),
    ("every_image_is_pinned", put("postgres", "image", "postgres")),
    ("every_image_is_pinned", put("worker", "image", "perito-worker:9.9.9")),
    ("every_image_is_pinned", in_dockerfile("python:3.12.13-slim-bookworm", "python:3-slim")),
    ("every_image_is_pinned", in_dockerfile("FROM base AS worker", "FROM python:latest AS worker")),
    ("no_secret_has_a_value", put_environment("postgres", "POSTGRES_PASSWORD", "postgres")),
    ("no_secret_has_a_value", put_environment("postgres", "POSTGRES_PASSWORD", "${POSTGRES_PASSWORD:-postgres}")),
    ("no_secret_has_a_value", put_environment("mlflow", "MLFLOW_BACKEND_STORE_URI", "postgresql://mlflow:pw@x/y")),
    ("no_secret_stands_on_a_command_line", put("mlflow", "command", ["mlflow", "${MLFLOW_DB_PASSWORD:?x}"])),
    ("every_port_is_for_this_machine_alone", put("mlflow", "ports", ["5000:5000"])),
    ("every_port_is_for_this_machine_alone", put("mlflow", "ports", ["${PERITO_BIND:-0.0.0.0}:5000:5000"])),
    ("every_volume_has_a_name_and_a_use", lambda files: files.compose["volumes"].pop("mlflow-artifacts")),
    ("every_volume_has_a_name_and_a_use", lambda files: files.compose["volumes"].update(forgotten=None)),
    ("every_volume_has_a_name_and_a_use", put("mlflow", "volumes", ["/srv/mlflow:/var/lib/mlflow/artifacts"])),
    (
        "every_volume_has_a_name_and_a_use",
        lambda files: files.services["worker"]["volumes"][0].pop("read_only"),
    ),
    ("each_waits_until_what_it_needs_is_ready", put("mlflow", "depends_on", ["postgres"])),
    ("each_waits_until_what_it_needs_is_ready", drop("worker", "depends_on")),
    (
        "each_waits_until_what_it_needs_is_ready",
        put("mlflow", "depends_on", {"db-init": {"condition": "service_started"}}),
    ),
    ("no_service_shares_the_machine", put("mlflow", "network_mode", "host")),
    ("no_service_shares_the_machine", put("mlflow", "privileged", True)),
    ("no_service_shares_the_machine", drop("worker", "read_only")),
    ("no_service_shares_the_machine", drop("postgres", "security_opt")),
    ("no_service_is_root", put("mlflow", "user", "0:0")),
    ("no_service_is_root", drop("postgres", "user")),
    ("no_service_is_root", in_dockerfile("USER 10001:10001", "")),
    ("memory_and_logs_have_an_end", drop("worker", "mem_limit")),
    ("memory_and_logs_have_an_end", drop("worker", "logging")),
    ("every_service_can_stop_and_comes_back", drop("mlflow", "init")),
    ("every_service_can_stop_and_comes_back", put("worker", "stop_grace_period", "10s")),
    ("every_service_can_stop_and_comes_back", put("db-init", "restart", "always")),
    ("no_command_needs_a_shell", put("mlflow", "command", "mlflow server")),
    ("no_command_needs_a_shell", put("mlflow", "command", ["sh", "-c", "mlflow server"])),
    ("nothing_is_installed_while_a_container_starts", put("mlflow", "command", ["pip", "install", "mlflow"])),
    ("nothing_is_installed_while_a_container_starts", in_dockerfile("USER", 'ENTRYPOINT ["start.sh"]\nUSER')),
    ("nothing_is_installed_while_a_container_starts", in_dockerfile("--require-hashes", "")),
    ("every_place_is_a_variable", put_environment("worker", "PREFECT_API_URL", "http://prefect:4200/api")),
    ("every_place_is_a_variable", put("mlflow", "command", ["mlflow", "server", "--host", "0.0.0.0"])),
    ("the_servers_know_every_variable", put_environment("prefect", "PREFECT_SERVER_VACUUM", "1")),
    ("the_servers_know_every_variable", put_environment("mlflow", "MLFLOW_ALLOWED_HOSTS", "mlflow")),
    ("nothing_secret_can_reach_an_image", in_ignored("*\n", "\n")),
    ("nothing_secret_can_reach_an_image", in_ignored("!src", "!.env")),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_files_keep_the_rule(rule: Rule, files: Files) -> None:
    assert list(rule(files)) == []


@pytest.mark.parametrize(("name", "breaking"), BROKEN, ids=[f"{n}-{i}" for i, (n, _) in enumerate(BROKEN)])
def test_the_rule_notices_a_broken_copy(name: str, breaking: Break, files: Files) -> None:
    broken = copy.deepcopy(files)
    breaking(broken)
    [rule] = [one for one in RULES if one.__name__ == name]
    assert list(rule(broken)) != []


def test_every_rule_was_seen_to_fail() -> None:
    assert {rule.__name__ for rule in RULES} == {name for name, _ in BROKEN}


def test_prefect_accepts_every_value_it_is_given(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.settings import Settings

    for service in ("prefect", "worker"):
        with monkeypatch.context() as patched:
            for name, value in files.services[service]["environment"].items():
                if name.startswith("PREFECT_") and value is not None:
                    patched.setenv(name, with_defaults(value))
            settings = Settings()
            assert settings.client is not None
    assert settings.flows.heartbeat_frequency == 30


def test_every_variable_that_must_be_set_is_one_that_init_writes(files: Files) -> None:
    wanted = {name for word in words_in(files.compose) for name in re.findall(r"\$\{([A-Z_]+):\?", word)}
    text = new_env_text(project=Path("/srv/perito"), data=Path("/srv/claims"))
    assert wanted == {line.partition("=")[0] for line in text.splitlines() if line and line[0] != "#"}


def test_every_optional_line_of_init_names_a_variable_of_the_compose_file(files: Files) -> None:
    text = new_env_text(project=Path("/srv/perito"), data=Path("/srv/claims"))
    optional = set(re.findall(r"^#([A-Z_]+)=", text, re.MULTILINE))
    known = {name for word in words_in(files.compose) for name in re.findall(r"\$\{([A-Z_]+)", word)}
    assert optional <= known
