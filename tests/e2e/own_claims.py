"""A stranger's table: one CSV file with a verdict in it, and the spec that reads it."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

CLAIMS = 600
Row = dict[str, str]
SPEC = """
name = "own-claims"
title = "Own claims"

[sources.claims]
file = "claims.csv"
types = { reported = "date:%Y-%m-%d", loss_date = "date:%Y-%m-%d", decided = "date:%Y-%m-%d" }

[claims]
source = "claims"
claim_id = "claim_number"
policy_id = "policy"
loss_date = "loss_date"
reported_at = "reported"
claimed_amount = "amount"
currency = "'EUR'"

[claims.attributes]
city = { kind = "categorical", en = "City", es = "Ciudad" }

[dispositions]
outcome = "CASE fraud WHEN 'fraud' THEN 'SUBSTANTIATED' WHEN 'honest' THEN 'NOT_SUBSTANTIATED' ELSE fraud END"
known_at = "decided"

[labels]
unknown = "leave_out"

[split]
kind = "time"
test_share = 0.25
label_gap_days = 10

[desk]
capacity_share = 0.1

[money]
investigation_cost = 300
recoverable_share = 0.5
"""
WITHOUT_AMOUNTS = SPEC.replace('claimed_amount = "amount"\n', "").replace("[money]", "[money]\ntypical_amount = 3000")
"""The same table, read as if it stated no amounts."""
TIME_SPLIT = 'kind = "time"\ntest_share = 0.25\nlabel_gap_days = 10'


def rows(count: int = CLAIMS) -> list[Row]:
    """Claims of three years; a high amount makes a verdict of fraud likelier."""
    return list(_rows(count))


def _rows(count: int) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    for number in range(count):
        amount, happened = (
            round(float(rng.lognormal(8, 0.8)), 2),
            date(2022, 1, 1) + timedelta(days=number * 1000 // count),
        )
        yield {
            "claim_number": f"K{number:05d}",
            "reported": str(happened + timedelta(days=2)),
            "loss_date": str(happened),
            "amount": str(amount),
            "policy": f"P{number % 300}",
            "city": ("Madrid", "Bilbao", "Vigo")[number % 3],
            "fraud": "fraud" if rng.random() < (0.5 if amount > 4000 else 0.1) else "honest",
            "decided": str(happened + timedelta(days=20)),
        }


def csv(table: list[Row], *, delimiter: str = ",", header: bool = True) -> str:
    """The table as text."""
    lines = [delimiter.join(table[0])] * header + [delimiter.join(row.values()) for row in table]
    return "\n".join(lines) + "\n"


def write(folder: Path, content: str | bytes) -> Path:
    """A data folder with one `claims.csv`."""
    folder.mkdir(parents=True)
    (folder / "claims.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
