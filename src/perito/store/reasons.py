"""Reasons as JSON text, for a database that knows no lists, and back. Refuses to lose a digit."""

import io
import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from pyarrow import json as lines

NONE = "[]"
LONGEST_BLOCK = 1 << 28
"""Bytes of JSON that are read at a time; a line must fit in."""


def texts_of(reasons: "pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    """One JSON list for each claim, of the parts of its reasons in their order."""
    return pa.array([json.dumps(told, ensure_ascii=False) if told else NONE for told in reasons.to_pylist()])


def reasons_of(texts: "pa.ChunkedArray[Any]", kind: pa.DataType) -> "pa.ChunkedArray[Any]":
    """What `texts_of` wrote, as lists of type `kind`."""
    schema = pa.schema([pa.field("reasons", kind)])
    parts = [_parsed(chunk.to_pylist(), schema) for chunk in texts.chunks if len(chunk)]
    return pa.concat_tables([schema.empty_table(), *parts]).column("reasons")


def _parsed(texts: Iterable[object], schema: pa.Schema) -> pa.Table:
    written = b"".join(b'{"reasons":%b}\n' % str(text).encode() for text in texts)
    block = lines.ReadOptions(block_size=min(len(written), LONGEST_BLOCK))
    options = lines.ParseOptions(explicit_schema=schema)
    return lines.read_json(io.BytesIO(written), read_options=block, parse_options=options)
