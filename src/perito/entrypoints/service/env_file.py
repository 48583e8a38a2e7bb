"""The file `.env`: the settings and secrets of one installation, read by Docker Compose and by Perito.

Refuses to let anybody else read it, to lose an older one, and to guess what a line may mean.
"""

import os
import re
import secrets
from datetime import datetime
from pathlib import Path

from perito.domain.errors import OutputError, ParameterError

SECRET_BYTES = 32
ONLY_MINE = 0o600
LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
VALUE = re.compile(r"""'(?P<literal>[^']*)'|"(?P<quoted>[^"\\$]*)"|(?P<bare>[^\s#'"\\$][^'"\\$]*?)?""")
"""What may stand behind `=`, with at most a comment after it. Compose replaces `$NAME` outside single
quotes and reads backslashes its own way; both are refused, so that everybody reads the same value."""

TEXT = """\
# The settings and secrets of this installation of Perito. Keep it to yourself: it is in no commit and in no image.
# Docker Compose reads it by itself; so do `make services` and `perito services`.

# PostgreSQL's superuser. It counts when the database is first made; a later change here changes nothing there.
POSTGRES_PASSWORD={postgres}

# One role each for Prefect, MLflow and Perito. A change counts at the next start.
PREFECT_DB_PASSWORD={prefect}
MLFLOW_DB_PASSWORD={mlflow}
PERITO_DB_PASSWORD={perito}

# Names, telephone numbers and the like are hashed with this key. With another key, the same person is another person.
PERITO_HASH_KEY={hash_key}

# This folder, which holds main.py: the worker reads the code here at every run.
PERITO_PROJECT='{project}'

# The folder of the claims. The worker may read it, under the same path, and not write to it.
PERITO_DATA_DIR='{data}'

# Whatever follows is optional; docs/in-service.md tells more. Remove the # to set it.
# Who can reach the servers: 127.0.0.1 is this machine alone.
#PERITO_BIND=127.0.0.1
# Their ports on this machine.
#POSTGRES_PORT=5432
#MLFLOW_PORT=5000
#PREFECT_PORT=4200
# A user and password that Prefect asks for.
#PREFECT_SERVER_API_AUTH_STRING='perito:{prefect_web}'
# Other names that MLflow's server is called by, with commas between them.
#MLFLOW_ALSO_CALLED=claims.example.org
# How much memory the worker may take.
#WORKER_MEMORY=8g
"""


def new_env_text(*, project: Path, data: Path, hash_key: str | None = None) -> str:
    """The text of a new `.env`, with random secrets; `hash_key` keeps the key that was used so far.

    Raises
    ------
    ParameterError
        A folder has a sign in its name that Compose cannot take.
    """
    for folder in (project, data):
        if re.search(r"[':\n]", str(folder)):
            raise ParameterError(
                "Expected a folder without quote, colon or line break in its path: Docker Compose cannot take one.",
                where=str(folder),
                remedy="Move or rename it.",
            )
    passwords = {name: secrets.token_hex(SECRET_BYTES) for name in ("postgres", "prefect", "mlflow", "perito")}
    key, web = hash_key or secrets.token_hex(SECRET_BYTES), secrets.token_hex(16)
    return TEXT.format(**passwords, hash_key=key, prefect_web=web, project=project, data=data)


def write_env_file(path: Path, text: str, *, now: datetime | None = None) -> Path | None:
    """Write a file that only its owner can read, from its first byte; an older one is kept beside it.

    `now` is when an older file is replaced; without it, there must be none. Returns where the
    older one is kept, if there was one.

    Raises
    ------
    OutputError
        There is a file and `now` is None, or the folder cannot be written to.
    """
    kept = None
    try:
        if now is not None and path.exists():
            kept = path.with_name(f"{path.name}.bak-{now:%Y%m%dT%H%M%S%f}")
            os.link(path, kept)  # which, unlike a renaming, refuses to replace another one
            kept.chmod(ONLY_MINE)
            path.unlink()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_MINE), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise already_there(path) from None
    except OSError as failure:
        raise OutputError(
            f"The file could not be written: {failure.strerror}.",
            where=str(path),
            remedy="Choose a folder that you can write to" + (f"; the old file is {kept}." if kept else "."),
        ) from failure
    return kept


def already_there(path: Path) -> OutputError:
    """The refusal to replace a file that nobody said may be replaced."""
    return OutputError(
        "There is a file already, and its secrets may be in use.",
        where=str(path),
        remedy="Keep it, or replace it with `perito init --overwrite`, which keeps the old one beside it.",
    )


def read_env_file(path: Path) -> dict[str, str]:
    """The settings of a `.env`, later lines over earlier ones, as Docker Compose reads them.

    Raises
    ------
    ParameterError
        There is no such file, it is not UTF-8, or a line is no `NAME=value`. The line is not repeated.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as failure:
        what = "it is not UTF-8 text" if isinstance(failure, UnicodeDecodeError) else failure.strerror
        raise ParameterError(
            f"The settings cannot be read: {what}.", where=str(path), remedy="`perito init` writes a good one."
        ) from None
    told = [(number, line.strip()) for number, line in enumerate(lines, start=1)]
    return dict(_setting(line, f"{path}, line {number}") for number, line in told if line and line[0] != "#")


def _setting(line: str, where: str) -> tuple[str, str]:
    found = LINE.fullmatch(line)
    value = re.fullmatch(rf"(?:{VALUE.pattern})(?:\s+#.*)?", found[2]) if found else None
    if found is None or value is None:
        raise ParameterError(
            "Expected NAME=value, the value in single quotes if it holds quotes, a $ or a backslash.",
            where=where,
            remedy="Correct the line, or let `perito init --overwrite` write the file anew.",
        )
    return found[1], value["literal"] or value["quoted"] or value["bare"] or ""
