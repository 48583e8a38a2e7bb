"""What came of reading a book: the book, the counts and the rejects. Refuses to hold a rejected cell."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from perito.datasets.book import Book

_KINDS: dict[str, pa.DataType] = dict.fromkeys(("table", "source", "row", "column", "code", "sentence"), pa.string())
REJECTS = pa.schema(_KINDS | {"row": pa.int64()})


@dataclass(frozen=True)
class TableCount:
    """What became of the raw rows behind one table: `read == accepted + silent + sum(rejected)`.

    `silent` rows say nothing, by right: no party in that role, or nobody looked at the claim.
    """

    read: int
    accepted: int
    silent: int
    rejected: Mapping[str, int]


@dataclass(frozen=True)
class Validated:
    """A book and how it came about.

    `read`, `accepted` and `rejected` (code to rows) are those of the claims:
    `read == accepted + sum(rejected.values())`. `tables` says the same of every canonical
    table, and of sources that are only joined, as `join:<source>`. `warnings` maps a code
    to the rows it concerns, all of them kept. `rejects` has one row per rejected row and
    table: `table`, `source`, `row` (data row from 1), `column`, `code`, `sentence`.
    `fingerprint` is a SHA-256 of the sources and the spec.
    """

    book: Book
    read: int
    accepted: int
    rejected: Mapping[str, int]
    warnings: Mapping[str, int]
    rejects: pa.Table
    fingerprint: str
    tables: Mapping[str, TableCount]
