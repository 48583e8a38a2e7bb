"""Where outcomes are dealt at random nothing is learnt, through the same functions that a run calls.

The whole way to the model that a run uses: which features hold, which settings, which weights. About 80 s of one core.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from perito.datasets.book import Book
from perito.engine import Engine
from perito.evaluation.learnability import Learnability
from perito.learning import blend, find_what_holds, gather_material, hold_to, judge, train_candidate
from perito.study import open_study
from tests.insurers import SPEC, book_of, outcomes_shuffled, simulated

TUNED = {"linear": None, "scorecard": 0.0}
"""The kinds of model that are tuned and blended; a third of another kind takes part in choosing the features."""
SEEDS = 100
PROVIDED = (
    *("claims.claimed_amount", "claims.loss_date", "claims.policy_id", "policies.inception_date"),
    *("dispositions.outcome", "parties.garage"),
)
"""Enough for features of every kind, few enough for a hundred runs."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


def small(engine: Engine, claims: int) -> Book:
    insurer = simulated(claims, seed=2, fraud_share=0.15, investigated_share=0.5, effect=3.0)
    return replace(book_of(engine, insurer), provides=frozenset(PROVIDED), policy_attributes=())


def verdict(book: Book, seed: int) -> Learnability:
    gathered = gather_material(open_study(book, SPEC, seed=seed))
    material = hold_to(gathered, find_what_holds(gathered))
    candidates = {name: train_candidate(material, name, tuning_seconds=TUNED[name]) for name in TUNED}
    return judge(blend(material, candidates).candidate, seed=seed)


def test_the_outcomes_as_they_were_found_can_be_learnt(engine: Engine) -> None:
    assert verdict(small(engine, 1500), 0).verdict == "learnable"


def test_outcomes_dealt_at_random_give_nothing_to_learn_on_at_least_95_of_100_seeds(engine: Engine) -> None:
    book = small(engine, 600)
    told = [verdict(outcomes_shuffled(book, seed), seed).verdict for seed in range(SEEDS)]
    assert told.count("nothing_to_learn") >= 0.95 * SEEDS
