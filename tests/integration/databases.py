"""What tests of the store on real databases share: scored claims, keys, and a writer in a process of its own."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from perito.domain.opinions import Reason
from perito.store import BatchKey

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
REASONS = [
    Reason("garage_claims_90d", 'Garage "Łódź" \\ handled\n7, claims', "7", "usually 1", 0.1 + 0.2),
    Reason("policy_age_days", "=NOW() ñ", "", "usually 300", -1e-12),
]


def key(fingerprint: str = "f" * 64, **changes: object) -> BatchKey:
    values = {"dataset": "book", "model_name": "blend", "model_version": "3", "as_of": NOON}
    return BatchKey(fingerprint=fingerprint, **{**values, **changes})


def scored(claims: int = 5) -> pd.DataFrame:
    """What `score_claims` and `draw_audits` return: the first claim an alert, the last a random audit."""
    rank = np.arange(1, claims + 1)
    chosen = ["alert", *[None] * (claims - 2), "random_audit"]
    return pd.DataFrame(
        {
            "claim_id": [f"C,{number}" for number in rank],
            "score": 1 / (rank + 1 / 3),
            "rank": rank,
            "alert": [choice is not None for choice in chosen],
            "reasons": pd.Series([REASONS if at < 2 else () for at in range(claims)], dtype=object),
            "selected_by": chosen,
            "selection_probability": [1.0, *[np.nan] * (claims - 2), 1 / 3],
            "expected_net_money": [1e9 / 7, *[-0.1] * (claims - 2), np.nan],
        }
    )


def at_once(script: str, *arguments: str, times: int = 2) -> list[str]:
    """Run a script in several processes at the same time; what each printed."""
    words = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    started = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(times)
    ]
    ended = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0] * times, [err for _, err in ended]
    return [out.strip() for out, _ in ended]
