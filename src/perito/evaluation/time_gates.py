"""Columns that only mark time: a running number, a year, a calendar position seen in one stretch of it.

Refuses labels: a column is judged by when its values occur, never by what they go with.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.wording import say
from perito.features.columns import FeatureColumn

Instants = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

TIME_CORRELATION = 0.98
"""Share of the highest rank correlation with time that a column's ties allow."""
TIME_SPREAD = 1.2
"""Category values that part time into blocks cover it about once in sum; unrelated ones cover it once each."""
SEEN_ONCE_SHARE = 0.6
"""Share of the training claims whose value was seen in one stretch only, above which a column marks time."""
ONE_STRETCH = 0.55
"""A value seen once has its middle nine in ten claims in no more than this share of the period."""
CAME_BACK = 0.5
"""And its middle third is not emptier than this share of both outer thirds, as that of a month is a year later."""
MINIMUM_CLAIMS = 100
"""Claims with a value below which a column is not said to mark time."""
MINIMUM_OF_A_VALUE = 10
"""Claims that a value must have, or that must differ from a column's commonest value."""
LOOKED_AT = 20_000
"""Claims, drawn by the seed, that a column is judged by in a larger table."""
FEW_VALUES = 50
"""A numeric column with more values than this is read in `BINS` groups of neighbouring values."""
BINS = 20


def marks_time(
    frame: pd.DataFrame,
    columns: tuple[FeatureColumn, ...],
    reported_at: pd.Series,
    training: Mask,
    *,
    action: str,
    seed: int = 0,
    language: Language,
) -> Iterator[Finding]:
    """Columns whose values only say when a claim was reported. No label is read.

    Numeric: over all claims the rank correlation with `reported_at` is above
    `TIME_CORRELATION` of what the column's ties allow. Categorical: over all claims its
    values part time into blocks that hardly overlap. Both: most claims, of the `training`
    side or of all, have a value that occurs in one stretch of the period only, so that what
    it goes with cannot be told from when it was. A table of more than `LOOKED_AT` claims
    is judged by as many of them.
    """
    drawn = np.sort(np.random.default_rng(seed).permutation(len(frame))[:LOOKED_AT])
    times = reported_at.to_numpy()[drawn].astype("datetime64[s]").astype(np.int64)
    for column in columns:
        told = _told(frame[column.name].iloc[drawn], column, times, training[drawn])
        if told is not None:
            evidence = say(_WORDS[language][told[0]], language, column=column.name, figure=told[1])
            yield Finding("marks_time", column.name, evidence, action)


def _told(values: pd.Series, column: FeatureColumn, times: Instants, training: Mask) -> tuple[str, float] | None:
    everywhere = np.ones(len(times), dtype=np.bool_)
    if column.kind == "numeric":
        if abs(correlation := time_correlation(values, times)) > TIME_CORRELATION:
            return "number", correlation
    elif (spread := time_spread(values, times)) < TIME_SPREAD:
        return "category", spread
    for words, side in (("once", training), ("once_in_all", everywhere)):
        if (share := share_seen_once(values[side], times[side])) > SEEN_ONCE_SHARE:
            return words, 100 * share
    return None


def time_correlation(values: pd.Series, times: Instants) -> float:
    """Spearman's correlation of a numeric column with time, over the highest its ties allow; 0 if too few differ."""
    known = values.notna().to_numpy()
    number, when = values.to_numpy(dtype=np.float64)[known], times[known]
    if len(number) < MINIMUM_CLAIMS or min(_others(number), _others(when)) < MINIMUM_OF_A_VALUE:
        return 0.0
    found, aligned = _spearman(number, when), _spearman(np.sort(number), np.sort(when))
    opposed = _spearman(np.sort(number)[::-1], np.sort(when))
    return found / aligned if found >= 0 else -found / opposed


def time_spread(values: pd.Series, times: Instants) -> float:
    """How many times the values of a categorical column cover the table's time, in sum; infinite if too few differ.

    Each value covers the claims reported between its own first and last (one in a hundred
    left aside at both ends). Values below `MINIMUM_OF_A_VALUE` claims are left aside.
    """
    codes, known = pd.factorize(values)[0], values.notna().to_numpy()
    sizes = np.bincount(codes[known], minlength=1)
    common = np.flatnonzero(sizes >= MINIMUM_OF_A_VALUE)
    kept = np.isin(codes, common)
    if len(common) < 2 or kept.sum() < max(MINIMUM_CLAIMS, known.sum() / 2):
        return float("inf")
    ordered = np.sort(times[kept])
    covered = (np.ptp(_places(np.sort(times[codes == code]), ordered, aside=100)) for code in common)
    return float(sum(covered)) / len(ordered)


