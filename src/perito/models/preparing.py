"""What has to hold before anything is learnt, and which claims an early stop may watch.

Refuses a table that allows no learning. The watched slice is always part of the
training period: the claims a model is reported on never reach this module.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perito.domain.errors import LearningError, ParameterError
from perito.models.interface import FloatArray, Options, TrainingSet, check_features

FEWEST_CLAIMS = 10
FEWEST_OF_A_CLASS = 2
"""Below this nothing can be fitted at all. What so few claims are worth, the learnability verdict says."""
WATCHED_SHARE = 0.2
FEWEST_WATCHED_POSITIVES = 15
WATCHED_FROM_POSITIVES = 200
"""Positives in the watched slice below which trees would stop by noise: then their number sets the rounds."""
FEW_CLAIMS = 50_000
"""Claims below which trees are learnt in one thread: more would wait longer than they work."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Watch:
    """Which training claims to learn from and which to watch, as masks over the rows."""

    learn: Mask
    watch: Mask


def check_training(training: TrainingSet) -> None:
    """Raise unless a model can be learnt from these claims.

    Raises
    ------
    LearningError
        No feature, one class only, or too few claims of either class.
    ParameterError
        Labels that are not 0 or 1, weights that are not positive and finite, or either of
        another length than the frame.
    FeatureMismatch
        A frame that is not made of the features it names.
    """
    check_features(training.frame, training.columns)
    _check_labels(training)
    _check_weights(training)
    if not training.columns:
        raise LearningError("There is no feature to learn from.", remedy="Keep at least one feature in the dataset.")
    claims, positives = len(training.label), int(training.label.sum())
    fewest = min(positives, claims - positives)
    if claims >= FEWEST_CLAIMS and fewest >= FEWEST_OF_A_CLASS:
        return
    raise LearningError(
        f"Learning needs {FEWEST_CLAIMS} labelled claims, {FEWEST_OF_A_CLASS} of them substantiated and "
        f"{FEWEST_OF_A_CLASS} not; {claims} came, {positives} of them substantiated.",
        remedy="Add claims with a known outcome, or move the start of the test period to a later date.",
    )


def weights_of(training: TrainingSet) -> FloatArray:
    """What each row counts; the sum is the number of distinct claims, whatever the scale of the weights.

    So a regularisation that is measured in claims means the same with and without weights,
    and a weight of 2 is the same as the claim twice.
    """
    given = np.ones(len(training.frame)) if training.weight is None else training.weight
    return np.asarray(given * (training.frame.index.nunique() / given.sum()), dtype=np.float64)


def threads_for(rows: int, most: int) -> int:
    """The threads that trees of so many claims are worth."""
    return 1 if rows < FEW_CLAIMS else most


def chosen_options(options: Options, defaults: Options) -> dict[str, float]:
    """The defaults of a kind of model with the options that were chosen instead.

    Raises
    ------
    ParameterError
        Naming an option that the kind does not have.
    """
    unknown = sorted(set(options) - set(defaults))
    if unknown:
        known = f"options among {', '.join(defaults)}" if defaults else "no option"
        raise ParameterError(f"Expected {known}; {', '.join(unknown)} came.")
    return {**defaults, **options}


def watched_slice(
    training: TrainingSet, *, seed: int, fewest_positives: int = FEWEST_WATCHED_POSITIVES
) -> Watch | None:
    """The claims to learn from and the slice to watch, or None where it would be too thin.

    The slice is the last `WATCHED_SHARE` of the claims by `reported_at`; a table without
    time gives a seeded random slice of the same size. With fewer than
    `fewest_positives` positives on either side, counted by weight, a stop would
    follow noise.
    """
    rows = len(training.label)
    order = np.arange(rows) if training.forward else np.random.default_rng(seed).permutation(rows)
    watch = np.zeros(rows, dtype=np.bool_)
    watch[order[rows - round(rows * WATCHED_SHARE) :]] = True
    positive, weight = training.label == 1, weights_of(training)
    fewest = min(weight[positive & watch].sum(), weight[positive & ~watch].sum())
    return Watch(~watch, watch) if fewest >= fewest_positives and (~positive & watch).any() else None


def _check_labels(training: TrainingSet) -> None:
    rows = len(training.frame)
    if len(training.label) != rows:
        raise ParameterError(f"Expected one label per claim; {rows} claims and {len(training.label)} labels came.")
    if not np.isin(training.label, (0, 1)).all():
        raise ParameterError(
            "Labels are 1 for substantiated and 0 otherwise; other values came.",
            remedy="Leave claims of unknown outcome out of the training set.",
        )


def _check_weights(training: TrainingSet) -> None:
    weight, rows = training.weight, len(training.frame)
    if weight is None:
        return
    if len(weight) != rows:
        raise ParameterError(f"Expected one weight per row; {rows} rows and {len(weight)} weights came.")
    unusable = int((~(np.isfinite(weight) & (weight > 0))).sum())
    if unusable:
        raise ParameterError(
            f"Expected weights above 0 and finite; {unusable} of {rows} are not.",
            where="weight",
            remedy="Leave out a claim that should not count; do not give it a weight of 0.",
        )
