"""A checkout in service, by real processes: PostgreSQL, MLflow, Prefect and a worker, as the compose file starts them.

The three commands, schedules, edits, and what dies: afterwards the state is right and nothing is doubled.
Each test leaves all services running.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.in_service import (
    BIN,
    POOL,
    Checkout,
    bound,
    fresh_mark,
    in_service,
    log,
    process_of,
    tasks,
    until,
    versions,
)

from perito.entrypoints.service.unheard import UNHEARD

pytestmark = pytest.mark.slow
MONITOR, SCORE, TRAIN = "perito-monitor/monitor", "perito-score/score", "perito/train"
NEVER = "0 0 1 1 *"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    data = tmp_path_factory.mktemp("claims")
    subprocess.run(
        [BIN / "perito", "simulate", "simulated", "--out", data, "--seed", "1", "--rows", "9000", "--overwrite"],
        check=True,
    )
    with in_service(data) as running:
        yield running


@pytest.fixture
def deployed(checkout: Checkout) -> Checkout:
    """The checkout with its flows deployed and no run at work or soon, whatever a test before this one left."""
    found = {one["name"]: one for one in checkout.prefect("/deployments/filter", {})}
    reads_them = found and found["train"]["parameters"].get("data") == str(checkout.data)
    if not reads_them or found["monitor"]["schedules"][0]["schedule"].get("cron") != NEVER:
        deploy(checkout, "--data", str(checkout.data), "--dataset", "simulated", "--cron", NEVER)
    until(lambda: not checkout.at_work(), 120, "a run of an earlier test is still at work")
    return checkout


def deploy(checkout: Checkout, *words: str, code: int = 0) -> str:
    quiet = () if "--monitor" in words else ("--monitor", NEVER)
    return checkout.run("python", "deployment.py", *quiet, *words, code=code)


def scheduled(checkout: Checkout, name: str) -> list[datetime]:
    """When the runs of a deployment are to begin, those that its schedule made."""
    wanted = {
        "deployments": {"id": {"any_": [checkout.deployment(name)["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "sort": "EXPECTED_START_TIME_ASC",
    }
    runs = checkout.prefect("/flow_runs/filter", wanted)
    return [datetime.fromisoformat(run["expected_start_time"].replace("Z", "+00:00")) for run in runs]


def doctor(checkout: Checkout, **extra: str) -> tuple[int, dict[str, Any]]:
    """Its exit code and its faults by check; it has ten seconds."""
    began = time.monotonic()
    told = json.loads(checkout.run("perito", "doctor", "--json", code=None, **extra))
    assert time.monotonic() - began < 10
    return told["exit_code"], {one["check"]: one for one in told["findings"] if one["fault"]}


def test_the_three_commands_work_word_for_word(checkout: Checkout) -> None:
    assert "Created" in checkout.run("prefect", "work-pool", "create", "pipeline-tensorflow-pool", "--type", "process")
    command = [BIN / "prefect", "worker", "start", "-p", "pipeline-tensorflow-pool"]
    place: Any = {"cwd": checkout.folder, "env": checkout.environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **place) as worker:
        assert worker.stdout is not None
        assert any("started!" in line for line in worker.stdout)
        worker.terminate()
    told = checkout.run("python", "deployment.py")
    assert "every 10m" in told
    assert {one["name"] for one in checkout.prefect("/deployments/filter", {})} == {"train", "score", "monitor"}


def test_deploying_five_times_leaves_one_schedule_and_no_double_runs(checkout: Checkout) -> None:
    deploy(checkout, "--data", str(checkout.data), "--dataset", "simulated")
    before = checkout.deployment(SCORE)["schedules"]
    for _ in range(5):
        told = deploy(checkout)
        assert told.count("as before") == 4
    after = checkout.deployment(SCORE)["schedules"]
    assert [one["id"] for one in after] == [one["id"] for one in before]
    times = until(lambda: scheduled(checkout, SCORE), 30, "nothing was scheduled")
    assert len(times) == len(set(times))
    assert len(checkout.prefect("/automations/filter", {})) == 1


def test_another_interval_replaces_the_schedule(checkout: Checkout) -> None:
    deploy(checkout, "--every", "10m")
    told = deploy(checkout, "--every", "15m")
    assert "every 10m" in told
    assert "every 15m" in told
    [schedule] = checkout.deployment(SCORE)["schedules"]
    assert schedule["schedule"]["interval"] == 900

    def on_the_quarter() -> bool:
        times = scheduled(checkout, SCORE)
        return bool(times) and all((one.minute % 15, one.second) == (0, 0) for one in times)

    until(on_the_quarter, 30, "runs of the old interval stayed")
    deploy(checkout, "--cron", "30 6 * * *")
    [schedule] = checkout.deployment(SCORE)["schedules"]
    assert schedule["schedule"]["cron"] == "30 6 * * *"


def test_a_dry_run_changes_nothing(checkout: Checkout) -> None:
    deploy(checkout)
    before = checkout.deployment(SCORE)
    assert "every 20m" in deploy(checkout, "--every", "20m", "--dry-run")
    assert checkout.deployment(SCORE)["schedules"] == before["schedules"]


def test_what_an_operator_paused_stays_paused_and_strays_go(checkout: Checkout) -> None:
    deploy(checkout)
    score, monitor = checkout.deployment(SCORE), checkout.deployment(MONITOR)
    [schedule] = score["schedules"]
    checkout.prefect(f"/deployments/{score['id']}/schedules/{schedule['id']}", {"active": False}, "PATCH")
    checkout.prefect(f"/deployments/{monitor['id']}/pause_deployment", {}, "POST")
    checkout.prefect(f"/work_pools/{POOL}", {"concurrency_limit": 3}, "PATCH")
    stray = [{"schedule": {"cron": "1 1 1 1 *"}, "active": True, "slug": "stray"}]
    checkout.prefect(f"/deployments/{score['id']}/schedules", stray, "POST")
    told = deploy(checkout)
    assert "stray" in told
    assert [(one["slug"], one["active"]) for one in checkout.deployment(SCORE)["schedules"]] == [("main", False)]
    assert checkout.deployment(MONITOR)["paused"]
    assert checkout.prefect(f"/work_pools/{POOL}")["concurrency_limit"] == 3
    checkout.prefect(f"/deployments/{monitor['id']}/resume_deployment", {}, "POST")
    assert not checkout.deployment(MONITOR)["paused"]


def test_a_scheduled_run_happens_and_the_doctor_finds_nothing_wrong(checkout: Checkout) -> None:
    deploy(checkout, "--monitor", "10s")
    wanted = {
        "deployments": {"id": {"any_": [checkout.deployment(MONITOR)["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }
    [run, *_] = until(lambda: checkout.prefect("/flow_runs/filter", wanted), 90, "no scheduled run ended")
    assert run["auto_scheduled"]
    code, faults = doctor(checkout)
    assert (code, faults) == (0, {})
    deploy(checkout)


def test_an_edit_counts_from_the_next_run_on_and_not_for_the_one_in_flight(deployed: Checkout) -> None:
    old, new = fresh_mark(), fresh_mark()
    in_flight = deployed.start_run(MONITOR, seconds=12, mark=old)
    deployed.begun(in_flight, old)
    main, helper = deployed.folder / "main.py", deployed.folder / "helper.py"
    main.write_text(main.read_text().replace('VERSION = "one"', 'VERSION = "two"'))
    helper.write_text('WORD = "second"\n')
    assert deployed.ended(in_flight)[0] == "Completed"
    assert deployed.ended(deployed.start_run(MONITOR, mark=new))[0] == "Completed"
    marks = deployed.folder / "marks"
    assert (marks / f"{old}.ended").read_text() == "one first"
    assert (marks / f"{new}.ended").read_text() == "two second"


def test_a_second_scoring_run_is_cancelled_with_a_reason(deployed: Checkout) -> None:
    mark = fresh_mark()
    first = deployed.start_run(MONITOR, seconds=10, mark=mark)
    deployed.begun(first, mark)
    name, why = deployed.ended(deployed.start_run(MONITOR, mark=fresh_mark()))
    assert name == "Cancelled"
    assert "limit" in why
    assert deployed.ended(first)[0] == "Completed"


def test_a_killed_flow_is_crashed_and_the_next_run_proceeds(deployed: Checkout) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=60, mark=mark)
    os.kill(deployed.begun(run, mark), signal.SIGKILL)
    assert deployed.ended(run, 30)[0] == "Crashed"
    assert deployed.ended(deployed.start_run(MONITOR, mark=fresh_mark()))[0] == "Completed"


def test_a_worker_asked_to_stop_lets_the_run_at_work_end(deployed: Checkout) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=8, mark=mark)
    deployed.begun(run, mark)
    worker = deployed.service("worker")
    deployed.kill("worker", signal.SIGTERM)
    assert deployed.ended(run)[0] == "Completed"
    until(lambda: not Path(f"/proc/{worker}").exists(), 20, "the worker did not end")
    waiting = deployed.start_run(MONITOR, mark=fresh_mark())
    deployed.start()
    assert deployed.ended(waiting)[0] == "Completed"


def test_a_worker_asked_twice_stops_at_once_and_leaves_no_run_called_running(deployed: Checkout) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=120, mark=mark)
    process = deployed.begun(run, mark)
    worker = deployed.service("worker")
    deployed.kill("worker", signal.SIGTERM)
    time.sleep(1)
    assert Path(f"/proc/{worker}").exists(), "asked once, it waits"
    deployed.kill("worker", signal.SIGTERM)
    until(lambda: not Path(f"/proc/{worker}").exists(), 40, "the worker did not end")
    assert not Path(f"/proc/{process}").exists()
    assert deployed.ended(run, 10)[0] in {"Crashed", "Cancelled"}
    deployed.start()
    assert deployed.ended(deployed.start_run(MONITOR, mark=fresh_mark()))[0] == "Completed"


def test_services_that_run_are_left_alone_and_a_taken_port_is_named(deployed: Checkout) -> None:
    assert deployed.run("perito", "services", "start").count("runs already") == 4
    assert "healthy" in deployed.run("perito", "services", "status")
    deployed.kill("mlflow")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        until(lambda: bound(other, deployed.ports["MLFLOW_PORT"]), 20, "the port stayed taken")
        other.listen()
        told = deployed.run("perito", "services", "start", code=7)
    assert "MLFLOW_PORT" in told
    assert "Traceback" not in told
    deployed.start()


def test_a_run_whose_worker_is_killed_ends_well(deployed: Checkout) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=10, mark=mark)
    deployed.begun(run, mark)
    deployed.kill("worker")
    deployed.start()
    assert deployed.ended(run)[0] == "Completed"
    assert (deployed.folder / "marks" / f"{mark}.ended").exists()
    assert deployed.ended(deployed.start_run(MONITOR, mark=fresh_mark()))[0] == "Completed"


def test_after_a_power_cut_the_run_is_crashed_and_the_next_one_proceeds(deployed: Checkout) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=300, mark=mark)
    process = deployed.begun(run, mark)
    deployed.kill("worker")
    os.kill(process, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{process}").exists(), 20, "the run did not die")
    assert deployed.state(run)[0] == "Running"
    code, faults = doctor(deployed)
    assert code == 28 or "runs" in faults
    deployed.start()
    name, why = deployed.ended(run, 30)
    assert name == "Crashed"
    assert "process is gone" in why
    assert deployed.ended(deployed.start_run(MONITOR, mark=fresh_mark()), 60)[0] == "Completed"
    assert doctor(deployed)[0] == 0


def test_a_run_survives_a_restart_of_postgresql(deployed: Checkout) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=12, mark=mark)
    deployed.begun(run, mark)
    deployed.kill("postgres", signal.SIGINT)
    until(lambda: "postgres: stopped" in deployed.run("perito", "services", "status", code=7), 30, "it still runs")
    code, faults = doctor(deployed)
    assert code == 23
    assert "database" in faults
    deployed.start()
    assert deployed.ended(run)[0] == "Completed"
    until(lambda: doctor(deployed)[0] == 0, 60, "the doctor still finds something wrong")


def test_a_run_that_ends_while_postgresql_is_down_is_crashed_afterwards_and_the_next_one_proceeds(
    deployed: Checkout,
) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=3, mark=mark)
    process = deployed.begun(run, mark)
    deployed.kill("postgres", signal.SIGINT)
    until(lambda: not Path(f"/proc/{process}").exists(), 60, "the run did not end")
    deployed.start()
    name, why = deployed.ended(run, 60)
    assert (name, why) == ("Crashed", UNHEARD)
    assert (deployed.folder / "marks" / f"{mark}.ended").exists()
    assert deployed.ended(deployed.start_run(MONITOR, mark=fresh_mark()))[0] == "Completed"


def test_a_run_and_the_worker_outlast_a_minute_without_postgresql(deployed: Checkout) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=90, mark=mark)
    process, worker = deployed.begun(run, mark), deployed.service("worker")
    deployed.kill("postgres", signal.SIGINT)
    time.sleep(60)
    assert Path(f"/proc/{process}").exists()
    assert Path(f"/proc/{worker}").exists()
    deployed.start()
    assert deployed.service("worker") == worker
    assert deployed.ended(run)[0] == "Completed"
    assert deployed.ended(deployed.start_run(MONITOR, mark=fresh_mark()))[0] == "Completed"


def test_without_mlflow_a_run_fails_with_a_sentence_and_the_doctor_says_so(deployed: Checkout) -> None:
    deployed.kill("mlflow")
    run = deployed.start_run(TRAIN)
    name, why = deployed.ended(run)
    assert name == "Failed"
    assert "MLflow did not answer" in why
    written = until(lambda: log(deployed, run, "MLflow did not answer"), 30, "the log does not say why")
    assert "Traceback" not in written
    code, faults = doctor(deployed)
    assert code == 24
    assert "make services" in faults["MLflow"]["remedy"]
    deployed.start()
    assert doctor(deployed)[0] == 0


def test_without_prefect_deploying_and_the_doctor_say_so_and_a_run_in_flight_waits(deployed: Checkout) -> None:
    mark = fresh_mark()
    run = deployed.start_run(MONITOR, seconds=40, mark=mark)
    deployed.begun(run, mark)
    deployed.kill("prefect")
    began = time.monotonic()
    told = deploy(deployed, code=7)
    assert time.monotonic() - began < 10
    assert "PREFECT_API_URL" in told
    assert "Traceback" not in told
    code, _ = doctor(deployed)
    assert code == 25
    deployed.start()
    assert deployed.ended(run)[0] == "Completed"
    assert deployed.ended(deployed.start_run(MONITOR, mark=fresh_mark()))[0] == "Completed"


def test_the_doctor_tells_a_host_that_mlflow_does_not_let_in(deployed: Checkout) -> None:
    code, faults = doctor(deployed, MLFLOW_TRACKING_URI=f"http://127.1:{deployed.ports['MLFLOW_PORT']}")
    assert code == 24
    assert "--allowed-hosts" in faults["MLflow"]["remedy"]


@pytest.mark.parametrize("interval", ["0m", "soon", "5s", "-3m", ""])
def test_an_interval_that_cannot_be_is_one_sentence(checkout: Checkout, interval: str) -> None:
    told = deploy(checkout, f"--every={interval}", code=2)
    assert "--every" in told
    assert "Traceback" not in told


def test_training_and_ranking_are_done_once_even_after_a_kill(deployed: Checkout) -> None:
    ranked_too_early = deployed.ended(deployed.start_run(SCORE))
    assert ranked_too_early[0] == "Skipped"

    killed = deployed.start_run(TRAIN, time_budget=0)
    until(lambda: versions(deployed), 240, "no model was registered")
    os.kill(process_of(killed), signal.SIGKILL)
    assert deployed.ended(killed, 30)[0] == "Crashed"

    again = deployed.start_run(TRAIN, time_budget=0)
    until(lambda: "Blend and calibrate" in tasks(deployed, again), 240, "it did not get so far")
    deployed.kill("mlflow")
    until(lambda: "AwaitingRetry" in tasks(deployed, again).values(), 120, "no step waits for MLflow")
    deployed.start()
    assert deployed.ended(again, 240) == ("Completed", "")
    name, why = deployed.ended(deployed.start_run(TRAIN, time_budget=0))
    assert name == "Skipped"
    assert "learnt from the same claims" in why
    assert versions(deployed) == ["1"]
    ledger = json.loads(deployed.run("perito", "ledger", "simulated", "--json"))["entries"]
    assert len(ledger) == 1

    if ledger[0]["action"] == "refused":
        because = ("--why", "a test wants a champion", "--override", "--data", str(deployed.data))
        deployed.run("perito", "promote", "simulated", *because)
    assert deployed.ended(deployed.start_run(SCORE)) == ("Completed", "")
    assert deployed.ended(deployed.start_run(SCORE))[0] == "Skipped"
    batches = json.loads(deployed.run("perito", "scores", "simulated", "--json"))["batches"]
    assert len(batches) == 1
    assert batches[0]["alerts"] > 0
    artifacts = deployed.prefect("/artifacts/filter", {})
    assert {"progress", "table", "markdown"} <= {one["type"] for one in artifacts}
    assert "mlflow-run" in {one["key"] for one in artifacts}
