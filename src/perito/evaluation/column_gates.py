"""Columns that know too much: the outcome itself, or only when the claim was reported.

Refuses the labels of the test side: a column is judged on training labels alone, learnt
on the older half of them and measured on the younger.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval, percentile_interval, resampled_counts
from perito.evaluation.ranking import rank_claims, tally
from perito.evaluation.wording import say
from perito.features.columns import FeatureColumn
from perito.models.interface import FloatArray

KNOWS_AUC = 0.97
"""A single column that ranks unseen claims this well knows the outcome."""
KNOWS_AUC_LOW = 0.9
"""And its 95 % interval must begin above this, so that a handful of labels cannot block a column."""
TIME_CORRELATION = 0.98
"""Share of the highest rank correlation with time that a column's ties allow."""
TIME_SPREAD = 1.2
"""Category values that part time into blocks cover it about once in sum; unrelated ones cover it once each."""
MINIMUM_CLAIMS = 30
"""Claims with a value below which a column is not said to mark time."""
MINIMUM_OF_A_VALUE = 10
"""Claims that a value must have, or that must differ from a column's commonest value."""
MINIMUM_POSITIVES = 5
"""Substantiated claims that both halves must have before a column is judged."""
FEW_VALUES = 50
"""A numeric column with no more values than this is also read as a code."""


@dataclass(frozen=True)
class Halves:
    """Labelled training claims: those a column's ranking is learnt on, then those it is measured on.

    Both are positions in the feature frame, `older_label` and `younger_label` their labels.
    """

    older: npt.NDArray[np.intp]
    younger: npt.NDArray[np.intp]
    older_label: FloatArray
    younger_label: FloatArray

    @property
    def judged(self) -> bool:
        """Whether both halves have enough substantiated and other claims to judge a column."""
        return all(
            min(label.sum(), (1 - label).sum()) >= MINIMUM_POSITIVES for label in (self.older_label, self.younger_label)
        )


def knows_the_outcome(
    frame: pd.DataFrame, columns: tuple[FeatureColumn, ...], halves: Halves, *, seed: int, language: Language
) -> Iterator[Finding]:
    """Columns that alone, or by being empty alone, rank the younger training claims almost perfectly.

    What each value means is learnt on the older half. A numeric column is tried as a
    quantity, higher or lower being worse, and with few values as a code.
    """
    if not halves.judged:
        evidence = say(_WORDS[language]["not_judged"], language, minimum=MINIMUM_POSITIVES)
        yield Finding("knows_the_outcome", "", evidence, "warned")
        return
    for column in columns:
        auc = _unseen_auc(frame[column.name], halves, seed)
        if auc is not None:
            evidence = say(
                _WORDS[language]["knows"], language, column=column.name, auc=auc.value, low=auc.low, high=auc.high
            )
            yield Finding("knows_the_outcome", column.name, evidence, "blocked")


def marks_time(
    frame: pd.DataFrame,
    columns: tuple[FeatureColumn, ...],
    reported_at: pd.Series,
    *,
    action: str,
    language: Language,
) -> Iterator[Finding]:
    """Columns whose values only say when a claim was reported. No label is read.

    Numeric: the rank correlation with `reported_at` is above `TIME_CORRELATION` of what the
    column's ties allow. Categorical: its values part time into blocks that hardly overlap.
    """
    times = reported_at.to_numpy().astype("datetime64[s]").astype(np.int64)
    for column in columns:
        values, words = frame[column.name], _WORDS[language]
        if column.kind == "numeric" and abs(correlation := time_correlation(values, times)) > TIME_CORRELATION:
            evidence = say(words["marks_number"], language, column=column.name, correlation=correlation)
            yield Finding("marks_time", column.name, evidence, action)
        elif column.kind == "categorical" and (spread := time_spread(values, times)) < TIME_SPREAD:
            evidence = say(words["marks_category"], language, column=column.name, spread=spread)
            yield Finding("marks_time", column.name, evidence, action)


def time_correlation(values: pd.Series, times: npt.NDArray[np.int64]) -> float:
    """Spearman's correlation of a numeric column with time, over the highest its ties allow; 0 if too few differ."""
    known = values.notna().to_numpy()
    number, when = values.to_numpy(dtype=np.float64)[known], times[known]
    if len(number) < MINIMUM_CLAIMS or min(_others(number), _others(when)) < MINIMUM_OF_A_VALUE:
        return 0.0
    found, aligned = _spearman(number, when), _spearman(np.sort(number), np.sort(when))
    opposed = _spearman(np.sort(number)[::-1], np.sort(when))
    return found / aligned if found >= 0 else -found / opposed


