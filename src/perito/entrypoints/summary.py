"""What a person reads on standard output when a command is done. Refuses figures that are not in the document."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from perito.datasets.spec import DatasetSpec
from perito.features.feature import Feature

SHOWN_CLAIMS = 5
SHOWN_REASONS = 3
FIGURES: Mapping[str, str] = {
    "auc": "AUC",
    "average_precision": "Average precision",
    "recall_at_capacity": "Recall at capacity",
    "precision_at_capacity": "Precision at capacity",
    "lift_at_capacity": "Lift at capacity",
    "net_money_at_capacity": "Net money at capacity",
}
POPULATION_FIGURES: Mapping[str, str] = {**FIGURES, "base_rate": "Substantiated, of all"}
out = Console(highlight=False)


def print_summary(document: Mapping[str, Any]) -> None:
    """The main job's end: verdicts, the first claims with their reasons, figures, and where things are."""
    print_verdicts(document)
    print_first_claims(document)
    print_figures(document)
    print_burden(document)
    out.print(f"Rings: {len(document['rings'])} groups of claims share more than chance explains; see the report.")
    outputs, mlflow = document["outputs"], document["mlflow"]
    out.print(f"\nReport       {outputs['report']}", soft_wrap=True)
    out.print(f"Scored file  {outputs['scores']} (and .csv)", soft_wrap=True)
    version = f"version {mlflow['model_version']}" if mlflow["model_version"] else "not registered"
    out.print(f"MLflow run   {mlflow['run_id']}, model {mlflow['model_name']} {version}")
    out.print(f"             {escape(mlflow['alias_reason'])}", soft_wrap=True)
    out.print("\nTo look at the history:")
    out.print(f"  {document['prefect']['ui_command']}", soft_wrap=True)
    out.print(f"  {mlflow['ui_command']}", soft_wrap=True)


def print_verdicts(document: Mapping[str, Any]) -> None:
    """What leaks and what can be learnt, then what was read and what the figures speak about."""
    verdicts = document["verdicts"]
    out.print(f"\n[bold]{escape(document['title'])}[/bold]")
    if document["stand_in"]:
        out.print(f"[bold red]{escape(document['stand_in'])}[/bold red]")
    out.print(f"[bold]Leakage:[/bold] {escape(verdicts['leakage_sentence'])}")
    for finding in verdicts["leakage"]:
        out.print(f"  - {escape(finding['evidence'])} [bold]({escape(finding['done'])})[/bold]")
    out.print(f"[bold]Learnability:[/bold] {escape(verdicts['learnability']['sentence'])}")
    print_rows(document["rows"])
    out.print(f"{escape(document['features']['sentence'])} {escape(document['blend']['sentence'])}")
    for name, why in document["skipped_models"].items():
        out.print(f"{name} was skipped: {escape(why)}")
    out.print(f"{escape(document['labels']['sentence'])} {escape(document['population'])}")


def print_first_claims(document: Mapping[str, Any]) -> None:
    """A table of the claims most worth opening, each with its reasons."""
    rows = pq.read_table(document["outputs"]["scores"]).slice(0, SHOWN_CLAIMS).to_pylist()
    table = Table(title=f"The {len(rows)} claims most worth opening", title_justify="left", show_lines=True)
    for heading in ("#", "claim", "score", "expected net money", "reasons"):
        table.add_column(heading, justify="left" if heading in {"claim", "reasons"} else "right")
    for row in rows:
        reasons = "\n".join(_reason(reason) for reason in row["reasons"][:SHOWN_REASONS])
        money = "" if row["expected_net_money"] is None else f"{row['expected_net_money']:,.0f}"
        table.add_row(str(row["rank"]), escape(row["claim_id"]), f"{row['score']:.2f}", money, escape(reasons))
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
        table.add_row(title, *_figure(name, test[name]))
    out.print(table)
    print_population(document["population_figures"])


