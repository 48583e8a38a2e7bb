"""A planted leak is found, a clean table is not accused, and test labels are never read."""

import numpy as np
import pandas as pd
import pytest

from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.bootstrap import Interval
from perito.evaluation.leakage import columns_to_leave_out, find_leaks, random_versus_temporal_gap, settle
from perito.evaluation.leakage_words import leakage_sentence
from perito.features.columns import FeatureColumn

CLAIMS = 1200


class Table:
    """A clean table of claims that tests plant leaks in."""

    def __init__(self, seed=0):
        self.rng = rng = np.random.default_rng(seed)
        self.index = pd.Index([f"C{number}" for number in range(CLAIMS)], name="claim_id")
        self.label = pd.Series((rng.random(CLAIMS) < 0.1).astype(float), self.index)
        days = np.sort(rng.integers(0, 1000, CLAIMS))
        self.reported_at = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(days, "D"), self.index)
        self.policy_id = pd.Series([f"P{number}" for number in range(CLAIMS)], self.index)
        self.frame = pd.DataFrame(
            {
                "claimed_amount": rng.gamma(2, 1000, CLAIMS) * (1 + 0.5 * self.label),
                "late_claims": rng.poisson(0.3, CLAIMS) * np.linspace(1, 3, CLAIMS),
                "month": pd.Categorical(self.reported_at.dt.month.astype(str)),
                "product": pd.Categorical(rng.choice(["basic", "plus", None], CLAIMS)),
            },
            index=self.index,
        )
        self.train, self.test = self.index[:900], self.index[900:]

    def plant(self, name, values):
        self.frame[name] = values
        return self

    def findings(self, **options):
        columns = [
            FeatureColumn(name, "categorical" if self.frame[name].dtype == "category" else "numeric", "", "", "")
            for name in self.frame
        ]
        sides = {"train": self.train, "test": self.test, "policy_id": self.policy_id}
        return find_leaks(self.frame, columns, self.label, self.reported_at, **(sides | options))


def checks(findings):
    return {(finding.check, finding.column, finding.action) for finding in findings}


@pytest.mark.parametrize("kind", ["time", "random", "group", "unlabelled"])
@pytest.mark.parametrize("seed", range(5))
def test_a_clean_table_is_not_accused(kind, seed):
    assert Table(seed).findings(kind=kind) == ()


def test_a_number_filled_in_after_the_outcome_is_blocked():
    table = Table()
    table.plant("paid_back", table.label * 500 + table.rng.normal(0, 50, CLAIMS))
    (finding,) = table.findings()
    assert (finding.check, finding.column, finding.action) == ("knows_the_outcome", "paid_back", "blocked")
    assert "AUC 1.000" in finding.evidence
    assert columns_to_leave_out([finding]) == ("paid_back",)


def test_a_number_that_falls_with_the_outcome_is_blocked_too():
    table = Table()
    table.plant("paid", -table.label * 500 + table.rng.normal(0, 50, CLAIMS))
    assert checks(table.findings()) == {("knows_the_outcome", "paid", "blocked")}


def test_a_code_whose_middle_value_is_the_outcome_is_blocked():
    table = Table()
    table.plant("status_code", np.where(table.label == 1, 3.0, table.rng.choice([1.0, 2.0, 4.0, 5.0], CLAIMS)))
    assert checks(table.findings()) == {("knows_the_outcome", "status_code", "blocked")}


def test_a_category_that_names_the_outcome_is_blocked():
    table = Table()
    words = np.where(table.label == 1, "refused", table.rng.choice(["paid", "closed"], CLAIMS))
    table.plant("state", pd.Categorical(words))
    assert checks(table.findings()) == {("knows_the_outcome", "state", "blocked")}


def test_a_column_that_is_empty_unless_substantiated_is_blocked():
    table = Table()
    table.plant("recovery", np.where(table.label == 1, table.rng.gamma(2, 100, CLAIMS), np.nan))
    assert checks(table.findings()) == {("knows_the_outcome", "recovery", "blocked")}


def test_a_column_that_is_empty_if_substantiated_is_blocked_whatever_else_it_holds():
    table = Table()
    table.plant("closing_hours", np.where(table.label == 1, np.nan, table.rng.gamma(2, 100, CLAIMS)))
    assert checks(table.findings()) == {("knows_the_outcome", "closing_hours", "blocked")}


def test_a_strong_honest_column_is_not_blocked():
    table = Table()
    table.plant("rule_hits", 1.5 * table.label + table.rng.normal(size=CLAIMS))
    assert table.findings() == ()


