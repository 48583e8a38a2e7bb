"""Perito's own database: does it answer, has it the present shape, and is it nobody else's."""

from perito.domain.errors import PeritoError
from perito.entrypoints.doctor.findings import Fault, Finding
from perito.entrypoints.settings import Settings
from perito.store.address import SETTING

OTHERS = {"flow_run": "Prefect", "registered_models": "MLflow"}
"""A table that only another program makes, and that program."""


def check_database(settings: Settings) -> list[Finding]:
    """Look at the configured database without changing it; an embedded one that is not there yet is fine."""
    database = settings.database()
    if database.file is not None and not database.file.exists():
        return [Finding("database", f"{database.shown} is made when it is first needed")]
    try:
        return _look(settings)
    except PeritoError as error:
        return [Finding("database", f"{database.shown}: {error.what}", Fault.DATABASE, error.remedy)]


def _look(settings: Settings) -> list[Finding]:
    import sqlalchemy as sa

    from perito.store.engine import make_engine, transaction
    from perito.store.schema import is_current, revision

    database = settings.database()
    engine = make_engine(database)
    try:
        with transaction(engine, database, writes=False) as connection:
            tables = sa.inspect(connection).get_table_names()
            at, current = revision(connection), is_current(connection)
    finally:
        engine.dispose()
    shared = sorted({program for table, program in OTHERS.items() if table in tables})
    if shared:
        remedy = f"Give each a database of its own (perito services databases), and correct {SETTING}."
        return [Finding("database", f"{database.shown} is {' and '.join(shared)}'s too", Fault.DATABASE, remedy)]
    if not current:
        remedy = "Migrate it: perito services databases, or any run that writes to it."
        return [Finding("database", f"{database.shown} is at revision {at or 'none'}", Fault.DATABASE, remedy)]
    return [Finding("database", f"{database.shown}, revision {at}")]
