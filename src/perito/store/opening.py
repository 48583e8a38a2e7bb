"""Opens the database in the shape this version needs, by migrating it first where that is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from perito.store.address import Database

if TYPE_CHECKING:
    import sqlalchemy as sa


@contextmanager
def opened(database: Database) -> Iterator["sa.Engine"]:
    """The engine of a database, which is brought to the present shape first.

    Raises
    ------
    ServiceError
        The database does not answer, refuses, or was written by a later version of Perito.
    MissingExtra
        The driver that the URL names is not installed.
    OutputError
        The folder of an embedded database cannot be made, or the disk of a server is full.
    """
    from perito.store.engine import make_engine, transaction
    from perito.store.schema import is_current, migrate

    engine = make_engine(database)
    try:
        with transaction(engine, database, writes=False) as connection:
            current = is_current(connection)
        if not current:
            with transaction(engine, database, writes=True) as connection:
                migrate(connection)
        yield engine
    finally:
        engine.dispose()


def check_database(database: Database) -> None:
    """Refuse a database on a server that does not answer; one in a local file is not opened.

    Raises
    ------
    ServiceError, MissingExtra
        What is wrong with it, and what to do.
    """
    if database.file is None:
        with opened(database):
            return
