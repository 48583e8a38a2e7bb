"""Rings as JSON for readers and Parquet for programs. Refuses half a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from perito.domain.words import Language
from perito.files import atomic_path, write_text
from perito.rings.evidence import evidence, path_sentence
from perito.rings.ring import Ring

_COLUMNS: dict[str, pa.DataType] = {
    "ring_id": pa.string(),
    "rank": pa.int64(),
    "score": pa.float64(),
    "claim_id": pa.string(),
    "role": pa.string(),
    "party_id": pa.string(),
}
SCHEMA = pa.schema(_COLUMNS)
"""The columns of the Parquet file: one row per ring, claim and shared party that ties the claim."""


def describe_rings(rings: Sequence[Ring], language: Language = Language.ENGLISH) -> list[dict[str, object]]:
    """Each ring as JSON holds it, with `why` and each claim's `path` in words. Keys are only ever added."""
    return [_described(ring, language) for ring in rings]


def _described(ring: Ring, language: Language) -> dict[str, object]:
    plain = {name: value for name, value in asdict(ring).items() if name not in {"claims", "shared", "evidence"}}
    return plain | {
        "score": round(ring.score, 2),
        "first_reported_at": ring.first_reported_at.isoformat(),
        "last_reported_at": ring.last_reported_at.isoformat(),
        "shared": [asdict(party) for party in ring.shared],
        "evidence": asdict(ring.evidence),
        "why": list(evidence(ring, language)),
        "claims": [
            {
                "claim_id": path.claim_id,
                "path": path_sentence(path, language),
                "parties": [{"role": role, "party_id": party_id} for role, party_id in path.parties],
            }
            for path in ring.claims
        ],
    }


def rings_table(rings: Sequence[Ring]) -> pa.Table:
    """The rings as an Arrow table of `SCHEMA`."""
    rows = [
        (ring.ring_id, rank, ring.score, path.claim_id, role, party_id)
        for rank, ring in enumerate(rings, start=1)
        for path in ring.claims
        for role, party_id in path.parties
    ]
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


def write_rings(rings: Sequence[Ring], document: Mapping[str, object], path: Path) -> tuple[Path, Path]:
    """Write `document` to `path` as JSON, and the rings beside it as Parquet; return both paths.

    Raises
    ------
    OutputError
        When a file cannot be written; then an older one stays as it was.
    """
    table = path.with_suffix(".parquet")
    write_text(path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    with atomic_path(table) as unfinished:
        pq.write_table(rings_table(rings), unfinished)
    return path, table
