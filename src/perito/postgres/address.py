"""A PostgreSQL database by its SQLAlchemy URL, whatever driver the URL names. Refuses to show a password."""

from dataclasses import dataclass
from typing import Any

from perito.domain.errors import ParameterError

CONNECT_SECONDS = 5
"""How long a server may take to answer, unless the URL says `connect_timeout`."""


def is_postgresql(url: str) -> bool:
    """Whether a SQLAlchemy URL speaks of PostgreSQL, by any driver or none."""
    return url.partition("://")[0].partition("+")[0] in {"postgresql", "postgres"}


@dataclass(frozen=True)
class Address:
    """Where a database is, and the name of the setting or key that says so."""

    url: str
    setting: str

    def __repr__(self) -> str:
        """The setting alone: the URL may hold a password."""
        return f"Address({self.setting!r})"

    @property
    def where(self) -> str:
        """The setting and the address without user and password, for a message."""
        parts = self._parts()
        place = f"{parts.get('host', 'the local socket')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
        return f"{self.setting} ({place})"

    @property
    def conninfo(self) -> str:
        """The connection string of libpq, which holds the password: text in UTF-8, and an end to waiting.

        Raises
        ------
        ParameterError
            If the URL cannot be read as one.
        """
        from psycopg.conninfo import make_conninfo

        defaults: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "perito"}
        # A database in Latin 1 would otherwise send bytes that are no UTF-8, which Arrow takes for text.
        return make_conninfo("", **(defaults | self._parts() | {"client_encoding": "UTF8"}))

    def _parts(self) -> dict[str, Any]:
        import sqlalchemy as sa
        from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

        dialect: Any = PGDialect_psycopg
        try:
            made: dict[str, Any] = dialect().create_connect_args(sa.make_url(self.url))[1]
        except (sa.exc.ArgumentError, ValueError):
            raise ParameterError(
                "Expected a URL of a PostgreSQL database; this cannot be read as one.",
                where=self.setting,
                remedy="Write it like postgresql+psycopg://user:password@host:5432/name, with %40 for @ in a password.",
            ) from None
        return made
