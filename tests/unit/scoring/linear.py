"""A model small enough to check by hand, and claims for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from perito.features.columns import FeatureColumn
from perito.models.interface import Contributions, FloatArray, check_features
from perito.scoring.usual import UsualValues

COLUMNS = (
    FeatureColumn("report_delay_days", "numeric", "days", "Reported after {value}", "Comunicado pasados {value}"),
    FeatureColumn("garage_claims_90d", "numeric", "count", "{value} other claims", "Otros {value} siniestros"),
    FeatureColumn("vehicle", "categorical", "", "Vehicle: {value}", "Vehículo: {value}"),
)
USUAL: UsualValues = {
    "report_delay_days": {"value": 2.0, "share": None},
    "garage_claims_90d": {"value": 3.0, "share": None},
    "vehicle": {"value": "sedan", "share": 0.6},
}


@dataclass(frozen=True)
class Linear:
    """Log-odds = -1 + 0.1 per day + 0.05 per claim - 0.4 for a sedan; the unknown adds nothing."""

    kind: ClassVar[str] = "linear"
    columns: tuple[FeatureColumn, ...] = COLUMNS

    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        parts = self.contributions(frame)
        return parts.base + parts.values.sum(axis=1)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        check_features(frame, self.columns)
        days = 0.1 * frame["report_delay_days"].fillna(0.0).to_numpy()
        claims = 0.05 * frame["garage_claims_90d"].fillna(0.0).to_numpy()
        sedan = np.where(frame["vehicle"] == "sedan", -0.4, 0.0)
        return Contributions(-1.0, np.column_stack([days, claims, sedan]))

    def save(self, folder: Path) -> None:
        raise NotImplementedError


def claims(rows: dict[str, tuple[float, float, str | None]]) -> pd.DataFrame:
    """One row per claim_id: days of delay, the garage's other claims, the vehicle."""
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=[column.name for column in COLUMNS])
    return frame.astype({"report_delay_days": "float64", "garage_claims_90d": "float64", "vehicle": "category"})
