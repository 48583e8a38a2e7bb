"""Where outcomes are dealt at random nothing is learnt, through the same functions that a run calls.

The whole way to the model that a run uses: which features hold, which settings, which weights. About 180 s of one core.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from perito.datasets.book import Book
from perito.engine import Engine
from perito.evaluation.folds import rolling_folds
from perito.evaluation.learnability import Learnability
from perito.learning import Material, blend, find_what_holds, gather_material, hold_to, judge, train_candidate
from perito.learning.material import FOLDS
from perito.study import open_study
from tests.insurers import SPEC, book_of, outcomes_shuffled, simulated

TUNED = {"linear": None, "scorecard": 0.0}
"""The kinds of model that are blended, and how long their settings are tried: as in a run, and not at all."""
BOOKS, DEALS = 10, 10
PROVIDED = ("claims.claimed_amount", "dispositions.outcome", "parties.garage")
"""With three attributes enough for some twenty features of every kind, few enough for a hundred runs."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


def small(engine: Engine, claims: int) -> Book:
    insurer = simulated(claims, seed=2, fraud_share=0.15, investigated_share=0.5, effect=3.0)
    book = book_of(engine, insurer)
    few = book.claim_attributes[:3]
    return replace(book, provides=frozenset(PROVIDED), claim_attributes=few, policy_attributes=())


def gathered(book: Book, seed: int) -> Material:
    return gather_material(open_study(book, SPEC, seed=seed))


def dealt_again(material: Material, seed: int) -> Material:
    """The same features beside labels dealt anew: reading the book again is what takes most of the time."""
    label = np.random.default_rng(seed).permutation(material.study.learning["label"])
    study = replace(material.study, learning=material.study.learning.assign(label=label), seed=seed)
    folds = rolling_folds(study.learning, study.spec.split, folds=FOLDS, seed=seed)
    return replace(material, study=study, folds=folds, fold_frames=(material.frame,) * len(folds))


def verdict(material: Material) -> Learnability:
    held = hold_to(material, find_what_holds(material))
    candidates = {name: train_candidate(held, name, tuning_seconds=seconds) for name, seconds in TUNED.items()}
    return judge(blend(held, candidates).candidate, seed=material.study.seed)


def test_the_outcomes_as_they_were_found_can_be_learnt(engine: Engine) -> None:
    assert verdict(gathered(small(engine, 1500), 0)).verdict == "learnable"


def test_outcomes_dealt_at_random_give_nothing_to_learn_on_at_least_95_of_100_seeds(engine: Engine) -> None:
    book, told = small(engine, 600), []
    for number in range(BOOKS):
        # A feature that read a claim's own outcome would betray itself in the first deal of every book.
        first = gathered(outcomes_shuffled(book, number), number)
        told += [verdict(first), *(verdict(dealt_again(first, number * DEALS + deal)) for deal in range(1, DEALS))]
    assert len(told) == BOOKS * DEALS
    assert [one.verdict for one in told].count("nothing_to_learn") >= 0.95 * len(told)
