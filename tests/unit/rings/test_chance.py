"""What chance would do, and how the parts of a score are weighed."""

from itertools import pairwise
from math import exp, log

import numpy as np
import pytest

from perito.rings.chance import Chance, degree_class, hub_limits, neighbour_limit
from perito.rings.surprise import how_many_listed, log_expected_together, outcomes_p_value, time_p_value

BOOK = Chance({2: 100, 3: 20, 40: 5}, households=10_000, slots=40_000)


def test_a_party_too_busy_for_the_book_ties_nobody() -> None:
    degrees = {2: 100, 30: 10, 400: 3}
    assert hub_limits(degrees, 10_000) == (30, 30)
    assert hub_limits(degrees, 1_000_000) == (400, 400)
    assert hub_limits({2: 100}, 20) == (1, 1)
    assert hub_limits({}, 0) == (1, 1)


def test_like_degrees_are_of_one_class() -> None:
    assert [degree_class(degree) for degree in (2, 3, 4, 5, 8, 9)] == [1, 2, 2, 3, 3, 4]


def test_chance_makes_more_groups_of_a_busy_party_than_of_a_rare_one() -> None:
    rare, busy = BOOK.log_expected(3, 12, [(2, 2)] * 3), BOOK.log_expected(3, 12, [(40, 2)] * 3)
    assert rare < busy


def test_every_further_shared_party_is_more_surprising() -> None:
    expected = [BOOK.log_expected(4, 16, [(2, 2)] * ties) for ties in range(1, 6)]
    assert all(after < before for before, after in pairwise(expected))


def test_all_who_share_one_party_are_no_surprise() -> None:
    assert BOOK.log_expected(3, 12, [(3, 3)]) > 0


def test_pairs_that_share_two_parties_are_as_rare_as_the_expectation_says() -> None:
    rng = np.random.default_rng(3)
    households, parties, repeats = 60, 40, 2000
    chance = Chance({2: parties}, households, slots=households)
    twice = 0
    for _ in range(repeats):
        pairs = np.sort(np.array([rng.choice(households, 2, replace=False) for _ in range(parties)]), axis=1)
        twice += parties - len(np.unique(pairs, axis=0))
    expected = exp(chance.log_expected(2, 2, [(2, 2)] * 2))
    assert expected == pytest.approx(twice / repeats, rel=0.1)


def test_outcomes_are_no_evidence_where_nothing_was_decided() -> None:
    assert outcomes_p_value(0, 0, 0.1) == 1
    assert outcomes_p_value(0, 0, None) == 1
    assert outcomes_p_value(2, 3, 0.1) == pytest.approx(3 * 0.01 * 0.9 + 0.001)


def test_reports_within_a_tenth_of_the_book_are_as_rare_as_drawing_says() -> None:
    rng = np.random.default_rng(5)
    widths = np.ptp(rng.random((200_000, 5)), axis=1)
    assert time_p_value(5, 0.3) == pytest.approx((widths <= 0.3).mean(), rel=0.05)
    assert time_p_value(1, 0.3) == time_p_value(5, 1.0) == 1


def test_the_parts_together_are_judged_by_fishers_method() -> None:
    together = exp(log_expected_together(log(0.1), (log(0.2),), groups=1))
    assert together == pytest.approx(0.02 * (1 - log(0.02)))
    assert log_expected_together(0.0, (0.0, 0.0), groups=50) == pytest.approx(log(1 + log(50) + log(50) ** 2 / 2))
    assert log_expected_together(log(50), (0.0, 0.0), groups=50) == pytest.approx(log(50))


def test_ties_alone_are_as_many_as_chance_makes() -> None:
    assert log_expected_together(log(0.3), (), groups=50) == pytest.approx(log(0.3))
    assert log_expected_together(log(700), (), groups=50) == pytest.approx(log(700))


def test_the_number_of_groups_looked_at_is_paid_for() -> None:
    parts = (log(1e-6), log(0.5))
    assert log_expected_together(0.0, parts, 100) > log_expected_together(0.0, parts, 1)


def test_a_group_chosen_for_its_time_among_many_pays_for_all_of_them() -> None:
    chosen_of_few = log_expected_together(log(50), (log(1e-6),), groups=50)
    chosen_of_many = log_expected_together(log(50_000), (log(1e-6),), groups=50)
    assert chosen_of_many - chosen_of_few == pytest.approx(log(1000))


def test_groups_are_listed_while_chance_makes_a_tenth_of_them() -> None:
    assert how_many_listed([]) == 0
    assert how_many_listed([0.9]) == 0
    assert how_many_listed([1.1, 0.6]) == 1
    assert how_many_listed([1.1, 0.8]) == 2
    assert how_many_listed([9.0] * 20 + [-0.3, -0.4]) == 21
    assert how_many_listed([0.8, 0.8]) == 2, "two that chance makes 0.16 of are one false of twelve"


def test_a_party_begins_a_group_only_where_chance_hardly_makes_it_grow() -> None:
    degrees = {2: 100, 30: 10, 400: 3}
    assert neighbour_limit(degrees, 10_000) == 2
    assert neighbour_limit(degrees, 100_000) == 30
    assert neighbour_limit(degrees, 10_000_000) == 400
    assert neighbour_limit(degrees, 20) == neighbour_limit({}, 0) == 1
