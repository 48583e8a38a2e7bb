"""Random audits: who is drawn, with what chance, and what stays as it was."""

import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import ParameterError
from perito.scoring import draw_audits

CLAIMS, RANKED = 20, 4


def scores() -> pd.DataFrame:
    """Scored claims as `score_claims` gives them, the first few alerted."""
    alerted = [place <= RANKED for place in range(1, CLAIMS + 1)]
    return pd.DataFrame(
        {
            "claim_id": [f"c{place:02d}" for place in range(CLAIMS, 0, -1)],
            "score": np.linspace(0.9, 0.1, CLAIMS),
            "rank": range(1, CLAIMS + 1),
            "alert": alerted,
            "reasons": pd.Series([[]] * CLAIMS, dtype=object),
            "selected_by": ["alert" if one else None for one in alerted],
            "selection_probability": [1.0 if one else np.nan for one in alerted],
        }
    )


def test_audits_are_drawn_among_the_claims_that_are_not_alerted_and_log_their_chance() -> None:
    drawn = draw_audits(scores(), 3, seed=1)
    audits = drawn[drawn["selected_by"] == "random_audit"]
    assert len(audits) == 3
    assert audits["rank"].min() > RANKED
    assert audits["alert"].all()
    assert audits["selection_probability"].tolist() == [3 / (CLAIMS - RANKED)] * 3
    assert drawn["alert"].sum() == RANKED + 3


def test_alerts_by_rank_keep_the_chance_of_1_and_other_claims_have_none() -> None:
    drawn = draw_audits(scores(), 3, seed=1)
    assert drawn.head(RANKED)["selection_probability"].tolist() == [1.0] * RANKED
    assert drawn.loc[~drawn["alert"], ["selected_by", "selection_probability"]].isna().all().all()
    before = scores()
    pd.testing.assert_frame_equal(drawn[["claim_id", "score", "rank"]], before[["claim_id", "score", "rank"]])


def test_every_claim_left_over_is_drawn_as_often_as_its_logged_chance_says() -> None:
    draws, left_over = 4000, CLAIMS - RANKED
    table = scores()
    times = sum(draw_audits(table, 3, seed=seed)["selected_by"].eq("random_audit").to_numpy() for seed in range(draws))
    chance = 3 / left_over
    furthest = 4 * np.sqrt(chance * (1 - chance) / draws)
    assert (times[:RANKED] == 0).all()
    np.testing.assert_allclose(times[RANKED:] / draws, chance, atol=furthest)


def test_the_draw_follows_from_the_seed_and_not_from_the_order_of_the_rows() -> None:
    def audited(table: pd.DataFrame, seed: int) -> set[str]:
        drawn = draw_audits(table, 5, seed=seed)
        return set(drawn.loc[drawn["selected_by"] == "random_audit", "claim_id"])

    assert audited(scores(), 7) == audited(scores().sample(frac=1, random_state=0), 7)
    assert audited(scores(), 7) != audited(scores(), 8)


def test_no_place_for_audits_changes_nothing() -> None:
    pd.testing.assert_frame_equal(draw_audits(scores(), 0, seed=0), scores())


def test_more_audits_than_claims_left_over_are_refused() -> None:
    with pytest.raises(ParameterError, match="from 0 to 16"):
        draw_audits(scores(), 17, seed=0)
