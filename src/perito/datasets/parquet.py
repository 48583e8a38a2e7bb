"""Parquet files as rows, with the types they were written in. Refuses damaged files."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from perito.datasets.rows import Rows, nothing_unreadable, numbered
from perito.domain.errors import SourceError


@dataclass(frozen=True)
class ParquetFile:
    """One Parquet file whose schema is read and whose rows are not."""

    path: Path
    columns: tuple[str, ...]

    @property
    def where(self) -> str:
        """The file's name."""
        return self.path.name

    def read(self, wanted: Sequence[str]) -> Rows:
        """Every row, as the columns `wanted` and `_row`; dictionaries are unpacked."""
        try:
            table = pyarrow.parquet.ParquetFile(self.path).read(columns=list(wanted))
        except (pa.ArrowException, OSError):
            raise _damaged(self.path) from None
        return Rows(numbered(_plain(table.select(list(wanted)))), nothing_unreadable())

    def digest(self, rows: Rows) -> str:
        """SHA-256 of the file's bytes."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def open_parquet(path: Path) -> ParquetFile:
    """Read the schema of a Parquet file.

    Raises
    ------
    SourceError
        When the file is empty or damaged.
    """
    if path.stat().st_size == 0:
        raise SourceError(
            "Expected a Parquet file, but it has 0 bytes.", where=path.name, remedy="Write or copy it again."
        )
    try:
        schema = pyarrow.parquet.read_schema(path)
    except (pa.ArrowException, OSError):
        raise _damaged(path) from None
    return ParquetFile(path, tuple(schema.names))


def _damaged(path: Path) -> SourceError:
    what = "Expected a Parquet file, but it is damaged, cut short or of another kind."
    return SourceError(what, where=path.name, remedy="Write or copy it again; a text table must be named .csv.")


def _plain(table: pa.Table) -> pa.Table:
    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
