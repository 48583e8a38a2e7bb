"""Runs the main job on the real tables and writes docs/results.md: `python -m scripts.write_results DIR`.

DIR is the folder the tables lie in (see docs/results.md). A table that is absent is skipped
with a message. The twin of the Kaggle table is simulated at its full size.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "results.md"
MAIN = (sys.executable, str(ROOT / "main.py"))
NO_DATA = 4
RUNS: dict[str, tuple[str, ...]] = {
    "Vehicle claims, 1994-95 → 1996": ("vehicle-claims", "--test-from", "1996-01-01", "--test-to", "1997-01-01"),
    "Vehicle claims, 1994 → 1995": ("vehicle-claims", "--test-from", "1995-01-01", "--test-to", "1996-01-01"),
    "Motor network, policyholders kept apart": ("motor-network",),
    "Auto claims and customers, random split": ("auto-claims-customers",),
    "Kaggle policies, first rows (a declared stand-in)": ("kaggle-policies",),
}
TWIN = "Kaggle policies, simulated twin of 53,503 rows (a declared stand-in)"
FIGURES = ("auc", "average_precision", "recall_at_capacity", "lift_at_capacity")

INTRODUCTION = """# Results

Figures with their 95 % bootstrap intervals, on claims that nothing was chosen by. Seed 0, default settings.
This page is written by one command, where DIR is the folder of the tables:

```
.venv/bin/python -m scripts.write_results DIR
```

The tables are public and not part of this project: Oracle's vehicle claims as `vehicle_claims_1994_1996.csv`, the
motor network of Campo and Antonio (arXiv 2308.11659) as `motor_network/claims.csv` and `parties.csv`, AWS's synthetic
auto claims as `auto_claims_customers/claims.csv` and `customers.csv`, Kaggle's *Insurance claims and policy data* as
`data_synthetic.csv` in any folder below DIR. Each spec says what was taken from its table:
`src/perito/datasets/builtin/`.
"""


def main() -> None:
    """Run everything that is there, and write the page."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m scripts.write_results DIR")
    data = sys.argv[1]
    with TemporaryDirectory(prefix="perito-results-") as scratch:
        sections = [section for title, words in RUNS.items() for section in _section(title, words, data, scratch)]
        sections += _twin(scratch)
    PAGE.write_text("\n".join([INTRODUCTION, *sections]), encoding="utf-8")


def _section(title: str, words: tuple[str, ...], data: str, scratch: str) -> Iterator[str]:
    shown = f"python main.py --dataset {' '.join(words)} --data DIR"
    sys.stderr.write(f"{title}\n")
    done = _run("--dataset", *words, "--data", data, "--out", f"{scratch}/{len(title)}-{words[0]}")
    if done.returncode == NO_DATA:
        sys.stderr.write(f"  skipped, the table is not there: {done.stderr.strip().splitlines()[-2]}\n")
        return
    if done.returncode != 0:
        sys.exit(done.stderr)
    yield _told(title, shown, json.loads(done.stdout))


def _twin(scratch: str) -> Iterator[str]:
    words = ("simulate", "kaggle-policies", "--rows", "53503", "--seed", "0", "--out")
    perito = str(Path(sys.executable).with_name("perito"))
    subprocess.run([perito, *words, f"{scratch}/twin"], check=True)
    shown = f"perito {' '.join(words)} twin\npython main.py --dataset kaggle-policies --data twin --time-budget 0"
    where = ("--data", f"{scratch}/twin", "--out", f"{scratch}/twin-results")
    done = _run("--dataset", "kaggle-policies", *where, "--time-budget", "0")
    if done.returncode != 0:
        sys.exit(done.stderr)
    yield _told(TWIN, shown, json.loads(done.stdout))


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    # A home of its own for every run: a model is then never refused for an earlier champion.
    with TemporaryDirectory(prefix="perito-home-") as home:
        alone = os.environ | {"PERITO_HOME": home}
        return subprocess.run([*MAIN, *words, "--json"], capture_output=True, text=True, check=False, env=alone)


def _told(title: str, command: str, document: dict[str, Any]) -> str:
    verdicts = document["verdicts"]
    rows = [f"| {name} | {_figure(document['test'][name])} |" for name in FIGURES]
    findings = [f"- {finding['evidence']} ({finding['action']})" for finding in verdicts["leakage"]] or ["- nothing"]
    parts = (
        f"## {title}\n",
        f"```\n{command}\n```\n",
        f"**{document['stand_in']}**\n" if document["stand_in"] else None,
        f"{verdicts['learnability']['sentence']} {document['mlflow']['alias_reason'].split('.')[0]}.\n",
        f"{document['features']['sentence']} {document['blend']['sentence']}\n",
        f"{document['population']} {_sides(document)}\n",
        "| on the claims kept apart | value (95 % interval) |\n|---|---|",
        *rows,
        "\n| candidate | seconds of training, folds included | AUC on the folds | average precision on the folds |",
        "|---|---|---|---|",
        *_models(document),
        "\nWhat the leakage gates found:\n",
        *findings,
        "",
    )
    return "\n".join(part for part in parts if part is not None)


def _sides(document: dict[str, Any]) -> str:
    split, share = document["split"], document["capacity"]["share"]
    train, test = split["train"], split["test"]
    return (
        f"Split: {split['kind']}. Learnt from {train['labelled']:,} claims, {train['positives']:,} substantiated; "
        f"measured on {test['labelled']:,}, {test['positives']:,} substantiated. Capacity: {share:.0%} of the claims."
    )


def _models(document: dict[str, Any]) -> list[str]:
    return [
        f"| {name}{' (used)' if name == document['chosen'] else ''} | {model['seconds']:.0f} "
        f"| {model['metrics']['auc']:.3f} | {model['metrics']['average_precision']:.3f} |"
        for name, model in document["models"].items()
    ]


def _figure(figure: dict[str, float | None]) -> str:
    if figure["value"] is None:
        return "no meaning here"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


if __name__ == "__main__":
    main()
