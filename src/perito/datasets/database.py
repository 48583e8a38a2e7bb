"""A table behind a database URL as rows. Refuses to show a password or to change anything.

PostgreSQL is read by its own bulk way (`perito.datasets.postgres_table`), any other database in chunks of rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from perito.datasets.postgres_table import open_postgres
from perito.datasets.rows import OpenSource, Rows, digest_of, nothing_unreadable, numbered
from perito.datasets.spec import Source
from perito.domain.errors import ParameterError, ServiceError, SourceError
from perito.postgres import Address, is_postgresql

CHUNK_ROWS = 50_000
LOOKED_UP = "env:"
"""A URL that starts so is looked up in the secrets that the caller passes in."""


@dataclass(frozen=True)
class DatabaseTable:
    """One table of a database whose columns are known and whose rows are not read yet."""

    url: str
    table: str
    schema: str | None
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def where(self) -> str:
        """The table's name; never the URL."""
        return f"table {self.table!r}"

    def read(self, wanted: Sequence[str]) -> Rows:
        """Every row, in the order of the primary key where there is one."""
        chosen = sa.table(self.table, *[sa.column(name) for name in self.columns], schema=self.schema)
        query = sa.select(*[chosen.c[name] for name in wanted]).order_by(*[chosen.c[name] for name in self.key])
        engine = sa.create_engine(self.url)
        try:
            with engine.connect() as connection:
                result = connection.execution_options(stream_results=True).execute(query)
                chunks = [
                    [_array(values) for values in zip(*rows, strict=True)] for rows in result.partitions(CHUNK_ROWS)
                ]
        except sa.exc.SQLAlchemyError as error:
            raise _no_answer(self.table, error) from None
        finally:
            engine.dispose()
        columns = [_column([chunk[at] for chunk in chunks]) for at in range(len(wanted))]
        return Rows(numbered(pa.Table.from_arrays(columns, names=list(wanted))), nothing_unreadable())

    def digest(self, rows: Rows) -> str:
        """SHA-256 of the rows that were read."""
        return digest_of(rows)


def open_database(source: Source, secrets: Mapping[str, str]) -> OpenSource:
    """Look up the columns of the table that `source` names.

    Parameters
    ----------
    source
        A source with `database` and `table`; the table may be written `schema.table`.
    secrets
        Values for `env:NAME` URLs.

    Raises
    ------
    ServiceError
        When the database does not answer. The message holds no password.
    SourceError
        When the table is not there.
    """
    url = _url(source, secrets)
    schema, _, table = (source.table or "").rpartition(".")
    where = f"sources.{source.name}"
    if is_postgresql(url):
        return open_postgres(Address(url, _setting(source)), table, schema or None, where=where)
    try:
        engine = sa.create_engine(url)
    except (sa.exc.ArgumentError, ImportError):
        what = f"The database of source {source.name!r} is no URL that SQLAlchemy can use, or its driver is missing."
        raise ParameterError(what, where="database", remedy="Write it like postgresql://host/name.") from None
    try:
        inspector = sa.inspect(engine)
        columns = tuple(column["name"] for column in inspector.get_columns(table, schema=schema or None))
        key = tuple(inspector.get_pk_constraint(table, schema=schema or None)["constrained_columns"])
    except sa.exc.NoSuchTableError:
        present = ", ".join(sorted(inspector.get_table_names(schema=schema or None))) or "none"
        what = f"There is no table {source.table!r} in the database. Tables present: {present}."
        raise SourceError(what, where=where, remedy="Correct the table's name.") from None
    except sa.exc.SQLAlchemyError as error:
        raise _no_answer(table, error) from None
    finally:
        engine.dispose()
    return DatabaseTable(url, table, schema or None, columns, key)


def _url(source: Source, secrets: Mapping[str, str]) -> str:
    url = source.database or ""
    if not url.startswith(LOOKED_UP):
        return url
    name = url.removeprefix(LOOKED_UP)
    if name not in secrets:
        what = f"Source {source.name!r} takes its database URL from {name}, which is not set."
        raise ParameterError(what, where=f"sources.{source.name}", remedy=f"Set {name} to a database URL.")
    return secrets[name]


def _setting(source: Source) -> str:
    """The name of what holds the URL: an environment variable, or the key of the spec."""
    url = source.database or ""
    return url.removeprefix(LOOKED_UP) if url.startswith(LOOKED_UP) else f"sources.{source.name}.database"


def _no_answer(table: str, error: sa.exc.SQLAlchemyError) -> ServiceError:
    # The driver's own text may hold the URL, so only the kind of failure is told.
    what = f"The database of table {table!r} does not answer ({type(error).__name__})."
    return ServiceError(what, where="database", remedy="Check that it runs and that host, user and password are right.")


def _array(values: Sequence[Any]) -> "pa.Array[Any]":
    plain = [float(value) if isinstance(value, Decimal) else value for value in values]
    array: pa.Array[Any]
    try:
        array = pa.array(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        array = pa.array([None if value is None else str(value) for value in values], pa.string())
    return array


def _column(chunks: "Sequence[pa.Array[Any]]") -> "pa.ChunkedArray[Any]":
    # A driver gives values, not types: one chunk may hold only nulls, or whole numbers where the next has fractions.
    kinds = {chunk.type for chunk in chunks} - {pa.null()}
    mixed = pa.float64() if kinds == {pa.int64(), pa.float64()} else pa.string()
    kind = kinds.pop() if len(kinds) == 1 else mixed
    return pa.chunked_array([chunk.cast(kind) for chunk in chunks], kind)
