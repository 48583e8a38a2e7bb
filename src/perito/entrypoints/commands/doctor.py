"""`perito doctor`: what is wrong, and how to mend it."""

from typing import Annotated

import typer

from perito.entrypoints.commands.options import AsJson
from perito.entrypoints.deploying.plan import POOL
from perito.entrypoints.doctor.findings import Fault

CODES = "Exit codes: 0 nothing is wrong; " + "; ".join(f"{one.exit_code} {one.about}" for one in Fault) + "."


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog=CODES)(doctor)


def doctor(
    *,
    pool: Annotated[str, typer.Option("--pool", "-p", help="The work pool that ought to be served.")] = POOL,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with packages, disk, clock, database, servers, worker and schedules, and how to mend it.

    Changes nothing and takes at most ten seconds. Ends with the code of what is to be mended first.

    Example: perito doctor
    """
    import os
    from pathlib import Path

    from perito.entrypoints.console import print_json
    from perito.entrypoints.doctor.examine import examine
    from perito.entrypoints.doctor.findings import exit_code
    from perito.entrypoints.doctor.telling import document_of, print_findings

    findings = examine(os.environ, Path.cwd(), pool)
    if as_json:
        print_json(document_of(findings))
    else:
        print_findings(findings)
    raise typer.Exit(exit_code(findings))
