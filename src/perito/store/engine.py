"""Connections to the database that fail in words. Refuses to let a password into a message, or a write half done."""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from perito.domain.errors import MissingExtra, OutputError, ParameterError, PeritoError, ServiceError
from perito.postgres import CONNECT_SECONDS, UNKNOWN, Address, refusal, state_of, why_refused
from perito.store.address import SETTING, Database

WAIT_SECONDS = 30
"""How long a writer waits for another one."""
TURN = 7_372_737
"""The number of PostgreSQL's advisory lock that a writer of Perito holds until its transaction ends."""


def make_engine(database: Database) -> sa.Engine:
    """An engine for `database`; the folder of an embedded one is made.

    Raises
    ------
    ParameterError
        The URL cannot be read as one.
    MissingExtra
        The driver is not installed.
    OutputError
        The folder of an embedded database cannot be made.
    """
    if database.file is not None:
        _make_folder(database)
    options = {"timeout": WAIT_SECONDS}
    if database.file is None:
        options = {} if "connect_timeout=" in database.url else {"connect_timeout": CONNECT_SECONDS}
    try:
        engine = sa.create_engine(database.url, connect_args=options)
    except (ImportError, sa.exc.NoSuchModuleError):
        driver = database.url.partition("://")[0].partition("+")[2]
        raise MissingExtra(
            f"The database needs the driver {driver}, which is not installed.",
            where=SETTING,
            remedy=f"Install {driver}, or name another driver in {SETTING}.",
        ) from None
    except (sa.exc.ArgumentError, ValueError):
        raise ParameterError(
            "Expected a URL of a database; this cannot be read as one.",
            where=SETTING,
            remedy="Write it like postgresql+psycopg://user:password@host:5432/name, with %40 for @ in a password.",
        ) from None
    if database.file is not None:
        _begin_by_hand(engine)
    return engine


@contextmanager
def transaction(
    engine: sa.Engine, database: Database, *, writes: bool, in_turn: bool = True, wait_seconds: int = WAIT_SECONDS
) -> Iterator[sa.Connection]:
    """One transaction: all of it happens, or nothing. One that `writes` waits until no other writer is at work.

    Without `in_turn` a writer on a server waits only for those that write the very same row.

    Raises
    ------
    ServiceError, OutputError
        The database does not answer, or refuses.
    """
    try:
        with engine.connect().execution_options(perito_writes=writes) as connection, connection.begin():
            if writes and engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{wait_seconds}s'")
                if in_turn:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(TURN)))
            yield connection
    except sa.exc.SQLAlchemyError as failure:
        raise told(failure, database) from None


def told(failure: Exception, database: Database) -> PeritoError:
    """A driver's failure in our words: its own text may hold the URL or a row."""
    origin = getattr(failure, "orig", None) or failure
    if database.file is None:
        address = Address(database.url, SETTING)
        state = state_of(origin)
        # A login that was refused, and a connection that broke off, have no state of their own.
        if state == UNKNOWN and isinstance(failure, sa.exc.OperationalError):
            state = why_refused(address)
        return refusal(state, address)
    return ServiceError(
        f"The database refused or does not answer ({type(failure).__name__}).",
        where=f"{SETTING} ({database.shown})",
        remedy=f"Check that it has room and is not locked, and that {SETTING} is right.",
    )


def _make_folder(database: Database) -> None:
    assert database.file is not None
    try:
        database.file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise OutputError(
            f"The folder of the database cannot be made: {os.strerror(failure.errno or 0)}.",
            where=str(database.file.parent),
            remedy="Set PERITO_HOME to a folder you can write to.",
        ) from failure


def _begin_by_hand(engine: sa.Engine) -> None:
    # Python's driver begins late and not before CREATE; so Perito begins itself, and a writer takes its turn at once.
    event = importlib.import_module("sqlalchemy.event")

    def on_connect(raw: Any, record: object) -> None:
        raw.isolation_level = None

    def on_begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("perito_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
