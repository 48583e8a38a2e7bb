"""`perito rings`: groups of claims tied by more shared parties than chance explains."""

from pathlib import Path
from typing import Annotated

import typer

from perito.entrypoints.commands.options import AsJson, Data, DatasetName, Lang
from perito.entrypoints.console import print_json, working_on


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(rings)


def rings(
    dataset: DatasetName,
    *,
    data: Data = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Only what was known before this day, like 2025-01-01; default: all.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="JSON file, a Parquet beside it; default perito-results/DATASET-rings.json.")
    ] = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """List groups of claims that share more parties than chance explains, each with the path that ties it.

    Example: perito rings simulated --data demo/insurer --as-of 2024-07-01
    """
    from perito.entrypoints.open_dataset import load_dataset
    from perito.entrypoints.request import as_language
    from perito.entrypoints.rings import as_instant, rings_document
    from perito.entrypoints.rings_summary import print_rings
    from perito.rings import find_rings, write_rings

    language, instant = as_language(lang), as_instant(as_of)
    with working_on("Read and validate the claims"):
        opened = load_dataset(dataset, data)
    with opened, working_on("Find the rings"):
        found = find_rings(opened.validated.book, as_of=instant)
    document = rings_document(found, language, dataset=opened.spec.name, as_of=instant)
    path, table = write_rings(found, document, out or Path("perito-results") / f"{opened.spec.name}-rings.json")
    document |= {"outputs": {"rings": str(path.resolve()), "rings_parquet": str(table.resolve())}}
    if as_json:
        print_json(document)
    else:
        print_rings(document)
