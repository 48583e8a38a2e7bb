"""Shares and ratios of small groups, held against published figures and against what chance really does."""

import numpy as np
import pytest
from scipy.stats import norm

from perito.evaluation.proportions import chance_of_difference, corrected, ratio_interval, share_interval


def test_the_ratio_interval_is_that_of_the_paper() -> None:
    # Koopman's own example: 36 of 40 against 16 of 80 is 4.5, from 2.94 to 7.15.
    interval = ratio_interval(36, 40, 16, 80)
    assert (interval.value, interval.low, interval.high) == pytest.approx((4.5, 2.94, 7.15), abs=0.005)


def test_the_share_interval_is_wilson_s() -> None:
    z, share, claims = norm.ppf(0.975), 3 / 40, 40
    centre = (share + z**2 / (2 * claims)) / (1 + z**2 / claims)
    reach = z * np.sqrt(share * (1 - share) / claims + z**2 / (4 * claims**2)) / (1 + z**2 / claims)
    interval = share_interval(3, 40)
    assert (interval.low, interval.high) == pytest.approx((centre - reach, centre + reach))
    assert share_interval(0, 0).value is None


def test_no_find_on_one_side_still_has_a_bound_on_the_other() -> None:
    none = ratio_interval(0, 40, 16, 80)
    assert (none.value, none.low) == (0, 0)
    assert none.high is not None
    assert 0 < none.high < 1
    only = ratio_interval(5, 40, 0, 80)
    assert (only.value, only.high) == (None, None)
    assert only.low is not None
    assert only.low > 1
    assert ratio_interval(0, 40, 0, 80).low is None


def test_exchanging_the_groups_turns_the_interval_over() -> None:
    one, other = ratio_interval(7, 90, 12, 300), ratio_interval(12, 300, 7, 90)
    assert one.low is not None
    assert one.high is not None
    assert (other.low, other.high) == pytest.approx((1 / one.high, 1 / one.low))


def test_the_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    draws = [(int(rng.binomial(60, 0.10)), int(rng.binomial(300, 0.05))) for _ in range(600)]
    held = 0
    for found, other in draws:
        interval = ratio_interval(found, 60, other, 300)
        low, high = interval.low or 0.0, np.inf if interval.high is None else interval.high
        held += low <= 2 <= high
    assert 0.92 <= held / len(draws) <= 0.98


def test_holm_raises_the_smallest_most_and_keeps_the_order() -> None:
    assert corrected([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert corrected([0.9, 0.8]) == [1.0, 1.0]
    assert corrected([]) == []


def test_shares_that_are_alike_differ_by_chance_and_shares_far_apart_do_not() -> None:
    assert chance_of_difference(5, 100, 5, 100) == pytest.approx(1)
    assert chance_of_difference(30, 100, 5, 100) < 1e-5
