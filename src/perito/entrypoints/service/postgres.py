"""One connection to a PostgreSQL server that fails in a sentence, and soon.

Refuses to repeat a password: what the driver says is read here and never shown.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import errors

from perito.domain.errors import ParameterError, ServiceError

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 60
"""A new database is a copy of a template, which takes a slow disk a while."""
SCHEME = "postgresql+psycopg"
CHECK_ROLE = (
    "Use the password its role was made with: after `perito init --overwrite` the one in the newest .env.bak-*. "
    "A new password in .env does not change that of a PostgreSQL that is already there."
)
CHECK_NAMES = "Run `perito services databases`, which makes roles and databases, or correct the address."
CHECK_SERVER = "Start PostgreSQL, or correct the address."


@dataclass(frozen=True)
class Address:
    """Where a server is and who connects: `setting` names the variable that said so, for messages."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    setting: str = ""

    @classmethod
    def given(cls, url: str, *, setting: str) -> Self:
        """The address in a URL like `postgresql+psycopg://user:password@host:5432/database`.

        Raises
        ------
        ParameterError
            If it is of another form. The URL is not repeated.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or 5432
        except ValueError:
            host, port = None, 0
        if host is None or parts.scheme != SCHEME or not parts.username or not parts.path.strip("/"):
            raise ParameterError(
                f"Expected a URL like {SCHEME}://user:password@host:5432/database.",
                where=setting,
                remedy=f"Correct {setting}; a password with other signs than letters and digits is percent-encoded.",
            )
        password = unquote(parts.password or "")
        return cls(host, port, unquote(parts.path.strip("/")), unquote(parts.username), password, setting)

    def of(self, database: str) -> Self:
        """The same server and user, another database."""
        return replace(self, database=database)

    @property
    def shown(self) -> str:
        """The variable, the server and the database, for a message."""
        return f"{self.setting} ({self.host}:{self.port}/{self.database})"


@contextmanager
def connected(address: Address) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection on which each statement counts at once; closed at the end.

    Raises
    ------
    ServiceError
        The server does not answer within 5 seconds, refuses the password or the user, has no
        such database, or refuses a statement of the block.
    """
    try:
        connection = psycopg.connect(
            host=address.host,
            port=address.port,
            dbname=address.database,
            user=address.user,
            password=address.password,
            connect_timeout=CONNECT_SECONDS,
            options=f"-c statement_timeout={STATEMENT_SECONDS}s",
            autocommit=True,
        )
    except psycopg.OperationalError as failure:
        raise _no_connection(str(failure), address) from None
    try:
        with connection:
            yield connection
    except psycopg.Error as failure:
        raise _no_statement(failure, address) from None


def _no_connection(said: str, address: Address) -> ServiceError:
    # A server says these in English unless its administrator chose otherwise; then the last sentence is told.
    role, database = address.user, address.database
    for sign, what, remedy in (
        ("password authentication failed", f"PostgreSQL refuses the password of the role {role}.", CHECK_ROLE),
        ("no password supplied", f"PostgreSQL wants a password for the role {role}.", CHECK_ROLE),
        ("does not exist", f"PostgreSQL has no database {database}, or no role {role}.", CHECK_NAMES),
        ("permission denied", f"The role {role} has no right to connect to the database {database}.", CHECK_NAMES),
        ("pg_hba.conf", f"PostgreSQL lets {role} in from elsewhere, not from here.", "Add a line to its pg_hba.conf."),
        ("starting up", "PostgreSQL is still starting up.", "Try again in a few seconds."),
        ("too many", "PostgreSQL has no connection left.", "Close some, or raise its max_connections."),
        ("remaining connection slots", "PostgreSQL has no connection left.", "Close some, or raise max_connections."),
    ):
        if sign in said:
            return ServiceError(what, where=address.shown, remedy=remedy)
    return ServiceError("PostgreSQL does not answer, or refuses to.", where=address.shown, remedy=CHECK_SERVER)


def _no_statement(failure: psycopg.Error, address: Address) -> ServiceError:
    if isinstance(failure, errors.InsufficientPrivilege):
        what = f"The role {address.user} has no right to do this."
        remedy = "Connect as a superuser, which `postgres` is in the container."
    elif isinstance(failure, errors.QueryCanceled):
        what = f"PostgreSQL did not finish within {STATEMENT_SECONDS} seconds."
        remedy = "Look at its load and its disk, then try again."
    else:
        # The server's own text may quote a statement, so only the kind is told.
        what = f"PostgreSQL broke off ({type(failure).__name__}, {failure.sqlstate or 'no code'})."
        remedy = "Its log says why."
    return ServiceError(what, where=address.shown, remedy=remedy)
