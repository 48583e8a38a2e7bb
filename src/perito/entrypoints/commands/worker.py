"""`perito worker`: serve a work pool."""

from typing import Annotated

import typer

from perito.entrypoints.deploying.plan import POOL


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(worker)


def worker(
    *,
    pool: Annotated[
        str, typer.Option("--pool", "-p", help="Work pool to serve; waited for while it is missing.")
    ] = POOL,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Runs at the same time; else as the pool allows.", show_default=False)
    ] = None,
    healthcheck: Annotated[
        bool, typer.Option("--with-healthcheck", help="Answer at PREFECT_WORKER_WEBSERVER_PORT/health.")
    ] = False,
) -> None:
    """Run what is scheduled, like `prefect worker start`, but clean up after a crash and end without cutting runs off.

    Before it takes work, runs whose process is gone are marked as crashed. Asked to stop
    (Ctrl-C, SIGTERM, docker stop) it waits for the runs at work; asked twice, it stops at once.

    Example: perito worker --pool pipeline-tensorflow-pool
    """
    import os
    from pathlib import Path

    from perito.entrypoints.service.worker import WorkerOptions, work
    from perito.entrypoints.settings import Settings

    settings = Settings.from_environment(os.environ, Path.cwd())
    work(WorkerOptions(pool, limit, healthcheck), settings)