def test_labels_of_the_test_side_are_never_read():
    table = Table()
    table.plant("paid_back", table.label * 500 + table.rng.normal(0, 50, CLAIMS))
    before = table.findings()
    table.label[table.test] = 1 - table.label[table.test]
    assert table.findings() == before
    table.label[table.test] = np.nan
    assert table.findings() == before


def test_a_column_that_knows_only_the_test_labels_is_not_judged_by_them():
    table = Table()
    noise = table.rng.normal(size=CLAIMS)
    table.plant("late_leak", np.where(table.index.isin(table.test), 50 * table.label + noise, noise))
    assert table.findings() == ()


def test_too_few_labels_to_judge_a_column_are_said():
    table = Table()
    table.label[table.train] = np.nan
    table.label[table.train[:8]] = [1, 0, 1, 0, 1, 0, 1, 0]
    (finding,) = table.findings()
    assert (finding.check, finding.column, finding.action) == ("knows_the_outcome", "", "warned")
    assert columns_to_leave_out([finding]) == ()


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_that_follows_the_report_is_left_out(sign):
    table = Table()
    days = (table.reported_at - table.reported_at.min()).dt.days
    table.plant("claim_number", sign * (days * 10.0 + table.rng.normal(0, 30, CLAIMS)))
    assert checks(table.findings()) == {("marks_time", "claim_number", "left_out")}
    assert checks(table.findings(kind="random")) == {("marks_time", "claim_number", "warned")}


def test_the_year_of_report_is_left_out_however_coarse():
    table = Table().plant("year", Table().reported_at.dt.year.astype(float))
    assert checks(table.findings()) == {("marks_time", "year", "left_out")}


def test_a_category_whose_values_follow_one_another_is_left_out():
    table = Table()
    table.plant("quarter", pd.Categorical(table.reported_at.dt.to_period("Q").astype(str)))
    assert checks(table.findings()) == {("marks_time", "quarter", "left_out")}


def test_a_rare_flag_and_a_constant_do_not_mark_time():
    table = Table()
    flag = np.zeros(CLAIMS)
    flag[-3:] = 1
    table.plant("rare_flag", flag).plant("constant", np.ones(CLAIMS)).plant("empty", np.full(CLAIMS, np.nan))
    assert table.findings() == ()


def test_with_two_days_of_report_an_unrelated_category_does_not_mark_time():
    table = Table()
    table.reported_at[:] = pd.to_datetime(np.where(np.arange(CLAIMS) < 600, "1994-01-01", "1995-01-01"))
    table.frame = table.frame[["claimed_amount", "product"]]
    table.plant("year", pd.Categorical(table.reported_at.dt.year.astype(str)))
    assert checks(table.findings()) == {("marks_time", "year", "left_out")}


def test_test_claims_copied_from_training_are_said():
    table = Table()
    table.frame.iloc[900:960] = table.frame.iloc[:60].to_numpy()
    table.frame["month"] = table.frame["month"].astype("category")
    (finding,) = table.findings()
    assert (finding.check, finding.action) == ("duplicated_rows", "warned")
    assert "20.0 %" in finding.evidence
    assert columns_to_leave_out([finding]) == ()


def test_equal_rows_that_chance_explains_are_not_duplicates():
    table = Table()
    table.frame = pd.DataFrame(
        {name: pd.Categorical(table.rng.choice(["a", "b"], CLAIMS)) for name in ("x", "y", "z")}, index=table.index
    )
    assert table.findings() == ()


def test_policies_on_both_sides_are_said_only_for_a_random_split():
    table = Table()
    table.policy_id = pd.Series([f"P{number % 600}" for number in range(CLAIMS)], table.index)
    (finding,) = table.findings(kind="random")
    assert (finding.check, finding.column, finding.action) == ("group_overlap", "policy_id", "warned")
    assert "300 of 300" in finding.evidence
    assert table.findings(kind="time") == ()


def test_a_random_split_that_flatters_is_said_and_an_equal_one_is_not():
    flattering, honest = Interval(0.85, 0.83, 0.87), Interval(0.75, 0.71, 0.79)
    (finding,) = random_versus_temporal_gap(flattering, honest)
    assert "0.850" in finding.evidence
    assert "0.750" in finding.evidence
    assert random_versus_temporal_gap(Interval(0.77, 0.74, 0.8), honest) == ()
    assert random_versus_temporal_gap(Interval(None, None, None), honest) == ()


def test_evidence_names_the_figure_in_spanish_too_and_never_a_claim_or_policy():
    table = Table()
    table.plant("paid_back", table.label * 500 + table.rng.normal(0, 50, CLAIMS))
    (finding,) = table.findings(language=Language.SPANISH)
    assert "AUC 1,000" in finding.evidence
    for told in (*table.findings(kind="random"), finding):
        assert "P1" not in told.evidence
        assert "C1" not in told.evidence


