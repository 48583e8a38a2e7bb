"""The databases of the services are made on a real PostgreSQL, again and again, and fail in sentences."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from tests.postgres import Postgres

from perito.domain.errors import ParameterError, ServiceError
from perito.entrypoints.service.databases import NAMES, Account, accounts_from, databases_from, prepare_databases
from perito.postgres import Address
from perito.store import Database, open_ledger

PASSWORDS = {f"{name.upper()}_DB_PASSWORD": f"first-password-of-{name}" for name in NAMES}
SECRET = "neverToBeShown123"
UNUSED = Database.given("sqlite:///unused.db")


@pytest.fixture(autouse=True)
def emptied(postgres: Postgres) -> Iterator[None]:
    yield
    for name in NAMES:
        postgres.run(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        postgres.run(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


def environment(postgres: Postgres, **changes: str) -> dict[str, str]:
    said = {"PERITO_ADMIN_URL": postgres.url(), **PASSWORDS} | changes
    own = postgres.url("perito", user="perito", password=said["PERITO_DB_PASSWORD"])
    return {"PERITO_DATABASE_URL": own, **said}


def admin_of(postgres: Postgres) -> Address:
    return Address(postgres.url(), "PERITO_ADMIN_URL")


def as_role(postgres: Postgres, role: str, database: str, password: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(postgres.url(database, user=role, password=password, driver="postgresql"))


def test_each_role_gets_its_own_database_and_no_right_beyond_it(postgres: Postgres) -> None:
    assert databases_from(environment(postgres)) == dict.fromkeys(NAMES, "made")
    for name in NAMES:
        password = PASSWORDS[f"{name.upper()}_DB_PASSWORD"]
        with as_role(postgres, name, name, password) as connection:
            connection.execute("CREATE TABLE own (id integer)")
        for other in set(NAMES) - {name}:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                as_role(postgres, name, other, password)
    rights = "SELECT rolname FROM pg_roles WHERE rolname = ANY(ARRAY['prefect', 'mlflow', 'perito']) AND "
    assert postgres.run(f"{rights} (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)") == []


def test_a_second_time_changes_nothing_and_keeps_what_is_there(postgres: Postgres) -> None:
    databases_from(environment(postgres))
    with as_role(postgres, "mlflow", "mlflow", PASSWORDS["MLFLOW_DB_PASSWORD"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert databases_from(environment(postgres)) == dict.fromkeys(NAMES, "was there")
    assert postgres.run("SELECT answer FROM kept", database="mlflow") == [(42,)]


def test_a_changed_password_counts_and_the_old_one_no_longer_does(postgres: Postgres) -> None:
    databases_from(environment(postgres))
    databases_from(environment(postgres, MLFLOW_DB_PASSWORD="second-password"))
    as_role(postgres, "mlflow", "mlflow", "second-password").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        as_role(postgres, "mlflow", "mlflow", PASSWORDS["MLFLOW_DB_PASSWORD"])


def test_rights_that_somebody_gave_are_taken_back(postgres: Postgres) -> None:
    databases_from(environment(postgres))
    postgres.run("ALTER ROLE mlflow CREATEDB SUPERUSER")
    postgres.run("GRANT CONNECT ON DATABASE perito TO PUBLIC")
    databases_from(environment(postgres))
    assert postgres.run("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'mlflow'") == [(False, False)]
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        as_role(postgres, "mlflow", "perito", PASSWORDS["MLFLOW_DB_PASSWORD"])


def test_no_password_reaches_the_log_of_the_server(postgres: Postgres) -> None:
    databases_from(environment(postgres))
    assert "ALTER ROLE" in postgres.log or "CREATE ROLE" in postgres.log
    assert "SCRAM-SHA-256$" in postgres.log
    for password in PASSWORDS.values():
        assert password not in postgres.log


def test_peritos_own_database_has_its_tables_and_prefects_has_the_extension(postgres: Postgres) -> None:
    databases_from(environment(postgres))
    assert postgres.run("SELECT extname FROM pg_extension WHERE extname = 'pg_trgm'", database="prefect")
    own = postgres.run("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'", database="perito")
    assert set(own) == {("perito",)}
    with open_ledger(Database.given(environment(postgres)["PERITO_DATABASE_URL"])) as ledger:
        assert ledger.rows() == []


def test_two_that_prepare_at_the_same_time_take_turns(postgres: Postgres) -> None:
    words = [sys.executable, "-c", "from perito.entrypoints.cli import main; main(['services', 'databases'])"]
    both = [
        subprocess.Popen(
            words, env=os.environ | environment(postgres), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sorted(out.splitlines()[0] for out, _ in told) == ["database prefect: made", "database prefect: was there"]


@pytest.mark.parametrize(
    ("change", "sentence", "remedy"),
    [
        ({"password": SECRET}, "does not accept this user and password", "the newest .env.bak-*"),
        ({"user": "nobody"}, "does not accept this user and password", "the newest .env.bak-*"),
        ({"database": "nowhere"}, "has no database of that name", "PERITO_ADMIN_URL"),
    ],
)
def test_what_the_server_refuses_is_a_sentence_without_the_password(
    postgres: Postgres, change: dict[str, str], sentence: str, remedy: str
) -> None:
    wrong = Address(postgres.url(**change), "PERITO_ADMIN_URL")
    with pytest.raises(ServiceError, match=sentence) as told:
        prepare_databases(wrong, accounts_from(PASSWORDS), UNUSED)
    database = change.get("database", "postgres")
    assert told.value.where == f"PERITO_ADMIN_URL (127.0.0.1:{postgres.port}/{database})"
    assert remedy in told.value.remedy
    assert told.value.__cause__ is None
    assert not {SECRET, postgres.password} & set(re.findall(r"\w+", f"{told.value} {wrong!r}"))


def test_a_role_without_the_right_is_told_so(postgres: Postgres) -> None:
    databases_from(environment(postgres))
    plain = postgres.url("mlflow", user="mlflow", password=PASSWORDS["MLFLOW_DB_PASSWORD"])
    with pytest.raises(ServiceError, match="lacks the right") as told:
        prepare_databases(Address(plain, "PERITO_ADMIN_URL"), accounts_from(PASSWORDS), UNUSED)
    assert "superuser" in told.value.remedy


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    nothing = Address(f"postgresql+psycopg://postgres:{SECRET}@127.0.0.1:1/postgres", "PERITO_ADMIN_URL")
    with pytest.raises(ServiceError, match="does not answer") as told:
        prepare_databases(nothing, accounts_from(PASSWORDS), UNUSED)
    assert SECRET not in str(told.value)


def test_a_server_that_is_silent_is_told_within_six_seconds() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        address = Address(f"postgresql+psycopg://postgres:{SECRET}@{place}/postgres", "PERITO_ADMIN_URL")
        started = time.monotonic()
        with pytest.raises(ServiceError, match="does not answer") as told:
            prepare_databases(address, accounts_from(PASSWORDS), UNUSED)
        assert time.monotonic() - started < 6
        assert SECRET not in str(told.value)


@pytest.mark.parametrize("password", ["", "short", "with/slash-and-more", "with@at-and-more", "with space in it"])
def test_a_password_that_would_break_an_address_is_refused_unseen(password: str) -> None:
    with pytest.raises(ParameterError) as told:
        accounts_from(PASSWORDS | {"MLFLOW_DB_PASSWORD": password})
    assert told.value.where == "MLFLOW_DB_PASSWORD"
    assert not password or password not in str(told.value)


@pytest.mark.parametrize("url", ["", SECRET, f"postgresql+psycopg://u:{SECRET}@h:port/d"])
def test_an_address_of_another_form_is_refused_unseen(url: str) -> None:
    with pytest.raises(ParameterError, match="PERITO_ADMIN_URL") as told:
        databases_from({"PERITO_ADMIN_URL": url, **PASSWORDS, "PERITO_DATABASE_URL": "sqlite:///unused.db"})
    assert SECRET not in str(told.value)


def test_an_account_does_not_show_its_password() -> None:
    assert SECRET not in repr(Account("mlflow", SECRET))
