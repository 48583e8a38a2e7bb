"""Which parts of a score become reasons, and how they are told. Refuses to weigh anything again.

A reader asks why a claim is on the list, so what makes it suspicious comes first, strongest
first. What speaks most for the claim comes last, one reason at most, and only when it is among
the strongest parts of the score. `tests/unit/scoring/test_reasons.py` holds this rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.opinions import Reason
from perito.features.columns import FeatureColumn
from perito.models.interface import FloatArray
from perito.scoring.usual import UsualValues
from perito.scoring.wording import Value, Wording


@dataclass(frozen=True)
class Chosen:
    """The reasons picked for many claims, flat: claim by claim, in the order they are told.

    `claim` and `feature` are positions in the contribution matrix.
    """

    claim: npt.NDArray[np.intp]
    feature: npt.NDArray[np.intp]
    contribution: FloatArray


def choose_reasons(contributions: FloatArray, top: int) -> Chosen:
    """Pick up to `top` reasons per claim from a matrix of contributions in log-odds.

    Contributions above zero come first, largest first. The most mitigating one (below zero)
    takes the last place when it is among the claim's `top` largest by absolute value. A
    contribution of exactly zero is never a reason. Every claim is judged by itself.
    """
    claims, features = contributions.shape
    places = min(top, features)
    if not places or not claims:
        nothing = np.zeros(0, dtype=np.intp)
        return Chosen(nothing, nothing, np.zeros(0))
    feature = _largest(contributions, places)
    contribution = np.take_along_axis(contributions, feature, axis=1)
    most_mitigating = contributions.argmin(axis=1)
    shown = _is_shown(contributions, most_mitigating, places)
    last = np.where(shown, np.minimum((contribution > 0).sum(axis=1), places - 1), 0)
    rows = np.flatnonzero(shown)
    feature[rows, last[rows]] = most_mitigating[rows]
    contribution[rows, last[rows]] = contributions[rows, most_mitigating[rows]]
    told = contribution > 0
    told[rows, last[rows]] = True
    return Chosen(np.nonzero(told)[0], feature[told], contribution[told])


def tell_reasons(
    chosen: Chosen, frame: pd.DataFrame, columns: Sequence[FeatureColumn], usual: UsualValues, wording: Wording
) -> list[list[Reason]]:
    """Write the chosen reasons, one list per row of `frame`, in the order they were chosen."""
    sentence = np.empty(len(chosen.claim), dtype=object)
    value = np.empty(len(chosen.claim), dtype=object)
    for position in np.unique(chosen.feature):
        here = np.flatnonzero(chosen.feature == position)
        cells = frame.iloc[chosen.claim[here], int(position)]
        sentence[here], value[here] = _tell_feature(cells, columns[int(position)], wording)
    usually = [_usually(column, usual, wording) for column in columns]
    reasons: list[list[Reason]] = [[] for _ in range(len(frame))]
    parts = zip(chosen.claim, chosen.feature, sentence, value, chosen.contribution.tolist(), strict=True)
    for claim, feature, said, own, contribution in parts:
        reasons[claim].append(Reason(columns[feature].name, said, own, usually[feature], contribution))
    return reasons


def _largest(contributions: FloatArray, places: int) -> npt.NDArray[np.intp]:
    picked = np.argpartition(-contributions, places - 1, axis=1)[:, :places]
    picked.sort(axis=1)
    order = np.argsort(-np.take_along_axis(contributions, picked, axis=1), axis=1, kind="stable")
    return np.take_along_axis(picked, order, axis=1)


def _is_shown(contributions: FloatArray, most_mitigating: npt.NDArray[np.intp], places: int) -> npt.NDArray[np.bool_]:
    strength = np.abs(contributions)
    own = np.take_along_axis(contributions, most_mitigating[:, None], axis=1)
    stronger = (strength > np.abs(own)).sum(axis=1)
    return cast("npt.NDArray[np.bool_]", (own[:, 0] < 0) & (stronger < places))


def _tell_feature(
    cells: pd.Series, column: FeatureColumn, wording: Wording
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    codes, distinct = pd.factorize(cells, use_na_sentinel=False)
    values = [_plain(cell, column) for cell in distinct]
    sentences = np.array([wording.sentence(column, cell) for cell in values], dtype=object)
    written = np.array([wording.value(cell, column.unit) for cell in values], dtype=object)
    return sentences[codes], written[codes]


def _usually(column: FeatureColumn, usual: UsualValues, wording: Wording) -> str:
    entry = usual[column.name]
    return wording.usual(entry["value"], entry["share"], column.unit)


def _plain(cell: object, column: FeatureColumn) -> Value:
    if column.kind == "numeric":
        return float(cast("float", cell))
    return None if pd.isna(cast("str", cell)) else str(cell)
