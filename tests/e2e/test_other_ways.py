"""The same job by other doors and on other tables: `main.py`, Spanish, a drafted spec, no TensorFlow, no time."""

import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.e2e import own_claims
from tests.e2e.conftest import SEED, UNTUNED, MainRun
from tests.e2e.shell import ROOT, Place, below, children_of, gone_within

pytestmark = pytest.mark.slow

OF_ONE_RUN = {"seconds", "outputs", "mlflow", "prefect", "promotion"}
IMPORTS_MAIN = f"""
import sys, threading
sys.path.insert(0, {str(ROOT)!r})
before = set(sys.modules)
import main
assert main.pipeline.name == "perito", main.pipeline
assert threading.enumerate() == [threading.main_thread()], threading.enumerate()
assert not {{"mlflow", "tensorflow", "lightgbm"}} & set(sys.modules)
"""


def repeatable(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without what differs from run to run: ids, paths and times."""
    models = {name: model["metrics"] for name, model in document["models"].items()}
    return {key: value for key, value in document.items() if key not in OF_ONE_RUN} | {"models": models}


def test_main_py_gives_the_same_figures_and_the_same_list(main_run: MainRun, tmp_path: Path) -> None:
    shutil.copytree(main_run.place.folder / "perito home", tmp_path / "home")
    place = main_run.place.having(PERITO_HOME=str(tmp_path / "home"))
    words = ["--dataset", "simulated", f"--data={main_run.book}", "--out", "again", "--seed", SEED, *UNTUNED, "--json"]
    again = place.python(ROOT / "main.py", *words)
    assert again.code == 0, again.err
    assert "INFO" not in again.err, "Prefect's lines belong to its page, not to the terminal"
    assert repeatable(again.document) == repeatable(main_run.document)
    for name in ("scores.parquet", "scores.csv", "rejects.parquet"):
        assert (place.folder / "again" / name).read_bytes() == (main_run.results / name).read_bytes()
    second = again.document["mlflow"]
    assert (second["model_version"], second["alias"]) == ("2", None)
    assert "version 1 is" in second["alias_reason"]


def test_importing_main_starts_nothing_and_writes_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Place(tmp_path_factory.mktemp("importing"))
    done = place.python("-c", IMPORTS_MAIN)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert below(place.folder) == {}
    assert children_of(place) == []


@pytest.fixture(scope="module")
def random_run(place: Place, own: Any) -> dict[str, Any]:
    """A table whose spec denies an order in time, in Spanish, where TensorFlow is not installed."""
    spec = own_claims.SPEC.replace(own_claims.TIME_SPLIT, 'kind = "random"\ntest_share = 0.25')
    (place.folder / "random.toml").write_text(spec, encoding="utf-8")
    words = ["random.toml", "--data", own, "--out", "random", "--lang", "es", *UNTUNED, "--json"]
    ended = place.without_tensorflow().perito("run", *words)
    assert ended.code == 0, ended.err
    return {"document": ended.document, "page": (place.folder / "random" / "report.html").read_text(encoding="utf-8")}


def test_without_tensorflow_the_run_goes_on_with_the_others_and_says_so(random_run: dict[str, Any]) -> None:
    document = random_run["document"]
    assert set(document["models"]) == {"linear", "scorecard", "lightgbm", "catboost", "blend"}
    assert "TensorFlow" in document["skipped_models"]["keras"]
    assert "perito[tensorflow]" in document["skipped_models"]["keras"]
    assert "perito[tensorflow]" in random_run["page"]


def test_a_random_split_is_told_in_the_document_and_in_the_report(random_run: dict[str, Any]) -> None:
    document = random_run["document"]
    assert (document["split"]["kind"], document["split"]["test_from"]) == ("random", None)
    assert "no del año que viene" in document["population"]
    assert document["population"] in random_run["page"]


def test_a_spanish_run_speaks_spanish_to_the_reader(place: Place, random_run: dict[str, Any]) -> None:
    document = random_run["document"]
    assert document["language"] == "es"
    assert "siniestros" in document["verdicts"]["learnability"]["sentence"]
    assert '<html lang="es"' in random_run["page"]
    reasons = pq.read_table(place.folder / "random" / "scores.parquet")["reasons"].to_pylist()
    told = {reason["sentence"] for claim in reasons for reason in claim if reason["feature"] == "city"}
    assert told
    assert all("Ciudad" in sentence for sentence in told)


def test_a_drafted_spec_runs_on_the_dates_asked_for_after_a_run_was_killed(place: Place, own: Any) -> None:
    drafted = place.perito("inspect", own / "claims.csv", "--out", "drafted.toml")
    assert drafted.code == 0, drafted.err
    checked = place.perito("validate", "drafted.toml", "--data", own, "--json")
    assert checked.document["rows"]["accepted"] == own_claims.CLAIMS
    words = ["run", "drafted.toml", "--data", own, "--out", "drafted", *UNTUNED, "--json"]
    words += ["--test-from", "2024-01-01", "--test-to", "2024-07-01"]
    killed = place.without_tensorflow().killed_while_training(signal.SIGKILL, *words)
    assert killed.code == -signal.SIGKILL
    assert gone_within(place, 30)
    assert not (place.folder / "drafted").exists()
    done = place.without_tensorflow().perito(*words)
    assert done.code == 0, done.err
    split = done.document["split"]
    assert (split["test_from"], split["test_to"]) == ("2024-01-01", "2024-07-01")
    scored = set(pq.read_table(place.folder / "drafted" / "scores.parquet")["claim_id"].to_pylist())
    assert scored == {
        row["claim_number"] for row in own_claims.rows() if "2024-01-01" <= row["reported"] < "2024-07-01"
    }


def test_an_interrupted_run_ends_quietly_and_leaves_nothing(place: Place, own: Any) -> None:
    words = ["run", "own.toml", "--data", own, "--out", "stopped", *UNTUNED, "--json"]
    stopped = place.killed_while_training(signal.SIGINT, *words)
    assert stopped.code == 130
    assert stopped.out == ""
    assert "Interrupted" in stopped.err
    for noise in ("Traceback", "ERROR", "Error"):
        assert noise not in stopped.err
    assert gone_within(place, 5)
    assert not [path.name for path in place.folder.iterdir() if "stopped" in path.name]
