"""Batches of scores on a real SQLite file and a real PostgreSQL: written once, whole or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from tests.integration.databases import NOON, at_once, key, scored
from tests.postgres import Postgres

from perito.domain.errors import OutputError, ParameterError, ServiceError
from perito.scoring.writers import scores_table
from perito.store import Database, Decision, Evidence, Terms, open_ledger
from perito.store.engine import make_engine, transaction
from perito.store.schema import VERSION_TABLE, migrate
from perito.store.scores import find_batch, get_batch, latest_batches, read_batch, write_batch
from perito.store.tables import METADATA

TERMS = Terms(capacity=2, explained=2, currency="EUR", language="es", seed=7)
WRITES = """
import sys
from perito.store import Database
from perito.store.scores import write_batch
from tests.integration.databases import key, scored
print(write_batch(Database.given(sys.argv[1]), key(), scored(20_000)).id)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return Database.at(tmp_path / "perito.db")
    server: Postgres = request.getfixturevalue("postgres")
    return Database.given(server.new_database())


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    made = make_engine(database)
    yield made
    made.dispose()


def run(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def counted(engine: sa.Engine, table: str) -> int:
    with engine.begin() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def brought_to(engine: sa.Engine, database: Database, revision: str) -> set[str]:
    """Migrate, and say which tables there are then."""
    with transaction(engine, database, writes=True) as connection:
        migrate(connection, to=revision)
    return set(sa.inspect(engine).get_table_names()) - {VERSION_TABLE}


def test_a_batch_is_read_as_it_was_written(database: Database) -> None:
    written = write_batch(database, key(), scored(), terms=TERMS)
    assert (written.key, written.claims, written.alerts, written.audits) == (key(), 5, 2, 1)
    assert written.terms == TERMS
    assert abs(datetime.now(NOON.tzinfo) - written.created_at) < timedelta(minutes=1)
    assert read_batch(database, written.id).equals(scores_table(scored()))
    assert find_batch(database, key()) == get_batch(database, written.id) == written


def test_the_same_batch_is_written_once(database: Database, engine: sa.Engine) -> None:
    first = write_batch(database, key(), scored(), terms=TERMS)
    assert write_batch(database, key(), scored(3)) == first
    assert (counted(engine, "score_batches"), counted(engine, "scores")) == (1, 5)


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "e" * 64},
        {"dataset": "other"},
        {"model_version": "4"},
        {"as_of": NOON + timedelta(days=1)},
    ],
)
def test_other_claims_another_model_or_another_instant_make_another_batch(
    database: Database, changes: dict[str, object]
) -> None:
    first, second = write_batch(database, key(), scored()), write_batch(database, replace(key(), **changes), scored(3))
    assert first.id != second.id
    assert [read_batch(database, batch.id).num_rows for batch in (first, second)] == [5, 3]


def test_an_instant_in_another_zone_is_the_same_one(database: Database) -> None:
    written = write_batch(database, key(), scored())
    elsewhere = NOON.astimezone(datetime.strptime("+0530", "%z").tzinfo)
    assert find_batch(database, key(as_of=elsewhere)) == written


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ParameterError, match="with its zone"):
        key(as_of=NOON.replace(tzinfo=None))


def test_two_processes_that_write_the_same_batch_at_once_write_one(database: Database, engine: sa.Engine) -> None:
    told = at_once(WRITES, database.url)
    assert len(set(told)) == 1
    assert (counted(engine, "score_batches"), counted(engine, "scores")) == (1, 20_000)


