"""Every claim on exactly one side, and the sides the spec asked for."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from perito.datasets.spec import Split
from perito.domain.errors import LearningError, ParameterError
from perito.evaluation.split import describe_split, plan_split


def claims(count=100, *, policies=0, unknown_every=0, seed=0, per_day=2):
    rng = np.random.default_rng(seed)
    days = np.arange(count) // per_day
    label = (rng.random(count) < 0.3).astype(float)
    if unknown_every:
        label[::unknown_every] = np.nan
    policy = [f"P{number}" for number in rng.integers(0, policies, count)] if policies else [None] * count
    return pd.DataFrame(
        {
            "reported_at": pd.Timestamp("2024-01-01 12:00") + pd.to_timedelta(days, "D"),
            "policy_id": policy,
            "label": label,
        },
        index=pd.Index([f"C{number}" for number in range(count)], name="claim_id"),
    )


def sides(plan):
    return [set(plan.train), set(plan.gap), set(plan.test), set(plan.after)]


@pytest.mark.parametrize(
    "split",
    [
        Split("time", label_gap_days=5),
        Split("time", date(2024, 2, 1), date(2024, 2, 10), label_gap_days=3),
        Split("group"),
        Split("random"),
        Split("unlabelled"),
    ],
)
def test_every_claim_is_on_exactly_one_side(split):
    table = claims(policies=30, unknown_every=7)
    plan = plan_split(table, split, seed=3)
    assert sum(len(side) for side in sides(plan)) == len(table)
    assert set().union(*sides(plan)) == set(table.index)


def test_a_dated_split_keeps_the_days_it_names():
    table = claims()
    plan = plan_split(table, Split("time", date(2024, 2, 1), date(2024, 2, 10), label_gap_days=3), seed=0)
    day = table["reported_at"].dt.date
    assert set(plan.test) == set(table.index[(day >= date(2024, 2, 1)) & (day < date(2024, 2, 10))])
    assert set(plan.train) == set(table.index[day < date(2024, 1, 29)])
    assert set(plan.gap) == set(table.index[(day >= date(2024, 1, 29)) & (day < date(2024, 2, 1))])
    assert set(plan.after) == set(table.index[day >= date(2024, 2, 10)])


def test_without_dates_the_last_share_is_kept_and_no_day_is_cut_in_two():
    table = claims(100, per_day=3)
    plan = plan_split(table, Split("time", test_share=0.2), seed=0)
    assert abs(len(plan.test) - 20) <= 1
    assert table.loc[plan.train, "reported_at"].max() < table.loc[plan.test, "reported_at"].min()


def test_two_days_of_report_are_enough_to_part_a_table():
    plan = plan_split(claims(10, per_day=5), Split("time", test_share=0.1), seed=0)
    assert plan.test_from == date(2024, 1, 2)
    assert len(plan.train) == len(plan.test) == 5


def test_labels_decide_nothing_in_a_split_by_time():
    table = claims()
    other = table.assign(label=1 - table["label"])
    assert sides(plan_split(table, Split("time"), seed=0)) == sides(plan_split(other, Split("time"), seed=9))


def test_a_group_split_keeps_a_policy_on_one_side():
    table = claims(300, policies=60)
    plan = plan_split(table, Split("group", test_share=0.25), seed=1)
    assert not set(table.loc[plan.train, "policy_id"]) & set(table.loc[plan.test, "policy_id"])
    assert len(plan.test) / 300 == pytest.approx(0.25, abs=0.07)
    assert table.loc[plan.test, "label"].sum() / table["label"].sum() == pytest.approx(0.25, abs=0.07)


def test_claims_without_a_policy_are_groups_of_their_own():
    plan = plan_split(claims(100), Split("group", test_share=0.2), seed=0)
    assert len(plan.test) == pytest.approx(20, abs=1)


def test_a_random_split_is_stratified_by_label():
    table = claims(200)
    plan = plan_split(table, Split("random", test_share=0.2), seed=0)
    assert table.loc[plan.test, "label"].mean() == pytest.approx(table["label"].mean(), abs=0.02)


def test_unknown_claims_go_to_the_test_side_of_a_random_split():
    table = claims(unknown_every=4)
    plan = plan_split(table, Split("random"), seed=0)
    assert table.loc[plan.train, "label"].notna().all()
    assert set(table.index[table["label"].isna()]) <= set(plan.test)


def test_an_unlabelled_split_learns_from_every_known_outcome_and_ranks_the_others():
    table = claims(unknown_every=4, policies=30)
    plans = [plan_split(table, Split("unlabelled"), seed=seed) for seed in (0, 1)]
    assert list(plans[0].train) == list(table.index[table["label"].notna()])
    assert list(plans[0].test) == list(table.index[table["label"].isna()])
    assert sides(plans[0]) == sides(plans[1])
    assert describe_split(plans[0], table)["test"] == {"claims": 25, "labelled": 0, "positives": 0}


def test_an_unlabelled_split_of_decided_claims_alone_has_nothing_to_rank():
    with pytest.raises(LearningError, match="and 0 to report on") as refusal:
        plan_split(claims(), Split("unlabelled"), seed=0)
    assert "with and without an outcome" in refusal.value.remedy


def test_the_seed_decides_a_random_split():
    first, again, other = (plan_split(claims(), Split("random"), seed=seed) for seed in (1, 1, 2))
    assert sides(first) == sides(again)
    assert sides(first) != sides(other)


@pytest.mark.parametrize("asked", [date(2023, 1, 1), date(2024, 1, 1), date(2024, 2, 20)])
def test_a_test_period_outside_the_table_names_its_first_and_last_report(asked):
    with pytest.raises(ParameterError, match=r"2024-01-01.*2024-02-19"):
        plan_split(claims(), Split("time", asked), seed=0)


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ParameterError, match="test_from before test_to"):
        plan_split(claims(), Split("time", date(2024, 2, 1), date(2024, 2, 1)), seed=0)


@pytest.mark.parametrize(
    "split", [Split("time", test_share=1.0), Split("random", test_share=0.0), Split("time", label_gap_days=-1)]
)
def test_a_share_or_gap_out_of_range_is_refused(split):
    with pytest.raises(ParameterError, match="test_share between 0 and 1"):
        plan_split(claims(), split, seed=0)


def test_a_gap_that_swallows_the_training_side_is_an_error():
    with pytest.raises(LearningError, match="0 claims to learn from"):
        plan_split(claims(), Split("time", label_gap_days=400), seed=0)


def test_a_table_without_labels_is_an_error_that_says_so():
    with pytest.raises(LearningError, match="0 are labelled"):
        plan_split(claims().assign(label=np.nan), Split("time"), seed=0)


@pytest.mark.parametrize("kind", ["group", "random", "unlabelled"])
def test_a_dealt_split_of_a_table_without_labels_is_an_error_too(kind):
    with pytest.raises(LearningError, match="0 are labelled"):
        plan_split(claims().assign(label=np.nan), Split(kind), seed=0)


def test_one_day_of_report_cannot_be_parted_by_time():
    with pytest.raises(LearningError, match="group or random"):
        plan_split(claims(10, per_day=10), Split("time"), seed=0)


def test_no_claim_before_the_end_of_the_test_period_is_an_error():
    with pytest.raises(LearningError, match="before test_to"):
        plan_split(claims(), Split("time", test_to=date(2020, 1, 1)), seed=0)


def test_a_claim_without_an_instant_of_report_cannot_be_split_by_time():
    table = claims()
    table.loc["C3", "reported_at"] = pd.NaT
    with pytest.raises(ParameterError, match="1 do not"):
        plan_split(table, Split("time"), seed=0)


def test_the_description_counts_both_sides():
    table = claims(100, unknown_every=10)
    described = describe_split(plan_split(table, Split("time", date(2024, 2, 1)), seed=0), table)
    assert described["test_from"] == "2024-02-01"
    assert described["test_to"] is None
    train = table[table["reported_at"] < "2024-02-01"]["label"]
    assert described["train"] == {"claims": 62, "labelled": int(train.notna().sum()), "positives": int(train.sum())}