def time_spread(values: pd.Series, times: npt.NDArray[np.int64]) -> float:
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
    return sum(_covered(np.sort(times[codes == code]), ordered) for code in common) / len(ordered)


def _covered(own: npt.NDArray[np.int64], ordered: npt.NDArray[np.int64]) -> int:
    aside = len(own) // 100
    first, last = own[aside], own[len(own) - 1 - aside]
    return int(np.searchsorted(ordered, last, side="right") - np.searchsorted(ordered, first, side="left"))


def _unseen_auc(values: pd.Series, halves: Halves, seed: int) -> Interval | None:
    for score in _scores(values, halves):
        ranking = rank_claims(score, halves.younger_label)
        if (auc := tally(ranking).auc()) >= KNOWS_AUC:
            rng = np.random.default_rng(seed)
            draws = [tally(ranking, counts).auc() for counts in resampled_counts(ranking.claims, 300, rng)]
            interval = percentile_interval(auc, np.array(draws))
            if interval.low is not None and interval.low >= KNOWS_AUC_LOW:
                return interval
    return None


def _scores(values: pd.Series, halves: Halves) -> Iterator[FloatArray]:
    older, younger = values.iloc[halves.older], values.iloc[halves.younger]
    if older.isna().any() or younger.isna().any():
        yield _rate_by_value(older.isna(), younger.isna(), halves.older_label)
    numeric = pd.api.types.is_numeric_dtype(values)
    if not numeric or older.nunique() <= FEW_VALUES:
        yield _rate_by_value(older, younger, halves.older_label)
    if numeric and older.notna().any():
        middle = older.median()
        known = older.fillna(middle).to_numpy(dtype=np.float64)
        upwards = tally(rank_claims(known, halves.older_label)).auc() >= 0.5
        yield younger.fillna(middle).to_numpy(dtype=np.float64) * (1.0 if upwards else -1.0)


def _rate_by_value(older: pd.Series, younger: pd.Series, label: FloatArray) -> FloatArray:
    overall = float(label.mean())
    codes = pd.factorize(pd.concat([older, younger]), use_na_sentinel=False)[0]
    seen, unseen = np.split(codes, [len(older)])
    size = int(codes.max()) + 1
    rates = (np.bincount(seen, label, size) + overall) / (np.bincount(seen, minlength=size) + 1)
    score: FloatArray = rates[unseen]
    return score


def _others(values: npt.NDArray[np.generic]) -> int:
    return len(values) - int(np.unique(values, return_counts=True)[1].max())


def _spearman(one: npt.NDArray[np.generic], other: npt.NDArray[np.generic]) -> float:
    ranks = np.column_stack([pd.Series(values).rank() for values in (one, other)])
    return float(np.corrcoef(ranks, rowvar=False)[0, 1])


_WORDS = {
    Language.ENGLISH: {
        "not_judged": (
            "Whether a column knows the outcome could not be judged: half of the training claims holds fewer than "
            "{minimum} substantiated or other claims."
        ),
        "knows": (
            "{column} alone puts training claims it had not seen in almost perfect order (AUC {auc:.3f}, 95 % interval "
            "{low:.3f} to {high:.3f}), as a column filled in after the outcome does."
        ),
        "marks_number": (
            "{column} rises or falls with the instant of report (rank correlation {correlation:.3f}), so it says when, "
            "not what."
        ),
        "marks_category": (
            "The values of {column} follow one another in time (together they cover it {spread:.2f} times), so it says "
            "when, not what."
        ),
    },
    Language.SPANISH: {
        "not_judged": (
            "No se pudo juzgar si una columna conoce el resultado: una mitad de los siniestros de aprendizaje tiene "
            "menos de {minimum} confirmados o de los demás."
        ),
        "knows": (
            "{column} por sí sola ordena casi a la perfección siniestros de aprendizaje que no había visto (AUC "
            "{auc:.3f}, intervalo del 95 %: de {low:.3f} a {high:.3f}), como una columna rellenada tras el resultado."
        ),
        "marks_number": (
            "{column} sube o baja con el momento del aviso (correlación de rangos {correlation:.3f}): dice cuándo, "
            "no qué."
        ),
        "marks_category": (
            "Los valores de {column} se suceden en el tiempo (juntos lo cubren {spread:.2f} veces): la columna dice "
            "cuándo, no qué."
        ),
    },
}
