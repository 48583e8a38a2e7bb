"""The ledger on a real SQLite file: chained, only ever added to, and asked in one query."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from perito.domain.errors import MissingExtra, OutputError, ParameterError, PromotionRefused, ServiceError
from perito.store import GENESIS, Database, Decision, Evidence, Ledger, find_flaw, open_ledger
from perito.store.engine import make_engine, transaction
from perito.store.schema import is_current, migrate, revision

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
EVIDENCE = Evidence(1200.5, 1000.25, 10.1, 390.3, 800, date(2025, 7, 1), date(2026, 1, 1), '{"age": 1.2}')


def decision(version: str, previous: str | None = None, **changes: object) -> Decision:
    made = Decision(
        "book", "promoted", version, f"run-{version}", previous, "ana", "It earns more.", "f" * 64, EVIDENCE
    )
    return replace(made, **changes)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "perito.db"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    with open_ledger(Database.at(file)) as opened:
        yield opened


def three_rows(ledger: Ledger) -> None:
    ledger.append(decision("1"), at=NOON)
    ledger.append(decision("2", "1", action="refused"), at=NOON + timedelta(days=1))
    ledger.append(decision("3", "1"), at=NOON + timedelta(days=2))


def test_a_row_comes_back_as_it_was_written(ledger: Ledger) -> None:
    written = ledger.append(decision("1"), at=NOON)
    assert ledger.rows() == [written]
    assert written.decision == decision("1")
    assert (written.sequence, written.at, written.previous_hash) == (1, NOON, GENESIS)
    assert written.document()["fairness"] == {"age": 1.2}


def test_which_model_was_live_when_is_one_query(ledger: Ledger) -> None:
    three_rows(ledger)
    ledger.append(decision("9", dataset="other"), at=NOON + timedelta(days=3))
    asked: list[str] = []
    sa.event.listen(ledger.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def live(days: float) -> str | None:
        entry = ledger.live_at("book", NOON + timedelta(days=days))
        return entry.decision.model_version if entry else None

    assert [live(days) for days in (-0.1, 0, 1.5, 2, 400)] == [None, "1", "1", "3", "3"]
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 5


def test_each_row_names_the_hash_of_the_one_before(ledger: Ledger) -> None:
    three_rows(ledger)
    rows = ledger.rows()
    assert [row.previous_hash for row in rows] == [GENESIS, rows[0].hash, rows[1].hash]
    assert find_flaw(rows) is None


def test_the_database_itself_refuses_to_change_or_remove_a_row(ledger: Ledger, file: Path) -> None:
    three_rows(ledger)
    raw = sqlite3.connect(file)
    for statement in ("UPDATE promotion_ledger SET why = 'x' WHERE sequence = 1", "DELETE FROM promotion_ledger"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            raw.execute(statement)
    raw.close()


@pytest.mark.parametrize(
    ("tampering", "row", "how"),
    [
        ("UPDATE promotion_ledger SET champion_net_money = 1 WHERE sequence = 2", 2, "content"),
        ("UPDATE promotion_ledger SET at = '2020-01-01 00:00:00.000000' WHERE sequence = 3", 3, "content"),
        ("DELETE FROM promotion_ledger WHERE sequence = 2", 3, "row 2 should come here"),
        ("DELETE FROM promotion_ledger WHERE sequence = 1", 2, "row 1 should come here"),
    ],
)
def test_what_was_tampered_with_behind_the_triggers_shows(
    ledger: Ledger, file: Path, tampering: str, row: int, how: str
) -> None:
    three_rows(ledger)
    raw = sqlite3.connect(file)
    for verb in ("update", "delete"):
        raw.execute(f"DROP TRIGGER promotion_ledger_no_{verb}")
    raw.execute(tampering)
    raw.commit()
    raw.close()
    flaw = find_flaw(ledger.rows())
    assert flaw is not None
    assert (flaw.sequence, how in flaw.how) == (row, True)


def test_a_row_rewritten_with_its_own_hash_breaks_the_next_one(ledger: Ledger) -> None:
    three_rows(ledger)
    first, second, third = ledger.rows()
    forged = replace(second, hash="0" * 64)
    assert find_flaw([first, forged, third]).sequence == 2
    assert find_flaw([first, third]).sequence == 3


def test_the_same_key_is_recorded_once(ledger: Ledger) -> None:
    first = ledger.append(decision("1", key="book:1:ffff"), at=NOON)
    again = ledger.append(decision("1", key="book:1:ffff", why="Told otherwise."), at=NOON + timedelta(days=1))
    assert again == first
    assert len(ledger.rows()) == 1


def test_a_model_cannot_take_over_from_one_that_does_not_reign(ledger: Ledger) -> None:
    three_rows(ledger)
    with pytest.raises(PromotionRefused, match="Expected version 1 to reign; meanwhile it is 3"):
        ledger.append(decision("4", "1"), at=NOON + timedelta(days=3))
    ledger.append(decision("4", "1", action="refused"), at=NOON + timedelta(days=3))
    assert len(ledger.rows()) == 4


def test_a_clock_that_went_back_puts_no_row_before_the_last(ledger: Ledger) -> None:
    three_rows(ledger)
    late = ledger.append(decision("4", "3"), at=NOON - timedelta(days=9))
    assert late.at == NOON + timedelta(days=2)


def test_two_connections_chain_one_after_the_other(ledger: Ledger, file: Path) -> None:
    with open_ledger(Database.at(file)) as other:
        for at in range(6):
            writer = (ledger, other)[at % 2]
            writer.append(decision(str(at), action="refused"), at=NOON)
    rows = ledger.rows()
    assert [row.sequence for row in rows] == [1, 2, 3, 4, 5, 6]
    assert find_flaw(rows) is None


def test_the_migrations_run_up_down_and_up_again(file: Path) -> None:
    database = Database.at(file)
    engine = make_engine(database)
    try:
        for target, table in (("head", True), ("base", False), ("head", True)):
            with transaction(engine, database, writes=True) as connection:
                migrate(connection, to=target)
            with transaction(engine, database, writes=False) as connection:
                assert sa.inspect(connection).has_table("promotion_ledger") is table
                assert is_current(connection) is table
                assert revision(connection) == ("0002" if table else None)
    finally:
        engine.dispose()


def test_the_migrated_table_is_the_one_the_code_knows(ledger: Ledger) -> None:
    from perito.store.tables import LEDGER

    columns = {column["name"]: column["nullable"] for column in sa.inspect(ledger.engine).get_columns(LEDGER.name)}
    assert columns == {column.name: column.nullable for column in LEDGER.columns}


def test_a_database_of_a_later_version_is_refused(ledger: Ledger, file: Path) -> None:
    raw = sqlite3.connect(file)
    raw.execute("UPDATE perito_schema SET version_num = '9999'")
    raw.commit()
    raw.close()
    with pytest.raises(ServiceError, match="later version of Perito"), open_ledger(Database.at(file)):
        pass


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "perito.db").write_bytes(b"not a database at all" * 100)
    with (
        pytest.raises(ServiceError, match="PERITO_DATABASE_URL"),
        open_ledger(Database.at(tmp_path / "perito.db")),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(OutputError, match="cannot be made"), open_ledger(Database.at(tmp_path / "taken" / "p.db")):
        pass


@pytest.mark.parametrize(
    "url",
    ["postgresql://ana:secret@host/perito", "postgres://host/perito"],
)
def test_a_postgresql_url_must_name_its_driver(url: str) -> None:
    with pytest.raises(ParameterError, match="names its driver") as refusal:
        Database.given(url)
    assert refusal.value.where == "PERITO_DATABASE_URL"
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["mysql+pymysql://host/x", "postgresql+asyncpg://host/x", "perito.db", "sqlite://"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(ParameterError, match="SQLite file or a PostgreSQL URL"):
        Database.given(url)


def test_a_driver_that_is_not_installed_is_named() -> None:
    database = Database.given("postgresql+nosuchdriver://ana:secret@host/perito")
    with pytest.raises(MissingExtra, match="nosuchdriver") as refusal, open_ledger(database):
        pass
    assert "secret" not in str(refusal.value)


def test_a_password_is_never_shown() -> None:
    database = Database.given("postgresql+psycopg://ana:secret@host:5432/perito?password=hidden")
    assert (database.shown, repr(database)) == (
        "postgresql+psycopg://host:5432/perito",
        "Database('postgresql+psycopg://host:5432/perito')",
    )
