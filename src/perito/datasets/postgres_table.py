"""A PostgreSQL table or view as rows with the database's own types, read at once. Refuses to change anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from perito.datasets.rows import ROW, UNREADABLE, Rows, digest_of, numbered
from perito.domain.errors import SourceError
from perito.postgres import Address, login, read_rows, refusal, state_of

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

NAMED_TABLES = 50
"""Tables that a message names when the right one is not among them."""
WHOLE_DIGITS = 18
"""Digits that a whole number of 64 bits holds, whatever they are."""
PLAIN = frozenset({"bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar"})
"""Types that come as they are."""
ENDLESS = frozenset({"date", "timestamp", "timestamptz"})
"""Types in which PostgreSQL knows `infinity`, and Arrow does not."""
INFINITE = "infinite_date"
_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped "
    "ORDER BY attnum"
)
_KEY = (
    "SELECT attname FROM pg_index, pg_attribute WHERE indrelid = to_regclass(%s) AND indisprimary "
    "AND attrelid = indrelid AND attnum = ANY (indkey) ORDER BY array_position(indkey::int2[], attnum)"
)
_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'f', 'p') "
    "AND relnamespace = coalesce(%s, current_schema())::regnamespace ORDER BY relname"
)


@dataclass(frozen=True)
class PostgresTable:
    """One table or view whose columns are known and whose rows are not read yet."""

    address: Address
    table: str
    schema: str | None
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def where(self) -> str:
        """The table's name; never the URL."""
        return f"table {self.table!r}"

    def read(self, wanted: Sequence[str]) -> Rows:
        """Every row, in the order of the primary key, and without one in the order of what is wanted.

        So the same rows always come in the same order, and have the same digest. A row with an
        infinite date or instant is unreadable.

        Raises
        ------
        ServiceError
            The server breaks off, or does not let this user read.
        """
        rows = read_rows(self.address, self._query(wanted))
        infinite = rows.column(len(wanted))
        readable = numbered(rows.remove_column(len(wanted)))
        if not pc.any(infinite).as_py():
            return Rows(readable, UNREADABLE.empty_table())
        numbers = readable[ROW].filter(infinite)
        codes = pa.repeat(INFINITE, len(numbers))
        unreadable = pa.Table.from_arrays([numbers, pa.chunked_array([codes])], schema=UNREADABLE)
        return Rows(readable.filter(pc.invert(infinite)), unreadable)

    def digest(self, rows: Rows) -> str:
        """SHA-256 of the rows that were read."""
        return digest_of(rows)

    def _query(self, wanted: Sequence[str]) -> str:
        import psycopg
        from psycopg import sql

        place = sql.Identifier(*(part for part in (self.schema, self.table) if part))
        names = sql.SQL(", ").join(map(sql.Identifier, wanted))
        with login(self.address) as connection:
            try:
                # The description names the type below a domain, and says at once if a right is lacking.
                described = connection.execute(sql.SQL("SELECT {} FROM {} LIMIT 0").format(names, place)).description
            except psycopg.Error as failure:
                raise refusal(state_of(failure), self.address) from None
        columns = described or []
        cells = [sql.SQL("{} AS {}").format(_cell(one), sql.Identifier(one.name)) for one in columns]
        flagged = [sql.SQL("coalesce(NOT isfinite({}), false)").format(sql.Identifier(one.name)) for one in columns]
        endless = [flag for flag, one in zip(flagged, columns, strict=True) if _type(one) in ENDLESS]
        flag = sql.SQL(" OR ").join(endless) if endless else sql.SQL("false")
        query = sql.SQL("SELECT {}, {} AS unreadable FROM {}").format(sql.SQL(", ").join(cells), flag, place)
        order: list[sql.Composable] = [sql.SQL("{}.{}").format(place, sql.Identifier(name)) for name in self.key]
        order = order or [sql.Literal(at + 1) for at in range(len(columns))]
        return sql.SQL("{} ORDER BY {}").format(query, sql.SQL(", ").join(order)).as_string()


def open_postgres(address: Address, table: str, schema: str | None, *, where: str) -> PostgresTable:
    """Look up the columns and the primary key of a table; `where` is the source in the spec, for a message.

    Raises
    ------
    ServiceError
        The server does not answer or does not let this user in.
    SourceError
        The table is not there.
    """
    import psycopg
    from psycopg import sql

    with login(address) as connection:
        named = sql.Identifier(*(part for part in (schema, table) if part)).as_string(connection)
        try:
            columns = _texts(connection, _COLUMNS, named)
            key = _texts(connection, _KEY, named)
            present = () if columns else _texts(connection, _TABLES, schema)
        except psycopg.Error as failure:
            raise refusal(state_of(failure), address) from None
    if not columns:
        shown = ", ".join(present[:NAMED_TABLES]) or "none"
        what = f"There is no table {named} in the database. Tables present: {shown}."
        raise SourceError(what, where=where, remedy="Correct the table's name; another schema is written schema.table.")
    return PostgresTable(address, table, schema, columns, key)


def _texts(connection: "psycopg.Connection[Any]", query: str, parameter: str | None) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in connection.execute(query.encode(), (parameter,)))


def _type(column: "psycopg.Column") -> str:
    import psycopg

    known = psycopg.adapters.types.get(column.type_code)
    # An array is found under the type of its elements.
    return "" if known is None or known.array_oid == column.type_code else known.name


def _cell(column: "psycopg.Column") -> "sql.Composed":
    """The column as a type that Arrow has; text where it has none."""
    from psycopg import sql

    name, kind = sql.Identifier(column.name), _type(column)
    whole = kind == "numeric" and column.scale == 0 and (column.precision or WHOLE_DIGITS + 1) <= WHOLE_DIGITS
    if whole:
        # Keys are often numeric(10): as floats they would be written 17.0. NaN fits every numeric, and no whole number.
        return sql.SQL("nullif({}, 'NaN')::int8").format(name)
    if kind in ENDLESS:
        bare = sql.SQL("CASE WHEN isfinite({0}) THEN {0} END").format(name)
        return sql.SQL("({}) AT TIME ZONE 'UTC'").format(bare) if kind == "timestamptz" else bare
    casts = {"numeric": "{}::float8", "money": "{}::numeric::float8"} | dict.fromkeys(PLAIN, "{}")
    return sql.SQL(casts.get(kind, "{}::text")).format(name)
