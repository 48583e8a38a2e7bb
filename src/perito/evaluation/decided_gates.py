"""Columns that are filled in only for claims that somebody decided: a closing note, the cost of an investigation.

Refuses outcomes: it compares decided claims with undecided ones of the training period, and
never asks what was decided.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.column_gates import FEW_VALUES, Halves
from perito.evaluation.wording import say
from perito.features.columns import FeatureColumn

Mask = npt.NDArray[np.bool_]

TIMES_AS_OFTEN = 10.0
"""How many times more often decided claims must have the values in question than undecided ones."""
SHARE_OF_DECIDED = 0.1
"""Share of the decided claims that must have them."""
MINIMUM_CLAIMS = 30
"""Decided and undecided claims that both halves must have before a column is judged."""


def only_when_decided(
    frame: pd.DataFrame, columns: tuple[FeatureColumn, ...], halves: Halves, language: Language
) -> Iterator[Finding]:
    """Columns some of whose values go with being decided at all: action `asked`.

    `halves` holds training claims by report, with 1 for a claim that somebody decided and 0
    for one that nobody did. A value is anything the column holds, emptiness included; a
    column of many numbers is read as empty, at its commonest number, or neither. Which
    values go with being decided is learnt on the older half and measured on the younger.
    Finds nothing where nearly all claims, or nearly none, are decided.
    """
    if not _judged(halves):
        return
    for column in columns:
        among_decided, among_others = _shares(frame[column.name], halves)
        if among_decided >= SHARE_OF_DECIDED and among_decided >= TIMES_AS_OFTEN * among_others:
            evidence = say(
                _WORDS[language],
                language,
                column=column.name,
                decided=100 * among_decided,
                others=100 * among_others,
            )
            yield Finding("only_when_decided", column.name, evidence, "asked")


def _judged(halves: Halves) -> bool:
    sides = (halves.older_label, halves.younger_label)
    return all(min(side.sum(), (1 - side).sum()) >= MINIMUM_CLAIMS for side in sides)


def _shares(values: pd.Series, halves: Halves) -> tuple[float, float]:
    """Shares of the younger decided and undecided claims with a telling value; the second one never below one claim."""
    codes = _codes(values, halves.older)
    size = int(codes.max()) + 1
    decided, others = (
        np.bincount(codes[halves.older[halves.older_label == side]], minlength=size) + 0.5 for side in (1, 0)
    )
    telling = (decided / decided.sum()) >= TIMES_AS_OFTEN * (others / others.sum())
    has = telling[codes[halves.younger]]
    positive: Mask = halves.younger_label == 1
    return float(has[positive].mean()), float((1 + has[~positive].sum()) / (1 + np.sum(~positive)))


def _codes(values: pd.Series, older: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > FEW_VALUES:
        commonest = values.iloc[older].mode().iloc[:1]
        values = values.isin(commonest).mask(values.isna()).astype("category")
    return np.asarray(pd.factorize(values, use_na_sentinel=False)[0], dtype=np.intp)


_WORDS = {
    Language.ENGLISH: (
        "{decided:.0f} % of the claims that somebody decided have values of {column} that only {others:.1f} % of the "
        "others have, as a column has that is filled in while a claim is being investigated."
    ),
    Language.SPANISH: (
        "El {decided:.0f} % de los siniestros que alguien decidió tiene valores de {column} que solo tiene el "
        "{others:.1f} % de los demás, como una columna que se rellena mientras se investiga."
    ),
}
