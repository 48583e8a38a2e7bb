"""What a ranking is worth to a desk that can open only so many claims, with intervals.

Refuses claims whose label is unknown: they are scored, but no figure speaks about them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perito.datasets.money import recoverable_amount
from perito.datasets.spec import Money
from perito.domain.errors import ParameterError
from perito.domain.words import Language
from perito.evaluation.bootstrap import Counts, Interval, percentile_interval, resampled_counts
from perito.evaluation.ranking import Ranking, Tally, check_ranked, rank_claims, tally
from perito.models.interface import FloatArray

FIGURES = (
    "auc",
    "average_precision",
    "recall_at_capacity",
    "precision_at_capacity",
    "lift_at_capacity",
    "net_money_at_capacity",
)
Figures = Mapping[str, Interval]
"""One interval for each name of `FIGURES`, in that order."""


def evaluate(
    score: npt.ArrayLike,
    label: npt.ArrayLike,
    amount: npt.ArrayLike | None,
    *,
    capacity_share: float,
    money: Money,
    seed: int,
    resamples: int = 1000,
    opened_by: npt.ArrayLike | None = None,
) -> Figures:
    """Measure a ranking of labelled claims, each figure with its 95 % bootstrap interval.

    One row per labelled claim. `score`: any scale, higher is more suspicious. `label`: 1
    substantiated, 0 not. `amount`: claimed amount in the book's currency, null where the
    claim has none. The desk opens the `claims_at_capacity` highest scores; equal scores at
    its edge count with their expected value. `opened_by`: what the desk opens claims by
    where that is not the score, in money as `opening_order` gives it; it opens the highest
    first and none below 0, and the figures at capacity speak about that order. `net_money_at_capacity` is in the book's
    currency, the others are ratios.

    A figure without a meaning has no value, and `why_no_figures` says so in words: with no
    substantiated claim there is no auc, average precision, recall or lift; with one
    substantiated claim whose amount is missing, and no `Money.typical_amount` to replace
    it, there is no net money.

    Raises
    ------
    LearningError
        Without a single claim.
    ParameterError
        If a label is unknown, a score is null, or the capacity is no share.
    """
    orders = _orders(score, label, amount, opened_by, money=money)
    claims = orders.by_score.claims
    capacity = claims_at_capacity(capacity_share, claims)
    rng = np.random.default_rng(seed)
    drawn = [_measure(orders, counts, capacity, money) for counts in resampled_counts(claims, resamples, rng)]
    draws = np.array(drawn).reshape(resamples, len(FIGURES))
    values = _measure(orders, np.ones(claims, dtype=np.int64), capacity, money)
    return {name: percentile_interval(values[i], draws[:, i]) for i, name in enumerate(FIGURES)}


def point_figures(
    score: npt.ArrayLike,
    label: npt.ArrayLike,
    amount: npt.ArrayLike | None,
    *,
    capacity_share: float,
    money: Money,
    opened_by: npt.ArrayLike | None = None,
) -> Mapping[str, float]:
    """The values of `evaluate` without their intervals; NaN where a figure has no meaning."""
    orders = _orders(score, label, amount, opened_by, money=money)
    claims = orders.by_score.claims
    counts = np.ones(claims, dtype=np.int64)
    values = _measure(orders, counts, claims_at_capacity(capacity_share, claims), money)
    return dict(zip(FIGURES, values, strict=True))


def claims_at_capacity(capacity_share: float, claims: int) -> int:
    """How many of `claims` the desk can open: the rounded share, at least one.

    Raises
    ------
    ParameterError
        Unless 0 < `capacity_share` <= 1.
    """
    if not 0 < capacity_share <= 1:
        raise ParameterError(
            f"Expected a share of the claims above 0 and up to 1; came {capacity_share}.", where="capacity_share"
        )
    return max(1, round(capacity_share * claims))


def saved_money(claims: int, amount: npt.ArrayLike | None, money: Money) -> FloatArray:
    """What opening each claim saves if it is substantiated, in the book's currency; NaN where nothing tells.

    The recoverable share of the claimed amount, or of the typical amount where the claim has none.
    """
    claimed = np.full(claims, np.nan) if amount is None else np.asarray(amount, dtype=np.float64)
    if len(claimed) != claims:
        raise ParameterError(f"Expected one amount per score; came {claims} scores and {len(claimed)} amounts.")
    return recoverable_amount(claimed, money)


def why_no_figures(label: npt.ArrayLike, *, language: Language = Language.ENGLISH) -> str:
    """The sentence to show beside figures that have no value; empty when both classes are there."""
    label = np.asarray(label, dtype=np.float64)
    present = (bool(np.any(label == 1)), bool(np.any(label == 0)))
    return _ONE_CLASS[language][present]


def known_savings(label: FloatArray, amount: npt.ArrayLike | None, money: Money) -> FloatArray:
    """`saved_money` of every claim; all NaN if it is unknown for one that is substantiated."""
    saved = saved_money(len(label), amount, money)
    return np.full(len(label), np.nan) if np.isnan(saved[label == 1]).any() else saved


@dataclass(frozen=True)
class _Orders:
    """The same claims by score, and as the desk opens them."""

    by_score: Ranking
    as_opened: Ranking

    def count(self, counts: Counts) -> tuple[Tally, Tally]:
        """Both, with the claim in row r of `by_score` counted `counts[r]` times."""
        if self.by_score is self.as_opened:
            both = tally(self.by_score, counts)
            return both, both
        of_claim = np.empty_like(counts)
        of_claim[self.by_score.order] = counts
        return tally(self.by_score, counts), tally(self.as_opened, of_claim[self.as_opened.order])


def _orders(
    score: npt.ArrayLike,
    label: npt.ArrayLike,
    amount: npt.ArrayLike | None,
    opened_by: npt.ArrayLike | None,
    *,
    money: Money,
) -> _Orders:
    scores, labels = np.asarray(score, dtype=np.float64), np.asarray(label, dtype=np.float64)
    check_ranked(scores, labels)
    saved = known_savings(labels, amount, money)
    by_score = rank_claims(scores, labels, saved)
    if opened_by is None:
        return _Orders(by_score, by_score)
    return _Orders(by_score, rank_claims(np.asarray(opened_by, dtype=np.float64), labels, saved, floor=0.0))


def _measure(orders: _Orders, counts: Counts, capacity: int, money: Money) -> Sequence[float]:
    counted, as_opened = orders.count(counts)
    opened = as_opened.open_first(capacity)
    positives, claims = counted.positives, int(counted.claims[-1])
    precision = opened.found / opened.claims if opened.claims else np.nan
    return (
        counted.auc(),
        counted.average_precision(),
        opened.found / positives if positives else np.nan,
        precision,
        precision * claims / positives if positives else np.nan,
        opened.saved - money.investigation_cost * opened.claims,
    )


_ONE_CLASS = {
    Language.ENGLISH: {
        (True, True): "",
        (False, False): "No claim of the test side has a known outcome, so no figure can be given.",
        (False, True): (
            "No claim of the test side was substantiated, so nothing can be said about how many the ranking finds."
        ),
        (True, False): (
            "Every claim of the test side with a known outcome was substantiated, so there is no order to measure."
        ),
    },
    Language.SPANISH: {
        (True, True): "",
        (
            False,
            False,
        ): "Ningún siniestro de la prueba tiene resultado conocido: no se puede dar ninguna cifra.",
        (False, True): (
            "Ningún siniestro de la prueba resultó confirmado: nada puede decirse de cuántos encuentra el orden."
        ),
        (True, False): (
            "Todos los siniestros de la prueba con resultado conocido resultaron confirmados: no hay orden que medir."
        ),
    },
}
"""Sentence by whether a substantiated and another claim are present."""
