"""`perito run`: claims in; a ranked, explained list, a report, a document and a model out."""

import json
import math
import re
from typing import Any

import pyarrow.parquet as pq
import pytest

from perito.learning import BLEND
from perito.models import CANDIDATES
from perito.registry import Tracking, load_champion
from perito.registry.tracking import connected
from tests.e2e.conftest import CLAIMS, SEED, MainRun
from tests.e2e.shell import children_of

pytestmark = pytest.mark.slow

FIGURES = {
    "auc",
    "average_precision",
    "recall_at_capacity",
    "precision_at_capacity",
    "lift_at_capacity",
    "net_money_at_capacity",
}
KEYS = {
    "perito",
    "dataset",
    "title",
    "stand_in",
    "fingerprint",
    "seed",
    "language",
    "rows",
    "split",
    "labels",
    "population",
    "population_figures",
    "verdicts",
    "features",
    "models",
    "skipped_models",
    "chosen",
    "blend",
    "rings",
    "test",
    "calibration",
    "burden",
    "capacity",
    "currency",
    "outputs",
    "mlflow",
    "prefect",
    "promotion",
    "seconds",
}


def scored(run: MainRun) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(run.results / "scores.parquet").to_pylist()
    return rows


def tracking(run: MainRun) -> Tracking:
    home = run.place.folder / "perito home"
    return Tracking(uri=run.document["mlflow"]["tracking_uri"], artifacts=home / "mlartifacts")


def test_standard_output_is_one_document_and_the_same_as_run_json(main_run: MainRun) -> None:
    assert main_run.document.keys() == KEYS
    assert main_run.document == json.loads((main_run.results / "run.json").read_text(encoding="utf-8"))


def test_the_terminal_shows_the_steps_and_no_complaint(main_run: MainRun) -> None:
    for step in ("Read and validate the claims", "Train keras", "Log the run and model to MLflow"):
        assert step in main_run.ended.err
    for complaint in ("Traceback", "nanobind", "Error", "ERROR", "WARNING", "Warning", "oneDNN", "temporary server"):
        assert complaint not in main_run.ended.err


def test_the_document_says_what_was_asked_for(main_run: MainRun) -> None:
    document = main_run.document
    asked = document["dataset"], document["seed"], document["language"], document["currency"], document["stand_in"]
    assert asked == ("simulated", SEED, "en", "EUR", "")
    assert re.fullmatch("[0-9a-f]{64}", document["fingerprint"])


def test_every_row_is_accounted_for(main_run: MainRun) -> None:
    rows = main_run.document["rows"]
    assert rows["read"] == rows["accepted"] + sum(rows["rejected"].values()) == CLAIMS
    for counts in rows["tables"].values():
        assert counts["read"] == counts["accepted"] + counts["silent"] + sum(counts["rejected"].values())
    rejects = pq.read_table(main_run.results / "rejects.parquet")
    assert rejects.num_rows == sum(rows["rejected"].values())
    assert rejects.column_names == ["table", "source", "row", "column", "code", "sentence"]


