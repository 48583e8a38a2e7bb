"""Every command that reports does so for a person and, with `--json`, as one document."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.e2e.conftest import CLAIMS, UNTUNED, Typed
from tests.e2e.shell import Ended, Place

pytestmark = pytest.mark.slow

Both = Callable[..., tuple[dict[str, Any], str]]


def done(place: Place, *words: object, typed: Typed = Place.perito) -> Ended:
    ended = typed(place, *words)
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    assert "Error" not in ended.err
    return ended


@pytest.fixture
def both(place: Place, typed_here: Typed) -> Both:
    """Runs a command twice: what it says as a document, and what it tells a person."""

    def run(*words: object) -> tuple[dict[str, Any], str]:
        return done(place, *words, "--json").document, done(place, *words, typed=typed_here).out

    return run


@pytest.fixture(scope="module")
def trained(place: Place, book: Path) -> dict[str, Any]:
    words = ["train", "simulated", "--data", book, "--model", "lightgbm", "--out", "model", *UNTUNED, "--json"]
    return done(place, *words).document


def test_datasets_are_listed(both: Both) -> None:
    document, told = both("datasets")
    names = [dataset["name"] for dataset in document["datasets"]]
    assert {"simulated", "vehicle-claims", "motor-network", "auto-claims-customers", "kaggle-policies"} == set(names)
    assert all(name in told for name in names)


def test_a_simulated_insurer_is_the_same_for_the_same_seed(place: Place, typed_here: Typed) -> None:
    words = ["simulate", "simulated", "--rows", 200, "--seed", 5, "--out"]
    document = done(place, *words, "one", "--json").document
    told = done(place, *words, "two", typed=typed_here).out
    assert document["rows"]["claims"] == 200
    assert "perito run simulated --data two" in told
    tables = [pq.read_table(place.folder / folder / "claims.parquet") for folder in ("one", "two")]
    assert tables[0].equals(tables[1])


def test_a_spec_is_drafted_on_standard_output_or_into_a_file(both: Both, own: Path) -> None:
    document, told = both("inspect", own / "claims.csv")
    assert document["toml"].strip() == told.strip()
    assert {guess["column"] for guess in document["guesses"]} >= {"claim_number", "amount", "fraud"}


def test_rows_are_validated_and_the_rejects_written(place: Place, both: Both, book: Path) -> None:
    document, told = both("validate", "simulated", "--data", book, "--out", "rejects.parquet")
    rows = document["rows"]
    assert rows["read"] == rows["accepted"] + sum(rows["rejected"].values()) == CLAIMS
    assert f"{CLAIMS:,} rows read" in told
    assert (place.folder / "rejects.parquet").is_file()


def test_features_are_listed_and_written(place: Place, both: Both, book: Path) -> None:
    document, told = both("features", "simulated", "--data", book, "--out", "features.parquet")
    names = [feature["name"] for feature in document["features"]]
    assert pq.read_schema(place.folder / "features.parquet").names == ["claim_id", *names]
    assert f"{len(names)} features" in told


def test_a_trained_model_is_kept_in_a_folder(place: Place, trained: dict[str, Any]) -> None:
    assert (trained["chosen"], set(trained["models"])) == ("blend", {"lightgbm", "blend"})
    assert json.loads((place.folder / "model" / "model.json").read_text(encoding="utf-8"))["kind"] == "blend"
    assert {path.name for path in (place.folder / "model" / "lightgbm").iterdir()} == {"booster.txt", "lightgbm.json"}
    assert (place.folder / "model" / "usual.json").is_file()


def test_a_kept_model_is_measured(both: Both, book: Path, trained: dict[str, Any]) -> None:
    document, told = both("evaluate", "model", "simulated", "--data", book)
    assert document["split"] == trained["split"]
    assert document["population_figures"]["sentence"] in " ".join(told.split())
    assert document["test"]["auc"]["low"] <= document["test"]["auc"]["value"] <= document["test"]["auc"]["high"]
    assert f"{document['test']['auc']['value']:.3f}" in told


@pytest.mark.usefixtures("trained")
def test_a_kept_model_scores_every_claim_and_explains_as_many_as_asked(both: Both, book: Path) -> None:
    words = ["score", "model", "simulated", "--data", book, "--out", "scored", "--explain", 0.1]
    document, told = both(*words)
    rows = pq.read_table(document["outputs"]["scores"]).to_pylist()
    assert len(rows) == document["claims"] == CLAIMS
    assert sum(bool(row["reasons"]) for row in rows) == CLAIMS / 10
    assert sum(row["alert"] for row in rows) == document["alerts"]
    assert f"{CLAIMS:,} claims scored" in told


@pytest.mark.usefixtures("trained")
def test_a_share_of_the_desks_places_goes_to_random_audits_with_their_chance(both: Both, book: Path) -> None:
    words = ["score", "model", "simulated", "--data", book, "--out", "audited", "--audit-share", 0.5, "--seed", 3]
    document, told = both(*words)
    rows = pq.read_table(document["outputs"]["scores"]).to_pylist()
    audits = [row for row in rows if row["selected_by"] == "random_audit"]
    ranked = [row for row in rows if row["selected_by"] == "alert"]
    places = document["alerts"]
    assert (len(audits), len(ranked)) == (document["audits"], places - document["audits"]) == (places / 2, places / 2)
    assert {row["selection_probability"] for row in audits} == {len(audits) / (CLAIMS - len(ranked))}
    assert {row["selection_probability"] for row in ranked} == {1.0}
    assert [row["rank"] for row in ranked] == list(range(1, len(ranked) + 1))
    assert f"{len(audits)} of them random audits" in told
