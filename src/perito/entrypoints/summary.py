"""What a person reads on standard output when a command is done. Refuses figures that are not in the document."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from perito.datasets.spec import DatasetSpec
from perito.features.feature import Feature

SHOWN_CLAIMS = 10
SHOWN_REASONS = 3
FIGURES = {
    "auc": "AUC",
    "average_precision": "Average precision",
    "recall_at_capacity": "Recall at capacity",
    "precision_at_capacity": "Precision at capacity",
    "lift_at_capacity": "Lift at capacity",
    "net_money_at_capacity": "Net money at capacity",
}
out = Console(highlight=False)


def print_summary(document: Mapping[str, Any]) -> None:
    """The main job's end: verdicts, the first claims with their reasons, figures, and where things are."""
    print_verdicts(document)
    print_first_claims(document)
    print_figures(document)
    out.print(f"Rings: {len(document['rings'])} groups of claims share more than chance explains; see the report.")
    outputs, mlflow = document["outputs"], document["mlflow"]
    out.print(f"\nReport       {outputs['report']}", soft_wrap=True)
    out.print(f"Scored file  {outputs['scores']} (and .csv)", soft_wrap=True)
    out.print(f"MLflow run   {mlflow['run_id']}, model {mlflow['model_name']} version {mlflow['model_version']}")
    out.print(f"             {escape(mlflow['alias_reason'])}", soft_wrap=True)
    out.print("\nTo look at the history:")
    out.print(f"  {document['prefect']['ui_command']}", soft_wrap=True)
    out.print(f"  {mlflow['ui_command']}", soft_wrap=True)


def print_verdicts(document: Mapping[str, Any]) -> None:
    """What can be learnt, what leaks, and what the figures speak about."""
    verdicts = document["verdicts"]
    out.print(f"\n[bold]{escape(document['title'])}[/bold]")
    if document["stand_in"]:
        out.print(f"[bold red]{escape(document['stand_in'])}[/bold red]")
    print_rows(document["rows"])
    out.print(escape(verdicts["learnability"]["sentence"]))
    for finding in verdicts["leakage"]:
        out.print(f"Leakage, {finding['action']}: {escape(finding['evidence'])}")
    if not verdicts["leakage"]:
        out.print("Leakage: nothing found.")
    for name, why in document["skipped_models"].items():
        out.print(f"{name} was skipped: {escape(why)}")
    out.print(f"{escape(document['labels']['sentence'])} {escape(document['population'])}")


def print_first_claims(document: Mapping[str, Any]) -> None:
    """A table of the claims most worth opening, each with its reasons."""
    rows = pq.read_table(document["outputs"]["scores"]).slice(0, SHOWN_CLAIMS).to_pylist()
    table = Table(title=f"The {len(rows)} claims most worth opening", title_justify="left", show_lines=True)
    for heading in ("#", "claim", "score", "reasons"):
        table.add_column(heading, justify="left" if heading in {"claim", "reasons"} else "right")
    for row in rows:
        reasons = "\n".join(_reason(reason) for reason in row["reasons"][:SHOWN_REASONS])
        table.add_row(str(row["rank"]), escape(row["claim_id"]), f"{row['score']:.2f}", escape(reasons))
    out.print(table)


def print_figures(document: Mapping[str, Any]) -> None:
    """The figures on the claims kept for reporting, with their intervals."""
    split, test = document["split"], document["test"]
    period = f"from {split['test_from']}" if split["kind"] == "time" else f"{split['kind']} split, not a later period"
    table = Table(title=f"On the claims kept apart ({period})", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    for name, title in FIGURES.items():
        figure = test[name]
        unit = ",.0f" if name.startswith("net_money") else ".3f"
        if figure["value"] is None:
            table.add_row(title, "not known", "")
        else:
            table.add_row(title, format(figure["value"], unit), f"{figure['low']:{unit}} to {figure['high']:{unit}}")
    out.print(table)


def print_training(document: Mapping[str, Any]) -> None:
    """Candidates on the folds, the chosen one, and where it was saved."""
    print_verdicts(document)
    table = Table(title="On the rolling folds inside the training period", title_justify="left")
    for heading in ("model", "seconds", "AUC", "average precision", ""):
        table.add_column(heading, justify="right" if heading not in {"model", ""} else "left")
    for name, model in document["models"].items():
        metrics = model["metrics"]
        chosen = "chosen" if name == document["chosen"] else ""
        table.add_row(
            name, f"{model['seconds']:.1f}", f"{metrics['auc']:.3f}", f"{metrics['average_precision']:.3f}", chosen
        )
    out.print(table)
    out.print(f"Model folder  {document['outputs']['model']}", soft_wrap=True)


def print_scoring(document: Mapping[str, Any]) -> None:
    """How many claims were scored, and where they are."""
    out.print(f"{document['claims']:,} claims scored, {document['alerts']:,} alerts.")
    out.print(f"Scored file  {document['outputs']['scores']} (and .csv)", soft_wrap=True)


def print_validation(document: Mapping[str, Any]) -> None:
    """Counts of accepted and rejected rows by reason, and where the rejected ones are."""
    print_rows(document["rows"])
    out.print(f"Rejected rows  {document['outputs']['rejects']}", soft_wrap=True)


def print_rows(rows: Mapping[str, Any]) -> None:
    """What became of the rows of every table that has any, a line for each reason."""
    read = {"claims": rows, **{table: counts for table, counts in rows["tables"].items() if counts["read"]}}
    for table, counts in read.items():
        silent = f", {counts['silent']:,} say nothing" if counts.get("silent") else ""
        out.print(f"{table}: {counts['read']:,} rows read, {counts['accepted']:,} accepted{silent}.")
        for kind in ("rejected", "warnings"):
            for code, count in counts.get(kind, {}).items():
                out.print(f"  {kind.removesuffix('s')}: {count:,} {code}")


def print_features(
    features: Sequence[Feature], absent: Sequence[tuple[Feature, tuple[str, ...]]], path: Path | None
) -> None:
    """The features built, each with its sentence, and those the book does not provide for."""
    table = Table(title=f"{len(features)} features", title_justify="left")
    table.add_column("name")
    table.add_column("sentence")
    for feature in features:
        table.add_row(feature.name, escape(feature.sentence_en))
    out.print(table)
    if absent:
        out.print(f"{len(absent)} more of the catalogue need what this book does not provide (--json lists them).")
    if path is not None:
        out.print(f"Features  {path.resolve()}", soft_wrap=True)


def print_datasets(specs: Sequence[DatasetSpec]) -> None:
    """The built-in datasets, a line each."""
    table = Table()
    for heading in ("dataset", "what it is", "split"):
        table.add_column(heading)
    for spec in specs:
        table.add_row(spec.name, escape(spec.title), spec.split.kind)
    out.print(table)


def _reason(reason: Mapping[str, Any]) -> str:
    return f"{reason['sentence']} ({reason['usual']}) {reason['contribution']:+.2f}"
