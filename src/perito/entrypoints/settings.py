"""Where this run keeps and finds things, read once from the environment and passed down as values.

Refuses to read the environment twice, and to create anything before it is needed.
"""

import getpass
import os
import secrets
import shlex
import sys
import tempfile
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from perito.domain.errors import OutputError, ParameterError
from perito.registry import Tracking
from perito.store import Database

HASH_KEY_BYTES = 32
SHORTEST_HASH_KEY = 16
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
"""No telemetry, no progress bars, no half-hour of retries, no hidden second Prefect server, and no
threads for sums so small that waiting for each other takes longer than adding them up.
What the reader has set stays as set."""


def quiet_libraries(environ: MutableMapping[str, str]) -> None:
    """Set the switches of `QUIET` that `environ` does not hold yet. For shells, before heavy imports."""
    for name, value in QUIET.items():
        environ.setdefault(name, value)


@dataclass(frozen=True)
class Settings:
    """Where this run keeps and finds things.

    `cwd`: where the reader stands; shown commands work from there. `home`: Perito's own
    folder. `results`: where the main job and ranked batches are put, a folder for each dataset.
    `data`: the data folder, None for the spec's own. `given_hash_key`: the key that
    identifiers are hashed with, None for the one kept in `home`. `mlflow_tracking_uri`,
    `prefect_api_url` and `given_database` name configured servers; None stands for the
    embedded default. `mlflow_page`: where a browser finds MLflow, if not at its address.
    `given_user`: who decides, None for the user of the operating system.
    """

    cwd: Path
    home: Path
    data: Path | None = None
    results: Path = Path("perito-results")
    given_hash_key: bytes | None = None
    mlflow_tracking_uri: str | None = None
    prefect_api_url: str | None = None
    given_database: Database | None = None
    given_user: str | None = None
    mlflow_page: str | None = None

    def __repr__(self) -> str:
        """The folders only: a key or a password in an address never reaches a log."""
        return f"Settings(home={str(self.home)!r}, data={str(self.data)!r})"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], cwd: Path) -> Self:
        """Read PERITO_HOME, _DATA, _RESULTS, _HASH_KEY, _DATABASE_URL, _USER and _MLFLOW_PAGE, MLFLOW_TRACKING_URI
        and PREFECT_API_URL.

        An empty variable counts as absent. Relative folders are below `cwd`.

        Raises
        ------
        ParameterError
            Naming the variable, what it must be and what to do.
        """
        home = _folder(environ, "PERITO_HOME", cwd) or cwd / ".perito"
        if home.exists() and not home.is_dir():
            raise ParameterError("Expected a folder; a file is there.", where=f"PERITO_HOME ({home})")
        data = _folder(environ, "PERITO_DATA", cwd)
        if data is not None and not data.is_dir():
            raise ParameterError(
                "Expected an existing folder; there is none.",
                where=f"PERITO_DATA ({data})",
                remedy="Correct the path, or unset PERITO_DATA to use the dataset's own folder.",
            )
        return cls(
            cwd=cwd,
            home=home,
            data=data,
            results=_folder(environ, "PERITO_RESULTS", cwd) or Path("perito-results"),
            given_hash_key=_key(environ.get("PERITO_HASH_KEY", "")),
            mlflow_tracking_uri=_store_address(environ, "MLFLOW_TRACKING_URI"),
            prefect_api_url=_web_address(environ, "PREFECT_API_URL"),
            given_database=_database(environ),
            given_user=_text(environ, "PERITO_USER"),
            mlflow_page=_web_address(environ, "PERITO_MLFLOW_PAGE"),
        )

    def hash_key(self) -> bytes:
        """The key identifiers are hashed with: the given one, else the one in `home`, made when first needed.

        Raises
        ------
        ParameterError
            The kept key is too short to be one.
        OutputError
            The key cannot be kept in `home`.
        """
        if self.given_hash_key is not None:
            return self.given_hash_key
        path = self.home / "hash.key"
        try:
            if not path.exists():
                _keep_new_key(path)
            return _checked_key(path.read_bytes().strip(), where=str(path))
        except OSError as failure:
            raise OutputError(
                f"The hash key could not be kept ({failure.strerror}).",
                where=str(path),
                remedy="Set PERITO_HOME to a folder you can write to.",
            ) from failure

    def tracking(self) -> Tracking:
        """Where MLflow keeps runs and models, and the command or address that shows them."""
        if self.mlflow_tracking_uri is not None:
            return Tracking(uri=self.mlflow_tracking_uri, ui_command=self.mlflow_page or "")
        uri = f"sqlite:///{self.home / 'mlflow.db'}"
        return Tracking(
            uri=uri,
            artifacts=self.home / "mlartifacts",
            # Without its job processes, which Perito never uses, the server takes half a gigabyte instead of three.
            ui_command=f"MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false {self.program('mlflow')} ui "
            f"--backend-store-uri {shlex.quote(uri)}",
        )

    def database(self) -> Database:
        """Where the ledger is kept: the configured database, else a file in `home`."""
        return self.given_database or Database.at(self.home / "perito.db")

    def user(self) -> str:
        """Who decides: PERITO_USER, else the user of the operating system, by number where it has no name."""
        if self.given_user is not None:
            return self.given_user
        try:
            return getpass.getuser()
        except (OSError, KeyError):  # a container may run as a user that has no name
            return f"user {os.getuid()}"

    def program(self, name: str) -> str:
        """A program of this Python environment, as typed from `cwd`: `.venv/bin/prefect`."""
        path = Path(sys.executable).parent / name
        if path.is_relative_to(self.cwd):
            path = path.relative_to(self.cwd)
        return shlex.quote(str(path))


def _text(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name, "").strip() or None


def _folder(environ: Mapping[str, str], name: str, cwd: Path) -> Path | None:
    text = _text(environ, name)
    return None if text is None else Path(os.path.normpath(cwd / Path(text).expanduser()))


def _database(environ: Mapping[str, str]) -> Database | None:
    text = _text(environ, "PERITO_DATABASE_URL")
    return None if text is None else Database.given(text)


def _web_address(environ: Mapping[str, str], name: str) -> str | None:
    text = _text(environ, name)
    if text is None:
        return None
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ParameterError(
            "Expected an address that starts with http:// or https:// and names a host.",
            where=name,
            remedy=f"Set {name} to something like http://127.0.0.1:4200/api, or unset it.",
        )
    return text.rstrip("/")


def _store_address(environ: Mapping[str, str], name: str) -> str | None:
    text = _text(environ, name)
    if text is not None and urlsplit(text).scheme in {"", "file"}:
        raise ParameterError(
            "Expected the address of a server or a database; MLflow keeps nothing in a plain folder any more.",
            where=name,
            remedy=f"Set {name} to something like http://127.0.0.1:5000 or sqlite:///mlflow.db, or unset it.",
        )
    return text


def _key(text: str) -> bytes | None:
    return _checked_key(text.strip().encode(), where="PERITO_HASH_KEY") if text.strip() else None


def _checked_key(key: bytes, *, where: str) -> bytes:
    if len(key) < SHORTEST_HASH_KEY:
        raise ParameterError(
            f"Expected a key of at least {SHORTEST_HASH_KEY} characters; {len(key)} came.",
            where=where,
            remedy="Make one with: python -c 'import secrets; print(secrets.token_hex(32))'",
        )
    return key


def _keep_new_key(path: Path) -> None:
    # Written aside and linked into place: a reader never sees half a key, and of two first runs one key wins.
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix="hash.key.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(HASH_KEY_BYTES))
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        Path(draft).unlink()
