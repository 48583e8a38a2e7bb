"""Claims ranked by how unusual they are, with what is unusual about each. Refuses to say suspicious.

Nothing here was ever compared with an outcome, so everything carries the sentence that says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.words import Language
from perito.features.columns import FeatureColumn
from perito.models.anomaly import AnomalyForest, category_shares
from perito.models.inputs import numbers
from perito.models.interface import FloatArray, select_features
from perito.scoring.reasons import Chosen, choose_reasons, tell_reasons
from perito.scoring.usual import usual_values
from perito.scoring.wording import Wording

UNVALIDATED = {
    Language.ENGLISH: (
        "Unvalidated: unusual is not suspicious. No outcome of an investigation was compared with this order."
    ),
    Language.SPANISH: (
        "Sin validar: inusual no es sospechoso. Este orden no se comparó con el resultado de ninguna investigación."
    ),
}
"""What every output of this ranking says."""
_RARITY = {
    (Language.ENGLISH, "high"): "as high or higher in {share} of the claims",
    (Language.ENGLISH, "low"): "as low or lower in {share} of the claims",
    (Language.ENGLISH, "same"): "the same in {share} of the claims",
    (Language.ENGLISH, "known"): "known in {share} of the claims",
    (Language.SPANISH, "high"): "igual o mayor en el {share} de los siniestros",
    (Language.SPANISH, "low"): "igual o menor en el {share} de los siniestros",
    (Language.SPANISH, "same"): "lo mismo en el {share} de los siniestros",
    (Language.SPANISH, "known"): "consta en el {share} de los siniestros",
}


@dataclass(frozen=True)
class Oddity:
    """One feature's part in how unusual one claim is.

    `contribution` is in doublings of the score: 0.1 makes it 2 to the 0.1 times higher.
    `rarity` is a plain count over all claims, 0 to 1, that anybody can check: the share with
    the same category, or with a number at least as far out on the same side of the middle. For
    a number that most claims lack, the share of claims that have any.
    """

    feature: str
    sentence: str
    value: str
    usual: str
    rarity: float
    contribution: float


def rank_anomalies(
    forest: AnomalyForest,
    frame: pd.DataFrame,
    *,
    capacity: int,
    top_reasons: int = 5,
    language: Language = Language.ENGLISH,
    currency: str = "",
) -> pd.DataFrame:
    """Every claim of `frame` by how unusual it is among them, the first `capacity` with what is unusual.

    Grain: one row per claim_id, in the order of `rank`. Columns: `claim_id`; `unusualness`, 0
    to 1, higher is more unusual; `rank`, 1 first, equal claims by `claim_id`;
    `within_capacity`; `oddities`, up to `top_reasons` of `Oddity`, strongest first, empty
    beyond capacity; `note`, the sentence of `UNVALIDATED`. No label is read. `frame` holds
    the claims the forest was fitted to.
    """
    scores = forest.scores(frame)
    order = np.lexsort((frame.index.astype("str"), -scores))
    told = frame.iloc[order[:capacity]]
    oddities: list[Sequence[Oddity]] = list(_oddities(forest, told, frame, top_reasons, Wording(language, currency)))
    oddities += [()] * (len(frame) - len(oddities))
    rank = np.arange(1, len(frame) + 1)
    return pd.DataFrame(
        {
            "claim_id": frame.index[order].astype("str"),
            "unusualness": scores[order],
            "rank": rank,
            "within_capacity": rank <= capacity,
            "oddities": pd.Series(oddities, dtype=object),
            "note": UNVALIDATED[language],
        }
    )


def _oddities(
    forest: AnomalyForest, told: pd.DataFrame, frame: pd.DataFrame, top: int, wording: Wording
) -> list[list[Oddity]]:
    chosen = choose_reasons(np.maximum(forest.contributions(told).values, 0.0), top)
    features, among = select_features(told, forest.columns), select_features(frame, forest.columns)
    reasons = tell_reasons(chosen, features, forest.columns, usual_values(among, forest.columns), wording)
    rarities = iter(_rarities(chosen, features, among, forest.columns))
    made = []
    for of_claim in reasons:
        paired = [(reason, *next(rarities)) for reason in of_claim]
        made.append(
            [
                Oddity(
                    reason.feature,
                    reason.sentence,
                    reason.value,
                    f"{reason.usual}; {_rare(share, side, wording)}",
                    share,
                    reason.contribution,
                )
                for reason, share, side in paired
            ]
        )
    return made


def _rare(share: float, side: str, wording: Wording) -> str:
    return _RARITY[wording.language, side].format(share=wording.percent(share, 1 if share < 0.1 else 0))


def _rarities(
    chosen: Chosen, told: pd.DataFrame, among: pd.DataFrame, columns: Sequence[FeatureColumn]
) -> list[tuple[float, str]]:
    """For each chosen reason, the share of claims as far out, and on which side."""
    share, side = np.zeros(len(chosen.claim)), np.empty(len(chosen.claim), dtype=object)
    for position in np.unique(chosen.feature):
        here = np.flatnonzero(chosen.feature == position)
        own, others = told.iloc[chosen.claim[here], int(position)], among.iloc[:, int(position)]
        find = _tails if columns[int(position)].kind == "numeric" else _same
        share[here], side[here] = find(own, others)
    return list(zip(share.tolist(), side.tolist(), strict=True))


def _same(own: pd.Series, among: pd.Series) -> tuple[FloatArray, npt.NDArray[np.object_]]:
    by_name = category_shares(among)
    shares = [by_name[name if isinstance(name, str) else None] for name in own]
    return np.array(shares), np.full(len(own), "same", dtype=object)


def _tails(own: pd.Series, among: pd.Series) -> tuple[FloatArray, npt.NDArray[np.object_]]:
    values, ordered = numbers(own), np.sort(numbers(among))
    known = ordered[~np.isnan(ordered)]
    not_lower = len(known) - np.searchsorted(known, values, side="left")
    not_higher = np.searchsorted(known, values, side="right")
    missing, high = np.isnan(values), not_lower <= not_higher
    cases = {"same": missing, "known": np.full(len(values), 2 * len(known) < len(ordered)), "high": high, "low": ~high}
    counts = (len(ordered) - len(known), len(known), not_lower, not_higher)
    count = np.select(list(cases.values()), [np.broadcast_to(one, values.shape) for one in counts])
    return count / len(ordered), np.select(list(cases.values()), list(cases), default="").astype(object)
