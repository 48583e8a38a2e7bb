"""Gain, precision-recall and calibration tables against values worked out by hand."""

import numpy as np
import pytest

from perito.domain.errors import LearningError, ParameterError
from perito.evaluation.curves import calibration_table, gain_curve, precision_recall_curve


def test_the_gain_curve_has_one_point_where_the_score_changes():
    curve = gain_curve([3, 2, 2, 1], [1, 1, 0, 0])
    assert curve["opened_share"].tolist() == [0, 0.25, 0.75, 1]
    assert curve["found_share"].tolist() == [0, 0.5, 1, 1]
    assert curve["lift"].tolist()[1:] == pytest.approx([2, 4 / 3, 1])
    assert np.isnan(curve["lift"].iloc[0])


def test_the_gain_in_money_leaves_claims_without_amount_aside():
    curve = gain_curve([4, 3, 2, 1], [1, 1, 1, 0], [300, np.nan, 100, 9999])
    assert curve["found_amount_share"].tolist() == [0, 0.75, 0.75, 1, 1]
    assert "found_amount_share" not in gain_curve([2, 1], [1, 0], [np.nan, 5])


def test_precision_and_recall_at_every_step():
    curve = precision_recall_curve([3, 2, 2, 1], [1, 1, 0, 0])
    assert curve["recall"].tolist() == [0.5, 1, 1]
    assert curve["precision"].tolist() == pytest.approx([1, 2 / 3, 0.5])


def test_a_curve_needs_a_substantiated_claim():
    with pytest.raises(LearningError, match="no substantiated claim"):
        gain_curve([2, 1], [0, 0])


def test_calibration_groups_are_nearly_equal_and_their_rates_are_counted():
    probability = np.linspace(0.05, 0.95, 100)
    label = (np.arange(100) >= 50).astype(float)
    table = calibration_table(probability, label, bins=4)
    assert table["claims"].tolist() == [25, 25, 25, 25]
    assert table["observed_rate"].tolist() == [0, 0, 1, 1]
    assert table["mean_probability"].is_monotonic_increasing


def test_equal_probabilities_share_a_group():
    table = calibration_table([0.2] * 30 + [0.7] * 10, [0, 1] * 20, bins=10)
    assert table["claims"].tolist() == [30, 10]


def test_the_interval_of_a_rate_is_wilsons():
    table = calibration_table([0.5] * 10, [1] + [0] * 9, bins=1)
    assert table.loc[0, "low"] == pytest.approx(0.01788, abs=1e-5)
    assert table.loc[0, "high"] == pytest.approx(0.40415, abs=1e-5)


def test_a_probability_above_one_is_refused():
    with pytest.raises(ParameterError, match="from 0 to 1"):
        calibration_table([1.2], [1])