def share_seen_once(values: pd.Series, times: Instants) -> float:
    """Share of the claims with a value whose value occurs in one stretch of the period, and in no other.

    A stretch holds the middle nine in ten claims of the value, covers at most `ONE_STRETCH`
    of all claims by report, and is not emptier in its middle than at both ends, which would
    be a value that came back. A numeric column with many values is read in `BINS` groups of
    equal size. A value of fewer than `MINIMUM_OF_A_VALUE` claims counts as seen more than once.
    """
    codes = _codes(values)
    known = codes >= 0
    if known.sum() < MINIMUM_CLAIMS or _others(times[known]) < MINIMUM_OF_A_VALUE:
        return 0.0
    ordered, sizes = np.sort(times[known]), np.bincount(codes[known])
    common = np.flatnonzero(sizes >= MINIMUM_OF_A_VALUE)
    once = sum(int(sizes[code]) for code in common if _is_one_stretch(np.sort(times[codes == code]), ordered))
    return once / int(known.sum())


def _codes(values: pd.Series) -> npt.NDArray[np.intp]:
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > FEW_VALUES:
        values = pd.qcut(values, BINS, labels=False, duplicates="drop")
    return np.asarray(pd.factorize(values)[0], dtype=np.intp)


def _is_one_stretch(own: Instants, ordered: Instants) -> bool:
    places = _places(own, ordered, aside=20)
    if np.ptp(places) > ONE_STRETCH * len(ordered):
        return False
    first, middle, last = np.histogram(places[:-1], bins=3, range=(places[0], places[-1]))[0]
    return bool(middle >= CAME_BACK * min(first, last))


def _places(own: Instants, ordered: Instants, *, aside: int) -> npt.NDArray[np.intp]:
    """Where a value's claims lie among all, without one in `aside` at both ends, then where the last one's day ends."""
    few = len(own) // aside
    kept = own[few : len(own) - few]
    return np.append(np.searchsorted(ordered, kept, side="left"), np.searchsorted(ordered, kept[-1:], side="right"))


def _others(values: npt.NDArray[np.generic]) -> int:
    return len(values) - int(np.unique(values, return_counts=True)[1].max())


def _spearman(one: npt.NDArray[np.generic], other: npt.NDArray[np.generic]) -> float:
    ranks = np.column_stack([pd.Series(values).rank() for values in (one, other)])
    return float(np.corrcoef(ranks, rowvar=False)[0, 1])


_WORDS = {
    Language.ENGLISH: {
        "number": (
            "{column} rises or falls with the instant of report (rank correlation {figure:.3f}), so it says when, "
            "not what."
        ),
        "category": (
            "The values of {column} follow one another in time (together they cover it {figure:.2f} times), so it says "
            "when, not what."
        ),
        "once": (
            "{figure:.0f} % of the training claims have a value of {column} that occurs in one stretch of the training "
            "period only, so what it goes with cannot be told from when it was."
        ),
        "once_in_all": (
            "{figure:.0f} % of the claims have a value of {column} that occurs in one stretch of time only, so what it "
            "goes with does not come back."
        ),
    },
    Language.SPANISH: {
        "number": (
            "{column} sube o baja con el momento del aviso (correlación de rangos {figure:.3f}): dice cuándo, no qué."
        ),
        "category": (
            "Los valores de {column} se suceden en el tiempo (juntos lo cubren {figure:.2f} veces): la columna dice "
            "cuándo, no qué."
        ),
        "once": (
            "El {figure:.0f} % de los siniestros de aprendizaje tiene un valor de {column} que solo aparece en un "
            "tramo del periodo de aprendizaje: no se distingue con qué va de cuándo fue."
        ),
        "once_in_all": (
            "El {figure:.0f} % de los siniestros tiene un valor de {column} que solo aparece en un tramo de tiempo: "
            "aquello con lo que va no vuelve."
        ),
    },
}
