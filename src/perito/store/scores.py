"""Batches of scores in the database: written once each, whole or not at all. Refuses to change one."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from perito.domain.errors import ParameterError
from perito.domain.words import SelectedBy
from perito.postgres import Address, copy_rows, read_rows
from perito.scoring.writers import SCHEMA, scores_table
from perito.store.address import SETTING, Database
from perito.store.batches import Batch, BatchKey, Terms
from perito.store.opening import opened
from perito.store.reasons import reasons_of, texts_of

if TYPE_CHECKING:
    import sqlalchemy as sa

CHUNK_ROWS = 50_000
"""Claims that are written at a time, in one transaction all the same; it bounds memory."""
UNSAID = Terms()
WAIT_SECONDS = 600
"""How long the second of two writers of the same batch waits for the first."""


def find_batch(database: Database, key: BatchKey) -> Batch | None:
    """The batch of a key; None where it was not written.

    Raises
    ------
    ServiceError, MissingExtra, OutputError
        What opening a database raises.
    """
    from perito.store.engine import transaction

    with opened(database) as engine, transaction(engine, database, writes=False) as connection:
        return _find(connection, key)


def write_batch(database: Database, key: BatchKey, scores: pd.DataFrame, *, terms: Terms = UNSAID) -> Batch:
    """Write what `score_claims` returns as the batch of `key`, in one transaction.

    A batch of the same key that is there already is returned as it stands, and nothing is
    written. Of two processes that write the same batch at once one writes, and both return it.

    Raises
    ------
    ParameterError
        A claim comes twice, or the database's driver cannot copy.
    ServiceError, MissingExtra, OutputError
        What opening a database raises, or the disk of the server is full; then nothing is written.
    """
    from perito.store.engine import transaction

    _check(database, scores)
    table = scores_table(scores)
    values = {**asdict(key), **_counts(scores), **asdict(terms)}
    with (
        opened(database) as engine,
        transaction(engine, database, writes=True, in_turn=False, wait_seconds=WAIT_SECONDS) as connection,
    ):
        made = _begin(connection, values)
        if made is not None:
            _fill(connection, database, _chunks(table, made))
        batch = _find(connection, key)
    assert batch is not None, "a batch that was begun is there"
    return batch


def latest_batches(database: Database, dataset: str, limit: int) -> list[Batch]:
    """The batches of a dataset, the latest written first, at most `limit` of them.

    Raises
    ------
    ServiceError, MissingExtra, OutputError
        What opening a database raises.
    """
    import sqlalchemy as sa

    from perito.store.engine import transaction
    from perito.store.tables import SCORE_BATCHES

    query = sa.select(SCORE_BATCHES).where(SCORE_BATCHES.c.dataset == dataset)
    with opened(database) as engine, transaction(engine, database, writes=False) as connection:
        return [_batch(row) for row in connection.execute(query.order_by(SCORE_BATCHES.c.id.desc()).limit(limit))]


def get_batch(database: Database, batch_id: int) -> Batch:
    """The batch of a number.

    Raises
    ------
    ParameterError
        There is no such batch.
    ServiceError, MissingExtra, OutputError
        What opening a database raises.
    """
    import sqlalchemy as sa

    from perito.store.engine import transaction
    from perito.store.tables import SCORE_BATCHES

    query = sa.select(SCORE_BATCHES).where(SCORE_BATCHES.c.id == batch_id)
    with opened(database) as engine, transaction(engine, database, writes=False) as connection:
        row = connection.execute(query).first()
    if row is None:
        remedy = "List those of a dataset with: perito scores DATASET"
        raise ParameterError(f"There is no batch {batch_id}.", where=database.shown, remedy=remedy)
    return _batch(row)


def read_batch(database: Database, batch_id: int) -> pa.Table:
    """The scores of a batch by rank, with the columns and types of `scores.parquet`.

    Raises
    ------
    ParameterError
        There is no such batch.
    ServiceError, MissingExtra, OutputError
        What opening a database raises.
    """
    from perito.store.engine import transaction

    get_batch(database, batch_id)
    if database.file is None:
        return _as_written(read_rows(Address(database.url, SETTING), _query(batch_id)))
    with opened(database) as engine, transaction(engine, database, writes=False) as connection:
        return _as_written(_fetched(connection, batch_id))


def _check(database: Database, scores: pd.DataFrame) -> None:
    if scores["claim_id"].duplicated().any():
        what = "Expected one row per claim_id; some claims come twice."
        raise ParameterError(what, where="scores", remedy="Write what score_claims returns, as it is.")
    driver = database.url.partition("://")[0].partition("+")[2]
    if database.file is None and driver != "psycopg":
        what = f"Scores are copied into PostgreSQL by the driver psycopg; the URL names {driver}."
        raise ParameterError(what, where=SETTING, remedy="Write postgresql+psycopg:// instead; psycopg is installed.")


def _counts(scores: pd.DataFrame) -> dict[str, int]:
    audits = scores["selected_by"] == SelectedBy.RANDOM_AUDIT.value
    return {"claims": len(scores), "alerts": int(scores["alert"].sum()), "audits": int(audits.sum())}


def _find(connection: "sa.Connection", key: BatchKey) -> Batch | None:
    import sqlalchemy as sa

    from perito.store.tables import SCORE_BATCHES

    unique = ("dataset", "fingerprint", "model_version", "as_of")
    same = [SCORE_BATCHES.c[name] == getattr(key, name) for name in unique]
    row = connection.execute(sa.select(SCORE_BATCHES).where(*same)).first()
    return None if row is None else _batch(row)


def _begin(connection: "sa.Connection", values: dict[str, Any]) -> int | None:
    """The number of a batch made now; None where it is there. Waits for whoever is writing the same one."""
    from sqlalchemy.dialects import postgresql, sqlite

    from perito.store.tables import SCORE_BATCHES

    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(SCORE_BATCHES)
    statement = insert.values(**values).on_conflict_do_nothing().returning(SCORE_BATCHES.c.id)
    return connection.execute(statement).scalar()


def _fill(connection: "sa.Connection", database: Database, chunks: Iterable[pa.Table]) -> None:
    from perito.store.engine import told

    if database.file is not None:
        for chunk in chunks:
            names = ", ".join(chunk.column_names)
            marks = ", ".join("?" * chunk.num_columns)
            columns = [column.to_pylist() for column in chunk.columns]
            connection.exec_driver_sql(
                f"INSERT INTO scores ({names}) VALUES ({marks})", list(zip(*columns, strict=True))
            )
        return
    import psycopg
    from psycopg import sql

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor:
            copy_rows(cursor, sql.Identifier("scores"), chunks)
    except psycopg.Error as failure:
        raise told(failure, database) from None


def _chunks(table: pa.Table, batch_id: int) -> Iterator[pa.Table]:
    """The rows as the database holds them, some at a time."""
    for start in range(0, len(table), CHUNK_ROWS):
        chunk = table.slice(start, CHUNK_ROWS)
        chunk = chunk.set_column(chunk.schema.get_field_index("reasons"), "reasons", texts_of(chunk["reasons"]))
        yield chunk.append_column("batch_id", pa.repeat(batch_id, len(chunk)))


def _query(batch_id: int) -> str:
    return f"SELECT {', '.join(SCHEMA.names)} FROM scores WHERE batch_id = {batch_id:d} ORDER BY rank"


def _fetched(connection: "sa.Connection", batch_id: int) -> pa.Table:
    types = [pa.string() if name == "reasons" else SCHEMA.field(name).type for name in SCHEMA.names]
    empty = pa.schema(list(zip(SCHEMA.names, types, strict=True)))
    parts = [empty.empty_table()]
    for rows in connection.exec_driver_sql(_query(batch_id)).partitions(CHUNK_ROWS):
        columns = [_typed(values, kind) for values, kind in zip(zip(*rows, strict=True), types, strict=True)]
        parts.append(pa.Table.from_arrays(columns, schema=empty))
    return pa.concat_tables(parts)


def _typed(values: tuple[Any, ...], kind: pa.DataType) -> "pa.Array[Any]":
    # SQLite keeps a boolean as a whole number.
    return pa.array([bool(value) for value in values] if kind == pa.bool_() else values, kind)


def _as_written(rows: pa.Table) -> pa.Table:
    at = SCHEMA.get_field_index("reasons")
    return rows.set_column(at, "reasons", reasons_of(rows["reasons"], SCHEMA.field("reasons").type)).cast(SCHEMA)


def _batch(row: Any) -> Batch:
    values = dict(row._mapping)
    key = BatchKey(**{field.name: values.pop(field.name) for field in fields(BatchKey)})
    terms = Terms(**{field.name: values.pop(field.name) for field in fields(Terms)})
    return Batch(key=key, terms=terms, **values)
