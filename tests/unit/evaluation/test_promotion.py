"""A challenger is better only if it surely earns more on the same claims."""

import numpy as np
import pytest

from perito.datasets.spec import Money
from perito.domain.errors import LearningError, ParameterError
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval
from perito.evaluation.metrics import evaluate
from perito.evaluation.promotion import Comparison, compare

MONEY = Money(investigation_cost=100, recoverable_share=0.5)
LABEL = np.tile([1.0, 0, 0, 0, 0], 80)
AMOUNT = np.full(len(LABEL), 1000.0)
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=len(LABEL))
SIGHTED = LABEL * 3 + NOISE


def compared(champion: np.ndarray, challenger: np.ndarray, **options: object) -> Comparison:
    asked = {"capacity": 40, "money": MONEY, "seed": 1, "resamples": 400} | options
    return compare(champion, challenger, LABEL, AMOUNT, **asked)


def test_a_challenger_that_finds_more_is_better_and_the_other_way_round_is_not() -> None:
    assert compared(NOISE, SIGHTED).better
    assert not compared(SIGHTED, NOISE).better


def test_two_orders_that_are_equally_blind_are_not_told_apart() -> None:
    assert not compared(NOISE, RNG.permutation(NOISE)).better


def test_both_figures_are_those_of_the_evaluation_at_the_same_capacity() -> None:
    found = compared(NOISE, SIGHTED)
    for order, figure in ((NOISE, found.champion), (SIGHTED, found.challenger)):
        alone = evaluate(order, LABEL, AMOUNT, capacity_share=0.1, money=MONEY, seed=0)["net_money_at_capacity"]
        assert figure.value == pytest.approx(alone.value)
    assert found.difference.value == pytest.approx(found.challenger.value - found.champion.value)


def test_pairing_makes_the_difference_of_like_orders_surer_than_their_figures() -> None:
    found = compared(SIGHTED, SIGHTED + 0.05 * RNG.normal(size=len(LABEL)))
    paired, old, new = (one.high - one.low for one in (found.difference, found.champion, found.challenger))
    assert paired < 0.5 * np.hypot(old, new)


def test_a_claim_below_the_floor_is_not_opened_and_costs_nothing() -> None:
    found = compared(np.where(LABEL == 1, 1.0, -1.0), np.full(len(LABEL), -1.0), capacity=400, floor=0.0)
    assert found.champion.value == pytest.approx(80 * (500 - 100))
    assert found.challenger.value == 0
    assert found.difference.high < 0


def test_without_an_amount_for_a_substantiated_claim_nothing_is_better() -> None:
    found = compare(NOISE, SIGHTED, LABEL, None, capacity=40, money=MONEY, seed=0, resamples=20)
    assert found.difference == Interval(None, None, None)
    assert not found.better
    assert "states no amount" in found.sentence("3")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("pair", [(NOISE, SIGHTED), (SIGHTED, NOISE)])
def test_the_sentence_names_the_champion_the_claims_and_the_interval(
    language: Language, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    told = compared(*pair).sentence("7", language)
    assert "7" in told
    assert "400" in told
    assert "95 %" in told


def test_no_claim_and_no_room_are_refused() -> None:
    with pytest.raises(LearningError):
        compare([], [], [], None, capacity=1, money=MONEY, seed=0)
    with pytest.raises(ParameterError, match="room for at least one"):
        compared(NOISE, SIGHTED, capacity=0)
