"""`perito datasets`, `inspect`, `validate`, `features`, `simulate`: everything before learning."""

from pathlib import Path
from typing import Annotated

import typer

from perito.entrypoints.commands.options import AsJson, Data, DatasetName, Overwrite, Rows, Seed
from perito.entrypoints.console import print_json, working_on


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (datasets, inspect, validate, features, simulate):
        app.command()(command)


def datasets(as_json: AsJson = False) -> None:
    """List the built-in datasets.

    Example: perito datasets
    """
    from perito.datasets.reader import builtin_names, load_spec
    from perito.entrypoints.summary import print_datasets

    specs = [load_spec(name) for name in builtin_names()]
    if as_json:
        rows = [
            {
                "name": spec.name,
                "title": spec.title,
                "description": spec.description,
                "stand_in": spec.stand_in,
                "split": spec.split.kind,
                "files": [source.file for source in spec.sources.values() if source.file],
            }
            for spec in specs
        ]
        print_json({"datasets": rows})
    else:
        print_datasets(specs)


def inspect(
    file: Annotated[Path, typer.Argument(help="A CSV or Parquet file.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Write the draft here; default: standard output.")] = None,
    as_json: AsJson = False,
) -> None:
    """Draft a dataset spec from any CSV or Parquet file, marking what is unsure.

    Example: perito inspect claims.csv --out my-claims.toml
    """
    from dataclasses import asdict

    from perito.datasets.draft import draft_spec
    from perito.engine import Engine
    from perito.files import write_text

    with Engine() as engine, working_on(f"Read {file.name}"):
        draft = draft_spec(file, engine)
    if out is not None:
        write_text(out, draft.toml)
    if as_json:
        print_json({"toml": draft.toml, "guesses": [asdict(guess) for guess in draft.guesses]})
    elif out is None:
        typer.echo(draft.toml)
    else:
        unsure = draft.toml.count("# CHECK")
        typer.echo(f"Wrote {out}. {unsure} places say # CHECK; look at them, then: perito validate {out}")


def validate(
    dataset: DatasetName,
    *,
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option(help="Rejected rows, as Parquet; default perito-results/DATASET-rejects.parquet.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a dataset and say how many rows are accepted, and why others are not.

    Example: perito validate vehicle-claims --data ../claims
    """
    import pyarrow.parquet as pq

    from perito.entrypoints.document import describe_rows
    from perito.entrypoints.open_dataset import load_dataset
    from perito.entrypoints.summary import print_validation
    from perito.files import atomic_path

    with working_on("Read and validate the claims"):
        opened = load_dataset(dataset, data)
    with opened:
        path = out or Path("perito-results") / f"{opened.spec.name}-rejects.parquet"
        with atomic_path(path) as unfinished:
            pq.write_table(opened.validated.rejects, unfinished)
    validated = opened.validated
    document = {
        "dataset": opened.spec.name,
        "rows": describe_rows(validated),
        "fingerprint": validated.fingerprint,
        "outputs": {"rejects": str(path.resolve())},
    }
    if as_json:
        print_json(document)
    else:
        print_validation(document)


def features(
    dataset: DatasetName,
    *,
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="Write the features here, as Parquet.")] = None,
    as_json: AsJson = False,
) -> None:
    """Build a dataset's features, and list each with its sentence and SQL.

    Example: perito features simulated --data demo/insurer --out features.parquet
    """
    from dataclasses import asdict

    from perito.entrypoints.open_dataset import load_dataset
    from perito.entrypoints.summary import print_features
    from perito.features.build import build_features
    from perito.features.catalogue import not_applicable
    from perito.files import atomic_path

    with working_on("Read and validate the claims"):
        opened = load_dataset(dataset, data)
    with opened:
        book = opened.validated.book
        with working_on("Build the features"):
            table = build_features(book)
        if out is not None:
            with atomic_path(out) as unfinished:
                opened.engine.write_parquet("SELECT * FROM features ORDER BY claim_id", unfinished)
        absent = not_applicable(book)
    if as_json:
        rows = [asdict(feature) | {"needs": sorted(feature.needs)} for feature in table.features]
        missing = [{"name": feature.name, "lacks": list(lacks)} for feature, lacks in absent]
        outputs = {"features": str(out.resolve())} if out else {}
        print_json({"dataset": opened.spec.name, "features": rows, "not_applicable": missing, "outputs": outputs})
    else:
        print_features(table.features, absent, out)


def simulate(
    name: Annotated[str, typer.Argument(help="simulated, or kaggle-policies.")] = "simulated",
    *,
    rows: Rows = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the files; default simulated/NAME.")] = None,
    seed: Seed = 0,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Simulate an insurer with known truth, or a twin of the Kaggle policies table.

    The truth goes to a file beside the folder, where no training can read it.

    Example: perito simulate simulated --rows 40000 --out demo/insurer --seed 1
    """
    from perito.simulate.catalogue import simulate as write_simulation

    folder = out or Path("simulated") / name
    with working_on(f"Simulate {name}"):
        summary = write_simulation(name, folder=folder, rows=rows, seed=seed, overwrite=overwrite)
    document = {
        "simulator": summary.name,
        "folder": str(summary.folder),
        "rows": dict(summary.rows),
        "truth": str(summary.truth) if summary.truth else None,
    }
    if as_json:
        print_json(document)
    else:
        counts = ", ".join(f"{count:,} {table}" for table, count in summary.rows.items())
        typer.echo(f"Wrote {counts} to {folder}" + (f"; the truth to {summary.truth}" if summary.truth else ""))
        typer.echo(f"Next: perito run {name} --data {folder}")
