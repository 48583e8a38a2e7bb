"""Tables that allow little or no learning: a sentence, what can still be done, and nothing registered."""

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.e2e import own_claims
from tests.e2e.conftest import UNTUNED, Typed
from tests.e2e.own_claims import Row
from tests.e2e.shell import Ended, Place

pytestmark = pytest.mark.slow

AT_RANDOM = 'kind = "random"'
NOTE = "Unvalidated: unusual is not suspicious."


def where(known: Callable[[int], bool]) -> list[Row]:
    """The usual table, its verdicts kept where `known` says so."""
    return [row if known(number) else {**row, "fraud": ""} for number, row in enumerate(own_claims.rows())]


def everywhere(**same: str) -> list[Row]:
    return [{**row, **same} for row in own_claims.rows()]


def few(count: int = 24) -> list[Row]:
    """The usual table with so many substantiated claims, early ones."""
    found = [number for number, row in enumerate(own_claims.rows()) if row["fraud"] == "fraud"][:count]
    return [{**row, "fraud": "fraud" if number in found else "honest"} for number, row in enumerate(own_claims.rows())]


CONSTANT = {"amount": "100", "city": "Vigo", "policy": "", "loss_date": ""}
TABLES = {
    "one class": (everywhere(fraud="honest"), "0 are substantiated", "of both outcomes"),
    "everything substantiated": (everywhere(fraud="fraud"), "440 are substantiated", "of both outcomes"),
    "no labels": (everywhere(fraud=""), "0 are labelled", "Bring claims with a known outcome"),
    "labels in the last period only": (where(lambda n: n >= 480), "of 0 with a known one", "No date leaves 30"),
    "labels before the test period only": (where(lambda n: n < 300), "has a known outcome", "Any --test-from between"),
    "one claim": (own_claims.rows()[:1], "time cannot part them", "Bring more than one claim"),
    "constant columns": (everywhere(**CONSTANT), "are constant over", "Map columns that differ"),
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "own.toml").write_text(own_claims.SPEC, encoding="utf-8")
    (tmp_path / "random.toml").write_text(own_claims.SPEC.replace(own_claims.TIME_SPLIT, AT_RANDOM), encoding="utf-8")
    return Place(tmp_path)


def bring(place: Place, table: list[Row]) -> None:
    own_claims.write(place.folder / "own", own_claims.csv(table))


@pytest.mark.parametrize("case", TABLES)
def test_a_table_that_allows_no_learning_says_why_and_what_still_can_be_done(
    place: Place, typed_here: Typed, case: str
) -> None:
    table, told, remedy = TABLES[case]
    bring(place, table)
    refused(typed_here(place, "train", "own.toml", "--data", "own", "--model", "scorecard", *UNTUNED), told, remedy)
    assert not (place.folder / "perito-results").exists()


def test_the_main_job_says_the_same_and_registers_nothing(place: Place) -> None:
    table, told, remedy = TABLES["labels before the test period only"]
    bring(place, table)
    refused(place.without_tensorflow().perito("run", "own.toml", "--data", "own"), told, remedy)
    assert not list(place.folder.rglob("mlartifacts/*"))
    assert not (place.folder / "perito-results").exists()


def refused(ended: Ended, told: str, remedy: str) -> None:
    assert ended.code == 5, ended.err
    assert told in ended.err
    assert remedy in ended.err
    assert "Nothing was registered. `perito anomalies own.toml --data own` still ranks" in ended.err
    assert "Traceback" not in ended.err


def test_a_date_that_is_proposed_works(place: Place, typed_here: Typed) -> None:
    bring(place, where(lambda number: number < 300))
    words = ["train", "own.toml", "--data", "own", "--model", "scorecard", *UNTUNED]
    refused = typed_here(place, *words)
    found = re.search(r"between (\S+) and (\S+) leaves", refused.err)
    assert found
    for day in found.groups():
        ended = typed_here(place, *words, "--test-from", day)
        assert ended.code == 0, ended.err


