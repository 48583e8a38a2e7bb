"""The helper that starts PostgreSQL for the other tests keeps what it promises."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from tests.postgres import Postgres, running_postgres

from perito.domain.errors import MissingExtra
from perito.entrypoints.service.native_postgres import find_binaries, wheel


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


def test_a_folder_without_the_programs_is_an_error_that_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match="apt install postgresql") as refused:
        find_binaries({"PG_BIN": str(tmp_path)})
    assert str(tmp_path) in refused.value.where


def test_the_programs_found_are_those_of_a_server() -> None:
    program = find_binaries(os.environ) / "postgres"
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in told.stdout


def test_without_a_server_on_the_machine_the_one_of_the_wheel_is_found() -> None:
    [folder] = wheel()
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in told.stdout
