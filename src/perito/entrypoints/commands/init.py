"""`perito init`: the settings and secrets that the services start with."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(init)


def init(
    *,
    data: Annotated[
        str | None,
        typer.Option(help="Folder of the claims; else PERITO_DATA, else `data`, which is made.", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a .env; the old one is kept.")] = False,
) -> None:
    """Write .env with fresh secrets, so that the services can be started here.

    Only you can read the file. One that is there is replaced only after asking, and kept as
    .env.bak-TIME: a running database still has its passwords.

    Example: perito init --data ../claims
    """
    from perito.entrypoints.service.env_file import already_there, new_env_text, write_env_file
    from perito.entrypoints.settings import Settings

    settings = Settings.from_environment(os.environ, Path.cwd())
    place = settings.cwd / ".env"
    folder = settings.cwd / Path(data).expanduser() if data else settings.data or settings.cwd / "data"
    if place.exists() and not overwrite:
        if not sys.stdin.isatty() or not typer.confirm("There is a .env already. Replace it, keeping the old one?"):
            raise already_there(place)
        overwrite = True
    key = settings.hash_key().decode() if settings.given_hash_key or (settings.home / "hash.key").exists() else None
    text = new_env_text(project=settings.cwd, data=_made(folder), hash_key=key)
    kept = write_env_file(place, text, now=datetime.now(UTC) if overwrite else None)
    sys.stdout.write(_told(kept))


def _made(folder: Path) -> Path:
    from perito.domain.errors import OutputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise OutputError(
            f"The folder of the claims cannot be made: {os.strerror(failure.errno or 0)}.",
            where=str(folder),
            remedy="Name another one with --data.",
        ) from failure
    return folder.resolve()


def _told(kept: Path | None) -> str:
    old = (
        f"""\
The old one is {kept.name}. A PostgreSQL that was made with it keeps its password: copy the line
POSTGRES_PASSWORD over, and PERITO_HASH_KEY too where the same person shall keep the same hash.
"""
        if kept
        else ""
    )
    return f"""\
Wrote .env, which only you can read.
{old}Next, with Docker:     docker compose up -d --build
   or without Docker:  make services
docs/in-service.md tells what then runs where.
"""
