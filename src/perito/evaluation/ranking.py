"""Claims in the order in which a desk would open them, equal scores held together.

Refuses to break a tie: a pair of equal scores counts one half, and a capacity that ends
inside a tie takes the expected share of it, whatever order the rows came in.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from perito.domain.errors import LearningError, ParameterError
from perito.evaluation.bootstrap import Counts
from perito.models.interface import FloatArray

Positions = npt.NDArray[np.intp]
Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True)
class Ranking:
    """Claims sorted by score, most suspicious first; what no resample changes.

    `order`: the place each row had before sorting. `worth_opening`: only so many of the first
    rows may be opened at all, whatever room the desk has. `bounds` are the rows where a new
    tie starts, then the number of claims. `positives` are the rows of the substantiated
    claims and `saved` what opening each of them saves. For each positive, `first` and `past`
    bound the tie it belongs to, and `before_first` and `before_past` count the positives
    above those two rows.
    """

    order: Positions
    worth_opening: int
    bounds: Positions
    positives: Positions
    saved: FloatArray
    first: Positions
    past: Positions
    before_first: Positions
    before_past: Positions

    @property
    def claims(self) -> int:
        """Number of ranked claims."""
        return int(self.bounds[-1])


@dataclass(frozen=True)
class Opened:
    """What the first claims of a ranking hold: claims opened, substantiated claims found, money saved."""

    claims: int
    found: float
    saved: float


@dataclass(frozen=True)
class Tally:
    """A ranking with every claim counted as often as a resample drew it.

    `claims[r]` counts the claims above row r; `found[p]` and `saved[p]` sum over the first
    p positives. All three start with 0.
    """

    ranking: Ranking
    claims: Counts
    found: Counts
    saved: FloatArray

    @property
    def positives(self) -> int:
        """Number of substantiated claims; drawn twice, counted twice."""
        return int(self.found[-1])

    @property
    def pairs(self) -> int:
        """Number of pairs of a substantiated and another claim."""
        return self.positives * int(self.claims[-1] - self.found[-1])

    def ordered_pairs(self) -> float:
        """Pairs with the substantiated claim first; a tie counts one half."""
        ranking = self.ranking
        negatives = self.claims[-1] - self.found[-1]
        above = self.claims[ranking.first] - self.found[ranking.before_first]
        not_below = self.claims[ranking.past] - self.found[ranking.before_past]
        return float(np.sum(np.diff(self.found) * (negatives - (above + not_below) / 2)))

    def auc(self) -> float:
        """Share of the pairs in the right order: 0.5 is chance. NaN with one class only."""
        return self.ordered_pairs() / self.pairs if self.pairs else float("nan")

    def average_precision(self) -> float:
        """Mean over the substantiated claims of the precision down to each one's tie. NaN without any."""
        ranking = self.ranking
        precision = self.found[ranking.before_past] / np.maximum(self.claims[ranking.past], 1)
        return float(np.sum(np.diff(self.found) * precision)) / self.positives if self.positives else float("nan")

    def open_first(self, capacity: int) -> Opened:
        """What the `capacity` highest scores worth opening hold; of the tie at the edge, the expected share."""
        ranking = self.ranking
        capacity = min(capacity, int(self.claims[ranking.worth_opening]))
        if capacity == 0:
            return Opened(0, 0.0, 0.0)
        edge = np.searchsorted(self.claims, capacity, side="left") - 1
        tie = np.searchsorted(ranking.bounds, edge, side="right") - 1
        first, past = ranking.bounds[tie], ranking.bounds[tie + 1]
        share = (capacity - self.claims[first]) / (self.claims[past] - self.claims[first])
        start, end = np.searchsorted(ranking.positives, [first, past])
        found = self.found[start] + share * (self.found[end] - self.found[start])
        saved = self.saved[start] + share * (self.saved[end] - self.saved[start])
        return Opened(capacity, float(found), float(saved))


def rank_claims(
    score: FloatArray, label: FloatArray, saved: FloatArray | None = None, *, floor: float = -np.inf
) -> Ranking:
    """Sort claims by score, most suspicious first, once for all resamples.

    `score`: any scale, higher is opened first. `label`: 1 substantiated, 0 not; unknown
    claims have no place here. `saved`: money per claim, read for substantiated claims only.
    `floor`: claims with a lower score are ranked, and never opened.

    Raises
    ------
    LearningError
        Without a single claim.
    ParameterError
        If a score is null, a label is neither 0 nor 1, or the lengths differ.
    """
    check_ranked(score, label)
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    bounds = np.r_[0, 1 + np.flatnonzero(ordered[1:] != ordered[:-1]), len(score)]
    positives = np.flatnonzero(label[order] == 1)
    tie = np.searchsorted(bounds, positives, side="right") - 1
    first, past = bounds[tie], bounds[tie + 1]
    return Ranking(
        order=order,
        worth_opening=int(np.sum(score >= floor)),
        bounds=bounds,
        positives=positives,
        saved=np.zeros(len(positives)) if saved is None else saved[order][positives],
        first=first,
        past=past,
        before_first=np.searchsorted(positives, first),
        before_past=np.searchsorted(positives, past),
    )


def tally(ranking: Ranking, counts: Counts | None = None) -> Tally:
    """Count a ranking's claims: each once, or row r `counts[r]` times."""
    drawn = np.ones(ranking.claims, dtype=np.int64) if counts is None else counts
    positive = drawn[ranking.positives]
    return Tally(
        ranking,
        claims=_running(drawn),
        found=_running(positive),
        saved=_running(positive * ranking.saved),
    )


def check_ranked(score: FloatArray, label: FloatArray) -> None:
    """Raise unless every claim has a score and a label of 0 or 1."""
    if len(score) != len(label):
        raise ParameterError(f"Expected one label per score; came {len(score)} scores and {len(label)} labels.")
    if len(score) == 0:
        raise LearningError(
            "There is no claim to measure the ranking on.",
            remedy="Choose a test period in which some claims have a disposition.",
        )
    if not np.isfinite(score).all():
        raise ParameterError(f"Expected a finite score for every claim; {np.sum(~np.isfinite(score))} have none.")
    if not np.isin(label, (0, 1)).all():
        raise ParameterError(
            "Expected labels of 0 or 1; some are null or of another value.",
            remedy="Leave out claims whose label is unknown before measuring.",
        )


def _running(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    sums = np.zeros(len(values) + 1, dtype=values.dtype)
    np.cumsum(values, out=sums[1:])
    return sums
