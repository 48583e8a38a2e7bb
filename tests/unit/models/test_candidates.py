import json
import subprocess
import sys
from pathlib import Path

import pytest

from perito.domain.errors import MissingExtra, ModelError, OutputError
from perito.models import CANDIDATES, load_model, save_model
from perito.models.baseline import fit_scorecard
from perito.models.keras_door import open_keras
from perito.models.scorecard import Scorecard
from tests.unit.models.claims import training_set

HEAVY = ("lightgbm", "catboost", "sklearn", "keras", "tensorflow")


@pytest.fixture(scope="module")
def scorecard() -> Scorecard:
    return fit_scorecard(training_set(), seed=0)


def test_candidates_are_listed_simplest_first() -> None:
    assert list(CANDIDATES) == ["linear", "scorecard", "lightgbm", "catboost", "keras"]


def test_importing_the_models_imports_no_learning_library() -> None:
    code = f"import sys, perito.models; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


def test_model_json_names_kind_format_columns_and_files(scorecard: Scorecard, tmp_path: Path) -> None:
    save_model(scorecard, tmp_path / "model")
    document = json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))

    assert (document["kind"], document["format"], list(document["files"])) == ("scorecard", 1, ["scorecard.json"])
    assert [entry["name"] for entry in document["columns"]] == [column.name for column in scorecard.columns]


def test_saving_again_replaces_the_model_and_leaves_nothing_beside_it(scorecard: Scorecard, tmp_path: Path) -> None:
    for _ in range(2):
        save_model(scorecard, tmp_path / "model")

    assert load_model(tmp_path / "model") == scorecard
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_of_something_else_is_not_overwritten(scorecard: Scorecard, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keep me", encoding="utf-8")

    with pytest.raises(OutputError):
        save_model(scorecard, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_other_files_in_the_folder_do_not_disturb(scorecard: Scorecard, tmp_path: Path) -> None:
    save_model(scorecard, tmp_path / "model")
    (tmp_path / "model" / "usual.json").write_text("{}", encoding="utf-8")

    assert load_model(tmp_path / "model") == scorecard


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is none.*train a model"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "oracle"}, "oracle"),
        ({"format": 2}, "format 2"),
        ({"columns": [{"title": "x"}]}, "cannot be read"),
        ({"files": {"scorecard.json": "0"}}, "was changed"),
        ({"files": {"absent.json": "0"}}, "is missing"),
        ({"files": {"../model/scorecard.json": "0"}}, "is missing"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    scorecard: Scorecard, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    save_model(scorecard, tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document | change), encoding="utf-8")

    with pytest.raises(ModelError, match=message):
        load_model(tmp_path / "model")


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json"])
def test_a_damaged_description_is_refused(scorecard: Scorecard, tmp_path: Path, text: str) -> None:
    save_model(scorecard, tmp_path / "model")
    (tmp_path / "model" / "model.json").write_text(text, encoding="utf-8")

    with pytest.raises(ModelError, match="damaged"):
        load_model(tmp_path / "model")


def test_without_tensorflow_the_remedy_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)

    with pytest.raises(MissingExtra, match=r"pip install 'perito\[tensorflow\]'"):
        open_keras()
