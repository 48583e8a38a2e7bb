"""The two files of scored claims."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from perito.domain.errors import OutputError
from perito.domain.opinions import Reason
from perito.scoring.writers import SCHEMA, write_scores


def scores(claim_id: str = "C1", sentence: str = "The claimed amount is 900 EUR") -> pd.DataFrame:
    reasons = [Reason("claimed_amount", sentence, "900 EUR", "usually 300 EUR", 0.5)] * 2
    return pd.DataFrame(
        {
            "claim_id": [claim_id, "C2"],
            "score": [0.9, 0.1],
            "rank": [1, 2],
            "alert": [True, False],
            "reasons": pd.Series([reasons, []], dtype=object),
            "selected_by": ["alert", None],
            "selection_probability": [1.0, float("nan")],
            "expected_net_money": [1234.5, np.nan],
        }
    )


def cells(folder: Path) -> list[dict[str, str]]:
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_parquet_holds_the_contract_of_other_programs(tmp_path: Path) -> None:
    parquet, _ = write_scores(scores(), tmp_path)
    table = pq.read_table(parquet)
    assert table.schema.equals(SCHEMA)
    assert str(table.schema.field("claim_id").type) == "string"
    first, second = table.to_pylist()
    assert first["reasons"][0] == {
        "feature": "claimed_amount",
        "sentence": "The claimed amount is 900 EUR",
        "value": "900 EUR",
        "usual": "usually 300 EUR",
        "contribution": 0.5,
    }
    assert (first["alert"], second["alert"], second["reasons"]) == (True, False, [])
    assert (first["selected_by"], first["selection_probability"]) == ("alert", 1.0)
    assert (second["selected_by"], second["selection_probability"]) == (None, None)
    assert (first["expected_net_money"], second["expected_net_money"]) == (1234.5, None)


def test_csv_tells_the_reasons_of_a_claim_in_one_cell(tmp_path: Path) -> None:
    write_scores(scores(), tmp_path)
    first, second = cells(tmp_path)
    told = "The claimed amount is 900 EUR (usually 300 EUR) [+0.50]"
    assert first == {
        "claim_id": "C1",
        "score": "0.900000",
        "rank": "1",
        "alert": "true",
        "reasons": f"{told} | {told}",
        "selected_by": "alert",
        "selection_probability": "1.0",
        "expected_net_money": "1234.50",
    }
    assert (second["reasons"], second["selected_by"], second["selection_probability"]) == ("", "", "")
    assert second["expected_net_money"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_gives_a_spreadsheet_no_formula_to_run(tmp_path: Path, start: str) -> None:
    write_scores(scores(f"{start}1+1", f"{start}HYPERLINK(1)"), tmp_path)
    first = cells(tmp_path)[0]
    assert first["claim_id"] == f"'{start}1+1"
    assert first["reasons"].startswith(f"'{start}")
    assert pq.read_table(tmp_path / "scores.parquet")["claim_id"][0].as_py() == f"{start}1+1"


def test_no_claims_are_written_with_the_same_columns(tmp_path: Path) -> None:
    parquet, _ = write_scores(scores().iloc[:0], tmp_path)
    assert pq.read_table(parquet).schema.equals(SCHEMA)
    assert cells(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match="could not be written"):
        write_scores(scores(), tmp_path / "out")