def decided(table, share=0.3):
    return pd.Series(table.rng.random(CLAIMS) < share, table.index)


def test_a_note_that_only_decided_claims_have_is_asked_about():
    table = Table()
    looked_at = decided(table)
    table.plant("note_length", table.rng.gamma(2, 100, CLAIMS)).frame.loc[~looked_at, "note_length"] = np.nan
    assert checks(table.findings(decided=looked_at)) == {("only_when_decided", "note_length", "asked")}
    assert table.findings(decided=pd.Series(True, table.index)) == ()


def test_a_column_emptied_once_a_claim_is_decided_is_asked_about():
    table = Table()
    looked_at = decided(table)
    table.plant("open_reserve", table.rng.gamma(2, 100, CLAIMS)).frame.loc[looked_at, "open_reserve"] = np.nan
    assert checks(table.findings(decided=looked_at)) == {("only_when_decided", "open_reserve", "asked")}


def test_what_was_decided_is_not_looked_at_where_only_who_was_decided_is_asked():
    table = Table()
    table.plant("empty", np.full(CLAIMS, np.nan)).plant("constant", np.ones(CLAIMS))
    assert table.findings(decided=decided(table)) == ()


def test_a_month_is_left_out_where_training_covers_it_once_and_kept_where_it_came_back():
    table = Table()
    table.reported_at[:] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.linspace(0, 480, CLAIMS).astype(int), "D")
    table.frame = table.frame[["claimed_amount", "product"]]
    table.plant("month", table.reported_at.dt.month.astype(float))
    assert checks(table.findings()) == {("marks_time", "month", "left_out")}
    table.reported_at[:] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.linspace(0, 1000, CLAIMS).astype(int), "D")
    assert table.plant("month", table.reported_at.dt.month.astype(float)).findings() == ()


def test_training_claims_copied_under_another_number_are_said():
    table = Table()
    table.frame.iloc[100:190] = table.frame.iloc[:90].to_numpy()
    table.frame["month"] = table.frame["month"].astype("category")
    (finding,) = table.findings()
    assert (finding.check, finding.action) == ("duplicated_rows", "warned")
    assert "10.0 %" in finding.evidence


def test_copies_are_known_by_the_columns_of_the_claim_alone():
    table = Table()
    table.frame.iloc[900:960] = table.frame.iloc[:60].to_numpy()
    table.frame["month"] = table.frame["month"].astype("category")
    table.plant("earlier_claims", table.rng.normal(size=CLAIMS))
    assert table.findings() == ()
    assert len(table.findings(own=["claimed_amount", "late_claims", "month", "product"])) == 1


def test_the_owner_takes_back_what_is_asked_and_left_out_but_not_what_is_blocked():
    findings = [Finding("a", action, f"{action}.", action) for action in ("asked", "left_out", "blocked", "warned")]
    names = ["asked", "left_out", "blocked", "warned"]
    assert [one.action for one in settle(findings)] == names
    assert [one.action for one in settle(findings, names)] == ["warned", "warned", "blocked", "warned"]
    assert "confirmed = [" in settle(findings)[0].evidence
    assert "confirmed = [" not in settle(findings, names)[0].evidence


def test_nothing_is_asked_about_a_column_that_is_blocked_anyway():
    findings = [Finding("knows_the_outcome", "x", "", "blocked"), Finding("only_when_decided", "x", "", "asked")]
    assert [one.action for one in settle(findings)] == ["blocked"]


@pytest.mark.parametrize("language", list(Language))
def test_the_verdict_names_every_column_once_and_counts_what_was_checked(language):
    kept_out = [Finding("a", f"{action}_one", "", action) for action in ("blocked", "left_out", "asked")]
    told = leakage_sentence([*kept_out, kept_out[0], Finding("b", "", "", "warned")], 41, language)
    assert [told.count(one.column) for one in kept_out] == [1, 1, 1]
    assert "41" in told
    assert ("1 warning" if language is Language.ENGLISH else "1 aviso") in told
    clean = leakage_sentence([], 41, language)
    assert ("Nothing was found" if language is Language.ENGLISH else "No se encontró nada") in clean
    assert "41" in clean


def test_each_column_is_left_out_once():
    findings = [Finding("a", "x", "", "blocked"), Finding("b", "x", "", "left_out"), Finding("c", "y", "", "warned")]
    assert columns_to_leave_out(findings) == ("x",)
