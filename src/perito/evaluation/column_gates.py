"""Columns that know the outcome: one of them alone puts claims it was not fitted on in near perfect order.

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
DOUBTFUL_AUC = 0.9
"""A single column that ranks unseen claims this well is asked about."""
DOUBTFUL_AUC_LOW = 0.85
"""And its 95 % interval must begin above this."""
MINIMUM_POSITIVES = 5
"""Substantiated claims that both halves must have before a column is judged."""
FEW_VALUES = 50
"""A numeric column with no more values than this is also read as a code."""


@dataclass(frozen=True)
class Halves:
    """Training claims with a yes or no each: those a column's ranking is learnt on, then those it is measured on.

    Both are positions in the feature frame, `older_label` and `younger_label` what is to be
    ranked: 1 or 0.
    """

    older: npt.NDArray[np.intp]
    younger: npt.NDArray[np.intp]
    older_label: FloatArray
    younger_label: FloatArray

    @property
    def judged(self) -> bool:
        """Whether both halves have enough claims of either kind to judge a column."""
        return all(
            min(label.sum(), (1 - label).sum()) >= MINIMUM_POSITIVES for label in (self.older_label, self.younger_label)
        )


def halve(label: pd.Series, reported_at: pd.Series, training: npt.NDArray[np.bool_], *, seed: int | None) -> Halves:
    """Cut the labelled training claims in two by report, or at random where a `seed` is given instead of an order."""
    usable = np.flatnonzero(training & label.notna().to_numpy())
    if seed is None:
        order = usable[np.argsort(reported_at.to_numpy()[usable], kind="stable")]
    else:
        order = np.random.default_rng(seed).permutation(usable)
    values, middle = label.to_numpy(dtype=np.float64), len(order) // 2
    older, younger = order[:middle], order[middle:]
    return Halves(older, younger, values[older], values[younger])


def knows_the_outcome(
    frame: pd.DataFrame, columns: tuple[FeatureColumn, ...], halves: Halves, *, seed: int, language: Language
) -> Iterator[Finding]:
    """Columns that alone, or by being empty alone, rank the younger training claims almost perfectly.

    What each value means is learnt on the older half. A numeric column is tried as a
    quantity, higher or lower being worse, and with few values as a code. Near perfect is
    `blocked`; strong, but such as an honest column may be, is `asked`.
    """
    if not halves.judged:
        evidence = say(_WORDS[language]["not_judged"], language, minimum=MINIMUM_POSITIVES)
        yield Finding("knows_the_outcome", "", evidence, "warned")
        return
    for column in columns:
        auc = _unseen_auc(frame[column.name], halves, seed)
        if auc is not None:
            knows = _reaches(auc, KNOWS_AUC, KNOWS_AUC_LOW)
            words = _WORDS[language]["knows" if knows else "doubtful"]
            evidence = say(words, language, column=column.name, auc=auc.value, low=auc.low, high=auc.high)
            yield Finding("knows_the_outcome", column.name, evidence, "blocked" if knows else "asked")


def _unseen_auc(values: pd.Series, halves: Halves, seed: int) -> Interval | None:
    found = [_interval(score, halves, seed) for score in _scores(values, halves) if _auc(score, halves) >= DOUBTFUL_AUC]
    strong = [auc for auc in found if _reaches(auc, DOUBTFUL_AUC, DOUBTFUL_AUC_LOW)]
    return max(strong, key=lambda auc: (_reaches(auc, KNOWS_AUC, KNOWS_AUC_LOW), auc.value), default=None)


def _reaches(auc: Interval, value: float, low: float) -> bool:
    return auc.value is not None and auc.low is not None and auc.value >= value and auc.low >= low


def _auc(score: FloatArray, halves: Halves) -> float:
    return tally(rank_claims(score, halves.younger_label)).auc()


def _interval(score: FloatArray, halves: Halves, seed: int) -> Interval:
    ranking, rng = rank_claims(score, halves.younger_label), np.random.default_rng(seed)
    draws = [tally(ranking, counts).auc() for counts in resampled_counts(ranking.claims, 300, rng)]
    return percentile_interval(tally(ranking).auc(), np.array(draws))


def _scores(values: pd.Series, halves: Halves) -> Iterator[FloatArray]:
    older, younger = values.iloc[halves.older], values.iloc[halves.younger]
    if older.isna().any() or younger.isna().any():
        yield rate_by_value(older.isna(), younger.isna(), halves.older_label)
    numeric = pd.api.types.is_numeric_dtype(values)
    if not numeric or older.nunique() <= FEW_VALUES:
        yield rate_by_value(older, younger, halves.older_label)
    if numeric and older.notna().any():
        middle = older.median()
        known = older.fillna(middle).to_numpy(dtype=np.float64)
        upwards = tally(rank_claims(known, halves.older_label)).auc() >= 0.5
        yield younger.fillna(middle).to_numpy(dtype=np.float64) * (1.0 if upwards else -1.0)


def rate_by_value(older: pd.Series, younger: pd.Series, label: FloatArray) -> FloatArray:
    """What share of the older claims with the same value are a yes, one claim of the mean share added to each."""
    overall = float(label.mean())
    codes = pd.factorize(pd.concat([older, younger]), use_na_sentinel=False)[0]
    seen, unseen = np.split(codes, [len(older)])
    size = int(codes.max()) + 1
    rates = (np.bincount(seen, label, size) + overall) / (np.bincount(seen, minlength=size) + 1)
    score: FloatArray = rates[unseen]
    return score


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
        "doubtful": (
            "{column} alone puts training claims it had not seen in very good order (AUC {auc:.3f}, 95 % interval "
            "{low:.3f} to {high:.3f}): a strong sign, or something written down after the outcome."
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
        "doubtful": (
            "{column} por sí sola ordena muy bien siniestros de aprendizaje que no había visto (AUC {auc:.3f}, "
            "intervalo del 95 %: de {low:.3f} a {high:.3f}): un indicio fuerte, o algo escrito tras el resultado."
        ),
    },
}