def test_the_split_counts_both_sides(main_run: MainRun) -> None:
    split = main_run.document["split"]
    assert (split["kind"], split["label_gap_days"], split["test_to"]) == ("time", 30, None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", split["test_from"])
    for side in ("train", "test"):
        assert 0 < split[side]["positives"] < split[side]["labelled"] < split[side]["claims"]
    assert split["test"]["claims"] == len(scored(main_run))
    assert str(split["test"]["labelled"]) in main_run.document["population"]


def test_every_candidate_was_trained_and_the_chosen_model_is_their_blend(main_run: MainRun) -> None:
    models, blend = main_run.document["models"], main_run.document["blend"]
    assert set(models) == {*CANDIDATES, BLEND}
    assert main_run.document["skipped_models"] == {}
    assert main_run.document["chosen"] == BLEND
    assert set(blend["weights"]) == set(CANDIDATES)
    assert min(blend["weights"].values()) >= 0 < max(blend["weights"].values())
    assert models[BLEND]["metrics"]["auc"] > 0.5
    assert all(model["seconds"] > 0 for model in models.values())


def test_what_is_learnt_from_held_in_a_later_period_and_the_document_says_what_did_not(main_run: MainRun) -> None:
    features = main_run.document["features"]
    kept = {entry["feature"] for entry in features["evidence"] if entry["kept"]}
    assert (len(kept), len(features["evidence"])) == (features["kept"], features["of"])
    assert all(entry["following"] > 0 for entry in features["evidence"] if entry["kept"]) or features["kept"] == 2
    model = json.loads((main_run.results / "model" / "model.json").read_text(encoding="utf-8"))
    assert {column["name"] for column in model["columns"]} == kept
    assert {reason["feature"] for row in scored(main_run) for reason in row["reasons"]} <= kept


def test_probabilities_are_calibrated_on_a_period_before_the_one_kept_apart(main_run: MainRun) -> None:
    calibration = main_run.document["blend"]["calibration"]
    assert calibration["period_from"] < calibration["period_to"] <= main_run.document["split"]["test_from"]
    assert 0 < calibration["positives"] < calibration["claims"]
    assert str(calibration["claims"]) in main_run.document["blend"]["sentence"]
    error = main_run.document["calibration"]["error"]
    assert 0 <= error["low"] <= error["value"] <= error["high"] <= 1


def test_every_figure_lies_in_its_interval(main_run: MainRun) -> None:
    test = main_run.document["test"]
    assert set(test) == FIGURES
    for figure in test.values():
        assert figure["low"] <= figure["value"] <= figure["high"]
    for name in FIGURES - {"lift_at_capacity", "net_money_at_capacity"}:
        assert 0 <= test[name]["low"] <= test[name]["high"] <= 1


def test_the_verdicts_are_told_in_words_and_numbers(main_run: MainRun) -> None:
    verdicts = main_run.document["verdicts"]
    learnability = verdicts["learnability"]
    assert learnability["verdict"] in {"learnable", "nothing_to_learn", "no_better_than_amount"}
    assert "columns were checked" in verdicts["leakage_sentence"]
    assert learnability["auc"]["low"] <= learnability["auc"]["value"] <= learnability["auc"]["high"]
    assert 0 < learnability["p_value"] <= 1
    assert learnability["sentence"].endswith(".")
    for finding in verdicts["leakage"]:
        assert finding.keys() == {"check", "column", "evidence", "action", "done"}


def test_the_list_is_ranked_by_expected_net_money_and_alerts_what_the_desk_can_open_and_is_worth_it(
    main_run: MainRun,
) -> None:
    rows, capacity = scored(main_run), main_run.document["capacity"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert capacity["claims"] == math.ceil(capacity["share"] * len(rows))
    money = [row["expected_net_money"] for row in rows]
    assert money == sorted(money, reverse=True)
    worth_it = [row["rank"] <= capacity["claims"] and row["expected_net_money"] >= 0 for row in rows]
    assert [row["alert"] for row in rows] == worth_it
    assert any(worth_it)
    assert all(0 <= row["score"] <= 1 for row in rows)
    assert len({row["claim_id"] for row in rows}) == len(rows)


def test_every_scored_claim_has_reasons_that_can_be_read(main_run: MainRun) -> None:
    for row in scored(main_run):
        assert row["reasons"]
        for reason in row["reasons"]:
            assert reason.keys() == {"feature", "sentence", "value", "usual", "contribution"}
            assert reason["sentence"].strip()
            assert "{" not in reason["sentence"] + reason["usual"]
            assert math.isfinite(reason["contribution"])


def test_everything_the_document_names_is_there(main_run: MainRun) -> None:
    outputs = main_run.document["outputs"]
    assert set(outputs) == {"scores", "scores_csv", "rejects", "report", "run", "model", "plots"}
    named = [path for name, path in outputs.items() if name != "plots"] + list(outputs["plots"].values())
    assert len(outputs["plots"]) >= 5
    for path in named:
        assert path.startswith(str(main_run.results))
        assert main_run.place.folder.joinpath(path).exists()
    held = {path.name for path in main_run.results.iterdir()}
    assert held == {
        "scores.parquet",
        "scores.csv",
        "rejects.parquet",
        "report.html",
        "run.json",
        "model",
        "plots",
    }


def test_the_report_is_one_page_that_fetches_nothing(main_run: MainRun) -> None:
    page = (main_run.results / "report.html").read_text(encoding="utf-8")
    assert '<html lang="en"' in page
    assert scored(main_run)[0]["claim_id"] in page
    assert main_run.document["verdicts"]["learnability"]["sentence"] in page
    assert not re.findall(r"""(?:src|href|srcset|action|data)\s*=\s*["']?(?:[a-z]+:)?//""", page)
    assert not re.findall(r"""@import|url\(\s*["']?(?:[a-z]+:)?//|<(?:script|iframe|object|embed)\b[^>]*src""", page)


def test_mlflow_holds_the_run_its_figures_and_its_files(main_run: MainRun) -> None:
    mine = main_run.document["mlflow"]
    with connected(tracking(main_run)) as mlflow:
        client = mlflow.MlflowClient()
        run = client.get_run(mine["run_id"])
        files = {file.path for file in client.list_artifacts(mine["run_id"])}
        plots = {file.path for file in client.list_artifacts(mine["run_id"], "plots")}
    assert run.info.status == "FINISHED"
    assert run.data.tags["data_fingerprint"] == main_run.document["fingerprint"]
    assert run.data.tags["leakage"] == main_run.document["verdicts"]["leakage_sentence"][:500]
    assert run.data.tags["learnability"] == main_run.document["verdicts"]["learnability"]["sentence"][:500]
    assert run.data.params["seed"] == str(SEED)
    assert run.data.metrics["test.auc.value"] == pytest.approx(main_run.document["test"]["auc"]["value"])
    assert run.data.metrics["rows.accepted"] == CLAIMS
    assert {"plots", "report.html"} <= files
    assert len(plots) == len(main_run.document["outputs"]["plots"])


def test_the_model_is_registered_and_champion_as_it_beats_chance(main_run: MainRun) -> None:
    mine = main_run.document["mlflow"]
    assert main_run.document["verdicts"]["learnability"]["verdict"] == "learnable"
    assert (mine["model_name"], mine["model_version"], mine["alias"]) == ("perito-simulated", "1", "champion")
    champion = load_champion("simulated", tracking(main_run))
    assert (champion.model_version, champion.run_id) == ("1", mine["run_id"])
    assert champion.model.kind == main_run.document["chosen"]


def test_nothing_is_left_running_or_half_written(main_run: MainRun) -> None:
    assert children_of(main_run.place) == []
    assert not [path.name for path in main_run.place.folder.iterdir() if path.name.startswith(".")]
