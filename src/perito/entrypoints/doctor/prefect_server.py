"""The Prefect server as a client meets it: does it answer and know us; then pool, worker, schedules and runs."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import httpx

from perito.domain.errors import PeritoError
from perito.entrypoints.deploying.plan import MANAGED
from perito.entrypoints.doctor.findings import Fault, Finding
from perito.entrypoints.doctor.machine import check_clock
from perito.entrypoints.prefect_server import configured_api, without_password
from perito.entrypoints.service.stale import living_runs
from perito.entrypoints.service.worker import NAMED
from perito.entrypoints.settings import Settings

SECONDS = 4.0
SCHEDULED_AFTER = timedelta(minutes=2)
"""After so long Prefect's scheduler has made the runs of a new schedule, if it works at all."""
LATE = timedelta(minutes=2)
HINT = '. To look at the services of .env: eval "$(perito services environment)"'
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def check_prefect(settings: Settings, pool: str) -> list[Finding]:
    """Everything that only the configured server can tell; one finding where none is configured."""
    try:
        url = configured_api(settings)
    except PeritoError:
        served = HINT if (settings.cwd / ".env").is_file() else ""
        return [Finding("Prefect", f"no server is configured; each run has a private one{served}")]
    try:
        with httpx.Client(timeout=SECONDS, auth=_login(), base_url=url) as client:
            return list(_ask(client, url, pool))
    except httpx.HTTPError as failure:
        remedy = "Start it with `make services` or docker compose, or correct PREFECT_API_URL, or unset it."
        return [_fault(f"{without_password(url)} does not answer ({type(failure).__name__}).", remedy)]


def _ask(client: httpx.Client, url: str, pool: str) -> Iterator[Finding]:
    shown = without_password(url)
    health, ready, told = client.get("/health"), client.get("/ready"), client.get("/admin/version")
    yield from check_clock(health.headers.get("date"), datetime.now(UTC))
    if health.text.strip() != "true":
        yield _fault(
            f"{shown} answers, but as something else than Prefect's API.", "Correct PREFECT_API_URL: it ends in /api."
        )
        return
    if told.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        yield _fault(f"{shown} does not know us.", "Set PREFECT_API_AUTH_STRING to its user:password.")
        return
    if ready.is_error:
        yield _fault(
            f"{shown} runs, but its database does not answer.", "Start PostgreSQL, or look at the server's log."
        )
        return
    yield Finding("Prefect", f"{shown}, version {told.json()}")
    if str(told.json()).split(".")[:2] != version("prefect").split(".")[:2]:
        what = f"the server is {told.json()}, here is {version('prefect')}"
        yield Finding("Prefect", what, Fault.VERSIONS, "Run the server from the same locked packages.")
    yield from _pool(client, pool)
    yield from _deployments(client)
    yield from _runs(client, pool, url)


def _pool(client: httpx.Client, pool: str) -> Iterator[Finding]:
    answer = client.get(f"/work_pools/{pool}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        yield Finding("work pool", f"there is no {pool}", Fault.WORKER, "Make it: python deployment.py.")
        return
    if answer.raise_for_status().json().get("is_paused"):
        remedy = f'Let it go on: prefect work-pool resume "{pool}".'
        yield Finding("work pool", f"{pool} is paused: nothing runs", Fault.WORKER, remedy)
    workers = _post(client, f"/work_pools/{pool}/workers/filter", {})
    online = [one["name"] for one in workers if one["status"] == "ONLINE"]
    if online:
        yield Finding("worker", f"{pool} is served by {', '.join(online)}")
    else:
        remedy = f'Start one: prefect worker start -p "{pool}", or perito worker.'
        yield Finding("worker", f"nobody serves {pool}: nothing runs", Fault.WORKER, remedy)


def _deployments(client: httpx.Client) -> Iterator[Finding]:
    deployments = _post(client, "/deployments/filter", {"deployments": {"tags": {"all_": [MANAGED]}}})
    if not deployments:
        yield Finding("schedules", "nothing is deployed", Fault.SCHEDULE, "Deploy: python deployment.py.")
    for one in deployments:
        active = [schedule for schedule in one["schedules"] if schedule["active"]]
        if one["paused"] or not active:
            yield Finding("schedules", f"{one['name']} is paused, as somebody asked")
            continue
        waiting = {
            "deployments": {"id": {"any_": [one["id"]]}},
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": 1,
        }
        runs = _post(client, "/flow_runs/filter", waiting)
        changed_at = max(_instant(schedule["updated"]) for schedule in active)
        yield _next_run(one["name"], runs, datetime.now(UTC) - changed_at)


def _next_run(name: str, runs: list[Any], since_change: timedelta) -> Finding:
    if not runs and since_change < SCHEDULED_AFTER:
        return Finding("schedules", f"{name} was deployed {since_change.total_seconds():.0f} s ago: no run yet")
    if not runs:
        what = f"{name} has a schedule, but no run is scheduled"
        remedy = "Look at the Prefect server's log for its scheduler (versions of SQLAlchemy and Prefect must fit)."
        return Finding("schedules", what, Fault.SCHEDULE, remedy)
    expected = _instant(runs[0]["expected_start_time"])
    late = datetime.now(UTC) - expected
    if late > LATE:
        what = f"{name} should have run {late.total_seconds() / 60:.0f} minutes ago and still waits"
        return Finding("schedules", what, Fault.WORKER, "Look at the worker: it may be gone, or full.")
    return Finding("schedules", f"{name} runs next at {expected:%Y-%m-%d %H:%M} UTC")


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text).replace("Z", "+00:00"))


def _runs(client: httpx.Client, pool: str, url: str) -> Iterator[Finding]:
    wanted = {
        "work_pools": {"name": {"any_": [pool]}},
        "flow_runs": {"state": {"type": {"any_": ["RUNNING", "CANCELLING"]}}},
    }
    living, local = living_runs(), urlsplit(url).hostname in LOOPBACK
    for run in _post(client, "/flow_runs/filter", wanted):
        worker = str((run.get("labels") or {}).get("prefect.worker.name", ""))
        # A run is judged only where its process would be: on this machine.
        if (local or worker == f"{NAMED}{socket.gethostname()}") and run["id"] not in living:
            remedy = "Restart the worker with perito worker: it marks the run as crashed. Else that takes minutes."
            yield Finding("runs", f"{run['name']} is called running, but its process is gone", Fault.RUNS, remedy)


def _post(client: httpx.Client, path: str, body: object) -> list[Any]:
    found = client.post(path, json=body).raise_for_status().json()
    assert isinstance(found, list)
    return found


def _login() -> tuple[str, str] | None:
    import prefect.settings as prefect_settings

    secret = prefect_settings.PREFECT_API_AUTH_STRING.value()
    if not secret:
        return None
    user, _, password = str(secret.get_secret_value()).partition(":")
    return user, password


def _fault(saw: str, remedy: str) -> Finding:
    return Finding("Prefect", saw, Fault.PREFECT, remedy)
