"""The ledger on a real PostgreSQL: chained, only ever added to, one writer after the other."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from tests.integration.databases import NOON, at_once
from tests.postgres import Postgres

from perito.domain.errors import PromotionRefused, ServiceError, TamperedLedger
from perito.entrypoints import by_hand
from perito.entrypoints.settings import Settings
from perito.store import GENESIS, Database, Decision, Evidence, Ledger, find_flaw, open_ledger
from perito.store.engine import TURN, make_engine, transaction

EVIDENCE = Evidence(1200.5, 1000.25, 10.1, 390.3, 800, date(2025, 7, 1), date(2026, 1, 1), '{"age": 1.2}')
EACH = 25
APPENDS = f"""
import os, sys
from tests.integration.databases import NOON
from perito.store import Database, Decision, Evidence, open_ledger
with open_ledger(Database.given(sys.argv[1])) as ledger:
    for at in range({EACH}):
        who = str(os.getpid())
        decision = Decision("book", "refused", str(at), "run", None, who, "No.", None, Evidence())
        ledger.append(decision, at=NOON)
"""
PROMOTES = """
import sys
from tests.integration.databases import NOON
from perito.domain.errors import PromotionRefused
from perito.store import Database, Decision, Evidence, open_ledger
with open_ledger(Database.given(sys.argv[1])) as ledger:
    decision = Decision("book", "promoted", "2", "run", "1", "ana", "It earns more.", None, Evidence())
    try:
        print("promoted", ledger.append(decision, at=NOON).sequence)
    except PromotionRefused:
        print("refused")
"""


def decision(version: str, previous: str | None = None, **changes: object) -> Decision:
    made = Decision(
        "book", "promoted", version, f"run-{version}", previous, "ana", "It earns more.", "f" * 64, EVIDENCE
    )
    return replace(made, **changes)


@pytest.fixture
def database(postgres: Postgres) -> Database:
    return Database.given(postgres.new_database())


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    with open_ledger(database) as opened:
        yield opened


def run(database: Database, statement: str) -> None:
    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def three_rows(ledger: Ledger) -> None:
    ledger.append(decision("1"), at=NOON)
    ledger.append(decision("2", "1", action="refused"), at=NOON + timedelta(days=1))
    ledger.append(decision("3", "1"), at=NOON + timedelta(days=2))


def test_a_row_comes_back_as_it_was_written(ledger: Ledger) -> None:
    written = ledger.append(decision("1"), at=NOON)
    assert ledger.rows() == [written]
    assert (written.decision, written.at, written.previous_hash) == (decision("1"), NOON, GENESIS)


def test_which_model_was_live_when_is_known(ledger: Ledger) -> None:
    three_rows(ledger)
    live = [ledger.live_at("book", NOON + timedelta(days=days)) for days in (-1, 0, 1.5, 2, 400)]
    assert [entry and entry.decision.model_version for entry in live] == [None, "1", "1", "3", "3"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE promotion_ledger SET why = 'x' WHERE sequence = 1",
        "DELETE FROM promotion_ledger",
        "TRUNCATE promotion_ledger",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove_a_row(
    ledger: Ledger, database: Database, statement: str
) -> None:
    three_rows(ledger)
    with pytest.raises(psycopg.errors.RaiseException, match="only ever added to"):
        run(database, statement)
    assert len(ledger.rows()) == 3


@pytest.mark.parametrize(
    ("tampering", "row"),
    [
        ("UPDATE promotion_ledger SET champion_net_money = 1 WHERE sequence = 2", 2),
        ("UPDATE promotion_ledger SET at = at - interval '1 day' WHERE sequence = 3", 3),
        ("DELETE FROM promotion_ledger WHERE sequence = 2", 3),
    ],
)
def test_what_was_tampered_with_behind_the_trigger_shows(
    ledger: Ledger, database: Database, tampering: str, row: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    three_rows(ledger)
    home = tmp_path_factory.mktemp("home")
    settings = Settings(cwd=home, home=home, given_database=database)
    assert by_hand.verify(settings=settings)["rows"] == 3
    run(database, "DROP TRIGGER promotion_ledger_no_change ON promotion_ledger")
    run(database, tampering)
    flaw = find_flaw(ledger.rows())
    assert flaw is not None
    assert flaw.sequence == row
    with pytest.raises(TamperedLedger, match=f"Row {row} does not fit"):
        by_hand.verify(settings=settings)


def test_two_processes_that_write_at_once_chain_one_after_the_other(database: Database) -> None:
    at_once(APPENDS, database.url)  # also migrates twice at once
    with open_ledger(database) as ledger:
        rows = ledger.rows()
    assert [row.sequence for row in rows] == list(range(1, 2 * EACH + 1))
    assert find_flaw(rows) is None
    assert len({row.decision.who for row in rows}) == 2


def test_of_two_processes_that_promote_at_once_one_is_too_late(ledger: Ledger, database: Database) -> None:
    ledger.append(decision("1"), at=NOON)
    assert sorted(at_once(PROMOTES, database.url)) == ["promoted 2", "refused"]
    assert len(ledger.rows()) == 2


def test_a_model_cannot_take_over_from_one_that_does_not_reign(ledger: Ledger) -> None:
    three_rows(ledger)
    with pytest.raises(PromotionRefused, match="Expected version 1 to reign; meanwhile it is 3"):
        ledger.append(decision("4", "1"), at=NOON)
    assert len(ledger.rows()) == 3


def test_the_same_key_is_recorded_once(ledger: Ledger) -> None:
    first = ledger.append(decision("1", key="book:1:ffff"), at=NOON)
    assert ledger.append(decision("1", key="book:1:ffff", why="Told otherwise."), at=NOON) == first
    assert len(ledger.rows()) == 1


def test_a_writer_does_not_wait_forever_for_another_one(ledger: Ledger, database: Database) -> None:
    with psycopg.connect(database.url.replace("+psycopg", "")) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (TURN,))
        engine = make_engine(database)
        with (
            pytest.raises(ServiceError, match="Another writer has held the database for too long"),
            transaction(engine, database, writes=True, wait_seconds=1),
        ):
            pass
        engine.dispose()
    assert ledger.append(decision("1"), at=NOON).sequence == 1
