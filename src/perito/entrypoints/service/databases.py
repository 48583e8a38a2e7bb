"""The three databases that the services keep their things in: one role and one database each.

Prefect and MLflow cannot share one, as both keep a table `alembic_version`. May run again at any time:
what is there stays, passwords and rights are set anew. Refuses to send a password over the wire or into
PostgreSQL's log: it sends what PostgreSQL would store.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from perito.domain.errors import ParameterError, PeritoError, ServiceError
from perito.postgres import Address, refusal, state_of, why_refused
from perito.store import Database, check_database

ADMIN_SETTING = "PERITO_ADMIN_URL"
OWN_SETTING = "PERITO_DATABASE_URL"
NAMES = ("prefect", "mlflow", "perito")
"""Each is the name of a role and of its database."""
PLAIN = re.compile(r"[A-Za-z0-9._~-]{8,}")
STATEMENT_SECONDS = 60
"""A new database is a copy of another one, which takes a slow disk a while."""
REMEDIES = {
    "28P01": "Use the password that the role was made with, which after `perito init --overwrite` is in the newest "
    ".env.bak-*: a new password in .env does not change that of a PostgreSQL that is already there.",
    "42501": f"Name a superuser in {ADMIN_SETTING}, which `postgres` is in the container.",
}
"""By SQLSTATE, what else to do than the usual, for one who prepares a server."""
TURN = 7_372_738
"""The advisory lock that one preparation holds while a second one waits."""


@dataclass(frozen=True)
class Account:
    """A role, which owns the database of the same name."""

    name: str
    password: str = field(repr=False)


def setting_of(name: str) -> str:
    """The variable that holds a role's password."""
    return f"{name.upper()}_DB_PASSWORD"


def accounts_from(environ: Mapping[str, str]) -> tuple[Account, ...]:
    """The three accounts with their passwords from the environment.

    Raises
    ------
    ParameterError
        A password is missing, short, or holds a sign that means something in a URL.
    """
    for name in NAMES:
        if not PLAIN.fullmatch(environ.get(setting_of(name), "")):
            raise ParameterError(
                "Expected a password of at least 8 letters, digits or any of - . _ ~, as it stands in URLs.",
                where=setting_of(name),
                remedy="`perito init` writes good ones into .env.",
            )
    return tuple(Account(name, environ[setting_of(name)]) for name in NAMES)


def databases_from(environ: Mapping[str, str]) -> dict[str, str]:
    """`prepare_databases` with what the environment says.

    Raises
    ------
    ParameterError
        A setting is missing or of another form than expected.
    ServiceError
        As `prepare_databases`.
    """
    admin = Address(environ.get(ADMIN_SETTING, ""), ADMIN_SETTING)
    return prepare_databases(admin, accounts_from(environ), Database.given(environ.get(OWN_SETTING, "")))


def prepare_databases(admin: Address, accounts: tuple[Account, ...], own: Database) -> dict[str, str]:
    """Make what is missing on the server, then bring Perito's own database to the present shape.

    `admin` connects as a superuser. Returns for each database `made` or `was there`.

    Raises
    ------
    ServiceError
        The server does not answer, refuses the password, or the role has no right; `own` cannot be opened.
    """
    with _connected(admin) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (TURN,))
        done = {account.name: _prepare(connection, account) for account in accounts}
    beside = _beside(admin, "prefect")
    with _connected(beside) as connection:
        _add_trigrams(connection, beside)
    check_database(own)
    return done


@contextmanager
def _connected(address: Address) -> Iterator["psycopg.Connection[Any]"]:
    """A connection on which each statement counts at once."""
    try:
        connection = psycopg.connect(address.conninfo, autocommit=True)
    except psycopg.Error as failure:
        raise _refused(state_of(failure) or why_refused(address), address) from None
    try:
        with connection:
            connection.execute(sql.SQL("SET statement_timeout = {}").format(f"{STATEMENT_SECONDS}s"))
            yield connection
    except psycopg.Error as failure:
        raise _refused(state_of(failure), address) from None


def _refused(state: str, address: Address) -> PeritoError:
    usual = refusal(state, address)
    return type(usual)(usual.what, where=usual.where, remedy=REMEDIES.get(state, usual.remedy))


def _beside(address: Address, database: str) -> Address:
    """Another database of the same server, as the same user."""
    url = sa.make_url(address.url).set(database=database)
    return Address(url.render_as_string(hide_password=False), address.setting)


def _prepare(connection: "psycopg.Connection[Any]", account: Account) -> str:
    role = sql.Identifier(account.name)
    command = "ALTER" if _there(connection, "pg_roles", "rolname", account.name) else "CREATE"
    rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    stored = _stored_form(connection, account)
    connection.execute(sql.SQL(f"{command} ROLE {{}} {rights} PASSWORD {{}}").format(role, sql.Literal(stored)))
    was_there = _there(connection, "pg_database", "datname", account.name)
    if was_there:
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(role, role))
    else:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(role, role))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))
    return "was there" if was_there else "made"


def _there(connection: "psycopg.Connection[Any]", catalogue: str, column: str, name: str) -> bool:
    question = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(catalogue), sql.Identifier(column))
    return connection.execute(question, (name,)).fetchone() is not None


def _stored_form(connection: "psycopg.Connection[Any]", account: Account) -> str:
    """The password as PostgreSQL stores it, from which nobody can read it."""
    secret = connection.pgconn.encrypt_password(account.password.encode(), account.name.encode(), b"scram-sha-256")
    return secret.decode("ascii")


def _add_trigrams(connection: "psycopg.Connection[Any]", address: Address) -> None:
    # Prefect's tables need it; its own role could add it too, but only where an administrator trusts the extension.
    if not _there(connection, "pg_available_extensions", "name", "pg_trgm"):
        raise ServiceError(
            "This PostgreSQL lacks the extension pg_trgm, which Prefect needs.",
            where=address.where,
            remedy="Install PostgreSQL's contrib modules (Debian: postgresql-contrib) and run this again.",
        )
    connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
