"""The script MLflow runs to serve a Perito model: feature rows in, scores and reasons out.

MLflow keeps a copy of it beside the model's native files; nothing is pickled. Not imported by
Perito itself. Refuses another list of features than the model's own.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlflow.models
import numpy as np
import pandas as pd
from mlflow.pyfunc.model import PythonModel

from perito.models import load_model
from perito.scoring import Wording, explain_claims, read_usual


class Scorer(PythonModel):
    """One row per claim: `score` (0 to 1) and `log_odds`, higher is more suspicious.

    With the parameter `reasons` above 0, also `reasons`: so many per claim, as lists of plain
    dictionaries.
    """

    def load_context(self, context: Any) -> None:
        """Load the model folder that was logged with this script."""
        folder = Path(context.artifacts["model"])
        self.model, self.usual = load_model(folder), read_usual(folder)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Score every row of `model_input`, a column per feature; the index is kept."""
        frame = self._typed(model_input)
        log_odds = self.model.log_odds(frame)
        score = np.exp(-np.logaddexp(0.0, -log_odds))
        scored = pd.DataFrame({"score": score, "log_odds": log_odds}, index=frame.index)
        wanted = int((params or {}).get("reasons", 0))
        if wanted > 0:
            reasons = explain_claims(self.model, frame, self.usual, wording=Wording(), top_reasons=wanted)
            plain = [[asdict(reason) for reason in of_claim] for of_claim in reasons]
            scored["reasons"] = pd.Series(plain, index=frame.index, dtype=object)
        return scored

    def _typed(self, rows: pd.DataFrame) -> pd.DataFrame:
        kinds = {column.name: column.kind for column in self.model.columns if column.name in rows.columns}
        return rows.astype({name: "float64" if kind == "numeric" else "category" for name, kind in kinds.items()})


mlflow.models.set_model(Scorer())
