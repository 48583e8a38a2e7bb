"""Unusual claims as Parquet for programs and CSV for spreadsheets, each row with its warning. Refuses half a file."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pyarrow as pa

from perito.scoring.anomalies import Oddity
from perito.scoring.writers import harmless, write_twice

PARQUET_NAME = "anomalies.parquet"
CSV_NAME = "anomalies.csv"
_ODDITY: dict[str, pa.DataType] = {
    "feature": pa.string(),
    "sentence": pa.string(),
    "value": pa.string(),
    "usual": pa.string(),
    "rarity": pa.float64(),
    "contribution": pa.float64(),
}
_COLUMNS: dict[str, pa.DataType] = {
    "claim_id": pa.string(),
    "unusualness": pa.float64(),
    "rank": pa.int64(),
    "within_capacity": pa.bool_(),
    "oddities": pa.list_(pa.struct(list(_ODDITY.items()))),
    "note": pa.string(),
}
SCHEMA = pa.schema(_COLUMNS)
"""The columns of `anomalies.parquet`, one row per claim_id; other programs read them."""


def write_anomalies(ranked: pd.DataFrame, folder: Path) -> tuple[Path, Path]:
    """Write what `rank_anomalies` returns as `anomalies.parquet` and `anomalies.csv`; return both paths.

    Raises
    ------
    OutputError
        When a file cannot be written; then an older one stays as it was.
    """
    parquet, readable = folder / PARQUET_NAME, folder / CSV_NAME
    write_twice(_table(ranked), _rows(ranked), parquet=parquet, readable=readable)
    return parquet, readable


def _table(ranked: pd.DataFrame) -> pa.Table:
    told = [[asdict(one) for one in oddities] for oddities in ranked["oddities"]]
    columns = {name: ranked[name].tolist() for name in SCHEMA.names} | {"oddities": told}
    return pa.table({name: pa.array(columns[name], type=kind) for name, kind in _COLUMNS.items()}, schema=SCHEMA)


def _rows(ranked: pd.DataFrame) -> Iterable[Sequence[object]]:
    yield SCHEMA.names
    columns = [ranked[name].tolist() for name in SCHEMA.names]
    for claim_id, score, rank, within, oddities, note in zip(*columns, strict=True):
        yield harmless(str(claim_id)), f"{score:.6f}", rank, str(within).lower(), harmless(_told(oddities)), note


def _told(oddities: Sequence[Oddity]) -> str:
    return " | ".join(f"{one.sentence} ({one.usual})" for one in oddities)
