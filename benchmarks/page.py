"""Writes docs/benchmarks.md from the stored results, so that no figure there is typed by hand."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]

HEAD = """# Benchmarks

Speed and memory, measured by `make bench` and stored in [`benchmarks/results/`](../benchmarks/results). They are no
tests: nothing fails when a figure is missed. The same command writes this page from the stored results; do not edit it.

One benchmark alone: `python -m benchmarks features`. A small trial of all: `python -m benchmarks --quick`. The command
under each table repeats one of its cases.

Every case runs in child processes whose peak memory is their own, on data simulated there and then. *Seconds* are wall
clock. *CPU* adds up the seconds of all threads: with two cores at work it is up to twice the seconds, and on a busy
machine it is the steadier figure. *Load* is the machine's average over the last minute, ours included.
"""


def render_page(folder: Path) -> str:
    """The page for the results in `folder`."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    parts = [HEAD, _targets(documents), *(_section(document) for document in documents), _machines(documents)]
    return "\n".join(parts)


def _targets(documents: Iterable[Document]) -> str:
    rows = [
        (target["promise"], target["measured"], _verdict(target["met"]))
        for document in documents
        for target in document["targets"]
    ]
    return "## Targets\n\n" + _table(("target", "measured", "met"), rows)


def _verdict(met: bool | None) -> str:
    return "not measured" if met is None else "yes" if met else "**no**"


def _section(document: Document) -> str:
    head = ("case", "step", "seconds", "CPU", "peak GB", "load")
    rows = [row for result in document["results"] for row in _rows(result)]
    commands = "\n".join(result["command"] for result in document["results"])
    facts = "\n".join(f"- {_case(result)}: {_facts(result['facts'])}." for result in document["results"])
    return f"## {document['title']}\n\n{_table(head, rows)}\n{facts}\n\n```\n{commands}\n```\n"


def _rows(result: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    for name, step in result["steps"].items():
        figures = (_figure(step.get(unit)) for unit in ("wall_seconds", "cpu_seconds", "peak_memory_gb"))
        yield _case(result), name, *figures, str(result["load_average"][0])


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


def _case(result: Mapping[str, Any]) -> str:
    return _facts({name: value for name, value in result["case"].items() if name != "seed"})


def _facts(facts: Mapping[str, Any]) -> str:
    return "; ".join(f"{name.replace('_', ' ')} {_words(value)}" for name, value in facts.items())


def _words(value: object) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{name} {_words(part)}" for name, part in value.items()) + ")"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _machines(documents: Iterable[Document]) -> str:
    said: dict[str, list[str]] = {}
    for document in documents:
        machine = document["machine"]
        versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
        words = (
            f"{machine['cpus']} cores of {machine['model']}, {machine['memory_gb']} GB, {machine['system']}, "
            f"Python {machine['python']}; {versions}."
        )
        said.setdefault(words, []).append(f"{document['benchmark']} on {document['date']}")
    return "## Machine\n\n" + "\n".join(f"- {', '.join(runs)}: {words}" for words, runs in said.items()) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
