"""Many rows at once, out of PostgreSQL and into it, as Arrow. Refuses half a table: all rows are there, or none."""

import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, LiteralString

import pyarrow as pa
from pyarrow import csv

from perito.domain.errors import ParameterError, SourceError
from perito.postgres.address import Address
from perito.postgres.login import login, why_refused
from perito.postgres.refusals import BROKEN_OFF, NO_TEXT, refusal, state_of

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

CHUNK_ROWS = 50_000
"""Rows that are written at a time; it bounds memory."""
SQL_TYPES: Mapping[pa.DataType, LiteralString] = MappingProxyType(
    {
        **dict.fromkeys((pa.string(), pa.large_string()), "text"),
        **dict.fromkeys((pa.int8(), pa.int16(), pa.uint8()), "smallint"),
        **dict.fromkeys((pa.int32(), pa.uint16()), "integer"),
        **dict.fromkeys((pa.int64(), pa.uint32()), "bigint"),
        pa.float32(): "real",
        pa.float64(): "double precision",
        pa.bool_(): "boolean",
        pa.date32(): "date",
    }
)
"""The type that holds every value of an Arrow type; instants are told apart by their zone."""
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
        The server refuses or breaks off; or the table holds text that is no text.
    """
    from adbc_driver_postgresql import dbapi

    try:
        with dbapi.connect(address.conninfo) as connection, connection.cursor() as cursor:
            cursor.execute(PLAIN_WRITING)
            cursor.fetchall()
            cursor.execute(query)
            rows: pa.Table = cursor.fetch_arrow_table()
    except (dbapi.Error, OSError) as failure:
        # A login that is refused has no state; a connection that breaks in the middle comes as an OSError.
        state = state_of(failure) or why_refused(address)
        raise (_no_text(address) if state == NO_TEXT else refusal(state, address)) from None
    # What the driver says of a column's type would go into a digest.
    return rows.cast(pa.schema([field.remove_metadata() for field in rows.schema]))


def copy_rows(cursor: "psycopg.Cursor[Any]", table: "sql.Identifier", rows: Iterable[pa.Table]) -> None:
    """Append tables to a PostgreSQL table of the same column names, in the transaction that is open.

    Columns are numbers, booleans, text, days and instants; NaN goes in as NaN and null as null.

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
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(table, columns)
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
        Two rows have the same key, a row has none, or a column is of a type this cannot write.
    """
    import psycopg
    from psycopg import sql

    place = sql.Identifier(*table.rpartition(".")[::2]) if "." in table else sql.Identifier(table)
    types = [sql.SQL(_type(field, address)) for field in rows.schema]
    names = [sql.Identifier(name) for name in rows.column_names]
    cells = [sql.SQL("{} {}").format(name, kind) for name, kind in zip(names, types, strict=True)]
    primary = sql.SQL(", ").join(map(sql.Identifier, key))
    try:
        with login(address, writes=True) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(place, sql.SQL(", ").join(cells)))
            copy_rows(cursor, place, (rows.slice(start, CHUNK_ROWS) for start in range(0, len(rows), CHUNK_ROWS)))
            if key:  # afterwards, which is quicker than row by row
                cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(place, primary))
    except psycopg.Error as failure:
        state = state_of(failure)
        if state in {"23505", "23502"}:
            what = f"Expected every row of {table!r} to have a key of its own, {', '.join(key)}."
            raise ParameterError(what, where=address.where, remedy="Name other columns as the key, or none.") from None
        raise refusal(state or BROKEN_OFF, address) from None


def _type(field: "pa.Field[Any]", address: Address) -> LiteralString:
    kind = field.type
    if pa.types.is_timestamp(kind):
        return "timestamp" if kind.tz is None else "timestamptz"
    known = SQL_TYPES.get(kind)
    if known is None:
        what = f"The column {field.name!r} is of the type {kind}, for which PostgreSQL has none that fits."
        raise ParameterError(what, where=address.where, remedy="Make it text, a number, a boolean or a date.")
    return known


def _no_text(address: Address) -> SourceError:
    return SourceError(
        "The table holds text that is no UTF-8.",
        where=address.where,
        remedy="Make a database with the right encoding from a dump of this one, and name it instead.",
    )


def _as_csv(rows: pa.Table) -> bytes:
    written = io.BytesIO()
    csv.write_csv(rows, written, csv.WriteOptions(include_header=False))
    return written.getvalue()
