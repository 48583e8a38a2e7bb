"""The first claims of a list as plain rows, for pages that show a table. Refuses more than was asked for."""

from typing import Any

import pandas as pd

MOST = 50


def shown_claims(scores: pd.DataFrame, most: int = MOST) -> list[dict[str, Any]]:
    """Up to `most` alerted claims by rank: id, score, expected net money (None where unknown), reasons as sentences."""
    first = scores[scores["alert"]].sort_values("rank").head(most).to_dict("records")
    return [
        {
            "rank": int(row["rank"]),
            "claim_id": str(row["claim_id"]),
            "score": round(float(row["score"]), 4),
            "expected_net_money": _money(row["expected_net_money"]),
            "selected_by": str(row["selected_by"]),
            "reasons": [f"{reason.sentence} ({reason.usual})" for reason in row["reasons"]],
        }
        for row in first
    ]


def _money(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 2)
