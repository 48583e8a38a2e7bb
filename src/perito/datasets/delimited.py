"""Delimited text files (CSV and its kin) as rows of text. Refuses to let a row vanish.

The quick way reads the whole file at once. It is trusted only when every physical line
became exactly one row, good or bad; otherwise the careful way walks the file record by record.
"""

import csv
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv

from perito.datasets.rows import ROW, UNREADABLE, Rows
from perito.datasets.sniffing import Notation, sniff_notation
from perito.domain.errors import SourceError

LONGEST_RECORD_LINES = 100
"""A quoted value may span this many lines; a quote still open then was never closed."""
BATCH_ROWS = 1_000
"""Small, because the rows of a batch are Python objects that the garbage collector walks again and again."""

Record = tuple[list[str] | None, str]
"""The fields of one record and its text; no fields when its quote is never closed."""


@dataclass(frozen=True)
class DelimitedFile:
    """One text file whose header is read and whose rows are not."""

    path: Path
    notation: Notation
    columns: tuple[str, ...]

    @property
    def where(self) -> str:
        """The file's name."""
        return self.path.name

    def read(self, wanted: Sequence[str]) -> Rows:
        """Every data row once: as text columns `wanted` and `_row`, or as unreadable with a code."""
        positions = [self.columns.index(name) for name in wanted]
        quick = self._read_quickly(positions) if self.notation.sound else None
        rows = quick if quick is not None else self._read_carefully(positions)
        return Rows(rows.readable.rename_columns([*wanted, ROW]), rows.unreadable)

    def digest(self, rows: Rows) -> str:
        """SHA-256 of the file's bytes."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _read_quickly(self, positions: Sequence[int]) -> Rows | None:
        lines, quotes = _count_lines(self.path, self.notation.quote)
        bad: list[tuple[int, str]] = []

        def note(row: Any) -> Literal["skip"]:
            code = "too_many_fields" if row.actual_columns > row.expected_columns else "too_few_fields"
            bad.append((row.number - 1, code))
            return "skip"

        try:
            table = self._read_at_once(positions, note)
        except (pa.ArrowInvalid, UnicodeError):
            return None
        exact = quotes % 2 == 0 and table.num_rows + len(bad) == lines - 1
        return _numbered_around(table, bad) if exact else None

    def _read_at_once(self, positions: Sequence[int], note: Callable[[Any], Literal["skip"]]) -> pa.Table:
        names = [str(position) for position in range(len(self.columns))]
        return pyarrow.csv.read_csv(
            self.path,
            read_options=pyarrow.csv.ReadOptions(
                column_names=names,
                skip_rows=1,
                encoding=self.notation.encoding.removesuffix("-sig"),
                use_threads=False,  # bad rows are numbered only then
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=self.notation.delimiter, quote_char=self.notation.quote, invalid_row_handler=note
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[names[position] for position in positions],
                strings_can_be_null=False,
            ),
        )

    def _read_carefully(self, positions: Sequence[int]) -> Rows:
        with self.path.open(encoding=self.notation.encoding, errors="surrogateescape", newline="") as text:
            try:
                return _sorted_out(_records(text, self.notation, len(self.columns)), len(self.columns), positions)
            except UnicodeDecodeError:
                what = f"The file is not sound {self.notation.encoding} text."
                raise SourceError(what, where=self.where, remedy="Save it again as UTF-8.") from None


def open_delimited(path: Path, *, expected: Sequence[str] = ()) -> DelimitedFile:
    """Read the header of a delimited file.

    Parameters
    ----------
    path
        The file.
    expected
        Column names that help to tell the delimiter.

    Raises
    ------
    SourceError
        When the file is empty, is no text, or its header cannot be read.
    """
    notation = sniff_notation(path, expected=expected)
    with path.open(encoding=notation.encoding, errors="surrogateescape", newline="") as text:
        fields, record = next(_records(text, notation, width=None), (None, ""))
    if fields is None or not _is_sound(record):
        what = f"Expected a header of column names in {notation.encoding}, but the first line cannot be read."
        raise SourceError(what, where=path.name, remedy="Save the file again as UTF-8 with one header line.")
    return DelimitedFile(path, notation, tuple(name.strip() for name in fields))


def _count_lines(path: Path, quote: str) -> tuple[int, int]:
    mark = quote.encode()
    lines = quotes = 0
    with path.open("rb") as file:
        for line in file:
            lines += line not in {b"\n", b"\r\n"}
            quotes += line.count(mark)
    return lines, quotes


def _numbered_around(table: pa.Table, bad: Sequence[tuple[int, str]]) -> Rows:
    rows = np.arange(1, table.num_rows + len(bad) + 1, dtype=np.int64)
    readable = np.setdiff1d(rows, [row for row, _ in bad], assume_unique=True)
    return Rows(table.append_column(ROW, pa.array(readable)), _unreadable(bad))


def _unreadable(bad: Sequence[tuple[int, str]]) -> pa.Table:
    return pa.Table.from_pylist([{"row": row, "code": code} for row, code in bad], schema=UNREADABLE)


def _records(text: Iterable[str], notation: Notation, width: int | None) -> Iterator[Record]:
    lines = (line for line in text if line.strip("\r\n"))
    window = deque(islice(lines, LONGEST_RECORD_LINES))
    while window:
        fields, used = _first_record(window, notation, width)
        yield fields, "".join(window.popleft() for _ in range(used))
        window.extend(islice(lines, used))


def _first_record(window: deque[str], notation: Notation, width: int | None) -> tuple[list[str] | None, int]:
    if notation.quote not in window[0]:
        return window[0].rstrip("\r\n").split(notation.delimiter), 1
    # A blank line after the window closes nothing: when the reader asks for it, the quote is still open.
    reader = csv.reader(chain(window, ("",)), delimiter=notation.delimiter, quotechar=notation.quote)
    try:
        fields = next(reader)
    except csv.Error:
        return None, 1
    if reader.line_num == 1:
        return fields, 1
    if reader.line_num > len(window) or not _is_strict(window, reader.line_num, notation, width):
        return None, 1
    return fields, reader.line_num


def _is_strict(window: deque[str], used: int, notation: Notation, width: int | None) -> bool:
    # Two rows with a stray quote each look like one long row, except that it has another
    # number of fields or goes on after its closing quote.
    strict = csv.reader(islice(window, used), delimiter=notation.delimiter, quotechar=notation.quote, strict=True)
    try:
        fields = next(strict)
    except csv.Error:
        return False
    return width is None or len(fields) == width


def _sorted_out(records: Iterator[Record], width: int, positions: Sequence[int]) -> Rows:
    next(records)
    schema = pa.schema([(str(position), pa.string()) for position in positions] + [(ROW, pa.int64())])
    tables: list[pa.Table] = [schema.empty_table()]
    rejects: list[pa.Table] = [UNREADABLE.empty_table()]
    numbers = enumerate(records, start=1)
    while batch := list(islice(numbers, BATCH_ROWS)):
        judged = [(row, fields, _fault(fields, record, width)) for row, (fields, record) in batch]
        good = [(row, fields) for row, fields, fault in judged if fields is not None and fault is None]
        bad = [(row, fault) for row, _, fault in judged if fault is not None]
        columns = [pa.array([fields[at] for _, fields in good], pa.string()) for at in positions]
        tables.append(pa.Table.from_arrays([*columns, pa.array([row for row, _ in good], pa.int64())], schema=schema))
        rejects.append(_unreadable(bad))
    return Rows(pa.concat_tables(tables), pa.concat_tables(rejects))


def _fault(fields: list[str] | None, record: str, width: int) -> str | None:
    if not _is_sound(record):
        return "broken_encoding"
    if fields is None:
        return "unreadable_row"
    if len(fields) == width:
        return None
    return "too_many_fields" if len(fields) > width else "too_few_fields"


def _is_sound(record: str) -> bool:
    # Undecodable bytes were read as lone surrogates, which no encoding writes.
    if record.isascii():
        return True
    try:
        record.encode()
    except UnicodeEncodeError:
        return False
    return True
