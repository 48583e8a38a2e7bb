"""Where MLflow keeps things, and a connection that fails in seconds and in words.

Refuses to wait for a server that is not there, and to repeat a password.
"""

import importlib
import logging
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from perito.domain.errors import OutputError, ServiceError

PREFLIGHT_SECONDS = 5.0
USUAL_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}


@dataclass(frozen=True)
class Tracking:
    """One MLflow tracking store.

    `uri`: a server's address or a database URL. `artifacts`: the folder that files are kept
    in, None where the server decides. `ui_command`: what shows the store, empty where the
    address itself does.
    """

    uri: str
    artifacts: Path | None = None
    ui_command: str = ""

    def __repr__(self) -> str:
        """The address without its password."""
        return f"Tracking({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without user and password, for a message or a log."""
        parts = urlsplit(self.uri)
        return self.uri.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1) if parts.netloc else self.uri

    @property
    def shown_by(self) -> str:
        """The command that shows the store, or else its address."""
        return self.ui_command or self.shown


def model_name(dataset: str) -> str:
    """The registered model, and the experiment, of a dataset."""
    return f"perito-{dataset}"


@contextmanager
def connected(tracking: Tracking) -> Iterator[Any]:
    """Yield the `mlflow` module, pointed at `tracking` for the length of the block.

    Raises
    ------
    ServiceError
        The store does not answer within 5 s, or refuses what is asked.
    OutputError
        The folder of an embedded store cannot be made, or a file of the store cannot be written.
    """
    check_store(tracking)
    _make_folders(tracking)
    mlflow, database = _quiet_mlflow(), importlib.import_module("sqlalchemy.exc")
    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    mlflow.set_tracking_uri(tracking.uri)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # what MLflow still calls is not the reader's to mend
            yield mlflow
    except mlflow.exceptions.MlflowException as failure:
        raise ServiceError(
            f"MLflow refused: {_first_line(failure, tracking)}",
            where=tracking.shown,
            remedy="Look at the server's log; it may want MLFLOW_TRACKING_USERNAME, or another MLflow version.",
        ) from None
    except database.SQLAlchemyError as failure:
        # Its message may repeat what was to be stored, so only its kind is shown.
        raise ServiceError(
            f"MLflow's database refused ({type(failure).__name__}).",
            where=tracking.shown,
            remedy="Check that it is an MLflow database, with room and not locked, or set PERITO_HOME to a new folder.",
        ) from None
    except OSError as failure:
        raise OutputError(
            f"A file of MLflow could not be written ({failure.strerror or type(failure).__name__}).",
            where=str(tracking.artifacts or tracking.shown),
            remedy="Check that the disk has room and is writable, or set PERITO_HOME to another folder.",
        ) from None
    finally:
        mlflow.set_tracking_uri(before)


def check_store(tracking: Tracking) -> None:
    """Refuse a tracking store on another machine that does not answer; one in a local file is not opened.

    Raises
    ------
    ServiceError
        The store does not answer within 5 s.
    """
    parts = urlsplit(tracking.uri)
    if not parts.hostname:
        return
    import httpx

    scheme = parts.scheme.partition("+")[0]
    try:
        if scheme in {"http", "https"}:
            health = f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/health"
            httpx.get(health, timeout=PREFLIGHT_SECONDS).raise_for_status()
        else:
            address = parts.hostname, parts.port or USUAL_PORTS.get(scheme, 0)
            socket.create_connection(address, timeout=PREFLIGHT_SECONDS).close()
    except (OSError, httpx.HTTPError) as failure:
        raise ServiceError(
            f"MLflow did not answer within {PREFLIGHT_SECONDS:.0f} seconds ({type(failure).__name__}).",
            where=tracking.shown,
            remedy="Start it, or correct MLFLOW_TRACKING_URI, or unset it to keep runs in a local file.",
        ) from None


def _quiet_mlflow() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow's notices about its own type hints
        mlflow = importlib.import_module("mlflow")
        importlib.import_module("mlflow.pyfunc")
    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    return mlflow


def _make_folders(tracking: Tracking) -> None:
    if tracking.artifacts is None:
        return
    try:
        tracking.artifacts.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise OutputError(
            f"The folder for models and plots cannot be made: {os.strerror(failure.errno or 0)}.",
            where=str(tracking.artifacts),
            remedy="Set PERITO_HOME to a folder you can write to.",
        ) from failure


def _first_line(failure: Exception, tracking: Tracking) -> str:
    text = (str(failure).splitlines() or [type(failure).__name__])[0][:300].replace(tracking.uri, tracking.shown)
    password = urlsplit(tracking.uri).password
    return text.replace(password, "***") if password else text
