"""A real PostgreSQL server for tests: made in a folder of its own, on a free loopback port, gone afterwards.

Refuses to pass quietly where PostgreSQL is not installed.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from perito.entrypoints.service.native_postgres import Account, account, find_binaries, make_cluster

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""A test's server may lose everything at a power cut."""


@dataclass(frozen=True)
class Postgres:
    """A running server; its superuser is `postgres`."""

    port: int
    folder: Path
    password: str = field(repr=False)

    def url(
        self,
        database: str = "postgres",
        *,
        user: str = "postgres",
        password: str | None = None,
        driver: str = "postgresql+psycopg",
    ) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"{driver}://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a database made just now, empty, for one test alone."""
        name = f"test_{secrets.token_hex(6)}"
        self.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def run(self, statement: Any, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser; its rows, if it has any."""
        address = self.url(database, driver="postgresql")
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @property
    def log(self) -> str:
        """What the server has written so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def running_postgres(*settings: str) -> Iterator[Postgres]:
    """A server with more `settings` like `log_statement=all`; stopped and removed at the end."""
    binaries, runs_as = find_binaries(os.environ), account()
    # Straight below /tmp: the path of a Unix socket may have about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="perito-pg-", dir="/tmp"))
    try:
        server = Postgres(_free_port(), folder, secrets.token_hex(16))
        runs_as.owns(folder)
        make_cluster(binaries, folder / "data", runs_as, server.password)
        with _started(binaries, server, runs_as, settings):
            yield server
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(binaries: Path, server: Postgres, runs_as: Account, settings: tuple[str, ...]) -> Iterator[None]:
    own = (f"port={server.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={server.folder}")
    options = [word for setting in (*own, *FAST, *settings) for word in ("-c", setting)]
    with (server.folder / "server.log").open("wb") as log:
        command = [binaries / "postgres", "-D", server.folder / "data", *options]
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            cwd=server.folder,
            user=runs_as.uid,
            group=runs_as.gid,
            extra_groups=runs_as.groups,
        )
    try:
        _wait_until_it_answers(server, process)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # "fast": connections are closed, not waited for
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(server: Postgres, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start (exit code {process.poll()}): {server.log}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
