"""The benchmarks still run, store results of the stated shape, and the page of them is told in full."""

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.__main__ import BENCHMARKS, PAGE, RESULTS, main
from benchmarks.measuring import Meter, Target, of_case
from benchmarks.page import render_page


@pytest.mark.parametrize("name", ["startup", "simulate"])
def test_a_quick_trial_stores_a_document_of_the_stated_shape(name: str, tmp_path: Path) -> None:
    main([name, "--quick", "--out", str(tmp_path)])
    document = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert_has_the_stated_shape(document, name)


@pytest.mark.slow
def test_a_quick_trial_of_scoring_counts_claims_and_reasons(tmp_path: Path) -> None:
    main(["scoring", "--quick", "--out", str(tmp_path)])
    document = json.loads((tmp_path / "scoring.json").read_text(encoding="utf-8"))
    assert_has_the_stated_shape(document, "scoring")
    [result] = document["results"]
    assert result["facts"]["explained"] == 100
    assert result["facts"]["claims_per_second"] > 0


@pytest.mark.slow
def test_a_quick_trial_of_postgres_loads_reads_and_writes_on_a_server_of_its_own(tmp_path: Path) -> None:
    main(["postgres", "--quick", "--out", str(tmp_path)])
    document = json.loads((tmp_path / "postgres.json").read_text(encoding="utf-8"))
    assert_has_the_stated_shape(document, "postgres")
    [result] = document["results"]
    assert {result["facts"][name] for name in ("loaded", "read", "scores")} == {2000}
    assert result["facts"]["columns"] > 20


def assert_has_the_stated_shape(document: dict[str, Any], name: str) -> None:
    assert set(document) == {"benchmark", "title", "command", "date", "machine", "targets", "results"}
    assert (document["benchmark"], document["command"]) == (name, f"python -m benchmarks {name} --quick")
    assert document["machine"]["cpus"] > 0
    assert {target["met"] for target in document["targets"]} == {None}, "a quick trial answers to no target"
    for result in document["results"]:
        assert set(result) == {"command", "case", "steps", "facts", "load_average"}
        assert result["command"].startswith(f"python -m benchmarks.{name} --")
        assert result["steps"]
        for step in result["steps"].values():
            assert set(step) == {"wall_seconds", "cpu_seconds", "peak_memory_gb"}
            assert step["peak_memory_gb"] > 0


def test_reading_and_building_are_measured_in_processes_of_their_own(tmp_path: Path) -> None:
    main(["features", "--quick", "--out", str(tmp_path)])
    document = json.loads((tmp_path / "features.json").read_text(encoding="utf-8"))
    assert_has_the_stated_shape(document, "features")
    [result] = document["results"]
    assert set(result["steps"]) == {"read and validate", "load", "build", "frame"}
    assert result["facts"]["accepted"] == result["facts"]["rows"]["claims"] == 2000
    assert result["facts"]["features"] > 50


def test_an_unknown_name_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sorting"])
    assert "features" in capsys.readouterr().err


def result(claims: int, seconds: float, gigabytes: float = 1.0) -> dict[str, Any]:
    step = {"wall_seconds": seconds, "cpu_seconds": 2 * seconds, "peak_memory_gb": gigabytes}
    return {"case": {"claims": claims}, "steps": {"build": step, "frame": step}}


def test_targets_are_judged_by_the_case_they_speak_of() -> None:
    good = BENCHMARKS["features"].targets([result(100_000, 4.0), result(1_000_000, 50.0)])
    assert [target.met for target in good] == [True, True, True, None]
    bad = BENCHMARKS["features"].targets([result(100_000, 4.0), result(1_000_000, 61.0, 4.5)])
    assert [target.met for target in bad] == [False, False, False, None]


def test_a_case_is_found_by_what_it_was_asked_for() -> None:
    results = [result(10, 1.0), result(20, 1.0)]
    assert of_case(results, claims=20) is results[1]
    assert of_case(results, claims=30) is None


def test_a_step_counts_the_work_of_this_process() -> None:
    meter = Meter()
    with meter.step("adding up"):
        sum(range(2_000_000))
    step = meter.steps["adding up"]
    assert 0 < step["cpu_seconds"] <= step["wall_seconds"] + 0.1


def test_the_page_says_which_targets_were_missed(tmp_path: Path) -> None:
    document = {
        "benchmark": "startup",
        "title": "Starting the command line",
        "date": "2026-01-01",
        "machine": {
            "cpus": 2,
            "model": "a processor",
            "memory_gb": 8,
            "system": "Linux",
            "python": "3.11",
            "versions": {"duckdb": "2"},
        },
        "targets": [vars(Target("it starts", "9.00 s", False))],
        "results": [
            {
                "command": "python -m benchmarks.startup --runs 9",
                "case": {"runs": 9},
                "steps": {"perito --help": {"wall_seconds": 9.0, "cpu_seconds": 0.2, "peak_memory_gb": 0.03}},
                "facts": {"slowest_seconds": 12.5},
                "load_average": [7.5, 1.0, 1.0],
            }
        ],
    }
    (tmp_path / "startup.json").write_text(json.dumps(document), encoding="utf-8")
    page = render_page(tmp_path)
    assert "| it starts | 9.00 s | **no** |" in page
    assert "| runs 9 | perito --help | 9.0 | 0.2 | 0.03 | 7.5 |" in page
    assert "python -m benchmarks.startup --runs 9" in page
    assert "slowest seconds 12.5" in page


def test_the_stored_page_is_the_one_of_the_stored_results() -> None:
    assert {path.stem for path in RESULTS.glob("*.json")} == set(BENCHMARKS)
    assert PAGE.read_text(encoding="utf-8") == render_page(RESULTS)
