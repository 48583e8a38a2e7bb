"""In which order a desk opens the claims of a study, and which of them it gets to.

The list, the figures and the comparison with the champion all ask here. Refuses labels: what
is opened depends on scores, amounts and costs alone.
"""

import pandas as pd

from perito.evaluation.places import desk_places
from perito.scoring import Stakes, desk_order
from perito.study import Study


def stakes_of(study: Study) -> Stakes:
    """What is at stake in each claim of a study, and what its desk ranks by."""
    return Stakes(study.claims["claimed_amount"], study.spec.money, study.spec.desk.rank_by)


def opening_order(study: Study, log_odds: pd.Series) -> pd.Series:
    """What the desk opens claims by, highest first, indexed and ordered like `log_odds`.

    Named after what the desk ranks by: `score` (in log-odds), or `expected_net_money` in the
    book's currency, below zero for a claim it would not open.
    """
    order = desk_order(stakes_of(study), log_odds.index, log_odds.to_numpy())
    return pd.Series(order.values, index=log_odds.index, name=study.spec.desk.rank_by)


def claims_opened(study: Study, order: pd.Series) -> pd.Index:
    """The claims that the desk opens, of the whole test side in `order`: within its capacity, and worth it."""
    capacity = desk_places(study.spec.desk, len(order)).ranked
    worth = order if order.name == "score" else order[order >= 0]
    return worth.sort_index().sort_values(ascending=False, kind="stable").index[:capacity]
