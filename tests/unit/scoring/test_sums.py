"""The parts behind every reason add up to the score, whichever model gave it."""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from perito.models.baseline import fit_scorecard
from perito.models.gbm import fit_lightgbm
from perito.models.interface import Model, TrainingSet
from perito.scoring.claims import score_claims
from perito.scoring.usual import usual_values
from tests.unit.scoring.linear import COLUMNS

NEEDS_KERAS = pytest.mark.skipif(find_spec("keras") is None, reason="needs perito[tensorflow]")


def training(claims: int = 600) -> TrainingSet:
    rng = np.random.default_rng(5)
    days, others = rng.integers(0, 40, claims).astype(float), rng.integers(0, 12, claims).astype(float)
    others[rng.random(claims) < 0.1] = np.nan
    vehicle = pd.Categorical(rng.choice(["sedan", "sport", "utility"], claims))
    frame = pd.DataFrame(
        {"report_delay_days": days, "garage_claims_90d": others, "vehicle": vehicle},
        index=[f"C{number:04}" for number in range(claims)],
    )
    label = (rng.random(claims) < 1 / (1 + np.exp(2.0 - 0.08 * days))).astype(np.int64)
    reported_at = np.datetime64("2024-01-01") + np.arange(claims).astype("timedelta64[D]")
    return TrainingSet(COLUMNS, frame, label, reported_at)


def fit_keras(claims: TrainingSet, *, seed: int) -> Model:
    from perito.models.keras_net import fit_keras as fit

    return fit(claims, seed=seed)


@pytest.mark.parametrize(
    "fit", [fit_scorecard, fit_lightgbm, pytest.param(fit_keras, marks=[NEEDS_KERAS, pytest.mark.slow])]
)
def test_contributions_and_base_sum_to_the_log_odds_of_every_scored_claim(fit: Callable[..., Model]) -> None:
    claims = training()
    model = fit(claims, seed=1)
    scores = score_claims(model, claims.frame, usual_values(claims.frame, COLUMNS), capacity=60).set_index("claim_id")
    parts = model.contributions(claims.frame)
    summed = pd.Series(parts.base + parts.values.sum(axis=1), index=claims.frame.index)
    score = scores["score"].reindex(summed.index)
    np.testing.assert_allclose(np.log(score / (1 - score)), summed, atol=5e-3)
    by_name = pd.DataFrame(parts.values, index=claims.frame.index, columns=claims.frame.columns)
    for claim_id, reasons in scores["reasons"].items():
        assert [reason.contribution for reason in reasons] == pytest.approx(
            [by_name.at[claim_id, reason.feature] for reason in reasons], abs=1e-4
        )
