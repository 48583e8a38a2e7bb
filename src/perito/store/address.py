"""Where the database is. Refuses a URL that leaves the driver to chance, and to repeat a password."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from perito.domain.errors import ParameterError

SETTING = "PERITO_DATABASE_URL"


@dataclass(frozen=True)
class Database:
    """One relational database by its SQLAlchemy URL."""

    url: str

    def __repr__(self) -> str:
        """The address without its password."""
        return f"Database({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without user and password, for a message or a log."""
        parts = urlsplit(self.url)
        bare = self.url.partition("?")[0]
        return bare.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1) if parts.netloc else bare

    @property
    def file(self) -> Path | None:
        """The file of an embedded database; None for a server."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None

    @classmethod
    def at(cls, file: Path) -> Self:
        """The embedded database in `file`."""
        return cls(f"sqlite:///{file}")

    @classmethod
    def given(cls, url: str) -> Self:
        """A database by the URL that somebody configured.

        Raises
        ------
        ParameterError
            If it is neither a SQLite file nor a PostgreSQL URL that names its driver.
        """
        scheme = url.partition("://")[0]
        if scheme == "sqlite" and url.removeprefix("sqlite:///") not in {url, "", ":memory:"}:
            return cls(url)
        kind, _, driver = scheme.partition("+")
        if kind in {"postgresql", "postgres"} and not driver:
            raise ParameterError(
                "Expected a PostgreSQL URL that names its driver; it names none.",
                where=SETTING,
                remedy="Write it like postgresql+psycopg://user@host/name, with a driver that is installed.",
            )
        if kind != "postgresql" or driver == "asyncpg":
            raise ParameterError(
                "Expected a SQLite file or a PostgreSQL URL with a driver that does not work asynchronously.",
                where=SETTING,
                remedy=f"Set {SETTING} to something like sqlite:///perito.db or postgresql+psycopg://user@host/name, "
                "or unset it.",
            )
        return cls(url)
