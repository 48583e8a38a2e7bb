"""Settings are read once, checked, and keep secrets to themselves."""

import sqlite3
import sys
from pathlib import Path

import pytest

from perito.domain.errors import OutputError, ParameterError
from perito.entrypoints.settings import QUIET, Settings, quiet_libraries


def settings(cwd: Path, **environ: str) -> Settings:
    return Settings.from_environment(environ, cwd)


def test_without_an_environment_everything_is_below_the_working_folder(tmp_path: Path) -> None:
    made = settings(tmp_path)
    assert made.home == tmp_path / ".perito"
    assert made.data is None
    assert made.prefect_api_url is None
    assert made.tracking().uri == f"sqlite:///{tmp_path}/.perito/mlflow.db"
    assert made.tracking().artifacts == tmp_path / ".perito" / "mlartifacts"


def test_reading_settings_creates_nothing(tmp_path: Path) -> None:
    settings(tmp_path).tracking()
    assert list(tmp_path.iterdir()) == []


def test_folders_may_be_relative_and_empty_variables_count_as_absent(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    made = settings(tmp_path, PERITO_HOME="kept/../here", PERITO_DATA="claims", PREFECT_API_URL=" ")
    assert made.home == tmp_path / "here"
    assert made.data == tmp_path / "claims"
    assert made.prefect_api_url is None


def test_a_data_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="PERITO_DATA"):
        settings(tmp_path, PERITO_DATA="nowhere")


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(ParameterError, match="PERITO_HOME"):
        settings(tmp_path, PERITO_HOME="home")


@pytest.mark.parametrize("address", ["localhost:4200", "ftp://host/api", "http://", "http:///api"])
def test_a_prefect_address_must_be_a_web_address(tmp_path: Path, address: str) -> None:
    with pytest.raises(ParameterError, match="PREFECT_API_URL"):
        settings(tmp_path, PREFECT_API_URL=address)


def test_a_configured_tracking_server_replaces_the_embedded_one(tmp_path: Path) -> None:
    tracking = settings(tmp_path, MLFLOW_TRACKING_URI="http://127.0.0.1:5000").tracking()
    assert (tracking.uri, tracking.artifacts) == ("http://127.0.0.1:5000", None)


@pytest.mark.parametrize("address", ["mlruns", "/somewhere/mlruns", "file:///somewhere/mlruns"])
def test_a_tracking_store_is_a_server_or_a_database_and_no_plain_folder(tmp_path: Path, address: str) -> None:
    with pytest.raises(ParameterError, match="MLFLOW_TRACKING_URI"):
        settings(tmp_path, MLFLOW_TRACKING_URI=address)


def test_the_hash_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = settings(tmp_path).hash_key()
    assert settings(tmp_path).hash_key() == first
    kept = tmp_path / ".perito" / "hash.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["hash.key"]


def test_two_homes_have_two_hash_keys(tmp_path: Path) -> None:
    assert settings(tmp_path, PERITO_HOME="a").hash_key() != settings(tmp_path, PERITO_HOME="b").hash_key()


def test_a_given_hash_key_is_used_and_nothing_is_kept(tmp_path: Path) -> None:
    assert settings(tmp_path, PERITO_HASH_KEY="0123456789abcdef").hash_key() == b"0123456789abcdef"
    assert list(tmp_path.iterdir()) == []


def test_a_short_hash_key_is_refused_without_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="at least 16") as refusal:
        settings(tmp_path, PERITO_HASH_KEY="hunter2")
    assert "hunter2" not in str(refusal.value)


def test_a_hash_key_that_cannot_be_kept_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="PERITO_HOME"):
        settings(tmp_path, PERITO_HOME="file/below").hash_key()


def test_printed_settings_hold_neither_key_nor_password(tmp_path: Path) -> None:
    made = settings(
        tmp_path, PERITO_HASH_KEY="0123456789abcdef", MLFLOW_TRACKING_URI="postgresql://perito:secret@db/mlflow"
    )
    assert "secret" not in repr(made)
    assert "0123456789abcdef" not in repr(made)
    assert "secret" not in repr(made.tracking())


def test_shown_programs_work_from_where_the_reader_stands(tmp_path: Path) -> None:
    programs = Path(sys.executable).parent
    assert settings(programs.parent).program("mlflow") == f"{programs.name}/mlflow"
    assert settings(tmp_path).program("mlflow") == str(programs / "mlflow")


def test_the_quiet_switches_never_replace_what_the_reader_has_set() -> None:
    environ = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "99"}
    quiet_libraries(environ)
    assert environ == {**QUIET, "MLFLOW_HTTP_REQUEST_TIMEOUT": "99"}


def test_a_folder_with_a_space_gives_a_database_address_that_opens(tmp_path: Path) -> None:
    made = settings(tmp_path, PERITO_HOME="my home")
    made.home.mkdir()
    sqlite3.connect(made.tracking().uri.removeprefix("sqlite:///")).close()
    assert (made.home / "mlflow.db").exists()
    assert made.tracking().ui_command.endswith(f"--backend-store-uri 'sqlite:///{made.home}/mlflow.db'")


def test_the_ledger_is_a_file_at_home_unless_a_database_is_configured(tmp_path: Path) -> None:
    assert settings(tmp_path).database().file == tmp_path / ".perito" / "perito.db"
    given = settings(tmp_path, PERITO_DATABASE_URL="postgresql+psycopg://ana:secret@host/perito")
    assert given.database().url.startswith("postgresql+psycopg://")
    assert "secret" not in repr(given)
    with pytest.raises(ParameterError, match="PERITO_DATABASE_URL"):
        settings(tmp_path, PERITO_DATABASE_URL="postgresql://host/perito")


def test_who_decides_is_named_by_the_reader_or_else_by_the_operating_system(tmp_path: Path) -> None:
    assert settings(tmp_path, PERITO_USER="ana").user() == "ana"
    assert settings(tmp_path).user()
