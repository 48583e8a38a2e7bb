"""The page of what was measured: docs/quality.md. Refuses a figure that is not in the stored rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

HEAD = """# How well it ranks, beside others

Made by `make bench-quality DATA=DIR`, where DIR holds the tables that [results](results.md) names. Every row of a
table was measured in one run, on claims that nothing was chosen by, with 95 % bootstrap intervals; only a peer that was
not installed in that run stands here as an earlier one measured it, with its day. Peers get the columns that passed the
leakage gates. Seconds are those of training, folds and tuning included.
Where a row says so, it is given the protected attributes too, which no run of Perito gives a model: that is what
leaving them out costs. What we aim at was set before anything was measured; not all of it is reached. The measured
seconds of a busy machine are longer than those of a quiet one.
"""
NAMES = {"auc": "AUC", "average_precision": "average precision", "recall_at_capacity": "recall in the top 10 %"}


INSURER = """## A simulated insurer of {claims:,} claims, 5 % investigated: what the investigated claims are worth

```
python -m benchmarks.insurer
```

Net money at capacity by the truth, of the same steps (blended: {blended}) taught by the investigated
claims alone and by the whole truth of the training period, both ranked by expected net money. How many of the planted
rings are found is told in [rings](rings.md).

| seed | learnt from | net money, investigated | net money, truth | share | difference (95 %) |
|---|---|---|---|---|---|
"""


def render(tasks: Mapping[str, Any], insurer: Mapping[str, Any] | None) -> str:
    """The whole page; without a stored simulated insurer, that section is not there."""
    return "\n".join([HEAD, *(line for task in tasks.values() for line in _task(task)), *_insurer(insurer)]) + "\n"


def _insurer(stored: Mapping[str, Any] | None) -> Iterator[str]:
    if stored is None:
        return
    yield INSURER.format(claims=stored["claims"], blended=", ".join(stored["blended"])).rstrip("\n")
    for row in stored["rows"]:
        money = f"{row['investigated']:,} | {row['truth']:,} | {row['share']:.0%}"
        difference = "{low:,.0f} to {high:,.0f}".format(**row["difference"])
        yield f"| {row['seed']} | {row['learnt_from']:,} | {money} | {difference} |"
    yield f"\nMeasured on {stored['date']}: {stored['machine']['model']}, {stored['machine']['cpus']} cores."


def _task(task: Mapping[str, Any]) -> Iterator[str]:
    rows = task["rows"]
    seeds = sorted({row["seed"] for row in rows})
    yield f"## {task['title']}\n"
    yield from (row["sentence"] + "\n" for row in rows if row["who"] == "perito" and len(seeds) == 1)
    yield f"| | {' | '.join(NAMES.values())} | seconds |\n|---|---|---|---|---|"
    for who in dict.fromkeys(row["who"] for row in rows):
        own = [row for row in rows if row["who"] == who]
        figures = " | ".join(_figure(own, name) for name in NAMES)
        of = f", run of {own[0]['date']}" if "date" in own[0] else ""
        yield f"| {who}{of} | {figures} | {np.mean([row['seconds'] for row in own]):.0f} |"
    if task["reach"]:
        yield f"| *our aim* | {' | '.join(_reach(task['reach'], name) for name in NAMES)} | *60* |"
    many = f" Means over {len(seeds)} seeds, with their standard deviation." if len(seeds) > 1 else ""
    yield f"\nMeasured on {task['date']}: {task['machine']['model']}, {task['machine']['cpus']} cores.{many}\n"


def _figure(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    values = [row[name]["value"] for row in rows]
    if len(values) > 1:
        return f"{np.mean(values):.3f} ± {np.std(values):.3f}"
    one = rows[0][name]
    return f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"


def _reach(reach: Mapping[str, float], name: str) -> str:
    return f"*{reach[name]:.2f}*" if name in reach else ""
