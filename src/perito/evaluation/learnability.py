"""Is there anything to learn: does the ranking of claims it has not seen beat chance and a sort by amount, and surely.

Refuses to compare scores of different models: every pair of claims is taken from one fold.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from perito.domain.errors import LearningError
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval, percentile_interval, resampled_counts
from perito.evaluation.ranking import check_ranked, rank_claims, tally
from perito.evaluation.wording import say
from perito.models.interface import FloatArray

P_VALUE_LIMIT = 0.01
"""A ranking counts as better than chance below this permutation p-value."""
WEAK_AUC = 0.6
"""Below this a ranking better than chance is called weak in words."""

Verdict = Literal["learnable", "nothing_to_learn", "no_better_than_amount"]


@dataclass(frozen=True)
class Learnability:
    """Whether the ranking of unseen claims is better than chance, and better than sorting by amount.

    `auc`: of the pairs of a substantiated and another claim of one fold, the share with the
    substantiated one first; 0.5 is chance. `auc_by_amount`: the same when claims are sorted
    by claimed amount, highest first; None without amounts. `p_value`: how often shuffled
    labels rank as well or better. `over_amount`: the model's AUC less that of the amount, on
    the same claims and resamples; None without amounts.
    """

    verdict: Verdict
    auc: Interval
    auc_by_amount: Interval | None
    p_value: float
    over_amount: Interval | None = None

    def sentence(self, language: Language = Language.ENGLISH) -> str:
        """The verdict in plain words, with the figures it rests on."""
        words = _SENTENCES[language]
        weak = self.verdict == "learnable" and (self.auc.value or 0.0) < WEAK_AUC
        pairs = say(words["pairs"], language, **_percents(self.auc))
        luck = say(words["luck"], language, p_value=self.p_value)
        parts = [words["weak" if weak else self.verdict], pairs, luck]
        if self.auc_by_amount is not None:
            parts.append(say(words["amount"], language, **_percents(self.auc_by_amount)))
        return " ".join(parts)


def learnability(
    log_odds: npt.ArrayLike,
    label: npt.ArrayLike,
    amount: npt.ArrayLike | None,
    *,
    seed: int,
    fold: npt.ArrayLike | None = None,
    resamples: int = 1000,
    permutations: int = 2000,
) -> Learnability:
    """Judge the pooled validation scores of a model: learnable, no better than the amount, or nothing to learn.

    One row per validated claim with a known label. `log_odds`: the score of the model that
    had not learnt from the claim; any scale, higher is more suspicious. `fold`: which fold
    it was validated in; scores are compared inside a fold only, so models of different
    folds need not share a scale. A null `amount` sorts last.

    Better than chance means both: the 95 % bootstrap interval of the AUC lies above 0.5, and
    the permutation p-value is below `P_VALUE_LIMIT`. Learnable means that, and where there
    are amounts, that the interval of the paired difference to the AUC of sorting by amount
    lies above 0. Resamples and permutations stay inside a fold.

    Sources: Hanley and McNeil (1982), Radiology 143(1), 29-36, for the AUC as a share of
    pairs; Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), 39, for the p-value
    that counts the observed order as one of the permutations; DeLong, DeLong and
    Clarke-Pearson (1988), Biometrics 44(3), 837-845, for comparing two AUCs on the same
    claims, here by resampling them together.

    Raises
    ------
    LearningError
        If no fold has both a substantiated and another claim.
    ParameterError
        If a label is unknown or a score is null.
    """
    scores, labels = np.asarray(log_odds, dtype=np.float64), np.asarray(label, dtype=np.float64)
    check_ranked(scores, labels)
    parts = _parts(labels, fold)
    rng = np.random.default_rng(seed)
    amounts = None if amount is None else _nulls_last(np.asarray(amount, dtype=np.float64))
    draws = _aucs([scores] if amounts is None else [scores, amounts], labels, parts, resamples, rng)
    auc = percentile_interval(draws[0, 0], draws[0, 1:])
    p_value = _p_value([(scores[part], labels[part]) for part in parts], permutations, rng)
    better = auc.low is not None and auc.low > 0.5 and p_value < P_VALUE_LIMIT
    if amounts is None:
        return Learnability("learnable" if better else "nothing_to_learn", auc, None, p_value)
    by_amount, over = percentile_interval(draws[1, 0], draws[1, 1:]), draws[0] - draws[1]
    over_amount = percentile_interval(over[0], over[1:])
    beats_amount: Verdict = "learnable" if (over_amount.low or 0.0) > 0 else "no_better_than_amount"
    return Learnability(beats_amount if better else "nothing_to_learn", auc, by_amount, p_value, over_amount)


def _nulls_last(amounts: FloatArray) -> FloatArray | None:
    if np.isnan(amounts).all():
        return None
    known: FloatArray = np.where(np.isnan(amounts), np.nanmin(amounts) - 1, amounts)
    return known


def _parts(label: FloatArray, fold: npt.ArrayLike | None) -> list[npt.NDArray[np.intp]]:
    number = np.zeros(len(label), dtype=np.intp) if fold is None else np.asarray(fold)
    parts = [np.flatnonzero(number == one) for one in np.unique(number)]
    both = [part for part in parts if 0 < label[part].sum() < len(part)]
    if not both:
        raise LearningError(
            "No validation fold has both a substantiated and another claim, so no order can be judged.",
            where="learnability",
            remedy="Bring more labelled claims, or fewer and longer folds.",
        )
    return both


def _aucs(
    scores: list[FloatArray],
    label: FloatArray,
    parts: list[npt.NDArray[np.intp]],
    resamples: int,
    rng: np.random.Generator,
) -> FloatArray:
    """A row for each score: its AUC over all claims, then over each resample, the same claims drawn for every score."""
    ordered, pairs = np.zeros((len(scores), 1 + resamples)), np.zeros(1 + resamples)
    for part in parts:
        rankings = [(_order(score[part]), rank_claims(score[part], label[part])) for score in scores]
        drawn = (np.ones(len(part), dtype=np.int64), *resampled_counts(len(part), resamples, rng))
        for draw, counts in enumerate(drawn):
            counted = [tally(ranking, counts[order]) for order, ranking in rankings]
            ordered[:, draw] += [one.ordered_pairs() for one in counted]
            pairs[draw] += counted[0].pairs
    aucs: FloatArray = np.divide(ordered, pairs, out=np.full(ordered.shape, np.nan), where=pairs > 0)
    return aucs


def _order(score: FloatArray) -> npt.NDArray[np.intp]:
    """The order in which `rank_claims` holds claims, so that a resample counts the same claims in every ranking."""
    return np.argsort(-score, kind="stable")


def _p_value(parts: list[tuple[FloatArray, FloatArray]], permutations: int, rng: np.random.Generator) -> float:
    observed, shuffled = 0.0, np.zeros(permutations)
    for score, label in parts:
        ranks, positives = _middle_ranks(score), int(label.sum())
        observed += float(ranks[label == 1].sum())
        for draw in range(permutations):
            shuffled[draw] += ranks[rng.choice(len(ranks), positives, replace=False, shuffle=False)].sum()
    return float((1 + np.sum(shuffled >= observed)) / (1 + permutations))


def _middle_ranks(score: FloatArray) -> FloatArray:
    _, number, sizes = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return (ends - (sizes - 1) / 2)[number]


def _percents(interval: Interval) -> dict[str, int]:
    return {name: _percent(bound) for name, bound in interval.document().items()}


def _percent(share: float | None) -> int:
    return round(100 * share) if share is not None else 0


_SENTENCES = {
    Language.ENGLISH: {
        "learnable": "There is something to learn in these claims.",
        "weak": "There is something to learn in these claims, but little.",
        "nothing_to_learn": "Nothing that can be relied on was learnt: the order is not surely better than chance.",
        "no_better_than_amount": (
            "The order is better than chance, but not surely better than sorting by claimed amount: sort by amount."
        ),
        "luck": "Shuffled outcomes rank as well with a probability of {p_value:.4f}.",
        "pairs": (
            "Of two claims that the model had not seen, one substantiated and one not, it puts the substantiated "
            "one first {value} times in 100 (95 % interval {low} to {high}; chance is 50)."
        ),
        "amount": "Sorting by claimed amount alone does so {value} times in 100 ({low} to {high}).",
    },
    Language.SPANISH: {
        "learnable": "En estos siniestros hay algo que aprender.",
        "weak": "En estos siniestros hay algo que aprender, pero poco.",
        "nothing_to_learn": "No se aprendió nada fiable: el orden no es con seguridad mejor que el azar.",
        "no_better_than_amount": (
            "El orden es mejor que el azar, pero no con seguridad mejor que ordenar por el importe reclamado: ordene "
            "por importe."
        ),
        "luck": "Con los resultados barajados se ordena igual de bien con una probabilidad de {p_value:.4f}.",
        "pairs": (
            "De dos siniestros que el modelo no había visto, uno confirmado y otro no, pone primero al confirmado "
            "{value} veces de cada 100 (intervalo del 95 %: de {low} a {high}; el azar da 50)."
        ),
        "amount": "Ordenar solo por el importe reclamado lo consigue {value} veces de cada 100 (de {low} a {high}).",
    },
}
