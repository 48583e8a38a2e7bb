"""The fast weighted metrics against slow, obvious references, and against scikit-learn."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from perito.datasets.spec import Money
from perito.evaluation.metrics import evaluate, point_figures
from perito.evaluation.ranking import rank_claims, tally

MONEY = Money(investigation_cost=100.0, recoverable_share=0.5)

rows = st.lists(
    st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 3), st.integers(0, 1000)), min_size=1, max_size=7
)
"""Score, label, how often drawn, amount. Few scores, so that ties are the rule."""


def columns_of(table):
    score, label, counts, amount = (np.array(column) for column in zip(*table, strict=True))
    return score.astype(float), label.astype(float), counts.astype(np.int64), amount.astype(float)


def counted(score, label, counts, amount):
    """A tally with each claim counted `counts` times; rows of a ranking are in sorted order."""
    order = np.argsort(-score, kind="stable")
    return tally(rank_claims(score, label, amount), counts[order])


def slow_auc(score, label):
    pairs = [(p, n) for p, y in zip(score, label, strict=True) if y for n, z in zip(score, label, strict=True) if not z]
    return np.mean([(p > n) + 0.5 * (p == n) for p, n in pairs]) if pairs else math.nan


def slow_opened(score, worth, capacity):
    """Mean over every order that the ties allow."""
    orders = [
        order
        for order in itertools.permutations(range(len(score)))
        if all(score[a] >= score[b] for a, b in itertools.pairwise(order))
    ]
    return np.mean([sum(worth[i] for i in order[:capacity]) for order in orders])


@given(rows)
def test_auc_equals_counting_every_pair(table):
    score, label, counts, amount = columns_of(table)
    expected = slow_auc(np.repeat(score, counts), np.repeat(label, counts))
    assert counted(score, label, counts, amount).auc() == pytest.approx(expected, nan_ok=True)


@given(rows)
def test_auc_and_average_precision_equal_those_of_scikit_learn(table):
    score, label, counts, amount = columns_of(table)
    fast = counted(score, label, counts, amount)
    known = np.repeat(label, counts)
    if 0 < known.sum() < len(known):
        assert fast.auc() == pytest.approx(roc_auc_score(label, score, sample_weight=counts))
    if known.any():
        expected = average_precision_score(known, np.repeat(score, counts))
        assert fast.average_precision() == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(rows, st.integers(1, 7))
def test_what_is_opened_is_the_mean_over_all_orders_that_ties_allow(table, capacity):
    score, label, _, amount = columns_of(table)
    capacity = min(capacity, len(score))
    opened = tally(rank_claims(score, label, amount)).open_first(capacity)
    assert opened.found == pytest.approx(slow_opened(score, label, capacity))
    assert opened.saved == pytest.approx(slow_opened(score, label * amount, capacity))


@given(rows, st.integers(1, 21))
def test_counting_a_claim_twice_equals_listing_it_twice(table, capacity):
    score, label, counts, amount = columns_of(table)
    listed = [np.repeat(values, counts) for values in (score, label, amount)]
    if not len(listed[0]):
        return
    capacity = min(capacity, len(listed[0]))
    weighted, plain = counted(score, label, counts, amount), tally(rank_claims(*listed))
    assert weighted.open_first(capacity).found == pytest.approx(plain.open_first(capacity).found)
    assert weighted.open_first(capacity).saved == pytest.approx(plain.open_first(capacity).saved)
    assert weighted.average_precision() == pytest.approx(plain.average_precision(), nan_ok=True)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_figure(table, random):
    shuffled = random.sample(table, len(table))
    first, second = (
        point_figures(score, label, amount, capacity_share=0.4, money=MONEY)
        for score, label, _, amount in (columns_of(table), columns_of(shuffled))
    )
    assert first == pytest.approx(second, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(rows)
def test_every_interval_is_in_order_and_in_range(table):
    score, label, _, amount = columns_of(table)
    figures = evaluate(score, label, amount, capacity_share=0.3, money=MONEY, seed=1, resamples=40)
    for name, interval in figures.items():
        if interval.value is None:
            assert interval.low is None
            assert interval.high is None
            continue
        assert interval.low <= interval.high
        if name in ("auc", "average_precision", "recall_at_capacity", "precision_at_capacity"):
            assert interval.low >= 0
            assert max(interval.value, interval.high) <= 1 + 1e-12