def test_a_failure_in_the_middle_leaves_nothing(database: Database, engine: sa.Engine) -> None:
    write_batch(database, key("e" * 64), scored())
    if database.file is None:
        refuse = (
            "BEGIN IF NEW.rank = 60000 THEN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END IF; RETURN NEW; END"
        )
        run(
            engine,
            f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON scores FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
    else:
        run(
            engine,
            "CREATE TRIGGER refuse BEFORE INSERT ON scores WHEN NEW.rank = 60000 "
            "BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
    with pytest.raises((ServiceError, OutputError)) as refused:
        write_batch(database, key(), scored(60_000))
    assert "full" in str(refused.value) or database.file is not None
    assert isinstance(refused.value, OutputError) == (database.file is None)
    assert find_batch(database, key()) is None
    assert (counted(engine, "score_batches"), counted(engine, "scores")) == (1, 5)
    run(engine, "DROP TRIGGER refuse" + ("" if database.file else " ON scores"))
    assert write_batch(database, key(), scored()).claims == 5


def test_a_claim_that_comes_twice_is_refused(database: Database) -> None:
    twice = scored().assign(claim_id="C1")
    with pytest.raises(ParameterError, match="come twice"):
        write_batch(database, key(), twice)


def test_a_text_that_postgresql_cannot_store_is_told(postgres: Postgres) -> None:
    database = Database.given(postgres.new_database())
    scores = scored()
    scores.loc[1, "claim_id"] = "C\0"
    with pytest.raises(OutputError, match="such as NUL"):
        write_batch(database, key(), scores)
    assert find_batch(database, key()) is None


def test_no_claims_are_a_batch_too(database: Database) -> None:
    written = write_batch(database, key(), scored().iloc[:0])
    assert written.claims == 0
    assert read_batch(database, written.id).equals(scores_table(scored().iloc[:0]))


def test_the_latest_batches_of_a_dataset_come_first(database: Database) -> None:
    made = [write_batch(database, key(letter * 64), scored()) for letter in "abc"]
    write_batch(database, key(dataset="other"), scored())
    assert latest_batches(database, "book", 2) == [made[2], made[1]]
    assert latest_batches(database, "nobody", 2) == []


def test_a_batch_that_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(ParameterError, match="There is no batch 9"):
        read_batch(database, 9)


def test_a_writer_needs_few_rights_and_a_reader_fewer(postgres: Postgres) -> None:
    owner = Database.given(postgres.new_database())
    first, name = write_batch(owner, key("e" * 64), scored()), owner.url.rpartition("/")[2]
    rights = {"writer": "SELECT, INSERT ON scores, score_batches", "reader": "SELECT ON scores, score_batches"}
    for role, right in rights.items():
        postgres.run(f"CREATE ROLE {name}_{role} LOGIN PASSWORD 'ink'")
        for granted in (right, "SELECT ON perito_schema"):
            postgres.run(f"GRANT {granted} TO {name}_{role}", database=name)
    writer, reader = (Database.given(postgres.url(name, user=f"{name}_{role}", password="ink")) for role in rights)
    written = write_batch(writer, key(), scored())
    assert latest_batches(reader, "book", 5) == [written, first]
    assert read_batch(reader, written.id).equals(scores_table(scored()))
    with pytest.raises(ServiceError, match="lacks the right"):
        write_batch(reader, key("d" * 64), scored())


def test_another_driver_than_psycopg_cannot_copy(postgres: Postgres) -> None:
    url = postgres.new_database().replace("+psycopg", "+pg8000")
    with pytest.raises(ParameterError, match="by the driver psycopg; the URL names pg8000"):
        write_batch(Database.given(url), key(), scored())


def test_migrations_run_up_and_down_from_an_empty_database(database: Database, engine: sa.Engine) -> None:
    everything = {"promotion_ledger", "score_batches", "scores"}
    assert brought_to(engine, database, "head") == everything
    assert brought_to(engine, database, "0001") == {"promotion_ledger"}
    assert brought_to(engine, database, "head") == everything
    assert brought_to(engine, database, "base") == set()
    assert brought_to(engine, database, "head") == everything


def test_the_ledger_keeps_its_rows_when_scores_come_and_go(database: Database, engine: sa.Engine) -> None:
    decision = Decision("book", "promoted", "1", "run-1", None, "ana", "It earns more.", None, Evidence(1.5))
    brought_to(engine, database, "0001")
    with open_ledger(database) as ledger:  # brings the database to the present shape
        entry = ledger.append(decision, at=NOON)
    write_batch(database, key(), scored())
    assert brought_to(engine, database, "0001") == {"promotion_ledger"}
    assert counted(engine, "promotion_ledger") == 1
    with open_ledger(database) as ledger:
        assert ledger.rows() == [entry]
    assert latest_batches(database, "book", 5) == []


def test_a_ledger_of_the_first_revision_gains_the_tables_of_scores(database: Database, engine: sa.Engine) -> None:
    brought_to(engine, database, "0001")
    values = f"1, '2026-01-01', 'book', 'refused', '1', 'r', 'ana', 'No.', false, '{'0' * 64}', '{'1' * 64}'"
    names = "sequence, at, dataset, action, model_version, run_id, who, why, against_the_gate, previous_hash, hash"
    run(engine, f"INSERT INTO promotion_ledger ({names}) VALUES ({values})")
    assert write_batch(database, key(), scored()).claims == 5
    assert counted(engine, "promotion_ledger") == 1


def test_the_tables_of_the_code_are_those_of_the_migrations(database: Database, engine: sa.Engine) -> None:
    brought_to(engine, database, "head")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_database_of_a_later_version_is_refused(database: Database, engine: sa.Engine) -> None:
    brought_to(engine, database, "head")
    run(engine, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(ServiceError, match="later version of Perito") as refused:
        find_batch(database, key())
    assert "Use that version of Perito" in refused.value.remedy


def test_what_is_read_has_the_columns_of_the_scored_file(database: Database) -> None:
    written = write_batch(database, key(), scored())
    assert read_batch(database, written.id).schema == scores_table(scored()).schema
    assert isinstance(read_batch(database, written.id), pa.Table)
