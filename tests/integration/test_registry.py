"""Real MLflow in a temporary folder: runs, models without pickle, one champion, and the command that shows them."""

import importlib
import json
import os
import shlex
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib import request
from urllib.error import URLError

import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import ModelError, ServiceError
from perito.domain.learnt import LearntFrom
from perito.entrypoints.settings import Settings
from perito.features.columns import FeatureColumn
from perito.models.baseline import fit_scorecard
from perito.models.interface import TrainingSet
from perito.registry import (
    Earlier,
    Logged,
    RunRecord,
    Tracking,
    champion_version,
    find_earlier,
    load_champion,
    load_version,
    log_run,
    mark_done,
    registered,
    set_champion,
)
from perito.registry.tracking import connected
from perito.scoring import usual_values

pytestmark = pytest.mark.slow

COLUMNS = (
    FeatureColumn("policy_age_days", "numeric", "days", "The policy was {value} old.", "La póliza tenía {value}."),
    FeatureColumn("vehicle_kind", "categorical", "", "The vehicle is a {value}.", "El vehículo es {value}."),
)


def claims(rows: int = 400) -> pd.DataFrame:
    chance = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "policy_age_days": chance.uniform(0, 1000, rows),
            "vehicle_kind": pd.Categorical(chance.choice(["saloon", "van"], rows)),
        },
        index=pd.Index([f"claim-{row}" for row in range(rows)], name="claim_id"),
    )
    frame.iloc[0, 0] = np.nan
    frame.iloc[1, 1] = np.nan
    return frame


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    frame = claims()
    label = (frame["policy_age_days"].fillna(500).to_numpy() < 200).astype(np.int64)
    days = np.datetime64("2026-01-01") + np.arange(len(frame))
    plot = tmp_path_factory.mktemp("plots") / "gain.png"
    plot.write_bytes(b"png")
    return RunRecord(
        dataset="tiny",
        fingerprint="f" * 64,
        model=fit_scorecard(TrainingSet(COLUMNS, frame, label, days), seed=0),
        usual=usual_values(frame, COLUMNS),
        params={"seed": 0, "split": {"kind": "time", "test_from": None}, **{f"p{i}": "x" * 9000 for i in range(150)}},
        metrics={"test": {"auc": {"value": 0.7, "low": 0.6}}, "recall (top 10 %)": 0.2, "none": None, "nan": np.nan},
        not_champion_because="",
        learnt=LearntFrom.of(date(2026, 6, 1), ["claim-1"]),
        verdict="The ranking is better than chance.",
        plots=(plot,),
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.from_environment({}, tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def first(record: RunRecord, settings: Settings) -> Logged:
    return log_run(record, settings.tracking())


def real_mlflow() -> Any:
    return importlib.import_module("mlflow")


def client(settings: Settings) -> Any:
    return real_mlflow().MlflowClient(settings.tracking().uri, settings.tracking().uri)


def test_a_run_holds_figures_files_and_where_it_came_from(first: Logged, settings: Settings) -> None:
    run = client(settings).get_run(first.run_id)
    assert client(settings).get_experiment(run.info.experiment_id).name == "perito-tiny"
    assert run.info.status == "FINISHED"
    assert run.data.params["split.kind"] == "time"
    assert len(run.data.params) == 155
    assert run.data.metrics == {"test.auc.value": 0.7, "test.auc.low": 0.6, "recall _top 10 __": 0.2}
    assert run.data.tags["data_fingerprint"] == "f" * 64
    assert run.data.tags["code_version"].startswith("0.1.0+g")
    assert (settings.home / "mlartifacts" / "perito-tiny" / first.run_id / "artifacts/plots/gain.png").is_file()


def test_nothing_that_was_logged_is_a_pickle_or_holds_a_claim(first: Logged, settings: Settings) -> None:
    files = [path for path in (settings.home / "mlartifacts").rglob("*") if path.is_file()]
    assert {"MLmodel", "scorer_model.py", "usual.json"} <= {path.name for path in files}
    for path in files:
        assert path.suffix not in {".pkl", ".pickle", ".joblib"}
        assert path.read_bytes()[:1] != b"\x80"
        assert b"claim-1" not in path.read_bytes()


def test_the_registered_model_scores_and_explains_as_the_trained_one(
    first: Logged, record: RunRecord, settings: Settings
) -> None:
    mlflow = real_mlflow()
    mlflow.set_tracking_uri(settings.tracking().uri)
    served = mlflow.pyfunc.load_model("models:/perito-tiny/1")
    mlflow.set_tracking_uri(None)
    frame = claims(20)
    plain = frame.astype({"vehicle_kind": object})[["vehicle_kind", "policy_age_days"]]
    scored = served.predict(plain, params={"reasons": 2})
    np.testing.assert_allclose(scored["log_odds"], record.model.log_odds(frame))
    np.testing.assert_allclose(scored["score"], 1 / (1 + np.exp(-scored["log_odds"])))
    assert list(scored.index) == list(frame.index)
    assert {reason["feature"] for reason in scored["reasons"].iloc[5]} <= {"policy_age_days", "vehicle_kind"}
    assert list(served.predict(plain).columns) == ["score", "log_odds"]
    with pytest.raises(mlflow.exceptions.MlflowException, match="policy_age_days"):
        served.predict(plain.drop(columns="policy_age_days"))


def test_a_version_is_champion_only_once_the_alias_is_set(first: Logged, record: RunRecord, settings: Settings) -> None:
    tracking = settings.tracking()
    assert (first.model_name, first.model_version) == ("perito-tiny", "1")
    assert champion_version("tiny", tracking) is None
    with pytest.raises(ModelError, match="no champion yet"):
        load_champion("tiny", tracking)
    second = log_run(record, tracking)
    assert second.model_version == "2"
    set_champion("tiny", "1", tracking)
    assert champion_version("tiny", tracking) == "1"
    champion = load_champion("tiny", tracking)
    assert (champion.model_version, champion.run_id, champion.learnt) == ("1", first.run_id, record.learnt)
    np.testing.assert_allclose(champion.model.log_odds(claims()), record.model.log_odds(claims()))
    assert champion.usual == record.usual


def test_a_version_is_found_by_its_number_or_as_the_latest_with_what_the_gates_said(
    first: Logged, record: RunRecord, settings: Settings
) -> None:
    noise = replace(record, dataset="noise", not_champion_because="it does not beat chance.")
    log_run(replace(noise, not_champion_because="", learnt=LearntFrom.of(None, ["claim-2"])), settings.tracking())
    log_run(noise, settings.tracking())
    latest, earlier = (registered("noise", version, settings.tracking()) for version in (None, "1"))
    assert (latest.model_version, latest.not_champion_because) == ("2", "it does not beat chance.")
    assert (earlier.model_version, earlier.not_champion_because, earlier.fingerprint) == ("1", "", "f" * 64)
    assert load_version("noise", "1", settings.tracking()).learnt == LearntFrom.of(None, ["claim-2"])


def test_a_version_that_is_not_there_is_told(first: Logged, settings: Settings) -> None:
    for call in (load_version, registered, set_champion):
        with pytest.raises(ModelError, match="has no version 77"):
            call("tiny", "77", settings.tracking())
    with pytest.raises(ModelError, match="never-trained has no version yet"):
        registered("never-trained", None, settings.tracking())
    assert champion_version("never-trained", settings.tracking()) is None


def test_logging_leaves_mlflow_pointed_where_it_was(first: Logged, settings: Settings) -> None:
    mlflow = real_mlflow()
    assert not mlflow.is_tracking_uri_set()
    assert "MLFLOW_TRACKING_URI" not in os.environ
    mlflow.set_tracking_uri("sqlite:///elsewhere.db")
    with pytest.raises(ModelError):
        load_champion("never-trained", settings.tracking())
    assert mlflow.get_tracking_uri() == "sqlite:///elsewhere.db"
    mlflow.set_tracking_uri(None)


@pytest.mark.parametrize("scheme", ["http", "postgresql+psycopg2"])
def test_a_dead_tracking_server_is_refused_within_seconds_and_without_its_password(
    record: RunRecord, scheme: str
) -> None:
    before = time.monotonic()
    with pytest.raises(ServiceError, match="did not answer") as refusal:
        log_run(record, Tracking(uri=f"{scheme}://perito:secret@127.0.0.1:9"))
    assert time.monotonic() - before < 10
    assert "secret" not in str(refusal.value)


def test_the_shown_command_serves_the_run(first: Logged, settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (settings.home / "ui.log").open("wb")
    server = subprocess.Popen(
        ["env", *shlex.split(first.ui_command), "--port", str(port)],
        cwd=settings.cwd,
        stdout=log,
        stderr=log,
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}/api/2.0/mlflow/runs/get?run_id={first.run_id}"
        run = answered(address, server, settings.home / "ui.log")
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)
        log.close()
    assert run["run"]["info"]["status"] == "FINISHED"


def answered(address: str, server: "subprocess.Popen[bytes]", log: Path) -> Any:
    deadline = time.monotonic() + 120
    while True:
        try:
            with request.urlopen(address, timeout=10) as page:
                return json.load(page)
        except (URLError, OSError):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.5)


def test_a_run_of_a_kind_is_logged_once_and_known_as_done_only_when_all_was_done(
    first: Logged, record: RunRecord, settings: Settings
) -> None:
    tracking, keyed = settings.tracking(), replace(record, key="the-same-work")
    assert find_earlier(record.dataset, "the-same-work", tracking) is None
    logged = log_run(keyed, tracking)
    assert log_run(keyed, tracking) == logged
    assert log_run(record, tracking) != logged, "without a key, each run is one of its own"
    assert find_earlier(record.dataset, "the-same-work", tracking) == Earlier(
        logged.run_id, logged.model_version, done=False
    )
    mark_done(logged.run_id, tracking)
    known = find_earlier(record.dataset, "the-same-work", tracking)
    assert known is not None
    assert known.done


def test_a_run_that_a_killed_process_left_is_no_earlier_one_and_is_ended(
    first: Logged, record: RunRecord, settings: Settings
) -> None:
    tracking = settings.tracking()
    with connected(tracking) as mlflow:
        client = mlflow.MlflowClient()
        experiment = client.get_run(first.run_id).info.experiment_id
        left = client.create_run(experiment, tags={"training_key": "cut-short"}).info.run_id
    assert find_earlier(record.dataset, "cut-short", tracking) is None
    logged = log_run(replace(record, key="cut-short"), tracking)
    assert logged.run_id != left
    with connected(tracking) as mlflow:
        assert mlflow.MlflowClient().get_run(left).info.status == "KILLED"


def test_importing_the_registry_imports_neither_mlflow_nor_pandas() -> None:
    program = "import sys, perito.registry; assert not {'mlflow', 'pandas', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_model_that_learnt_from_too_few_is_logged_and_not_registered(record: RunRecord, settings: Settings) -> None:
    few = replace(record, dataset="few", registers=False, not_champion_because="12 of the 30 that are needed.")
    logged = log_run(few, settings.tracking())
    assert logged.model_version is None
    with connected(settings.tracking()) as mlflow:
        client = mlflow.MlflowClient()
        assert client.search_registered_models(f"name = '{logged.model_name}'") == []
        assert client.get_run(logged.run_id).info.status == "FINISHED"
    with pytest.raises(ModelError):
        load_champion("few", settings.tracking())
