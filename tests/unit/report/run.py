"""One finished run, small: its document, its scored claims and their facts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from perito.domain.opinions import Reason

SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4"/></svg>'


def interval(value: float | None, low: float | None, high: float | None) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": high}


def document(**changes: Any) -> dict[str, Any]:
    """The content of `run.json` of a run that learnt something; `changes` replace whole entries."""
    return {
        "perito": "0.1.0",
        "dataset": "vehicle-claims",
        "title": "Vehicle claims 1994-1996",
        "stand_in": "",
        "fingerprint": "9f2c61d0a7be44d1",
        "seed": 7,
        "language": "en",
        "rows": {
            "read": 15421,
            "accepted": 15418,
            "rejected": {"unreadable_date": 2, "duplicate_claim_id": 1},
            "warnings": {"report_before_inception": 31},
        },
        "split": {
            "kind": "time",
            "test_from": "1996-01-01",
            "test_to": None,
            "label_gap_days": 30,
            "train": {"claims": 11337, "labelled": 11337, "positives": 743},
            "test": {"claims": 4083, "labelled": 4083, "positives": 180},
        },
        "labels": {"unknown": "leave_out", "sentence": "Claims that nobody investigated were left out."},
        "population": "Every claim reported in 1996 was investigated, so the figures speak about all of them.",
        "verdicts": verdicts(learnt()),
        "models": {
            "scorecard": {"seconds": 2.4, "metrics": {"auc": 0.739, "recall_at_capacity": 0.16}},
            "lightgbm": {"seconds": 31.0, "metrics": {"auc": 0.785, "recall_at_capacity": 0.235}},
        },
        "skipped_models": {"keras": "perito[tensorflow] is not installed"},
        "chosen": "lightgbm",
        "test": {
            "auc": interval(0.785, 0.752, 0.815),
            "average_precision": interval(0.158, 0.123, 0.204),
            "recall_at_capacity": interval(0.235, 0.18, 0.3),
            "precision_at_capacity": interval(0.1036, 0.078, 0.132),
            "lift_at_capacity": interval(2.35, 1.8, 3.0),
            "net_money_at_capacity": interval(31250.0, 4100.0, 60800.4),
        },
        "population_figures": about_investigated(),
        "capacity": {"share": 0.1, "claims": 408, "audit_share": 0.0, "ranked": 408, "audited": 0},
        "currency": "USD",
        "outputs": {"scores": "scores.parquet", "report": "report.html"},
        "mlflow": {
            "run_id": "0d1e",
            "model_name": "perito-vehicle-claims",
            "model_version": "1",
            "alias": "champion",
            "tracking_uri": "sqlite:///mlflow.db",
            "ui_command": "mlflow ui --backend-store-uri sqlite:///mlflow.db",
        },
        "prefect": {"flow_run_id": "77aa", "ui_command": "prefect server start"},
        "seconds": {"read": 1.0},
    } | changes


def verdicts(learnability: dict[str, Any], *findings: dict[str, str]) -> dict[str, Any]:
    """Both verdicts of a run."""
    sentence = "41 columns were checked."
    return {"leakage_sentence": sentence, "leakage": list(findings), "learnability": learnability}


def about_investigated() -> dict[str, Any]:
    """What a run without random audits says about all claims."""
    return {
        "speaks_about": "investigated_claims",
        "sentence": "The figures speak about investigated claims only.",
        "claims": 4083,
        "sampled": 0,
        "audits": 0,
        "audits_substantiated": 0,
        "figures": {},
    }


def about_all() -> dict[str, Any]:
    """What a run with random audits says about all claims."""
    figures = {"auc": interval(0.71, 0.6, 0.8), "base_rate": interval(0.0312, 0.02, 0.05)}
    sentence = "About all 4083 claims, estimated from 120 random audits with a logged chance."
    return about_investigated() | {"speaks_about": "all_claims", "sentence": sentence, "figures": figures}


def learnt() -> dict[str, Any]:
    """The verdict of a table that can be learnt from."""
    return {
        "verdict": "learnable",
        "sentence": "The substantiated claim comes first 78 times in 100.",
        "auc": interval(0.78, 0.75, 0.81),
        "auc_by_amount": None,
        "p_value": 0.0005,
    }


def nothing_learnt() -> dict[str, Any]:
    """The verdict of a table with nothing in it."""
    sentence = "The substantiated claim comes first 51 times in 100; chance is 50."
    return learnt() | {"verdict": "nothing_to_learn", "sentence": sentence, "p_value": 0.4}


def finding(action: str = "blocked", **changes: str) -> dict[str, str]:
    evidence = "It alone ranks unseen claims with an AUC of 0.99."
    return {"check": "knows_the_outcome", "column": "paid_amount", "evidence": evidence, "action": action} | changes


def scores(claims: int = 3, *, alerts: int = 2, claim_id: str = "C{}") -> pd.DataFrame:
    """Scored claims, most suspicious first, with one reason for and one against each."""
    reasons = [
        Reason("garage_claims_90d", "The garage handled 14 other claims", "14", "usually 3", 0.8),
        Reason("vehicle", "Vehicle: sedan", "sedan", "usually sedan (62 %)", -0.4),
    ]
    return pd.DataFrame(
        {
            "claim_id": [claim_id.format(number) for number in range(1, claims + 1)],
            "score": [0.9 - 0.5 * number / claims for number in range(claims)],
            "rank": range(1, claims + 1),
            "alert": [number < alerts for number in range(claims)],
            "reasons": pd.Series([reasons] * claims, dtype=object),
            "selected_by": ["alert" if number < alerts else None for number in range(claims)],
            "selection_probability": [1.0 if number < alerts else None for number in range(claims)],
        }
    )


def facts() -> pd.DataFrame:
    """What is known about the first two claims."""
    return pd.DataFrame(
        {
            "reported_at": pd.to_datetime(["1996-03-04 10:30", None]),
            "claimed_amount": [12345.5, None],
            "line_of_business": ["motor", None],
        },
        index=["C1", "C2"],
    )


def plots(folder: Path) -> Mapping[str, Path]:
    """One drawn plot."""
    path = folder / "gain_lift.svg"
    path.write_text(SVG, encoding="utf-8")
    return {"gain_lift": path}


def burden(verdict: str = "more_often") -> dict[str, Any]:
    """One protected attribute of two groups, the second too small to judge."""
    women = {"group": "f", "name": "female", "pooled": 0, "cleared": 400, "alerted": 40, "verdict": verdict}
    others = {"group": None, "name": "not stated", "pooled": 0, "cleared": 9, "alerted": 0, "verdict": "too_few"}
    return {
        "attribute": "sex",
        "label": "Sex of the policyholder",
        "proxy": False,
        "cleared": 409,
        "alerted": 40,
        "differs": verdict != "no_difference_shown",
        "sentence": "Of 409 cleared claims, 40 were alerted.",
        "groups": [
            women | {"rate": interval(0.1, 0.074, 0.133), "ratio": interval(2.5, 1.4, 4.4), "p_value": 0.003},
            others | {"rate": interval(0.0, 0.0, 0.299), "ratio": interval(None, 0.2, None), "p_value": None},
        ],
    }


def learnt_from() -> dict[str, Any]:
    """What a run says of its features, its blend and its calibration."""
    entry = {"feature": "garage_claims_90d", "past": 0.0123, "following": 0.0045, "kept": True}
    gone = {"feature": "representative", "past": 0.0044, "following": -0.0001, "kept": False}
    return {
        "features": {"kept": 1, "of": 2, "sentence": "1 of 2 features are left out.", "evidence": [entry, gone]},
        "blend": {"weights": {"lightgbm": 1.0}, "calibration": {}, "sentence": "The model is a weighted sum."},
        "calibration": {"error": interval(0.012, 0.008, 0.02), "said": 0.061, "happened": interval(0.058, 0.05, 0.066)},
        "promotion": {"action": "refused", "why": "The difference may be zero."},
    }
