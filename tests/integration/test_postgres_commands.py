"""Claims out of PostgreSQL, scores into it: the commands from end to end, each in a process of its own."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.e2e import own_claims
from tests.e2e.shell import Ended, Place
from tests.postgres import Postgres

from perito.postgres import Address, load_table

pytestmark = pytest.mark.slow

FILE = 'file = "claims.csv"\n'
TYPES = 'types = { reported = "date:%Y-%m-%d", loss_date = "date:%Y-%m-%d", decided = "date:%Y-%m-%d" }\n'
BEHIND_A_URL = 'database = "env:CLAIMS_URL"\ntable = "insurer.claims"\n'
DAYS = ("reported", "loss_date", "decided")


@dataclass(frozen=True)
class Insurer:
    """A folder to type commands in, and the database that holds both claims and scores."""

    place: Place
    url: str

    def typed(self, *words: object) -> Ended:
        ended = self.place.perito(*words)
        assert "Traceback" not in ended.err
        assert ended.code == 0, ended.err
        return ended

    def asked(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def insurer(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Insurer:
    folder, url = tmp_path_factory.mktemp("insurer"), postgres.new_database()
    own_claims.write(folder / "own", own_claims.csv(own_claims.rows()))
    (folder / "file.toml").write_text(own_claims.SPEC, encoding="utf-8")
    assert FILE + TYPES in own_claims.SPEC
    (folder / "own.toml").write_text(own_claims.SPEC.replace(FILE + TYPES, BEHIND_A_URL), encoding="utf-8")
    postgres.run("CREATE SCHEMA insurer", database=url.rpartition("/")[2])
    load_table(Address(url, "CLAIMS_URL"), "insurer.claims", typed_rows(folder / "own"), key=("claim_number",))
    place = Place(folder, {"CLAIMS_URL": url, "PERITO_DATABASE_URL": url, "PERITO_HASH_KEY": "a key of the tests"})
    insurer = Insurer(place.without_tensorflow(), url)
    insurer.typed("train", "own.toml", "--model", "scorecard", "--time-budget", 0, "--out", "model")
    return insurer


def typed_rows(folder: Path) -> pa.Table:
    [file] = folder.glob("*.csv")
    rows = pd.read_csv(file, parse_dates=list(DAYS), dtype={"policy": str, "claim_number": str})
    return pa.Table.from_pandas(rows.assign(**{day: rows[day].dt.date for day in DAYS}), preserve_index=False)


def test_claims_are_the_same_out_of_a_file_and_out_of_the_database(insurer: Insurer) -> None:
    from_file = insurer.typed("validate", "file.toml", "--data", "own", "--json").document
    from_server = insurer.typed("validate", "own.toml", "--json").document
    assert from_server["rows"] == from_file["rows"]
    assert insurer.typed("validate", "own.toml", "--json").document["fingerprint"] == from_server["fingerprint"]


def test_scores_go_to_their_files_and_become_one_batch_however_often(insurer: Insurer) -> None:
    words = ["score", "model", "own.toml", "--audit-share", 0.2, "--seed", 3, "--to-database"]
    document = insurer.typed(*words, "--json").document
    batch = document["batch"]
    assert batch["written"]
    assert (batch["dataset"], batch["claims"], batch["alerts"]) == (
        "own-claims",
        document["claims"],
        document["alerts"],
    )
    assert (batch["audits"], batch["seed"], batch["language"]) == (document["audits"], 3, "en")
    again = insurer.typed(*words)
    assert f"Batch        {batch['id']} in " in again.out
    assert "held these scores already; nothing was written" in again.out
    assert insurer.asked("SELECT count(*), count(DISTINCT batch_id) FROM scores") == [(document["claims"], 1)]
    chosen = f"SELECT claim_id FROM scores WHERE batch_id = {batch['id']} AND alert ORDER BY rank"
    files = pq.read_table(document["outputs"]["scores"]).to_pylist()
    assert [claim for (claim,) in insurer.asked(chosen)] == [row["claim_id"] for row in files if row["alert"]]


def test_a_batch_is_exported_as_the_files_that_were_written(insurer: Insurer) -> None:
    document = insurer.typed("score", "model", "own.toml", "--explain", 0.5, "--out", "half", "--json").document
    refused = insurer.place.perito("scores", "own.toml", "--batch", 1)
    assert refused.code == 2
    assert "--batch and --out together" in refused.err
    other = insurer.typed("score", "model", "file.toml", "--data", "own", "--explain", 0.5, "--to-database", "--json")
    batch = other.document["batch"]["id"]
    for name in ("scores.parquet", "scores.csv"):
        insurer.typed("scores", "own.toml", "--batch", batch, "--out", f"exported/{name}")
    folder = Path(document["outputs"]["scores"]).parent
    exported = insurer.place.folder / "exported"
    assert (exported / "scores.csv").read_bytes() == (folder / "scores.csv").read_bytes()
    assert pq.read_table(exported / "scores.parquet").equals(pq.read_table(folder / "scores.parquet"))


def test_the_same_claims_scored_in_another_way_are_refused_and_not_passed_over(insurer: Insurer) -> None:
    words = ["score", "model", "own.toml", "--audit-share", 0.2, "--seed", 3, "--to-database"]
    insurer.typed(*words)
    refused = insurer.place.perito(*words, "--lang", "es")
    assert refused.code == 2
    assert "language en" in refused.err
    assert "asked for language es" in refused.err


def test_batches_are_listed_the_latest_first(insurer: Insurer) -> None:
    insurer.typed("score", "model", "own.toml", "--audit-share", 0.2, "--seed", 3, "--to-database")
    document = insurer.typed("scores", "own.toml", "--json").document
    numbers = [batch["id"] for batch in document["batches"]]
    assert numbers == sorted(numbers, reverse=True)
    assert "127.0.0.1" in document["database"]
    told = insurer.typed("scores", "own.toml", "--limit", 1).out
    assert "Latest batches of own-claims" in told
    assert f"{document['batches'][0]['claims']:,}" in told
    assert "no batch of simulated" in insurer.typed("scores", "simulated").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--batch", 9999, "--out", "x.csv"), "There is no batch 9999"),
        (("--batch", 1, "--out", "x.xlsx"), "ends in .parquet or .csv"),
        (("--out", "x.csv"), "--batch and --out together"),
        (("--limit", 0), "at least 1"),
    ],
)
def test_what_cannot_be_listed_or_exported_is_told(insurer: Insurer, words: tuple[object, ...], told: str) -> None:
    refused = insurer.place.perito("scores", "own.toml", *words)
    assert refused.code == 2
    assert told in refused.err


def test_a_batch_of_another_dataset_is_not_exported_under_this_name(insurer: Insurer) -> None:
    document = insurer.typed("score", "model", "own.toml", "--audit-share", 0.2, "--seed", 3, "--to-database", "--json")
    number = document.document["batch"]["id"]
    refused = insurer.place.perito("scores", "simulated", "--batch", number, "--out", "x.csv")
    assert refused.code == 2
    assert f"Batch {number} is one of own-claims" in refused.err


def test_without_a_server_scores_go_to_the_embedded_database(insurer: Insurer) -> None:
    place = insurer.place.having(PERITO_DATABASE_URL="")
    ended = place.perito("score", "model", "own.toml", "--to-database", "--json")
    assert ended.code == 0, ended.err
    assert ended.document["batch"]["database"].endswith("perito.db")
    listed = place.perito("scores", "own.toml", "--json").document["batches"]
    assert [batch["id"] for batch in listed] == [ended.document["batch"]["id"]] == [1]
