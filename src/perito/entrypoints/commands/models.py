"""`perito train`, `evaluate`, `score`, `scores`: one step of the main job at a time, without Prefect or MLflow."""

from pathlib import Path
from typing import Annotated

import typer

from perito.entrypoints.commands.options import (
    AsJson,
    AuditShare,
    Data,
    DatasetName,
    Lang,
    Seed,
    TestFrom,
    TestTo,
    TimeBudget,
    from_environment,
)
from perito.entrypoints.console import print_json

ModelFolder = Annotated[Path, typer.Argument(help="A model folder, as `perito train` or `perito run` writes it.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (train, evaluate, score, scores):
        app.command()(command)


def train(
    dataset: DatasetName,
    *,
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="Model folder; default perito-results/DATASET-model.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Only this candidate; may be given again.")] = None,
    test_from: TestFrom = None,
    test_to: TestTo = None,
    seed: Seed = 0,
    time_budget: TimeBudget = None,
    as_json: AsJson = False,
) -> None:
    """Train the candidates on the training period, blend them by rolling folds, and save the blend.

    Example: perito train vehicle-claims --data ../claims --model scorecard --out model
    """
    from perito.entrypoints import training
    from perito.entrypoints.summary import print_training

    document = training.train(
        dataset,
        data,
        out=out,
        names=model or (),
        test_from=test_from,
        test_to=test_to,
        seed=seed,
        time_budget=time_budget,
    )
    if as_json:
        print_json(document)
    else:
        print_training(document)


def evaluate(
    model: ModelFolder,
    dataset: DatasetName,
    *,
    data: Data = None,
    test_from: TestFrom = None,
    test_to: TestTo = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Measure a saved model on the period kept for reporting.

    Example: perito evaluate model vehicle-claims --data ../claims
    """
    from perito.entrypoints import training
    from perito.entrypoints.summary import print_figures

    document = training.evaluate(model, dataset, data, test_from=test_from, test_to=test_to, seed=seed)
    if as_json:
        print_json(document)
    else:
        print_figures(document)


def score(
    model: ModelFolder,
    dataset: DatasetName,
    *,
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="Folder of scores.parquet and scores.csv.")] = None,
    explain: Annotated[float, typer.Option(help="Share of the claims, first by rank, that get reasons.")] = 1.0,
    lang: Lang = "en",
    audit_share: AuditShare = None,
    seed: Seed = 0,
    to_database: Annotated[
        bool, typer.Option("--to-database", help="Write the scores into the database of PERITO_DATABASE_URL too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score and explain every claim of a dataset with a saved model.

    With --to-database the scores become one batch of the database, whole or not at all. The same
    claims scored by the same model are one batch, however often the command is repeated.

    Example: perito score model vehicle-claims --data ../claims --out scored --explain 0.01

    Example: perito score model vehicle-claims --data ../claims --to-database
    """
    from perito.entrypoints import training
    from perito.entrypoints.summary import print_scoring

    database = from_environment().database() if to_database else None
    asked = training.Scoring(explain, lang, audit_share, seed, database)
    document = training.score(model, dataset, data, out=out, asked=asked)
    if as_json:
        print_json(document)
    else:
        print_scoring(document)


def scores(
    dataset: DatasetName,
    *,
    limit: Annotated[int, typer.Option(help="At most so many, the latest first.")] = 10,
    batch: Annotated[int | None, typer.Option(help="Export this batch into --out.", show_default=False)] = None,
    out: Annotated[
        Path | None, typer.Option(help="A file that ends in .parquet or .csv, for --batch.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the batches of scores in the database of PERITO_DATABASE_URL, or export one.

    Example: perito scores vehicle-claims

    Example: perito scores vehicle-claims --batch 3 --out scores.parquet
    """
    from perito.domain.errors import ParameterError
    from perito.entrypoints import batches
    from perito.entrypoints.summary import print_batches

    if (batch is None) != (out is None):
        what = "Expected --batch and --out together, or neither."
        raise ParameterError(what, where="--batch" if batch is not None else "--out")
    if batch is not None and out is not None:
        document = batches.export(dataset, batch=batch, out=out, settings=from_environment())
    else:
        document = batches.batches(dataset, limit=limit, settings=from_environment())
    if as_json:
        print_json(document)
    elif out is not None:
        typer.echo(f"Wrote the scores of batch {batch} to {out}")
    else:
        print_batches(document)
