"""Figures at capacity: values worked out by hand, intervals, and what has no meaning."""

import numpy as np
import pytest

from perito.datasets.spec import Money
from perito.domain.errors import LearningError, ParameterError
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval, percentile_interval, resampled_counts
from perito.evaluation.metrics import FIGURES, claims_at_capacity, evaluate, point_figures, why_no_figures

MONEY = Money(investigation_cost=100.0, recoverable_share=0.5, typical_amount=1000.0)


def figures(score, label, amount=None, *, share=0.2, money=MONEY, seed=0, resamples=200):
    return evaluate(score, label, amount, capacity_share=share, money=money, seed=seed, resamples=resamples)


def noisy_ranking(claims=2000, seed=0):
    rng = np.random.default_rng(seed)
    label = (rng.random(claims) < 0.1).astype(float)
    return rng.normal(size=claims) + label, label


def test_the_figures_of_ten_claims_are_those_counted_by_hand():
    score = np.arange(10, 0, -1)
    label = [1, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    amount = [4000, 1, 9000, 1, 1, 1, 1, 1, 1, 1]
    found = point_figures(score, label, amount, capacity_share=0.2, money=MONEY)
    assert found["auc"] == pytest.approx(15 / 16)
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["recall_at_capacity"] == 0.5
    assert found["precision_at_capacity"] == 0.5
    assert found["lift_at_capacity"] == pytest.approx(2.5)
    assert found["net_money_at_capacity"] == pytest.approx(0.5 * 4000 - 2 * 100)


def test_a_tie_at_the_edge_of_capacity_counts_with_its_expected_value():
    found = point_figures([9, 5, 5, 5, 1], [0, 1, 0, 0, 0], None, capacity_share=0.4, money=MONEY)
    assert found["recall_at_capacity"] == pytest.approx(1 / 3)
    assert found["net_money_at_capacity"] == pytest.approx(500 / 3 - 200)


def test_a_claim_without_amount_is_worth_the_typical_amount():
    found = point_figures([2, 1], [1, 0], [np.nan, 5.0], capacity_share=0.5, money=MONEY)
    assert found["net_money_at_capacity"] == pytest.approx(500 - 100)


def test_a_substantiated_claim_worth_nobody_knows_what_leaves_net_money_without_value():
    money = Money(investigation_cost=100.0, recoverable_share=0.5)
    found = figures([2, 1, 0], [1, 0, 1], [7.0, 5.0, np.nan], money=money)
    assert found["net_money_at_capacity"] == Interval(None, None, None)
    assert found["auc"].value == 0.5


@pytest.mark.parametrize(("share", "claims", "expected"), [(0.1, 3, 1), (0.1, 100, 10), (1.0, 7, 7), (0.001, 50, 1)])
def test_capacity_is_the_rounded_share_and_at_least_one_claim(share, claims, expected):
    assert claims_at_capacity(share, claims) == expected


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01, float("nan")])
def test_a_capacity_that_is_no_share_is_refused(share):
    with pytest.raises(ParameterError, match="share of the claims"):
        claims_at_capacity(share, 10)


def test_without_a_substantiated_claim_figures_have_no_value_and_a_sentence_says_why():
    found = figures([3, 2, 1], [0, 0, 0])
    for name in ("auc", "average_precision", "recall_at_capacity", "lift_at_capacity"):
        assert found[name] == Interval(None, None, None)
    assert found["precision_at_capacity"].value == 0
    assert found["net_money_at_capacity"].value == -100
    assert "No claim of the test side was substantiated" in why_no_figures([0, 0, 0])
    assert why_no_figures([0, 0, 0], language=Language.SPANISH).startswith("Ningún siniestro")
    assert why_no_figures([0, 1]) == ""
    assert "known outcome" in why_no_figures([])


def test_when_every_claim_was_substantiated_there_is_no_auc():
    found = figures([3, 2, 1], [1, 1, 1])
    assert found["auc"].value is None
    assert found["average_precision"].value == 1
    assert "no order to measure" in why_no_figures([1, 1, 1])


def test_no_claim_at_all_is_an_error_that_says_what_to_do():
    with pytest.raises(LearningError, match="test period"):
        figures([], [])


@pytest.mark.parametrize(
    ("score", "label", "amount"),
    [([1, 2], [1, np.nan], None), ([np.nan, 2], [1, 0], None), ([1, 2], [1], None), ([1, 2], [1, 0], [1.0])],
)
def test_unknown_labels_null_scores_and_uneven_lengths_are_refused(score, label, amount):
    with pytest.raises(ParameterError):
        figures(score, label, amount)


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others():
    score, label = noisy_ranking()
    assert figures(score, label) == figures(score, label)
    assert figures(score, label)["auc"] != figures(score, label, seed=1)["auc"]


def test_figures_are_named_in_a_fixed_order():
    assert tuple(figures([2, 1], [1, 0])) == FIGURES


def test_an_interval_narrows_with_the_square_root_of_the_claims():
    widths = []
    for claims in (1000, 16000):
        auc = figures(*noisy_ranking(claims))["auc"]
        widths.append(auc.high - auc.low)
    assert 3 < widths[0] / widths[1] < 5.5


def test_nineteen_of_twenty_intervals_hold_the_truth():
    truth = figures(*noisy_ranking(200_000, seed=999), resamples=10)["auc"].value
    held = 0
    for seed in range(100):
        auc = figures(*noisy_ranking(600, seed), seed=seed, resamples=200)["auc"]
        held += auc.low <= truth <= auc.high
    assert 88 <= held <= 99


def test_a_resample_draws_as_many_claims_as_there_are():
    rng = np.random.default_rng(0)
    drawn = list(resampled_counts(50, 20, rng))
    assert len(drawn) == 20
    assert all(counts.sum() == 50 and len(counts) == 50 for counts in drawn)


def test_resamples_in_which_a_figure_has_no_meaning_are_left_out():
    interval = percentile_interval(0.5, np.array([np.nan, 0.4, 0.6, np.nan]))
    assert interval.low == pytest.approx(0.405)
    assert interval.document() == {"value": 0.5, "low": interval.low, "high": interval.high}
    assert percentile_interval(0.5, np.array([np.nan])) == Interval(None, None, None)
