"""`perito rings`, and the rings of the main job's document, as a user meets them."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.e2e.conftest import Typed
from tests.e2e.shell import Place

pytestmark = pytest.mark.slow


def test_rings_are_listed_and_written_in_either_language(place: Place, typed_here: Typed, tmp_path: Path) -> None:
    made = place.perito("simulate", "simulated", "--rows", 12_000, "--seed", 9, "--out", tmp_path / "book")
    assert made.code == 0, made.err
    words = ["rings", "simulated", "--data", tmp_path / "book", "--out", tmp_path / "rings.json"]
    document = place.perito(*words, "--json").document
    assert len(document["rings"]) >= 5
    assert json.loads((tmp_path / "rings.json").read_text(encoding="utf-8"))["rings"] == document["rings"]
    assert pq.read_table(tmp_path / "rings.parquet")["ring_id"][0].as_py() == document["rings"][0]["ring_id"]
    told = typed_here(place, *words, "--lang", "es", "--as-of", "2024-01-01").out
    assert "rings among the claims known before 2024-01-01" in told
    assert "comparten" in told


def test_a_day_that_is_none_is_refused_in_a_sentence(place: Place) -> None:
    ended = place.perito("rings", "simulated", "--as-of", "yesterday")
    assert ended.code != 0
    assert "--as-of" in ended.err
    assert "Traceback" not in ended.err
