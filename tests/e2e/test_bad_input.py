"""What a careless user may type or bring: one clear sentence, the documented exit code, nothing half-written."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e import own_claims
from tests.e2e.conftest import UNTUNED, Typed
from tests.e2e.shell import Ended, Place, below, children_of

pytestmark = pytest.mark.slow

PERSONAL = "Juana Pérez"
TYPED = {
    "a name that is no dataset": ("run simulatd", 3, "Did you mean 'simulated'"),
    "a data folder that is not there": ("run own.toml --data nowhere", 2, "--data"),
    "a data folder without the file": ("run simulated --data own", 4, "claims.parquet"),
    "a day that is no day": ("run own.toml --data own --test-from 2024-13-01", 2, "--test-from"),
    "a period that ends first": ("run own.toml --data own --test-from 2024-05-01 --test-to 2024-05-01", 2, "--test-to"),
    "a negative seed": ("run own.toml --data own --seed -1", 2, "--seed"),
    "a seed that no library takes": ("train own.toml --data own --seed 99999999999", 2, "2147483647"),
    "a seed in words": ("run own.toml --data own --seed seven", 2, "--seed"),
    "a language nobody wrote": ("run own.toml --data own --lang fr", 2, "en, es"),
    "a results folder with other things in it": ("run own.toml --data own --out mine", 8, "mine"),
    "a model folder with other things in it": ("train own.toml --data own --out mine", 8, "mine"),
    "a file for a results folder": ("run own.toml --data own --out mine/notes.txt", 8, "notes.txt"),
    "a results folder below a file": ("run own.toml --data own --out mine/notes.txt/out", 8, "notes.txt"),
    "a model nobody knows": ("train own.toml --data own --model forest", 2, "scorecard, lightgbm, catboost, keras"),
    "a folder that holds no model": ("score mine own.toml --data own", 6, "model.json"),
    "a share above one": ("score mine own.toml --data own --explain 2", 2, "--explain"),
    "a file to inspect that is not there": ("inspect nothing.csv", 4, "nothing.csv"),
    "an insurer of no claims": ("simulate simulated --rows 0", 2, "100"),
    "a simulation over other things": ("simulate simulated --rows 200 --out mine", 8, "mine"),
}
SET = {
    "a short hash key": ({"PERITO_HASH_KEY": "hunter2"}, 2, "PERITO_HASH_KEY"),
    "a tracking server that is down": (
        {"MLFLOW_TRACKING_URI": "http://me:hunter2@127.0.0.1:9"},
        7,
        "MLFLOW_TRACKING_URI",
    ),
    "a plain folder for MLflow": ({"MLFLOW_TRACKING_URI": "mlruns"}, 2, "MLFLOW_TRACKING_URI"),
    "a home below a file": ({"PERITO_HOME": "mine/notes.txt/home"}, 8, "PERITO_HOME"),
}
SPECS = {
    "a misspelt key": ('title = "Own', 'tilte = "Own', "title"),
    "an expression that reads a file": ('"amount"', "\"read_text('/etc/passwd')\"", "read_text"),
    "a query instead of an expression": ('"amount"', '"(SELECT 1)"', "SUBQUERY"),
    "a file outside the data folder": ('"claims.csv"', '"../own/claims.csv"', "below the data folder"),
    "a split nobody knows": ('kind = "time"', 'kind = "tme"', "Did you mean 'time'"),
}


def with_all(name: str, value: str) -> str:
    return own_claims.csv([{**row, name: value} for row in own_claims.rows()])


FILES = {
    "an empty file": ("", 4, "empty"),
    "a header without rows": (own_claims.csv(own_claims.rows()[:1]).splitlines()[0] + "\n", 4, "not one row"),
    "rows without a header": (own_claims.csv(own_claims.rows(), header=False), 4, "header"),
    "bytes that are no text": (bytes(range(256)) * 40, 4, "binary"),
    "a missing column": (own_claims.csv(own_claims.rows()).replace("amount", "sum", 1), 4, "'amount'"),
    "dates nobody can read": (with_all("reported", PERSONAL), 4, "600 unparseable_date"),
    "one class only": (with_all("fraud", "honest"), 5, "0 are substantiated"),
    "no verdicts": (with_all("fraud", ""), 5, "0 are labelled"),
    "words for verdicts that the spec does not know": (with_all("fraud", PERSONAL), 5, "unknown_outcome"),
    "one claim": (own_claims.csv(own_claims.rows()[:1]), 5, "time cannot part them"),
    "too few claims": (own_claims.csv(own_claims.rows()[:40]), 5, "Bring more"),
}


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Somebody with a table, a spec, and a folder of notes that must stay as they are."""
    place = Place(tmp_path_factory.mktemp("careless"))
    (place.folder / "own.toml").write_text(own_claims.SPEC, encoding="utf-8")
    own_claims.write(place.folder / "own", own_claims.csv(own_claims.rows()))
    (place.folder / "mine").mkdir()
    (place.folder / "mine" / "notes.txt").write_text("keep me", encoding="utf-8")
    return place


