"""Who is investigated, what is found, and when that is known. Refuses to be fair about it.

Adjusters look at dear claims, at garages on an old watch list and at young policies, each
adjuster after their own habit; a few claims are drawn at random, with a logged probability.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from perito.domain.words import Outcome, SelectedBy
from perito.simulate.details import Details, World
from perito.simulate.draws import (
    DAY_SECONDS,
    BoolArray,
    FloatArray,
    Instants,
    IntArray,
    Texts,
    happens,
    instants_at,
    numbered,
    some_of,
    texts_at,
    words,
)
from perito.simulate.losses import HONEST, policy_age

OUTCOMES = tuple(outcome.value for outcome in Outcome)
SELECTIONS = tuple(selection.value for selection in SelectedBy)
NOT_SELECTED = -1
_SUBSTANTIATED, _NOT_SUBSTANTIATED, _INCONCLUSIVE = range(3)
_ADJUSTERS, _ALERT_QUANTILE, _ALERT_POLICY_DAYS = 40, 0.95, 21
_WATCHED_OLD_RINGS, _WATCHED_OTHERS = 0.5, 0.05


@dataclass(frozen=True)
class Investigations:
    """One entry per claim. `outcome` and `known` say what an investigation finds, or would, and when.

    `selected` is a code of `SELECTIONS` or -1; `known` counts seconds from the book's start.
    """

    selected: IntArray
    outcome: IntArray
    known: IntArray
    adjuster: IntArray
    audit_probability: float


def draw_investigations(world: World, details: Details, rng: np.random.Generator) -> Investigations:
    """Draw the selection, the findings with their errors, and the delays."""
    size = len(world.losses.day)
    adjuster = rng.integers(0, _ADJUSTERS, size)
    spread = rng.lognormal(0, world.parameters.delay_days_sigma, size)
    delay = np.maximum(world.parameters.delay_days_median * spread * DAY_SECONDS, DAY_SECONDS)
    audit_probability = world.parameters.investigated_share * world.parameters.random_audit_share
    return Investigations(
        selected=_select(world, details, adjuster, audit_probability, rng),
        outcome=_find(world, rng),
        known=world.losses.reported + delay.astype(np.int64),
        adjuster=adjuster,
        audit_probability=audit_probability,
    )


def dispositions(world: World, made: Investigations, claim_id: Texts, known_at: Instants) -> pa.Table:
    """The decisions that were known before the book closed: one row per investigated claim, oldest first."""
    closes = world.parameters.days * DAY_SECONDS
    written = np.flatnonzero((made.selected != NOT_SELECTED) & (made.known < closes))
    written = written[np.argsort(made.known[written], kind="stable")]
    audited: BoolArray = made.selected[written] == SELECTIONS.index(SelectedBy.RANDOM_AUDIT)
    return pa.table(
        {
            "claim_id": texts_at(claim_id, written),
            "outcome": words(OUTCOMES, made.outcome[written]),
            "known_at": instants_at(known_at, written),
            "decided_by": numbered("investigator-", made.adjuster[written] + 1, 2),
            "selected_by": words(SELECTIONS, made.selected[written]),
            "selection_probability": pa.array(np.full(len(written), made.audit_probability), mask=~audited),
        }
    )


def _select(
    world: World, details: Details, adjuster: IntArray, audit_probability: float, rng: np.random.Generator
) -> IntArray:
    size = len(adjuster)
    audited = happens(rng, audit_probability, size)
    watched = _watch_list(world, rng)[details.garage]
    weights = np.exp(_interest(world, details, watched, rng.normal(0, 0.5, _ADJUSTERS)[adjuster]))
    wanted = max(0, round(world.parameters.investigated_share * size) - int(audited.sum()))
    picked = some_of(rng, weights * ~audited, min(wanted, size - int(audited.sum())))
    young = policy_age(world.portfolio, world.losses.policy, world.losses.day) < _ALERT_POLICY_DAYS
    rule: BoolArray = (details.amount > np.quantile(details.amount, _ALERT_QUANTILE)) | watched | young
    selected = np.where(audited, SELECTIONS.index(SelectedBy.RANDOM_AUDIT), NOT_SELECTED)
    by_rule, by_hand = SELECTIONS.index(SelectedBy.ALERT), SELECTIONS.index(SelectedBy.MANUAL)
    selected[picked] = np.where(rule[picked], by_rule, by_hand)
    return selected


def _interest(world: World, details: Details, watched: BoolArray, habit: FloatArray) -> FloatArray:
    scaled = np.log(details.amount)
    scaled = (scaled - scaled.mean()) / scaled.std()
    young = np.exp(-policy_age(world.portfolio, world.losses.policy, world.losses.day) / 60)
    hurt: BoolArray = details.injured > 0
    steered = 0.8 * scaled + 1.3 * watched + 0.6 * young + 0.4 * hurt + habit
    suspicious: BoolArray = world.losses.kind != HONEST
    interest: FloatArray = world.parameters.investigation_bias * steered
    interest += world.parameters.investigator_hunch * suspicious
    return interest


def _watch_list(world: World, rng: np.random.Generator) -> BoolArray:
    garages = len(world.garages.region)
    watched = happens(rng, _WATCHED_OTHERS, garages + 1)
    old = world.rings.garage[world.rings.opens < 365].ravel()
    watched[old] |= happens(rng, _WATCHED_OLD_RINGS, len(old))
    watched[-1] = False  # the place of claims without a garage
    return watched


def _find(world: World, rng: np.random.Generator) -> IntArray:
    size = len(world.losses.day)
    suspicious: BoolArray = world.losses.kind != HONEST
    found = np.where(
        suspicious,
        ~happens(rng, world.parameters.miss_rate, size),
        happens(rng, world.parameters.false_rate, size),
    )
    outcome = np.where(found, _SUBSTANTIATED, _NOT_SUBSTANTIATED)
    return np.where(happens(rng, world.parameters.inconclusive_rate, size), _INCONCLUSIVE, outcome)
