"""Labels: unknown stays unknown, and only what was knowable counts."""

import pytest

from perito.domain.facts import Disposition
from perito.domain.words import Outcome
from perito.engine import Engine
from perito.labels import mature_labels
from tests.books import Rows, claim, instant, load_book


@pytest.fixture
def engine():
    with Engine(memory_limit="500MB", threads=1) as open_engine:
        yield open_engine


def labels(engine, *dispositions: Disposition, as_of: int | None = None) -> dict[str, int]:
    book = load_book(engine, Rows((claim("c1", 0), claim("c2", 5)), dispositions=dispositions))
    frame = mature_labels(book, as_of=None if as_of is None else instant(as_of))
    return frame["label"].to_dict()


def decided(claim_id: str, outcome: Outcome, on: int) -> Disposition:
    return Disposition(claim_id, outcome, instant(on))


def test_a_claim_nobody_looked_at_has_no_label(engine):
    assert labels(engine, decided("c1", Outcome.NOT_SUBSTANTIATED, 9)) == {"c1": 0}


def test_a_decision_counts_only_strictly_after_it_was_known(engine):
    decision = decided("c1", Outcome.SUBSTANTIATED, 9)
    assert labels(engine, decision, as_of=9) == {}
    assert labels(engine, decision, as_of=10) == {"c1": 1}


def test_a_later_decision_supersedes_an_earlier_one_from_when_it_is_known(engine):
    both = decided("c1", Outcome.SUBSTANTIATED, 9), decided("c1", Outcome.NOT_SUBSTANTIATED, 20)
    assert labels(engine, *both, as_of=15) == {"c1": 1}
    assert labels(engine, *both) == {"c1": 0}


def test_inconclusive_is_unknown_even_after_a_clear_decision(engine):
    both = decided("c1", Outcome.SUBSTANTIATED, 9), decided("c1", Outcome.INCONCLUSIVE, 20)
    assert labels(engine, *both) == {}