def refused(typed: Typed, place: Place, words: Sequence[object], *, code: int, told: str) -> Ended:
    """Fail unless the command is refused in words, with nothing written but its own homes."""
    before = written(place)
    ended = typed(place, *words)
    assert ended.code == code, ended.err
    assert told in ended.err
    assert ended.out == ""
    for noise in ("Traceback", "ERROR", "fault of Perito", "Warning", PERSONAL, "hunter2"):
        assert noise not in ended.err
    assert written(place) == before
    return ended


def written(place: Place) -> dict[str, bytes]:
    return {name: data for name, data in below(place.folder).items() if not name.startswith(("perito home", "prefect"))}


@pytest.mark.parametrize("case", TYPED)
def test_a_slip_on_the_command_line_is_told(careless: Place, typed_here: Typed, case: str) -> None:
    line, code, told = TYPED[case]
    refused(typed_here, careless, line.split(), code=code, told=told)


@pytest.mark.parametrize("case", SET)
def test_a_slip_in_the_environment_is_told_without_repeating_a_secret(
    careless: Place, typed_here: Typed, case: str
) -> None:
    extra, code, told = SET[case]
    refused(typed_here, careless.having(**extra), ["run", "own.toml", "--data", "own"], code=code, told=told)


@pytest.mark.parametrize("case", SPECS)
def test_a_slip_in_a_spec_is_told(tmp_path: Path, typed_here: Typed, case: str) -> None:
    old, new, told = SPECS[case]
    assert old in own_claims.SPEC
    (tmp_path / "bad.toml").write_text(own_claims.SPEC.replace(old, new, 1), encoding="utf-8")
    own_claims.write(tmp_path / "own", own_claims.csv(own_claims.rows(20)))
    ended = refused(typed_here, Place(tmp_path), ["run", "bad.toml", "--data", "own"], code=3, told=told)
    assert "bad.toml" in ended.err


@pytest.mark.parametrize("case", FILES)
def test_a_table_that_cannot_be_learnt_from_is_told_without_quoting_it(
    tmp_path: Path, typed_here: Typed, case: str
) -> None:
    content, code, told = FILES[case]
    (tmp_path / "own.toml").write_text(own_claims.SPEC, encoding="utf-8")
    own_claims.write(tmp_path / "own", content)
    words = ["train", "own.toml", "--data", "own", "--model", "scorecard"]
    refused(typed_here, Place(tmp_path), words, code=code, told=told)


@pytest.mark.parametrize("case", ["a results folder with other things in it", "a negative seed"])
def test_a_slip_is_told_within_seconds_before_any_server_starts(careless: Place, case: str) -> None:
    line, code, told = TYPED[case]
    ended = refused(Place.perito, careless, line.split(), code=code, told=told)
    assert ended.seconds < 15
    assert not (careless.folder / "prefect home").exists()


def test_a_prefect_server_that_is_down_is_told_within_seconds(careless: Place) -> None:
    place = careless.having(PREFECT_API_URL="http://me:hunter2@127.0.0.1:9/api")
    words = ["run", "own.toml", "--data", "own"]
    assert refused(Place.perito, place, words, code=7, told="PREFECT_API_URL").seconds < 15


def test_a_failing_run_says_one_sentence_and_leaves_no_server(careless: Place) -> None:
    own_claims.write(careless.folder / "one class", with_all("fraud", "honest"))
    words = ["run", "own.toml", "--data", "one class"]
    ended = refused(Place.perito, careless, words, code=5, told="0 are substantiated")
    assert ended.err.count("Error") == 1
    assert children_of(careless) == []


def test_a_refusal_with_json_is_one_document_too(careless: Place, typed_here: Typed) -> None:
    ended = typed_here(careless, "validate", "simulatd", "--json")
    assert ended.document == {
        "error": "SpecError",
        "what": "expected a built-in dataset or the path of a spec, came 'simulatd'.",
        "where": "",
        "remedy": ended.document["remedy"],
        "exit_code": 3,
    }
    assert ended.code == 3


def test_a_model_of_other_features_is_refused_and_a_damaged_one_too(careless: Place, typed_here: Typed) -> None:
    (careless.folder / "other.toml").write_text(own_claims.WITHOUT_AMOUNTS, encoding="utf-8")
    trained = typed_here(
        careless, "train", "own.toml", "--data", "own", "--model", "scorecard", "--out", "model", *UNTUNED
    )
    assert trained.code == 0, trained.err
    words = ["score", "model", "other.toml", "--data", "own"]
    refused(typed_here, careless, words, code=6, told="missing claimed_amount")
    with (careless.folder / "model" / "scorecard" / "scorecard.json").open("a") as file:
        file.write(" ")
    words = ["evaluate", "model", "own.toml", "--data", "own"]
    refused(typed_here, careless, words, code=6, told="scorecard.json was changed")