def print_population(population: Mapping[str, Any]) -> None:
    """What random audits say about all claims, beside what is said about the investigated ones."""
    out.print(escape(population["sentence"]))
    known = {name: one for name, one in population["figures"].items() if one["value"] is not None}
    if not known:
        return
    table = Table(title=f"About all claims (from {population['audits']} random audits)", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    for name, figure in known.items():
        table.add_row(POPULATION_FIGURES[name], *_figure(name, figure))
    out.print(table)


def print_burden(document: Mapping[str, Any]) -> None:
    """How often cleared claims of protected groups were alerted, a line for each attribute."""
    for one in document["burden"]:
        style = "bold red" if one["differs"] else ""
        out.print(Text.assemble(f"Fairness, {one['label']}: ", (one["sentence"], style)))
    if not document["burden"]:
        out.print("Fairness: the spec names no protected attribute, so no group can be compared.")


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
    audits = f", {document['audits']:,} of them random audits" if document["audits"] else ""
    out.print(f"{document['claims']:,} claims scored, {document['alerts']:,} alerts{audits}.")
    out.print(f"Scored file  {document['outputs']['scores']} (and .csv)", soft_wrap=True)
    batch = document["batch"]
    if batch is not None:
        before = "" if batch["written"] else ", which held these scores already; nothing was written"
        out.print(f"Batch        {batch['id']} in {escape(batch['database'])}{before}", soft_wrap=True)


def print_batches(document: Mapping[str, Any]) -> None:
    """The latest batches of a dataset, one line each."""
    if not document["batches"]:
        out.print(f"There is no batch of {document['dataset']} in {escape(document['database'])} yet.", soft_wrap=True)
        out.print("Write one: perito score MODEL DATASET --to-database")
        return
    table = Table(title=f"Latest batches of {document['dataset']}", title_justify="left")
    for heading in ("batch", "written (UTC)", "as of", "model", "claims", "alerts", "audits"):
        table.add_column(heading, justify="right" if heading in {"batch", "claims", "alerts", "audits"} else "left")
    for batch in document["batches"]:
        counts = (f"{batch[name]:,}" for name in ("claims", "alerts", "audits"))
        model = escape(f"{batch['model_name']} {batch['model_version']}")
        table.add_row(str(batch["id"]), batch["created_at"][:16], batch["as_of"][:10], model, *counts)
    out.print(table)


def print_anomalies(document: Mapping[str, Any]) -> None:
    """The most unusual claims, what is unusual about each, and the sentence that nobody checked it."""
    out.print(f"\n[bold]{escape(document['title'])}[/bold]")
    out.print(f"[bold red]{escape(document['note'])}[/bold red]")
    print_rows(document["rows"])
    shown = min(SHOWN_CLAIMS, document["capacity"]["claims"])
    rows = pq.read_table(document["outputs"]["anomalies"]).slice(0, shown).to_pylist()
    table = Table(title=f"The {len(rows)} claims most unlike the others", title_justify="left", show_lines=True)
    for heading in ("#", "claim", "unusualness", "what is unusual"):
        table.add_column(heading, justify="left" if heading in {"claim", "what is unusual"} else "right")
    for row in rows:
        told = "\n".join(f"{one['sentence']} ({one['usual']})" for one in row["oddities"][:SHOWN_REASONS])
        table.add_row(str(row["rank"]), escape(row["claim_id"]), f"{row['unusualness']:.2f}", escape(told))
    out.print(table)
    out.print(f"Ranked file  {document['outputs']['anomalies']} (and .csv)", soft_wrap=True)


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


def _figure(name: str, figure: Mapping[str, float | None]) -> tuple[str, str]:
    unit = ",.0f" if name.startswith("net_money") else ".3f"
    if figure["value"] is None:
        return "not known", ""
    return format(figure["value"], unit), f"{figure['low']:{unit}} to {figure['high']:{unit}}"


def _reason(reason: Mapping[str, Any]) -> str:
    return f"{reason['sentence']} ({reason['usual']}) {reason['contribution']:+.2f}"
