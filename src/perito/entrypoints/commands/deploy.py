"""`python deployment.py`: the command behind it, `perito deploy`."""

from pathlib import Path
from typing import Annotated

import typer

from perito.entrypoints.commands.options import AsJson
from perito.entrypoints.deploying.plan import POOL


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(deploy)


def deploy(
    *,
    every: Annotated[
        str | None, typer.Option(help="How often new claims are ranked: 90s, 15m, 2h, 1d.", show_default=False)
    ] = None,
    cron: Annotated[
        str | None, typer.Option(help='When new claims are ranked instead, in UTC: "0 6 * * 1-5".', show_default=False)
    ] = None,
    train: Annotated[
        str | None, typer.Option(help="When to train: an interval or a cron line.", show_default=False)
    ] = None,
    monitor: Annotated[
        str | None, typer.Option(help="When to look after it all: an interval or a cron line.", show_default=False)
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="A built-in dataset or the path of a spec.", show_default=False)
    ] = None,
    data: Annotated[str | None, typer.Option(help="Folder with the source's files.", show_default=False)] = None,
    pool: Annotated[str, typer.Option(help="Work pool, made if it is missing.")] = POOL,
    root: Annotated[Path | None, typer.Option(hidden=True)] = None,
    usual: Annotated[tuple[str, str, str] | None, typer.Option(hidden=True)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create or update the scheduled deployments: rank new claims, train, look after it all.

    Running it again changes only what differs. What was paused stays paused; the dataset
    stays what it was unless it is named; schedules that are not of this file are removed.

    Example: python deployment.py --every 15m --dataset my-claims.toml --data /srv/claims
    """
    import os

    from perito.domain.errors import ParameterError
    from perito.entrypoints.console import print_json
    from perito.entrypoints.deploying.cadence import as_cadence, as_cron, as_every
    from perito.entrypoints.deploying.command import Asked, deploy_all, print_changes
    from perito.entrypoints.settings import Settings

    if every is not None and cron is not None:
        raise ParameterError("Expected --every or --cron; both came.", where="--every", remedy="Leave one out.")
    if usual is None or root is None:
        what = "Expected to be called by deployment.py, which holds the schedules."
        raise ParameterError(what, where="perito deploy", remedy="Type: python deployment.py, with the same options.")
    usual_score, usual_train, usual_monitor = usual
    score = as_every(every) if every is not None else as_cron(cron) if cron is not None else None
    asked = Asked(
        root=root.resolve(),
        pool=pool,
        score=score or as_cadence(usual_score, where="SCORE in deployment.py"),
        train=as_cadence(train or usual_train, where="--train" if train else "TRAIN in deployment.py"),
        monitor=as_cadence(monitor or usual_monitor, where="--monitor" if monitor else "MONITOR in deployment.py"),
        dataset=dataset,
        data=data,
    )
    document = deploy_all(asked, Settings.from_environment(os.environ, Path.cwd()), dry_run=dry_run)
    if as_json:
        print_json(document)
    else:
        print_changes(document)
