"""`perito anomalies`: the claims that are most unlike the others, for tables that allow no learning."""

from pathlib import Path
from typing import Annotated

import typer

from perito.entrypoints.commands.options import AsJson, Data, DatasetName, Lang, Seed
from perito.entrypoints.console import print_json


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(anomalies)


def anomalies(
    dataset: DatasetName,
    *,
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="Folder of anomalies.parquet and anomalies.csv.")] = None,
    seed: Seed = 0,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Rank claims by how unusual they are. Unvalidated: unusual is not suspicious.

    For tables without outcomes to learn from. An isolation forest reads the features, never an
    outcome; nothing is logged to MLflow and no model is kept.

    Example: perito anomalies my-claims.toml --data ../claims
    """
    from perito.entrypoints import anomalies as ranking
    from perito.entrypoints.summary import print_anomalies

    document = ranking.anomalies(dataset, data, out=out, seed=seed, lang=lang)
    if as_json:
        print_json(document)
    else:
        print_anomalies(document)
