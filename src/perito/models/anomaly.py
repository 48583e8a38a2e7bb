"""How unusual a claim is among the others: an isolation forest that reads no label.

Refuses to call the unusual suspicious, and to explain a score by anything but its own paths: the
parts of a score are the levels that each feature saved in isolating the claim.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.domain.errors import LearningError
from perito.features.columns import FeatureColumn
from perito.models.inputs import numbers
from perito.models.interface import Contributions, FloatArray, select_features
from perito.models.preparing import FEWEST_CLAIMS

TREES = 200
MOST_CLAIMS_PER_TREE = 256
"""The sample of each tree, as Liu, Ting and Zhou chose it: more claims hide the unusual ones behind each other."""


@dataclass(frozen=True)
class Encoder:
    """How a forest reads one feature.

    A category becomes the share of the claims that have it (`share`), null counted as one of
    them; one never seen has a share of 0. A number becomes itself, with the median where it
    is missing (`median`; None for a number unknown for more than half of the claims, which
    says only whether it is known), and `flagged`, a flag that says where it is missing.
    """

    column: FeatureColumn
    share: Mapping[str | None, float] | None = None
    median: float | None = None
    flagged: bool = False

    @property
    def width(self) -> int:
        """How many plain columns the feature becomes."""
        return (self.share is not None) + (self.median is not None) + self.flagged

    def plain(self, values: pd.Series) -> FloatArray:
        """The feature as float64, one row per claim and `width` columns, without nulls."""
        if self.share is not None:
            place, names = pd.factorize(values)
            by_place = [*(self.share.get(str(name), 0.0) for name in names), self.share.get(None, 0.0)]
            return np.array(by_place)[place][:, None]
        own = numbers(values)
        missing = np.isnan(own)
        parts = [] if self.median is None else [np.where(missing, self.median, own)]
        return np.column_stack([*parts, *([missing.astype(np.float64)] * self.flagged)])


@dataclass(frozen=True)
class AnomalyForest:
    """A fitted isolation forest over the features that vary. `columns` are those, in order."""

    encoders: tuple[Encoder, ...]
    forest: Any

    @property
    def columns(self) -> tuple[FeatureColumn, ...]:
        """The features the forest reads."""
        return tuple(encoder.column for encoder in self.encoders)

    def scores(self, frame: pd.DataFrame) -> FloatArray:
        """One value per row, 0 to 1, higher is more unusual; about 0.5 is as usual as any.

        It is 2 to the power of minus the mean number of cuts that isolate the claim, over
        the number that a claim takes on average.
        Source: Liu, Ting and Zhou (2008), ICDM, 413-422.
        """
        return np.asarray(-self.forest.score_samples(self._plain(frame)), dtype=np.float64)

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """The additive parts of the binary logarithm of `scores(frame)`; above zero is more unusual.

        Every cut changes how many further cuts the claim is expected to take; the change is
        the part of the feature that was cut, averaged over the trees. `base` plus all parts
        is the logarithm exactly. The idea is Saabas's decomposition of a tree's path (2014,
        treeinterpreter), applied to depth. Features that only together are unusual share
        the credit by the order of the cuts.
        """
        plain = self._plain(frame)
        parts = np.zeros((len(frame), plain.shape[1]))
        base, scale = 0.0, len(self.forest.estimators_) * float(_average_cuts(np.array([self.forest.max_samples_]))[0])
        for tree in self.forest.estimators_:
            base += _explain(tree.tree_, plain, parts)
        widths = [encoder.width for encoder in self.encoders]
        starts = np.cumsum([0, *widths[:-1]])
        return Contributions(-base / scale, -np.add.reduceat(parts, starts, axis=1) / scale)

    def _plain(self, frame: pd.DataFrame) -> npt.NDArray[np.float32]:
        chosen = select_features(frame, self.columns)
        parts = [encoder.plain(chosen[encoder.column.name]) for encoder in self.encoders]
        return np.hstack(parts).astype(np.float32)


def fit_anomaly_forest(frame: pd.DataFrame, columns: Sequence[FeatureColumn], *, seed: int) -> AnomalyForest:
    """Fit a forest to the claims of `frame`, one row per `claim_id`; the same seed gives the same forest.

    Features without two different values say nothing of any claim and are left out. Numbers
    that are missing for the same claims share one flag, the first one's: a claim with a
    lawyer is unusual once, not once for each of the lawyer's features.

    Raises
    ------
    LearningError
        With fewer than `FEWEST_CLAIMS` claims, or when every feature is constant.
    """
    if len(frame) < FEWEST_CLAIMS:
        raise LearningError(
            f"Expected at least {FEWEST_CLAIMS} claims, for a claim is unusual among others; {len(frame)} came.",
            where="anomalies",
            remedy="Bring more claims.",
        )
    encoders = tuple(_encoders(frame, [column for column in columns if varies(frame[column.name])]))
    if not encoders:
        raise LearningError(
            f"All {len(frame)} claims have the same features, so none is more unusual than another.",
            where="anomalies",
            remedy="Map columns that differ between claims in the spec.",
        )
    plain = np.hstack([encoder.plain(frame[encoder.column.name]) for encoder in encoders]).astype(np.float32)
    made = importlib.import_module("sklearn.ensemble").IsolationForest
    forest = made(n_estimators=TREES, max_samples=min(MOST_CLAIMS_PER_TREE, len(frame)), random_state=seed)
    return AnomalyForest(encoders, forest.fit(plain))


def varies(values: pd.Series) -> bool:
    """Whether a feature has two different values, null counted as one."""
    return values.nunique(dropna=False) > 1


def category_shares(values: pd.Series) -> dict[str | None, float]:
    """Category to the share of claims that have it; null is one of them, under None."""
    counts = values.value_counts(normalize=True, dropna=False)
    return {name if isinstance(name, str) else None: float(share) for name, share in counts.items()}


def _encoders(frame: pd.DataFrame, columns: Sequence[FeatureColumn]) -> Iterator[Encoder]:
    flags: set[bytes] = set()
    for column in columns:
        if column.kind == "categorical":
            yield Encoder(column, share=category_shares(frame[column.name]))
            continue
        own = numbers(frame[column.name])
        missing = np.isnan(own)
        known = own[~missing]
        told = len(known) >= len(own) / 2 and known.min() < known.max()
        flagged = bool(missing.any()) and len(known) > 0 and missing.tobytes() not in flags
        flags.add(missing.tobytes())
        if told or flagged:
            yield Encoder(column, median=float(np.median(known)) if told else None, flagged=flagged)


def _explain(tree: Any, plain: npt.NDArray[np.float32], parts: FloatArray) -> float:
    """Add to `parts` what each cut on a claim's path changed in the cuts it is expected to take; return the start."""
    expected = _expected_cuts(tree)
    place = np.zeros(len(plain), dtype=np.int64)
    walking = np.flatnonzero(tree.children_left[place] >= 0)
    while walking.size:
        at = place[walking]
        cut = tree.feature[at]
        left = plain[walking, cut] <= tree.threshold[at]
        place[walking] = np.where(left, tree.children_left[at], tree.children_right[at])
        parts[walking, cut] += expected[place[walking]] - expected[at]
        walking = walking[tree.children_left[place[walking]] >= 0]
    return float(expected[0])


def _expected_cuts(tree: Any) -> FloatArray:
    """For every node, the cuts from the root that a claim of the tree's sample takes on average once it is there."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # a child always stands behind its parent
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1
    expected: FloatArray = depth + _average_cuts(tree.n_node_samples)
    for node in range(tree.node_count - 1, -1, -1):
        left, right = tree.children_left[node], tree.children_right[node]
        if left >= 0:
            claims = tree.n_node_samples
            expected[node] = (claims[left] * expected[left] + claims[right] * expected[right]) / claims[node]
    return expected


def _average_cuts(claims: npt.NDArray[np.int64]) -> FloatArray:
    """Cuts that isolate one of so many claims on average, when every place is as likely (Liu et al., equation 1)."""
    many = np.maximum(claims, 3)
    whole = 2 * (np.log(many - 1.0) + np.euler_gamma) - 2 * (many - 1.0) / many
    return np.where(claims <= 1, 0.0, np.where(claims == 2, 1.0, whole))
