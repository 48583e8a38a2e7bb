"""`perito services ...`: the servers that Perito works with."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from perito.entrypoints.commands.options import AsJson
from perito.entrypoints.console import print_json

if TYPE_CHECKING:
    from perito.entrypoints.service.native import Native

NOT_HEALTHY = 7
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


@group.command()
def start() -> None:
    """Start PostgreSQL, MLflow, Prefect and a worker here without Docker, by the commands of docker-compose.yml.

    Reads that file and .env in the current folder. What runs already is left alone.

    Example: perito services start
    """
    from perito.entrypoints.service.native import start_all

    start_all(_native(), _say)
    sys.stdout.write('All of them run. To work with them: eval "$(perito services environment)"\n')


@group.command()
def environment() -> None:
    """Print what a shell needs to work with the services: addresses, and the secrets that go with them.

    Example: eval "$(perito services environment)"
    """
    for name, value in _native().client_settings().items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


@group.command()
def stop() -> None:
    """Stop what `perito services start` started; the worker first, which lets a run at work end.

    Example: perito services stop
    """
    from perito.entrypoints.service.native import stop_all

    stop_all(_native(), _say)


@group.command()
def status(*, as_json: AsJson = False) -> None:
    """Say which services run here and whether they are healthy; ends with 7 if one is not.

    Example: perito services status
    """
    from perito.entrypoints.service.native import status as asked

    told = asked(_native())
    if as_json:
        print_json(told)
    else:
        sys.stdout.write("".join(f"{name}: {how}\n" for name, how in told.items()))
    raise typer.Exit(0 if set(told.values()) == {"healthy"} else NOT_HEALTHY)


def _native() -> "Native":
    from perito.entrypoints.service.env_file import read_env_file
    from perito.entrypoints.service.native import Native
    from perito.entrypoints.settings import Settings

    root = Path.cwd()
    settings = Settings.from_environment({**os.environ, "PERITO_DATABASE_URL": ""}, root)
    return Native(root, settings.home, read_env_file(root / ".env"))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