@pytest.mark.parametrize("case", ["labels in the last period only", "labels before the test period only"])
def test_a_random_split_learns_from_labels_of_one_period(place: Place, typed_here: Typed, case: str) -> None:
    bring(place, TABLES[case][0])
    ended = typed_here(place, "train", "random.toml", "--data", "own", "--model", "scorecard", *UNTUNED)
    assert ended.code == 0, ended.err


def test_too_few_substantiated_claims_are_trained_on_told_and_not_registered(place: Place) -> None:
    bring(place, few())
    ended = place.without_tensorflow().perito("run", "own.toml", "--data", "own", *UNTUNED, "--json")
    assert ended.code == 0, ended.err
    verdict, mlflow = ended.document["verdicts"]["learnability"], ended.document["mlflow"]
    assert verdict["verdict"] == "too_few"
    assert verdict["substantiated"] < verdict["fewest_substantiated"] == 30
    assert verdict["sentence"].startswith(f"Too few to rely on: {verdict['substantiated']} substantiated claims")
    assert (mlflow["model_version"], mlflow["alias"]) == (None, None)
    assert mlflow["alias_reason"].startswith("Not registered: Too few to rely on")
    page = Path(ended.document["outputs"]["report"]).read_text(encoding="utf-8")
    assert "Too few to rely on" in page
    assert "Not validated" in page
    assert ended.document["burden"] == []


@pytest.mark.parametrize("case", ["no labels", "one class", "labels in the last period only"])
def test_what_still_can_be_done_is_done(place: Place, typed_here: Typed, case: str) -> None:
    bring(place, TABLES[case][0])
    ended = typed_here(place, "anomalies", "own.toml", "--data", "own", "--out", "odd", "--json")
    assert ended.code == 0, ended.err
    document = ended.document
    assert document["note"].startswith(NOTE)
    assert document["capacity"]["claims"] == 60
    table = pq.read_table(document["outputs"]["anomalies"])
    assert table.num_rows == 600
    assert set(table["note"].to_pylist()) == {document["note"]}
    assert {path.name for path in (place.folder / "odd").iterdir()} == {"anomalies.parquet", "anomalies.csv"}
    assert not list(place.folder.rglob("mlflow.db"))


def test_the_ranking_owes_nothing_to_outcomes(place: Place, typed_here: Typed) -> None:
    ranked = []
    for number, verdict in enumerate(("honest", "fraud")):
        own_claims.write(place.folder / f"own{number}", own_claims.csv(everywhere(fraud=verdict)))
        words = ["anomalies", "own.toml", "--data", f"own{number}", "--out", f"odd{number}"]
        assert typed_here(place, *words).code == 0
        ranked.append((place.folder / f"odd{number}" / "anomalies.csv").read_bytes())
    assert ranked[0] == ranked[1]


def test_a_person_reads_the_warning_before_the_list_in_either_language(place: Place, typed_here: Typed) -> None:
    bring(place, own_claims.rows())
    english = typed_here(place, "anomalies", "own.toml", "--data", "own").out
    spanish = typed_here(place, "anomalies", "own.toml", "--data", "own", "--lang", "es").out
    assert english.index(NOTE) < english.index("most unlike the others")
    assert "inusual no es sospechoso" in spanish


@pytest.mark.parametrize(
    ("table", "told"),
    [(own_claims.rows()[:1], "at least 10 claims"), (everywhere(**CONSTANT), "have the same features")],
)
def test_claims_that_cannot_be_told_apart_have_no_unusual_one(
    place: Place, typed_here: Typed, table: list[Row], told: str
) -> None:
    bring(place, table)
    ended = typed_here(place, "anomalies", "own.toml", "--data", "own", "--out", "odd")
    assert ended.code == 5
    assert told in ended.err
    assert not (place.folder / "odd").exists()


@pytest.mark.parametrize(
    ("extra", "code"), [(["--lang", "fr"], 2), (["--seed", "-1"], 2), (["--out", "own"], 8), (["--data", "no"], 2)]
)
def test_a_slip_is_told(place: Place, typed_here: Typed, extra: list[str], code: int) -> None:
    bring(place, own_claims.rows(40))
    words = ["anomalies", "own.toml", "--data", "own", *extra]
    assert typed_here(place, *words).code == code
