"""Random audits: places of the desk that go to claims drawn by chance, each with the chance it had.

Refuses a draw that looks at the score. Without such claims nobody can tell what the ranking misses.
"""

import numpy as np
import pandas as pd

from perito.domain.errors import ParameterError
from perito.domain.words import SelectedBy


def draw_audits(scores: pd.DataFrame, places: int, *, seed: int) -> pd.DataFrame:
    """Give `places` of the desk to claims drawn at random among those not alerted by their rank.

    `scores`: what `score_claims` returns, one row per claim_id. The same rows come back, with
    the drawn ones as alerts: `selected_by` is `random_audit`, and `selection_probability` the
    chance each had. The design is uniform sampling without replacement: every one of the n
    claims left over is drawn with probability `places / n` exactly, whatever its score. A
    claim alerted by its rank has probability 1, and stands for itself alone; so the two
    together stand for every claim (Horvitz and Thompson 1952). The draw follows from `seed`
    and the claim ids, not from the order of the rows.

    Raises
    ------
    ParameterError
        When fewer claims are left over than are to be drawn.
    """
    left_over = np.sort(scores.loc[~scores["alert"], "claim_id"].to_numpy(dtype=object))
    if not 0 <= places <= len(left_over):
        raise ParameterError(
            f"Expected to draw from 0 to {len(left_over)} claims, those not alerted; asked for {places}.",
            where="audit_share",
            remedy="Lower the desk's capacity or its share of audits.",
        )
    drawn = np.random.default_rng(seed).choice(left_over, size=places, replace=False)
    audited = scores["claim_id"].isin(drawn)
    selected = scores.assign(alert=scores["alert"] | audited)
    selected.loc[audited, "selected_by"] = SelectedBy.RANDOM_AUDIT.value
    selected.loc[audited, "selection_probability"] = places / max(len(left_over), 1)
    return selected
