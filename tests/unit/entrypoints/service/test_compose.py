"""The compose file as data: variables filled in as compose does, services after those they need."""

from pathlib import Path

import pytest

from perito.domain.errors import ParameterError, SourceError
from perito.entrypoints.service.compose import fill_in, read_compose

ROOT = Path(__file__).parents[4]
SECRETS = ("POSTGRES_PASSWORD", "PREFECT_DB_PASSWORD", "MLFLOW_DB_PASSWORD", "PERITO_DB_PASSWORD", "PERITO_HASH_KEY")
REQUIRED = dict.fromkeys((*SECRETS, "PERITO_PROJECT", "PERITO_DATA_DIR"), "x")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("$$HOME", "$HOME"),
        ("${A}", "a"),
        ("${A:-other}", "a"),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY-other}", ""),
        ("${ABSENT-other}", "other"),
        ("${ABSENT}", ""),
        ("http://${ABSENT:-host:80}/api", "http://host:80/api"),
    ],
)
def test_variables_are_filled_in_as_compose_does(text: str, filled: str) -> None:
    assert fill_in(text, {"A": "a", "EMPTY": ""}) == filled


@pytest.mark.parametrize("variables", [{}, {"A": ""}])
def test_a_required_variable_is_asked_for_in_the_files_own_words(variables: dict[str, str]) -> None:
    with pytest.raises(ParameterError) as refused:
        fill_in("${A:?run perito init first}", variables)
    assert "A is not set" in refused.value.what
    assert refused.value.remedy == "Run perito init first."


def test_services_come_after_those_they_need() -> None:
    names = list(read_compose(ROOT / "docker-compose.yml", REQUIRED))
    assert set(names) == {"postgres", "db-init", "mlflow", "prefect", "worker"}
    assert names[:2] == ["postgres", "db-init"]
    assert names[-1] == "worker"


def test_a_native_address_takes_the_place_of_the_containers() -> None:
    services = read_compose(ROOT / "docker-compose.yml", REQUIRED | {"MLFLOW_AT": "127.0.0.1:5001"})
    assert services["worker"].environment["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:5001"
    assert read_compose(ROOT / "docker-compose.yml", REQUIRED)["worker"].environment["MLFLOW_TRACKING_URI"] == (
        "http://mlflow:5000"
    )


def test_a_variable_that_is_named_without_a_value_is_passed_on_only_where_it_is_set() -> None:
    name = "PREFECT_SERVER_API_AUTH_STRING"
    assert name not in read_compose(ROOT / "docker-compose.yml", REQUIRED)["prefect"].environment
    given = read_compose(ROOT / "docker-compose.yml", REQUIRED | {name: "a:b"})
    assert given["prefect"].environment[name] == "a:b"


def test_a_run_has_minutes_to_end_before_its_worker_is_killed() -> None:
    services = read_compose(ROOT / "docker-compose.yml", REQUIRED)
    assert services["worker"].grace == 600
    assert services["db-init"].ends
    assert not services["worker"].ends


@pytest.mark.parametrize("text", ["", "a: [", "version: 3", "- services"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "docker-compose.yml").write_text(text)
    with pytest.raises(SourceError):
        read_compose(tmp_path / "docker-compose.yml", {})


def test_a_missing_file_says_where_to_be(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="checkout"):
        read_compose(tmp_path / "docker-compose.yml", {})
