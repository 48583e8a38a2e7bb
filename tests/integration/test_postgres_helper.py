"""The helper that starts PostgreSQL for the other tests keeps what it promises."""

import subprocess
from pathlib import Path

import psycopg
import pytest
from tests.postgres import Postgres, postgres_binaries, running_postgres


def test_a_new_database_is_empty_and_no_other_test_has_it(postgres: Postgres) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    assert first != second
    tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert postgres.run(tables, database=first.rpartition("/")[2]) == [(0,)]


def test_nobody_gets_in_without_the_password(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url(password="wrong", driver="postgresql"))


def test_nothing_stays_behind() -> None:
    with running_postgres() as server:
        folder, address = server.folder, server.url(driver="postgresql")
        assert server.password not in repr(server)
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(address)


def test_a_folder_without_the_programs_is_an_error_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(RuntimeError, match="apt-get install postgresql"):
        postgres_binaries()


def test_the_programs_found_are_those_of_a_server() -> None:
    told = subprocess.run([postgres_binaries() / "postgres", "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in told.stdout
