"""The only door to the query engine: DuckDB, embedded. Refuses SQL that another engine could not run.

`query` and `create` take portable SQL: it is parsed by sqlglot and may call only functions that
sqlglot knows in every dialect, or one of `ENGINE_FUNCTIONS`. Loading files is the one thing that
is DuckDB's own; a second engine brings its own `load_*`.
"""

import os
import tempfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from perito.domain.errors import ParameterError, SpecError

DIALECT = "duckdb"
EngineError = duckdb.Error
"""What the engine raises when it cannot do what it was asked; for those who must tell it in their own words."""
ENGINE_FUNCTIONS = frozenset({"TRY"})
"""DuckDB functions that sqlglot does not translate and that we use all the same."""


@lru_cache(maxsize=512)
def portable(sql: str) -> str:
    """Return `sql` as DuckDB runs it, after checking that nothing in it is DuckDB's alone.

    Raises
    ------
    ParameterError
        Naming the function that another engine would not know.
    """
    tree = sqlglot.parse_one(sql, read=DIALECT)
    for call in tree.find_all(exp.Anonymous):
        if call.name.upper() not in ENGINE_FUNCTIONS:
            raise ParameterError(f"{call.name} is not a function that every engine has.", where="engine SQL")
    return tree.sql(dialect=DIALECT)


def quoted(name: str) -> str:
    """`name` as a SQL identifier, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


class Engine:
    """One private database in memory, spilling to a temporary folder when it must.

    `memory_limit`: what it may hold before it spills, by default half of the machine's memory.
    Use it as a context manager; `close` removes what was spilled.
    """

    def __init__(self, *, memory_limit: str = "50%", threads: int | None = None) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="perito-engine-")
        self._connection = duckdb.connect(
            config={
                "memory_limit": memory_limit,
                "threads": threads or os.cpu_count() or 1,
                "temp_directory": self._spill.name,
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self._connection.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop everything that was loaded. A closed engine cannot be used again."""
        self._connection.close()
        # A thread that outlives the work may hold this engine until the interpreter ends; a connection
        # held that long makes DuckDB's bindings print a leak report on standard error.
        del self._connection
        self._spill.cleanup()

    def query(self, sql: str) -> pa.Table:
        """Run one portable SELECT and return its rows."""
        rows: pa.Table = self._connection.sql(portable(sql)).to_arrow_table()
        return rows

    def bind(self, sql: str, *, where: str) -> None:
        """Check, without running it, that a portable SELECT fits the stored tables.

        Raises
        ------
        SpecError
            With the engine's own words, which speak of columns and types and never of rows.
        """
        try:
            self._connection.execute(f"EXPLAIN {portable(sql)}").fetchall()
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise SpecError(said, where=where, remedy="Correct the expression in the spec.") from None

    def create(self, name: str, sql: str) -> None:
        """Store a portable SELECT as the table `name`, replacing an older one."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS {portable(sql)}")

    def create_guarded(self, name: str, sql: str, *, where: str) -> None:
        """Store a portable SELECT in which TRY makes null what cannot be computed.

        DuckDB lifts an expression that occurs twice out of its TRY, where it fails for all
        rows; that part of its optimiser rests meanwhile.

        Raises
        ------
        SpecError
            Should a row still fail. The engine's own words may quote it, and are left out.
        """
        self._connection.execute("SET disabled_optimizers = 'common_subexpressions'")
        try:
            self.create(name, sql)
        except duckdb.Error as error:
            what = f"An expression cannot be computed ({type(error).__name__})."
            raise SpecError(what, where=where, remedy="Write it so that no row can make it fail.") from None
        finally:
            self._connection.execute("SET disabled_optimizers = ''")

    def load(self, name: str, rows: pa.Table) -> None:
        """Store Arrow rows as the table `name`, replacing an older one."""
        self._connection.register("_incoming", rows)
        self._connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM _incoming")
        self._connection.unregister("_incoming")

    def run_native(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run DuckDB's own SQL. For reading and writing files only; features never come here.

        A statement without rows returns an empty table.
        """
        relation = self._connection.sql(sql, params=list(parameters))
        rows: pa.Table = relation.to_arrow_table() if relation is not None else pa.table({})
        return rows

    def drop(self, names: Iterable[str]) -> None:
        """Remove tables that are no longer needed; an absent one is no error."""
        for name in names:
            self._connection.execute(f"DROP TABLE IF EXISTS {quoted(name)}")

    def columns(self, name: str) -> dict[str, str]:
        """Column name to SQL type, in the table's order."""
        described = self._connection.execute(f"DESCRIBE {quoted(name)}").fetchall()
        return {str(row[0]): str(row[1]) for row in described}

    def count(self, name: str) -> int:
        """Number of rows of the table `name`."""
        [(count,)] = self._connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchall()
        return int(count)

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write a portable SELECT to one Parquet file.

        Raises
        ------
        OSError
            When the disk refuses, as any other way to write a file does.
        """
        target = str(path).replace("'", "''")
        try:
            self._connection.execute(f"COPY ({portable(sql)}) TO '{target}' (FORMAT parquet)")
        except duckdb.IOException as failure:
            raise OSError(0, "the disk refuses, or has no room") from failure
