"""The tables below the list: figures, models, rows, how to run it again. Refuses a figure it was not given."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perito.domain.words import Language
from perito.report.texts import METRIC_MEANINGS, METRICS, MODELS, Speech
from perito.report.verdict import Document

Interval = Mapping[str, float | None]


@dataclass(frozen=True)
class Figure:
    """One figure of the test claims with its interval and what it means."""

    name: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True)
class ModelRow:
    """One candidate: its figures in the order of the table's head."""

    name: str
    chosen: bool
    figures: tuple[str, ...]
    seconds: str


@dataclass(frozen=True)
class Models:
    """The candidates compared, and those that could not be tried, each with the reason."""

    head: tuple[str, ...]
    rows: tuple[ModelRow, ...]
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RowCount:
    """How many rows went one way, and why."""

    what: str
    why: str
    rows: str


def figures_of(document: Document, speech: Speech) -> tuple[Figure, ...]:
    """The figures of the chosen model on the test claims, in the run's order."""
    return tuple(_figure(name, interval, speech) for name, interval in document["test"].items())


def population_of(document: Document, speech: Speech) -> tuple[Figure, ...]:
    """The figures about all claims, from random audits: those that enough of them speak for."""
    figures = document["population_figures"]["figures"]
    return tuple(_figure(name, one, speech) for name, one in figures.items() if one["value"] is not None)


def models_of(document: Document, speech: Speech) -> Models:
    """The candidates in the run's order; a figure that one lacks is shown as not measured."""
    names = tuple(dict.fromkeys(name for model in document["models"].values() for name in model["metrics"]))
    rows = (
        ModelRow(
            name=speech.named(MODELS, model),
            chosen=model == document["chosen"],
            figures=tuple(_amount_of(name, _value(tried["metrics"].get(name)), speech) for name in names),
            seconds=speech.wording.number(tried["seconds"], 1),
        )
        for model, tried in document["models"].items()
    )
    skipped = ((speech.named(MODELS, model), reason) for model, reason in document["skipped_models"].items())
    return Models(tuple(speech.named(METRICS, name) for name in names), tuple(rows), tuple(skipped))


def rows_of(document: Document, speech: Speech) -> tuple[RowCount, ...]:
    """Every raw row accounted for: read, accepted, and rejected or warned about by reason."""
    rows = document["rows"]
    elsewhere = {
        f"{table}: {code}": count
        for table, counts in rows.get("tables", {}).items()
        for code, count in counts["rejected"].items()
    }
    return (
        RowCount(speech.say("rows_read"), "", speech.wording.number(rows["read"])),
        RowCount(speech.say("rows_accepted"), "", speech.wording.number(rows["accepted"])),
        *_by_reason("rows_rejected", rows["rejected"] | elsewhere, speech),
        *_by_reason("rows_warned", rows["warnings"], speech),
    )


def steps_of(document: Document, speech: Speech) -> tuple[tuple[str, str], ...]:
    """What one needs to get the same page: label and content, the command first."""
    mlflow, prefect = document.get("mlflow") or {}, document.get("prefect") or {}
    named = (mlflow.get("model_name"), mlflow.get("model_version"), mlflow.get("alias"))
    steps = (
        ("command", command(document, speech.language)),
        ("dataset", document["dataset"]),
        ("fingerprint", document["fingerprint"]),
        ("seed", str(document["seed"])),
        ("version", document["perito"]),
        ("registered", " · ".join(str(part) for part in named if part) if mlflow.get("model_version") else None),
        ("run_id", mlflow.get("run_id")),
        ("see_models", mlflow.get("ui_command")),
        ("see_runs", prefect.get("ui_command")),
    )
    return tuple((speech.say(key), content) for key, content in steps if content)


def command(document: Document, language: Language) -> str:
    """The command that makes this page from the same data."""
    split = document["split"]
    words = ["perito", "run", document["dataset"], "--seed", str(document["seed"])]
    for option, boundary in (("--test-from", split["test_from"]), ("--test-to", split["test_to"])):
        words += [option, boundary] if boundary else []
    audit_share = document["capacity"]["audit_share"]
    words += ["--audit-share", f"{audit_share:g}"] if audit_share else []
    words += ["--lang", language.value] if language is not Language.ENGLISH else []
    return shlex.join(words)


def _figure(name: str, interval: Interval, speech: Speech) -> Figure:
    value, low, high = (_amount_of(name, interval[part], speech) for part in ("value", "low", "high"))
    known = interval["low"] is not None and interval["high"] is not None
    told = speech.say("from_to", low=low, high=high) if known else speech.say("not_measured")
    meaning = METRIC_MEANINGS[name][speech.language] if name in METRIC_MEANINGS else ""
    return Figure(speech.named(METRICS, name), value, told, meaning)


def _value(figure: float | Interval | None) -> float | None:
    """A figure given plainly, or with its interval."""
    return figure["value"] if isinstance(figure, Mapping) else figure


def _amount_of(name: str, value: float | None, speech: Speech) -> str:
    if value is None:
        return speech.say("not_measured")
    match name:
        case "recall_at_capacity" | "precision_at_capacity" | "base_rate":
            return speech.wording.percent(value, 1)
        case "lift_at_capacity":
            return f"{speech.wording.number(value, 2)}\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}"
        case "net_money_at_capacity":
            return speech.wording.amount(round(value))
        case _:
            return speech.wording.number(value, 3)


def _by_reason(key: str, counts: Mapping[str, int], speech: Speech) -> Iterable[RowCount]:
    if not counts:
        return (RowCount(speech.say(key), "", speech.wording.number(0)),)
    most_first = sorted(counts.items(), key=lambda count: (-count[1], count[0]))
    return (RowCount(speech.say(key), code, speech.wording.number(rows)) for code, rows in most_first)
