"""What figures say about all claims, estimated from those that were drawn at random with a logged chance.

Refuses to speak about all claims from those somebody chose to look at: without enough
random audits the figures speak about investigated claims, and a sentence says so.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from perito.datasets.spec import Money
from perito.domain.errors import ParameterError
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval, percentile_interval, resampled_counts
from perito.evaluation.metrics import FIGURES, Figures, saved_money
from perito.evaluation.wording import say
from perito.models.interface import FloatArray

POPULATION_FIGURES = (*FIGURES, "base_rate")
FEWEST_AUDITS = 30
"""Random audits with a known outcome below which nothing is said about all claims."""

FEWEST_OPENED = 10.0
FEWEST_FOUND = 5.0
"""Sampled claims that would be opened, and substantiated ones, below which the figures about them have no value.

Counted by what their weights are worth: (sum of weights)^2 / sum of squares (Kish 1965).
"""
ABOUT_OPENED = frozenset(name for name in FIGURES if name.endswith("_at_capacity"))
ABOUT_FOUND = frozenset({"auc", "average_precision", "recall_at_capacity", "lift_at_capacity"})


@dataclass(frozen=True)
class Population:
    """Figures about every claim of the test side, or why there are none.

    `figures` has an interval for each of `POPULATION_FIGURES`, and is empty where the figures
    speak about investigated claims only. `claims`: all of the test side. `sampled`: those
    with a known outcome and a logged chance; `audits`: those of them that chance chose;
    `found`: those of the audits that were substantiated.
    """

    figures: Figures
    claims: int
    sampled: int
    audits: int
    found: int

    @property
    def speaks_about(self) -> Literal["all_claims", "investigated_claims"]:
        """Which claims a figure of this run may be read as speaking about."""
        return "all_claims" if self.figures else "investigated_claims"

    def sentence(self, language: Language = Language.ENGLISH) -> str:
        """What may be said, and what would help, in one or two sentences."""
        told = _SENTENCES[language]
        if not self.figures:
            return say(told["too_few"], language, audits=self.audits, fewest=FEWEST_AUDITS)
        parts = [say(told["all_claims"], language, claims=self.claims, audits=self.audits)]
        if any(figure.value is None for figure in self.figures.values()):
            parts.append(told["too_thin"])
        if not self.found:
            parts.append(say(told["none_found"], language, audits=self.audits))
        return " ".join(parts)


@dataclass(frozen=True)
class _Sample:
    """Sampled claims in order of score, most suspicious first; `starts` are the rows where a tie begins.

    `at_or_above`: how many of all `claims` have that score or a higher one; it needs no estimate.
    """

    label: FloatArray
    saved: FloatArray
    opened: npt.NDArray[np.bool_]
    weight: FloatArray
    starts: npt.NDArray[np.intp]
    at_or_above: npt.NDArray[np.intp]
    claims: int


def estimate_population(
    test: pd.DataFrame, *, opened: pd.Index, money: Money, seed: int, resamples: int = 1000
) -> Population:
    """Estimate the figures of a ranking over every claim of the test side from its random audits.

    `test`: one row per claim of the test side, labelled or not: `log_odds` (higher is more
    suspicious), `label` (null: unknown), `claimed_amount`, `selection_probability` (null
    where none was logged). `opened`: those of them that the desk opens; figures at capacity
    speak about these, the others about the order of `log_odds`.

    A claim with a known label and a logged chance p counts 1 / p times (Horvitz and Thompson
    1952), and every figure is a ratio of such sums (Hájek 1971). A claim that was selected
    with certainty counts once: it stands for itself. One selected without a logged chance
    stands for nobody and is left out. The estimates are unbiased but for the small bias of a
    ratio, if every claim of the test side could be drawn, and if whether an audited claim's
    outcome is known by now has nothing to do with what it is. Intervals: 95 %, bootstrap over
    the sampled claims, each drawn with what it counts.

    A figure has no value where it would rest on too few claims, for then its interval would
    be too narrow: figures at capacity need `FEWEST_OPENED` sampled claims among those the
    desk opens, and all but precision, money and base rate `FEWEST_FOUND` substantiated ones.

    Raises
    ------
    ParameterError
        If a logged chance is not above 0 and up to 1, or a claim has no score.
    """
    sampled = test[test["label"].notna() & test["selection_probability"].notna()]
    chance = sampled["selection_probability"].to_numpy(dtype=np.float64)
    _check(test, chance)
    audited = sampled[chance < 1]
    known = len(test), len(sampled), len(audited), int(audited["label"].sum())
    if len(audited) < FEWEST_AUDITS:
        return Population({}, *known)
    sample, places = _sample(test, sampled, opened, money), len(opened)
    rng, rows = np.random.default_rng(seed), len(sampled)
    drawn = [
        _measure(sample, sample.weight * counts, places, money) for counts in resampled_counts(rows, resamples, rng)
    ]
    draws = np.array(drawn).reshape(resamples, len(POPULATION_FIGURES))
    values = _measure(sample, sample.weight, places, money)
    thin = _too_thin(sample)
    figures = {
        name: Interval(None, None, None) if name in thin else percentile_interval(values[i], draws[:, i])
        for i, name in enumerate(POPULATION_FIGURES)
    }
    return Population(figures, *known)


def _sample(test: pd.DataFrame, sampled: pd.DataFrame, opened: pd.Index, money: Money) -> _Sample:
    ordered = sampled.sort_values("log_odds", ascending=False, kind="stable")
    score = ordered["log_odds"].to_numpy(dtype=np.float64)
    return _Sample(
        label=ordered["label"].to_numpy(dtype=np.float64),
        saved=saved_money(len(ordered), ordered["claimed_amount"].to_numpy(dtype=np.float64), money),
        opened=ordered.index.isin(opened),
        weight=1 / ordered["selection_probability"].to_numpy(dtype=np.float64),
        starts=np.r_[0, 1 + np.flatnonzero(np.diff(score))],
        at_or_above=len(test) - np.searchsorted(np.sort(test["log_odds"].to_numpy(dtype=np.float64)), score),
        claims=len(test),
    )


def _too_thin(sample: _Sample) -> frozenset[str]:
    opened = frozenset() if _worth(sample.weight[sample.opened]) >= FEWEST_OPENED else ABOUT_OPENED
    found = frozenset() if _worth(sample.weight[sample.label == 1]) >= FEWEST_FOUND else ABOUT_FOUND
    return opened | found


def _worth(weight: FloatArray) -> float:
    return float(weight.sum() ** 2 / np.sum(weight**2)) if len(weight) else 0.0


def _measure(sample: _Sample, weight: FloatArray, places: int, money: Money) -> tuple[float, ...]:
    found = weight * sample.label
    positives, claims = np.add.reduceat(found, sample.starts), np.add.reduceat(weight, sample.starts)
    negatives = claims - positives
    below = negatives.sum() - np.cumsum(negatives) + negatives / 2
    opened, hits = weight[sample.opened].sum(), found[sample.opened].sum()
    # Only a substantiated claim saves anything, so only its amount has to be known.
    saved = np.sum(np.where(found > 0, found * sample.saved, 0.0)[sample.opened])
    rate = _ratio(positives.sum(), claims.sum())
    return (
        _ratio(float(np.sum(positives * below)), positives.sum() * negatives.sum()),
        _average_precision(sample, weight),
        _ratio(hits, positives.sum()),
        _ratio(hits, opened),
        _ratio(_ratio(hits, opened), rate),
        places * (_ratio(saved, opened) - money.investigation_cost),
        rate,
    )


def _average_precision(sample: _Sample, weight: FloatArray) -> float:
    # A substantiated claim is one of those down to its place for certain; only the others are estimated.
    scale = sample.claims / weight.sum()
    found = scale * weight * sample.label
    down_to_tie = np.cumsum(np.add.reduceat(found, sample.starts))
    sizes = np.diff(np.r_[sample.starts, len(found)])
    precision = (np.repeat(down_to_tie, sizes) - scale * sample.weight + 1) / sample.at_or_above
    return min(_ratio(float(np.sum(found * precision)), float(found.sum())), 1.0)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")


def _check(test: pd.DataFrame, chance: FloatArray) -> None:
    outside = int((~((chance > 0) & (chance <= 1))).sum())
    if outside:
        raise ParameterError(
            f"Expected a chance above 0 and up to 1 for every claim that has one; {outside} have another.",
            where="selection_probability",
            remedy="Log the chance with which the claim was drawn, or leave it empty.",
        )
    if not np.isfinite(test["log_odds"].to_numpy(dtype=np.float64)).all():
        raise ParameterError("Expected a finite score for every claim of the test side.", where="log_odds")


_SENTENCES = {
    Language.ENGLISH: {
        "all_claims": "About all {claims:,} claims, estimated from {audits} random audits with a logged chance.",
        "too_thin": "Figures that would rest on too few of them are left out.",
        "none_found": "None of the {audits} was substantiated, so these intervals are too narrow.",
        "too_few": "The figures speak about investigated claims only: {audits} random audits with a logged chance "
        "have a known outcome here, and {fewest} are needed to say anything about all claims.",
    },
    Language.SPANISH: {
        "all_claims": "Sobre los {claims:,} siniestros, estimado con {audits} auditorías al azar de probabilidad "
        "anotada.",
        "too_thin": "Se omiten las cifras que se apoyarían en demasiado pocas.",
        "none_found": "Ninguna de las {audits} se confirmó, así que estos intervalos son demasiado estrechos.",
        "too_few": "Las cifras solo hablan de siniestros investigados: aquí {audits} auditorías al azar con "
        "probabilidad anotada tienen resultado conocido, y hacen falta {fewest} para decir algo de todos.",
    },
}
