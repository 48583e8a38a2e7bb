"""`perito services ...`: the servers that Perito works with."""

import os
import sys

import typer

from perito.entrypoints.commands.options import AsJson
from perito.entrypoints.console import print_json

group = typer.Typer(no_args_is_help=True, help="The servers that Perito works with.")


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    app.add_typer(group, name="services")


@group.command()
def databases(*, as_json: AsJson = False) -> None:
    """Make the roles and databases of Prefect, MLflow and Perito, or bring them up to date.

    Reads PERITO_ADMIN_URL (a superuser), PREFECT_DB_PASSWORD, MLFLOW_DB_PASSWORD,
    PERITO_DB_PASSWORD and PERITO_DATABASE_URL. May run again at any time; nothing is removed.

    Example: perito services databases
    """
    from perito.entrypoints.service.databases import databases_from

    done = databases_from(os.environ)
    if as_json:
        print_json(done)
    else:
        sys.stdout.write("".join(f"database {name}: {what}\n" for name, what in done.items()))
