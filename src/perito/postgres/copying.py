"""Many rows at once, out of PostgreSQL and into it, as Arrow. Refuses half a table: all rows are there, or none."""

import io
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv

from perito.domain.errors import ParameterError, SourceError
from perito.postgres.address import Address
from perito.postgres.login import login
from perito.postgres.refusals import BROKEN_OFF, refusal, state_of

if TYPE_CHECKING:
    import psycopg

PLAIN_WRITING = (
    "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true), "
    "set_config('IntervalStyle', 'iso_8601', true)"
)
"""What is cast to text reads the same whatever the server and the user have set."""


def read_rows(address: Address, query: str) -> pa.Table:
    """Every row of a query, typed, by COPY in binary.

    Raises
    ------
    ServiceError, SourceError
        The server refuses or breaks off; or it sends text that is no text.
    """
    from adbc_driver_postgresql import dbapi

    try:
        with dbapi.connect(address.conninfo) as connection, connection.cursor() as cursor:
            cursor.execute(PLAIN_WRITING)
            cursor.fetchall()
            cursor.execute(query)
            rows: pa.Table = cursor.fetch_arrow_table()
    except (dbapi.Error, OSError) as failure:
        # A connection that breaks in the middle comes as an OSError without a state.
        raise refusal(state_of(failure) or BROKEN_OFF, address) from None
    return _plain(rows, address)


def copy_rows(cursor: "psycopg.Cursor[Any]", table: str, rows: Iterable[pa.Table]) -> None:
    """Append tables to a PostgreSQL table of the same column names, in the transaction that is open.

    Columns are numbers, booleans and text; NaN goes in as NaN and null as null.

    Raises
    ------
    psycopg.Error
        What the server says; the transaction can then only be rolled back.
    """
    from psycopg import sql

    chunks = iter(rows)
    first = next(chunks, None)
    if first is None:
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, first.column_names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), columns)
    with cursor.copy(statement) as copying:
        for chunk in chain((first,), chunks):
            copying.write(_as_csv(chunk))


def load_table(address: Address, table: str, rows: pa.Table, *, key: Sequence[str] = ()) -> None:
    """Make a table out of Arrow rows, with `key` as its primary key; `table` may be `schema.table`.

    Raises
    ------
    ServiceError, OutputError
        There is such a table already, or the server refuses; then nothing is left of it.
    ParameterError
        Two rows have the same key, or a row has none.
    """
    from adbc_driver_postgresql import dbapi
    from psycopg import sql

    schema, _, name = table.rpartition(".")
    login(address).close()  # a login that is refused is told better than ADBC could
    place = sql.Identifier(schema, name) if schema else sql.Identifier(name)
    primary = sql.SQL(", ").join(map(sql.Identifier, key))
    try:
        with dbapi.connect(address.conninfo) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest(name, rows, mode="create", db_schema_name=schema or None)
            if key:
                cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(place, primary).as_string())
            connection.commit()
    except (dbapi.Error, OSError) as failure:
        state = state_of(failure)
        if state in {"23505", "23502"}:
            what = f"Expected every row of {table!r} to have a key of its own, {', '.join(key)}."
            raise ParameterError(what, where=address.where, remedy="Name other columns as the key, or none.") from None
        raise refusal(state or BROKEN_OFF, address) from None


def _plain(rows: pa.Table, address: Address) -> pa.Table:
    # What the driver says of a column's type would go into a digest.
    rows = rows.cast(pa.schema([field.remove_metadata() for field in rows.schema]))
    # A database in SQL_ASCII holds whatever bytes it was given, and sends them as they are.
    try:
        rows.validate(full=True)
    except pa.ArrowInvalid:
        raise SourceError(
            "The table holds text that is no UTF-8.",
            where=address.where,
            remedy="Make a database with the right encoding from a dump of this one, and name it instead.",
        ) from None
    return rows


def _as_csv(rows: pa.Table) -> bytes:
    written = io.BytesIO()
    csv.write_csv(rows, written, csv.WriteOptions(include_header=False))
    return written.getvalue()
