"""Brings a database to the shape this version of Perito needs. Refuses one that a later version wrote."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from perito.domain.errors import ServiceError
from perito.store.address import SETTING

VERSION_TABLE = "perito_schema"
"""Not Alembic's usual name, which MLflow takes where both share a database."""
MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(connection: sa.Connection, *, to: str = "head") -> None:
    """Run the migrations between the database's revision and `to`, up or down, on an open transaction.

    Raises
    ------
    ServiceError
        If the database is at a revision that this version does not know.
    """
    at, known = revision(connection), _revisions()
    if at is not None and at not in known:
        raise ServiceError(
            f"The database was written by a later version of Perito: it is at revision {at}, "
            f"the last known here is {known[0]}.",
            where=SETTING,
            remedy="Use that version of Perito, or another database.",
        )
    config = _config()
    config.attributes["connection"] = connection
    going_up = to == "head" or (at is None) or (to != "base" and known.index(to) < known.index(at))
    (command.upgrade if going_up else command.downgrade)(config, to)


def is_current(connection: sa.Connection) -> bool:
    """Whether the database has the shape that this version needs, so that nothing has to be written."""
    return revision(connection) == _revisions()[0]


def revision(connection: sa.Connection) -> str | None:
    """The revision a database is at; None where it has none of Perito's tables."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _revisions() -> list[str]:
    """Every known revision, newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
