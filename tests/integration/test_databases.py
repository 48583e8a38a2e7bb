"""The databases of the services are made on a real PostgreSQL, again and again, and fail in sentences."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql
from tests.postgres import Postgres

from perito.domain.errors import ParameterError, ServiceError
from perito.entrypoints.service.databases import NAMES, Account, accounts_from, databases_from, prepare_databases
from perito.entrypoints.service.postgres import Address, connected
from perito.store import Database, open_ledger

PASSWORDS = {f"{name.upper()}_DB_PASSWORD": f"first-password-of-{name}" for name in NAMES}
SECRET = "neverToBeShown123"


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
    return Address.given(postgres.url(), setting="PERITO_ADMIN_URL")


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
    ("change", "sentence"),
    [
        (lambda admin: replace(admin, password=SECRET), "PostgreSQL refuses the password of the role postgres."),
        (lambda admin: admin.of("nowhere"), "PostgreSQL has no database nowhere, or no role postgres."),
    ],
)
def test_what_the_server_refuses_is_a_sentence_without_the_password(
    postgres: Postgres, change: Callable[[Address], Address], sentence: str
) -> None:
    wrong = change(admin_of(postgres))
    accounts = accounts_from(PASSWORDS)
    with pytest.raises(ServiceError) as told:
        prepare_databases(wrong, accounts, Database.given(environment(postgres)["PERITO_DATABASE_URL"]))
    assert told.value.what == sentence
    assert told.value.where == f"PERITO_ADMIN_URL (127.0.0.1:{postgres.port}/{wrong.database})"
    assert told.value.remedy
    assert told.value.__cause__ is None
    assert SECRET not in f"{told.value} {accounts!r} {wrong!r}"


def test_a_role_without_the_right_is_told_so(postgres: Postgres) -> None:
    databases_from(environment(postgres))
    plain = Address.given(
        postgres.url("mlflow", user="mlflow", password=PASSWORDS["MLFLOW_DB_PASSWORD"]), setting="PERITO_ADMIN_URL"
    )
    with pytest.raises(ServiceError, match="The role mlflow has no right to do this"):
        prepare_databases(plain, accounts_from(PASSWORDS), Database.given("sqlite:///unused.db"))
    with (
        pytest.raises(ServiceError, match="The role mlflow has no right to connect to the database perito"),
        connected(plain.of("perito")),
    ):
        pass


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    nothing = Address("127.0.0.1", 1, "postgres", "postgres", SECRET, "PERITO_ADMIN_URL")
    with pytest.raises(ServiceError, match="does not answer"), connected(nothing):
        pass


def test_a_server_that_is_silent_is_told_within_six_seconds() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = Address("127.0.0.1", silent.getsockname()[1], "postgres", "postgres", SECRET, "PERITO_ADMIN_URL")
        started = time.monotonic()
        with pytest.raises(ServiceError, match="does not answer") as told, connected(address):
            pass
        assert time.monotonic() - started < 6
        assert SECRET not in str(told.value)


@pytest.mark.parametrize("password", ["", "short", "with/slash-and-more", "with@at-and-more", "with space in it"])
def test_a_password_that_would_break_an_address_is_refused_unseen(password: str) -> None:
    with pytest.raises(ParameterError) as told:
        accounts_from(PASSWORDS | {"MLFLOW_DB_PASSWORD": password})
    assert told.value.where == "MLFLOW_DB_PASSWORD"
    assert not password or password not in str(told.value)


@pytest.mark.parametrize(
    "url", ["", "postgresql://postgres@localhost/postgres", f"postgresql+psycopg://u:{SECRET}@h:port/d", SECRET]
)
def test_an_address_of_another_form_is_refused_unseen(url: str) -> None:
    with pytest.raises(ParameterError, match="PERITO_ADMIN_URL: Expected a URL") as told:
        Address.given(url, setting="PERITO_ADMIN_URL")
    assert SECRET not in str(told.value)


def test_an_account_does_not_show_its_password() -> None:
    assert SECRET not in repr(Account("mlflow", SECRET))
