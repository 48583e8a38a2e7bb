"""A model compared with itself differs by nothing at all, whatever the claims."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perito.datasets.spec import Money
from perito.evaluation.promotion import compare

MONEY = Money(investigation_cost=100.0, recoverable_share=0.5)
claims = st.lists(
    st.tuples(st.integers(-3, 3), st.booleans(), st.floats(0, 1e6, allow_subnormal=False)), min_size=1, max_size=30
)
"""Opened by, label, amount. Few values to open by, so that ties are the rule."""


@given(claims, st.integers(1, 40), st.sampled_from([-np.inf, 0.0]))
def test_a_model_compared_with_itself_differs_by_exactly_nothing(table, capacity, floor):
    order, label, amount = (np.array(column, dtype=float) for column in zip(*table, strict=True))
    found = compare(order, order, label, amount, capacity=capacity, money=MONEY, seed=0, resamples=20, floor=floor)
    assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)
    assert found.champion == found.challenger
    assert not found.better


@given(claims, st.integers(1, 40))
def test_swapping_the_two_turns_the_difference_round(table, capacity):
    order, label, amount = (np.array(column, dtype=float) for column in zip(*table, strict=True))
    one, other = (
        compare(*pair, label, amount, capacity=capacity, money=MONEY, seed=3, resamples=20)
        for pair in ((order, -order), (-order, order))
    )
    turned = (-other.difference.value, -other.difference.high, -other.difference.low)
    assert (one.difference.value, one.difference.low, one.difference.high) == pytest.approx(turned)
