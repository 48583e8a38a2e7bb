"""Scored claims as Parquet for programs and CSV for spreadsheets. Refuses half a file."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from perito.domain.opinions import Reason
from perito.files import atomic_path

PARQUET_NAME = "scores.parquet"
CSV_NAME = "scores.csv"
_REASON_PARTS: dict[str, pa.DataType] = {
    "feature": pa.string(),
    "sentence": pa.string(),
    "value": pa.string(),
    "usual": pa.string(),
    "contribution": pa.float64(),
}
_COLUMNS: dict[str, pa.DataType] = {
    "claim_id": pa.string(),
    "score": pa.float64(),
    "rank": pa.int64(),
    "alert": pa.bool_(),
    "reasons": pa.list_(pa.struct(list(_REASON_PARTS.items()))),
    "selected_by": pa.string(),
    "selection_probability": pa.float64(),
    "expected_net_money": pa.float64(),
}
SCHEMA = pa.schema(_COLUMNS)
"""The columns of `scores.parquet`, one row per claim_id; other programs read them."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_scores(scores: pd.DataFrame, folder: Path) -> tuple[Path, Path]:
    """Write what `score_claims` returns as `scores.parquet` and `scores.csv`; return both paths.

    The CSV holds the reasons of a claim in one cell, told in order. A text cell that a
    spreadsheet would run as a formula gets an apostrophe before it; the Parquet file is exact.

    Raises
    ------
    OutputError
        When a file cannot be written; then an older one stays as it was.
    """
    parquet, readable = folder / PARQUET_NAME, folder / CSV_NAME
    write_twice(scores_table(scores), _rows(scores), parquet=parquet, readable=readable)
    return parquet, readable


def write_twice(exact: pa.Table, rows: Iterable[Sequence[object]], *, parquet: Path, readable: Path) -> None:
    """Write the same claims as Parquet for programs and as CSV for spreadsheets, each file whole or not at all.

    Raises
    ------
    OutputError
        When a file cannot be written; then an older one stays as it was.
    """
    with atomic_path(parquet) as unfinished:
        pq.write_table(exact, unfinished)
    with atomic_path(readable) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(rows)


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table of `SCHEMA` as one file: for spreadsheets where `path` ends in .csv, else Parquet.

    Raises
    ------
    OutputError
        When it cannot be written; then an older one stays as it was.
    """
    with atomic_path(path) as unfinished:
        if path.suffix != ".csv":
            pq.write_table(table, unfinished)
            return
        with unfinished.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerows(_rows(_frame(table)))


def scores_table(scores: pd.DataFrame) -> pa.Table:
    """Scored claims as an Arrow table of `SCHEMA`."""
    return pa.table(
        {
            "claim_id": pa.array(scores["claim_id"], type=pa.string()),
            "score": pa.array(scores["score"], type=pa.float64()),
            "rank": pa.array(scores["rank"], type=pa.int64()),
            "alert": pa.array(scores["alert"], type=pa.bool_()),
            "reasons": _reason_lists(scores["reasons"].tolist()),
            "selected_by": pa.array(scores["selected_by"], type=pa.string(), from_pandas=True),
            "selection_probability": pa.array(scores["selection_probability"], type=pa.float64(), from_pandas=True),
            "expected_net_money": pa.array(scores["expected_net_money"], type=pa.float64(), from_pandas=True),
        },
        schema=SCHEMA,
    )


def _reason_lists(reasons: Sequence[Sequence[Reason]]) -> "pa.Array[Any]":
    offsets = np.concatenate([[0], np.cumsum([len(told) for told in reasons], dtype=np.int64)])
    flat = [reason for told in reasons for reason in told]
    structs = pa.StructArray.from_arrays(
        [pa.array([getattr(reason, part) for reason in flat], type=kind) for part, kind in _REASON_PARTS.items()],
        names=list(_REASON_PARTS),
    )
    return pa.ListArray.from_arrays(pa.array(offsets, type=pa.int32()), structs)


def _frame(table: pa.Table) -> pd.DataFrame:
    """What `scores_table` was made from."""
    lists: list[Any] = table["reasons"].to_pylist()
    told = [[Reason(**parts) for parts in reasons] for reasons in lists]
    return table.drop_columns(["reasons"]).to_pandas().assign(reasons=pd.Series(told, dtype=object))


def _rows(scores: pd.DataFrame) -> Iterable[Sequence[object]]:
    yield SCHEMA.names
    columns = [scores[name].tolist() for name in SCHEMA.names]
    for claim_id, score, rank, alert, reasons, selected_by, probability, expected in zip(*columns, strict=True):
        chosen = ("", "") if pd.isna(probability) else (selected_by, repr(float(probability)))
        money = "" if np.isnan(expected) else f"{expected:.2f}"
        told = harmless(str(claim_id)), f"{score:.6f}", rank, str(alert).lower(), harmless(_told(reasons))
        yield *told, *chosen, money


def _told(reasons: Sequence[Reason]) -> str:
    return " | ".join(f"{reason.sentence} ({reason.usual}) [{reason.contribution:+.2f}]" for reason in reasons)


def harmless(text: str) -> str:
    """A cell that no spreadsheet runs: text that would be read as a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
