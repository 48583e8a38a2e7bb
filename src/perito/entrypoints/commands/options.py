"""Options that several commands share, said once, and the environment that all of them read."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from perito.entrypoints.settings import Settings

DatasetName = Annotated[str, typer.Argument(help="A built-in dataset or the path of a spec.")]
Data = Annotated[
    str | None,
    typer.Option(
        help="Folder with the source's files; else PERITO_DATA, else the spec's own folder.", show_default=False
    ),
]
TestFrom = Annotated[
    str | None, typer.Option(help="First day of the period kept for reporting, like 2025-01-01.", show_default=False)
]
TestTo = Annotated[str | None, typer.Option(help="Day after its last one.", show_default=False)]
Seed = Annotated[int, typer.Option(help="Everything drawn at random follows from it.")]
AuditShare = Annotated[
    float | None,
    typer.Option(help="Share of the desk's places for random audits; else the spec's.", show_default=False),
]
Lang = Annotated[str, typer.Option(help="Language of reasons and report: en or es.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Rows = Annotated[int | None, typer.Option(help="Claims, or rows where there is one table.", show_default=False)]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Write into a folder that holds other things.")]
TimeBudget = Annotated[
    float | None,
    typer.Option(
        help="Seconds in which settings of models may be tried; 0 for the defaults. Without it, a fixed number "
        "is tried, and the same seed gives the same model on every machine.",
        show_default=False,
    ),
]


def from_environment() -> "Settings":
    """Where this command keeps and finds things."""
    from perito.entrypoints.settings import Settings

    return Settings.from_environment(os.environ, Path.cwd())
