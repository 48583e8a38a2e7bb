"""The MLflow server as a client meets it: does it answer, let this host in, know us, and is it of this version."""

import os
from importlib.metadata import version
from urllib.parse import urlsplit

import httpx

from perito.entrypoints.doctor.findings import Fault, Finding
from perito.entrypoints.settings import Settings

SECONDS = 4.0
SETTING = "MLFLOW_TRACKING_URI"
START = f"Start it with `make services` or docker compose, or correct {SETTING}, or unset it."
LOOK = "Look at its log; its database may be down, or of another version (mlflow db upgrade)."
REFUSALS = {
    401: ("does not know us.", "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."),
    403: (
        "refuses the host name in the address.",
        "Start MLflow with --allowed-hosts {host} (MLFLOW_SERVER_ALLOWED_HOSTS).",
    ),
}
"""Status, what it means, and what to do."""
ASKED = "/api/2.0/mlflow/experiments/search?max_results=1"


def check_mlflow(settings: Settings) -> list[Finding]:
    """Ask the configured server for its health, its version and one experiment."""
    uri, shown = settings.mlflow_tracking_uri, settings.tracking().shown.rstrip("/")
    if uri is None:
        return [Finding("MLflow", f"no server is configured; runs are kept in {settings.home}")]
    if urlsplit(uri).scheme not in {"http", "https"}:
        return [Finding("MLflow", f"a database without a server: {shown}")]
    try:
        with httpx.Client(timeout=SECONDS, auth=_login(), base_url=uri.rstrip("/")) as client:
            health, told, asked = client.get("/health"), client.get("/version"), client.get(ASKED)
    except httpx.HTTPError as failure:
        return [_fault(f"{shown} does not answer ({type(failure).__name__}).", START)]
    if health.status_code != httpx.codes.OK or health.text.strip() != "OK":
        return [_fault(f"{shown} answers, but as something else than MLflow.", f"Correct {SETTING}.")]
    if asked.is_error:
        saw, remedy = REFUSALS.get(asked.status_code, (f"answers with status {asked.status_code}.", LOOK))
        host = urlsplit(shown).netloc
        return [_fault(f"{shown} {saw}", remedy.format(host=host))]
    return [Finding("MLflow", f"{shown}, version {told.text.strip()}"), *_other_version(told.text.strip())]


def _other_version(server: str) -> list[Finding]:
    here = version("mlflow")
    if server.split(".")[:2] == here.split(".")[:2]:
        return []
    what = f"the server is {server}, here is {here}"
    return [Finding("MLflow", what, Fault.VERSIONS, "Run the server from the same locked packages.")]


def _login() -> tuple[str, str] | None:
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    return (user, password) if user and password else None


def _fault(saw: str, remedy: str) -> Finding:
    return Finding("MLflow", saw, Fault.MLFLOW, remedy)
