"""Every way in which a real PostgreSQL can refuse: one sentence, its remedy, its exit code, within ten seconds."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from tests.integration.databases import key, scored
from tests.postgres import Postgres, running_postgres

from perito.domain.errors import OutputError, PeritoError, ServiceError
from perito.entrypoints.cli import main
from perito.entrypoints.exits import exit_code
from perito.postgres import Address, login, refusal, why_refused
from perito.store import Database, open_ledger
from perito.store.scores import write_batch

SECRET = "a secret that nobody may see"
IN_URL = SECRET.replace(" ", "%20")
SPEC = """
name = "own-claims"
title = "Own claims"
[sources.claims]
database = "env:CLAIMS_URL"
table = "claims"
[claims]
source = "claims"
claim_id = "id"
reported_at = "reported"
[split]
kind = "unlabelled"
[desk]
capacity_share = 0.1
[money]
investigation_cost = 300
recoverable_share = 0.5
typical_amount = 3000
"""


@dataclass(frozen=True)
class Refused:
    """How a command ended that was refused."""

    code: int
    err: str
    seconds: float


Typed = Callable[..., Refused]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Typed:
    """Type a command with some variables set; it is refused without showing the password."""

    def run(*words: str, **environment: str) -> Refused:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        monkeypatch.setenv("PERITO_HOME", str(tmp_path / "home"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        started = time.monotonic()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        seconds = time.monotonic() - started
        out, err = capsys.readouterr()
        assert SECRET not in out + err
        assert IN_URL not in out + err
        assert "Traceback" not in err
        return Refused(int(ended.value.code or 0), err, seconds)

    return run


@pytest.fixture
def clerk(postgres: Postgres) -> str:
    """The URL of a database for a user who may log in and nothing else."""
    name = postgres.new_database().rpartition("/")[2]
    with psycopg.connect(postgres.url(name, driver="postgresql"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}'")
    return postgres.url(name, user=name, password=IN_URL)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def nobody_there() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def url(port: int, *, user: str = "ana", name: str = "perito") -> str:
    return f"postgresql+psycopg://{user}:{IN_URL}@127.0.0.1:{port}/{name}"


LOGINS = {
    "a wrong password": ("does not accept this user and password", "Correct the user and the password in"),
    "an unknown user": ("does not accept this user and password", "Correct the user and the password in"),
    "no password": ("does not accept this user and password", "Correct the user and the password in"),
    "a missing database": ("no database of that name", "createdb NAME"),
    "nobody there": ("does not answer", "host, port and sslmode in"),
    "an unknown host": ("does not answer", "host, port and sslmode in"),
    "a silent server": ("does not answer", "host, port and sslmode in"),
    "no TLS where it is asked for": ("does not answer", "host, port and sslmode in"),
    "a database one may not enter": ("lacks the right", "GRANT"),
}


@pytest.fixture
def refused_url(request: pytest.FixtureRequest, postgres: Postgres, silent: int, clerk: str) -> str:
    name = clerk.rpartition("/")[2]
    closed = postgres.new_database().rpartition("/")[2]
    postgres.run(f"REVOKE CONNECT ON DATABASE {closed} FROM PUBLIC")
    return {
        "a wrong password": postgres.url(name, password=IN_URL),
        "an unknown user": url(postgres.port, name=name),
        "no password": f"postgresql+psycopg://{name}@127.0.0.1:{postgres.port}/{name}",
        "a missing database": postgres.url("nowhere", user=name, password=IN_URL),
        "nobody there": url(nobody_there()),
        "an unknown host": f"postgresql+psycopg://ana:{IN_URL}@host.invalid/perito",
        "a silent server": url(silent),
        "no TLS where it is asked for": f"{clerk}?sslmode=require",
        "a database one may not enter": postgres.url(closed, user=name, password=IN_URL),
    }[request.param]


@pytest.mark.parametrize(("refused_url", "told"), LOGINS.items(), ids=LOGINS, indirect=["refused_url"])
def test_a_ledger_that_cannot_be_reached_is_told_with_its_setting(
    refused_url: str, told: tuple[str, str], typed: Typed
) -> None:
    ended = typed("ledger", PERITO_DATABASE_URL=refused_url)
    assert (ended.code, ended.err.count("Error:")) == (7, 1)
    assert all(words in ended.err for words in (*told, "PERITO_DATABASE_URL"))
    assert ended.seconds < 10


@pytest.mark.parametrize(("refused_url", "told"), LOGINS.items(), ids=LOGINS, indirect=["refused_url"])
def test_claims_that_cannot_be_reached_are_told_with_their_setting(
    refused_url: str, told: tuple[str, str], typed: Typed, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(SPEC, encoding="utf-8")
    ended = typed("validate", "own.toml", "--data", ".", CLAIMS_URL=refused_url)
    assert (ended.code, ended.err.count("Error:")) == (7, 1)
    assert all(words in ended.err for words in (*told, "CLAIMS_URL"))
    assert ended.seconds < 10


def test_a_user_who_may_not_make_tables_is_told_so(clerk: str, typed: Typed) -> None:
    ended = typed("scores", "simulated", PERITO_DATABASE_URL=clerk)
    assert ended.code == 7
    assert "lacks the right" in ended.err
    assert "GRANT it USAGE and CREATE on the schema" in ended.err


def test_a_user_who_may_not_read_the_claims_is_told_so(
    clerk: str, postgres: Postgres, typed: Typed, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(SPEC, encoding="utf-8")
    postgres.run("CREATE TABLE claims (id int, reported date)", database=clerk.rpartition("/")[2])
    ended = typed("validate", "own.toml", "--data", ".", CLAIMS_URL=clerk)
    assert ended.code == 7
    assert "SELECT on the table" in ended.err


def test_a_missing_table_of_claims_is_told_with_another_exit_code(clerk: str, typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SPEC, encoding="utf-8")
    ended = typed("validate", "own.toml", "--data", ".", CLAIMS_URL=clerk)
    assert ended.code == 4
    assert 'no table "claims"' in ended.err


def test_a_table_that_is_not_ours_is_left_alone(postgres: Postgres, typed: Typed) -> None:
    database = postgres.new_database()
    postgres.run("CREATE TABLE scores (player text)", database=database.rpartition("/")[2])
    ended = typed("scores", "simulated", PERITO_DATABASE_URL=database)
    assert ended.code == 7
    assert "a table of that name already" in ended.err


def test_a_full_disk_is_an_output_that_cannot_be_written(postgres: Postgres) -> None:
    database = Database.given(postgres.new_database())
    write_batch(database, key("e" * 64), scored())
    name = database.url.rpartition("/")[2]
    body = "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END"
    postgres.run(f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$", database=name)
    for table in ("scores", "promotion_ledger"):
        trigger = f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
        postgres.run(trigger, database=name)
    with pytest.raises(OutputError, match="disk of the PostgreSQL server is full; nothing was written") as refused:
        write_batch(database, key(), scored())
    assert exit_code(refused.value) == 8
    assert "PERITO_DATABASE_URL" in refused.value.remedy


def test_a_server_that_stopped_is_told() -> None:
    with running_postgres() as server:
        database = Database.given(server.new_database())
        with open_ledger(database) as ledger:
            assert ledger.rows() == []
    with pytest.raises(ServiceError, match="does not answer"), open_ledger(database):
        pass


def test_a_connection_that_was_ended_is_told(postgres: Postgres) -> None:
    database = Database.given(postgres.new_database())
    name = database.url.rpartition("/")[2]
    with open_ledger(database) as ledger:
        ledger.rows()
        postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(ServiceError, match=r"ended the connection|broke off"):
            ledger.rows()


def test_a_server_without_a_free_connection_is_told() -> None:
    with running_postgres("max_connections=4", "superuser_reserved_connections=0", "max_wal_senders=0") as server:
        address = Address(server.url(), "CLAIMS_URL")
        taken = [login(address) for _ in range(4)]
        with pytest.raises(ServiceError, match="no connection left"):
            login(address)
        for connection in taken:
            connection.close()


def test_why_a_login_was_refused_is_found_by_its_state_and_not_by_its_words(postgres: Postgres) -> None:
    assert why_refused(Address(postgres.url(password=IN_URL), "CLAIMS_URL")) == "28P01"
    assert why_refused(Address(postgres.url("nowhere"), "CLAIMS_URL")) == "3D000"
    assert why_refused(Address(postgres.url(), "CLAIMS_URL")) == "08006"
    assert why_refused(Address(url(nobody_there()), "CLAIMS_URL")) == "08001"


def test_where_nothing_can_be_traced_the_message_names_all_that_may_be_wrong(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.memfd_create")
    address = Address(postgres.url(password=IN_URL), "CLAIMS_URL")
    with pytest.raises(ServiceError, match="answers, and refuses the connection") as refused:
        login(address)
    assert "user, password and the database's name in CLAIMS_URL" in refused.value.remedy


@pytest.mark.parametrize("state", ["08001", "28000", "3D000", "42501", "53100", "53300", "55P03", "57014", "XX000", ""])
def test_every_state_is_one_sentence_with_the_setting_in_its_remedy(state: str) -> None:
    error: PeritoError = refusal(state, Address(url(5432), "CLAIMS_URL"))
    assert error.what.endswith(".")
    assert error.what.count(". ") == 0
    assert "CLAIMS_URL" in error.remedy
    assert SECRET not in str(error)
    assert error.where == "CLAIMS_URL (127.0.0.1:5432/perito)"


@pytest.mark.parametrize("bad", ["postgresql+psycopg://ana@host:port/name", "postgresql+psycopg:host/name"])
def test_a_url_that_cannot_be_read_is_told_without_it(bad: str, typed: Typed) -> None:
    ended = typed("ledger", PERITO_DATABASE_URL=bad)
    assert ended.code == 2
    assert "PERITO_DATABASE_URL: Expected a URL" in ended.err
