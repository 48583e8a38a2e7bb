"""What every kind of source hands over: named columns, and the rows that could not be read.

Refuses to interpret a cell; that is validation's work.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import RawIOBase
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from perito.domain.errors import SourceError

UNREADABLE = pa.schema([pa.field("row", pa.int64())]).append(pa.field("code", pa.string()))
DIGESTED_ROWS = 65_536
"""Rows that go into a digest at a time: it bounds memory, and where a source's own chunks end changes nothing."""
ROW = "_row"
"""The column that numbers data rows from 1, in every raw table."""


@dataclass(frozen=True)
class Rows:
    """The readable rows of one source, with `_row`, and the others with their number and code."""

    readable: pa.Table
    unreadable: pa.Table


class OpenSource(Protocol):
    """A source whose columns are known and whose rows are not read yet."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in the source's order."""
        ...

    @property
    def where(self) -> str:
        """The file or table, as a reader of a message knows it."""
        ...

    def read(self, wanted: Sequence[str]) -> Rows:
        """Read only the columns in `wanted`, which must be among `columns`."""
        ...

    def digest(self, rows: Rows) -> str:
        """SHA-256 of what the source held."""
        ...


def numbered(rows: pa.Table) -> pa.Table:
    """`rows` with `_row` from 1, for sources in which every row can be read."""
    return rows.append_column(ROW, pa.array(np.arange(1, rows.num_rows + 1, dtype=np.int64)))


def nothing_unreadable() -> pa.Table:
    """The list of unreadable rows of a source that has none."""
    return UNREADABLE.empty_table()


def digest_of(rows: Rows) -> str:
    """SHA-256 of the rows that were read and the numbers of the others, for sources that are no file."""
    sink = _Hashed()
    for table in (rows.readable, rows.unreadable):
        with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as writer:
            for start in range(0, table.num_rows, DIGESTED_ROWS):
                part = table.slice(start, DIGESTED_ROWS)
                # Taken, not only sliced: a copy made anew holds nothing of its past, such as bytes under a null.
                writer.write_table(part.take(np.arange(part.num_rows)).combine_chunks())
    return sink.digest.hexdigest()


class _Hashed(RawIOBase):
    """A file that keeps nothing but the SHA-256 of what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def write(self, content: Any) -> int:
        """Add to the digest."""
        self.digest.update(content)
        return len(content)


def located(name: str, columns: Sequence[str]) -> str | None:
    """The column that `name` means: itself, else the only one that differs just in case.

    None when it is absent, or there twice so that neither can be told from the other.
    """
    if columns.count(name) == 1:
        return name
    alike = [column for column in columns if column.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def missing_column(name: str, columns: Sequence[str], *, where: str, expected: Collection[str] = ()) -> SourceError:
    """The error for a column that the spec names and the source lacks, or has twice."""
    present = ", ".join(repr(column) for column in columns)
    alike = [column for column in columns if column.casefold() == name.casefold()]
    if alike:
        what = f"Column {name!r} appears {len(alike)} times; it must appear once. Columns present: {present}."
        return SourceError(what, where=where, remedy="Rename one of them in the source.")
    what = f"Expected a column {name!r}, but there is none. Columns present: {present}."
    if len(columns) == 1 and sum(column in columns[0] for column in expected) > 1:
        remedy = "The whole header was read as one column: wrong delimiter? Use a comma, semicolon, tab or bar."
        return SourceError(what, where=where, remedy=remedy)
    if len(expected) > 1 and not any(located(column.rpartition(".")[2], columns) for column in expected):
        # Without a header, the first row would be quoted.
        what = f"Expected a column {name!r}, but of {len(expected)} columns that the spec names there is none."
        remedy = "Is the first line a header? `perito inspect` shows what the file holds."
        return SourceError(what, where=where, remedy=remedy)
    close = get_close_matches(name, columns, n=1, cutoff=0.6)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return SourceError(what, where=where, remedy=f"{hint}Correct the column's name in the spec or in the source.")
