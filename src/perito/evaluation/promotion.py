"""Does a challenger earn more than the champion: net money at capacity on the same matured claims, compared in pairs.

Refuses to compare figures of different claims, and to promote on a difference that luck may explain.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perito.datasets.spec import Money
from perito.domain.errors import ParameterError
from perito.domain.words import Language
from perito.evaluation.bootstrap import Counts, Interval, percentile_interval, resampled_counts
from perito.evaluation.metrics import known_savings
from perito.evaluation.ranking import Ranking, rank_claims, tally
from perito.evaluation.wording import say
from perito.models.interface import FloatArray

RESAMPLES = 2000


@dataclass(frozen=True)
class Comparison:
    """Two models' net money at capacity on the same matured claims, in the book's currency.

    `difference`: challenger less champion; its interval is that of the same resampled claims
    for both, so what both find in the same claims cancels. `claims`: matured claims compared
    on. `capacity`: the most of them that either model may open.
    """

    champion: Interval
    challenger: Interval
    difference: Interval
    claims: int
    capacity: int

    @property
    def better(self) -> bool:
        """Whether the 95 % interval of the difference lies wholly above zero."""
        return self.difference.low is not None and self.difference.low > 0

    def sentence(self, champion: str, language: Language = Language.ENGLISH) -> str:
        """What the comparison says; `champion`: the version that reigns."""
        figures = {name: getattr(self.difference, name) for name in ("value", "low", "high")}
        kind = "unknown" if self.difference.value is None else "better" if self.better else "not_better"
        return say(_SENTENCES[language][kind], language, champion=champion, claims=self.claims, **figures)


def compare(
    champion: npt.ArrayLike,
    challenger: npt.ArrayLike,
    label: npt.ArrayLike,
    amount: npt.ArrayLike | None,
    *,
    capacity: int,
    money: Money,
    seed: int,
    resamples: int = RESAMPLES,
    floor: float = -np.inf,
) -> Comparison:
    """Compare two orders of the same matured claims by a paired bootstrap of net money at capacity.

    One row per labelled claim that neither model learnt from. `champion`, `challenger`: what
    each would have a desk open claims by, on any scale, the highest first: log-odds, or
    expected net money with `floor` 0, below which a claim is not opened. `label`: 1
    substantiated, 0 not. `amount`: claimed amount in the book's currency, null where the claim has
    none. `capacity`: claims either may open. Every resample draws the same claims for both.

    Net money has no value, and nothing is better, where a substantiated claim has no amount
    and `money.typical_amount` does not replace it.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    Raises
    ------
    LearningError
        Without a single claim.
    ParameterError
        If a label is unknown, a score is null, the lengths differ, or the capacity is none.

    Examples
    --------
    >>> money = Money(investigation_cost=1, recoverable_share=1)
    >>> found = compare([1, 2, 3], [3, 2, 1], [1, 0, 0], [50, 50, 50], capacity=1, money=money, seed=0)
    >>> found.champion.value, found.challenger.value, found.difference.value
    (-1.0, 49.0, 50.0)
    """
    labels = np.asarray(label, dtype=np.float64)
    saved = known_savings(labels, amount, money)
    old, new = (_ranked(one, labels, saved, floor) for one in (champion, challenger))
    if capacity < 1:
        raise ParameterError(f"Expected room for at least one claim, got {capacity}.", where="capacity")
    cost = money.investigation_cost
    rng = np.random.default_rng(seed)
    draws = np.array(
        [
            (_net_money(old, counts, capacity, cost), _net_money(new, counts, capacity, cost))
            for counts in resampled_counts(len(labels), resamples, rng)
        ]
    ).reshape(resamples, 2)
    once = np.ones(len(labels), dtype=np.int64)
    first, second = (_net_money(one, once, capacity, cost) for one in (old, new))
    return Comparison(
        champion=percentile_interval(first, draws[:, 0]),
        challenger=percentile_interval(second, draws[:, 1]),
        difference=percentile_interval(second - first, draws[:, 1] - draws[:, 0]),
        claims=len(labels),
        capacity=capacity,
    )


def _ranked(opened_by: npt.ArrayLike, label: FloatArray, saved: FloatArray, floor: float) -> Ranking:
    return rank_claims(np.asarray(opened_by, dtype=np.float64), label, saved, floor=floor)


def _net_money(ranking: Ranking, counts: Counts, capacity: int, cost: float) -> float:
    opened = tally(ranking, counts[ranking.order]).open_first(capacity)
    return opened.saved - cost * opened.claims


_SENTENCES = {
    Language.ENGLISH: {
        "better": "on the same {claims:,} matured claims it earns {value:,.0f} more net money at capacity than version "
        "{champion} (95 % interval {low:,.0f} to {high:,.0f}).",
        "not_better": "version {champion} is; on the same {claims:,} matured claims the difference of net money at "
        "capacity is {value:,.0f} (95 % interval {low:,.0f} to {high:,.0f}), which does not lie above zero.",
        "unknown": "version {champion} is; of the same {claims:,} matured claims a substantiated one states no amount, "
        "so net money cannot be compared.",
    },
    Language.SPANISH: {
        "better": "en los mismos {claims:,} siniestros maduros rinde {value:,.0f} más de dinero neto a plena capacidad "
        "que la versión {champion} (intervalo del 95 %: de {low:,.0f} a {high:,.0f}).",
        "not_better": "lo es la versión {champion}; en los mismos {claims:,} siniestros maduros la diferencia de "
        "dinero neto a plena capacidad es {value:,.0f} (intervalo del 95 %: de {low:,.0f} a {high:,.0f}), y no queda "
        "por encima de cero.",
        "unknown": "lo es la versión {champion}; de los mismos {claims:,} siniestros maduros uno confirmado no declara "
        "importe, así que el dinero neto no se puede comparar.",
    },
}
