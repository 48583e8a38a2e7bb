"""A request is read from plain text, and refused before anything slow begins."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from perito.domain.errors import OutputError, ParameterError, ServiceError, SourceError, SpecError
from perito.domain.words import Language
from perito.entrypoints.request import HIGHEST_SEED, Request, check_request
from perito.entrypoints.settings import Settings


def asked(**changes: Any) -> Request:
    plain: dict[str, Any] = {"test_from": None, "test_to": None, "seed": 0, "lang": "en"}
    words = {"dataset": "vehicle-claims", "data": None, "out": None} | plain | changes
    return Request.of(words.pop("dataset"), words.pop("data"), words.pop("out"), **words)


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A folder with the files of `simulated`; a check opens none of them."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("claims", "policies", "parties", "dispositions"):
        (folder / f"{name}.parquet").touch()
    return str(folder)


def settings(folder: Path, **environ: str) -> Settings:
    return Settings.from_environment({"PERITO_HOME": str(folder / "home"), **environ}, folder)


def test_a_request_is_read_from_text(tmp_path: Path) -> None:
    request = asked(out="results", test_from="2024-01-01", test_to="2024-07-01", seed=HIGHEST_SEED, lang="es")
    assert (request.test_from, request.test_to) == (date(2024, 1, 1), date(2024, 7, 1))
    assert (request.seed, request.language) == (HIGHEST_SEED, Language.SPANISH)
    assert request.results("any", settings(tmp_path)) == Path("results")


def test_results_have_a_folder_of_their_own_when_none_is_named(tmp_path: Path) -> None:
    assert asked().results("own-claims", settings(tmp_path)) == Path("perito-results/own-claims")
    elsewhere = settings(tmp_path, PERITO_RESULTS=str(tmp_path / "elsewhere"))
    assert asked().results("own-claims", elsewhere) == tmp_path / "elsewhere" / "own-claims"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"test_from": "2024-02-30"}, "--test-from"),
        ({"test_to": "soon"}, "--test-to"),
        ({"seed": -1}, "--seed"),
        ({"seed": HIGHEST_SEED + 1}, "--seed"),
        ({"lang": "fr"}, "--lang"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_option(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        asked(**changes)
    assert refusal.value.where == where


def test_a_request_in_order_is_checked_without_a_result_or_a_log(tmp_path: Path, data: str) -> None:
    spec = check_request(asked(dataset="simulated", data=data, out=str(tmp_path / "results")), settings(tmp_path))
    assert spec.name == "simulated"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "home"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["hash.key"]


def test_an_insurer_that_would_be_simulated_first_is_not_simulated_to_check(tmp_path: Path) -> None:
    check_request(asked(dataset="simulated", out=str(tmp_path / "results")), settings(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize(
    ("changes", "refusal", "told"),
    [
        ({"dataset": "simulatd"}, SpecError, "Did you mean"),
        ({"data": "nowhere"}, ParameterError, "--data"),
        ({"test_from": "2024-05-01", "test_to": "2024-04-01"}, ParameterError, "start before it ends"),
        ({"dataset": "kaggle-policies", "test_from": "2024-05-01"}, ParameterError, "split by random"),
    ],
)
def test_what_a_run_would_refuse_is_refused_before_it(
    tmp_path: Path, data: str, changes: dict[str, Any], refusal: type[Exception], told: str
) -> None:
    words = {"dataset": "simulated", "data": data, "out": str(tmp_path / "results")} | changes
    with pytest.raises(refusal, match=told):
        check_request(asked(**words), settings(tmp_path))


def test_a_file_that_is_missing_is_told_with_what_the_folder_holds(tmp_path: Path, data: str) -> None:
    (Path(data) / "parties.parquet").rename(Path(data) / "people.parquet")
    with pytest.raises(SourceError, match=r"parties\.parquet.*people\.parquet"):
        check_request(asked(dataset="simulated", data=data, out=str(tmp_path / "results")), settings(tmp_path))


def test_a_results_folder_with_other_things_in_it_is_refused_and_kept(tmp_path: Path, data: str) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "notes.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(OutputError, match="earlier results and nothing else"):
        check_request(asked(dataset="simulated", data=data, out=str(tmp_path / "results")), settings(tmp_path))
    assert (tmp_path / "results" / "notes.txt").read_text(encoding="utf-8") == "keep me"


def test_a_tracking_server_that_is_down_is_refused_without_its_password(tmp_path: Path, data: str) -> None:
    down = settings(tmp_path, MLFLOW_TRACKING_URI="http://me:hunter2@127.0.0.1:9")
    with pytest.raises(ServiceError, match="did not answer") as refusal:
        check_request(asked(dataset="simulated", data=data, out=str(tmp_path / "results")), down)
    assert "hunter2" not in str(refusal.value)
