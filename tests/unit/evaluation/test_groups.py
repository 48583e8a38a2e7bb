"""Protected attributes become groups by a stated rule that reads no label and drops no claim."""

import numpy as np
import pandas as pd
import pytest

from perito.evaluation.groups import areas, grouped


def names(values: pd.Series) -> list[str | None]:
    """The groups, with a plain hyphen for the dash."""
    return [None if pd.isna(name) else str(name).replace("\N{EN DASH}", "-") for name in grouped(values)]


def test_ages_are_cut_into_decades_and_a_missing_age_keeps_null() -> None:
    ages = pd.Series([18.0, 19.9, 20.0, 39.0, 40.0, 92.0, np.nan, 25, 33, 47, 51, 62, 71, 88])
    assert names(ages)[:7] == ["10-19", "10-19", "20-29", "30-39", "40-49", "90-99", None]
    assert grouped(ages).cat.ordered


def test_a_number_of_few_values_is_a_code() -> None:
    assert names(pd.Series([1.0, 2.0, np.nan, 1.0])) == ["1", "2", None, "1"]


def test_other_numbers_are_cut_into_fifths() -> None:
    cut = grouped(pd.Series(np.arange(1000.0)))
    assert cut.value_counts().tolist() == [200] * 5
    assert cut.iloc[0] == "0 \N{EN DASH} < 199.8"
    assert cut.iloc[-1] == "\N{GREATER-THAN OR EQUAL TO} 799.2"


def test_categories_are_their_own_groups() -> None:
    assert names(pd.Series(["f", None, "m"], dtype="str")) == ["f", None, "m"]


def test_bands_do_not_depend_on_the_order_of_the_claims() -> None:
    values = pd.Series(np.random.default_rng(0).normal(5000, 900, 300))
    assert grouped(values.iloc[::-1]).iloc[::-1].tolist() == grouped(values).tolist()


@pytest.mark.parametrize(("digits", "expected"), [(2, ["01", "28", None, None]), (3, ["010", "280", None, None])])
def test_an_area_is_the_first_characters_of_a_postcode(digits: int, expected: list[str | None]) -> None:
    cut = areas(pd.Series(["01001", "28 013", None, " "], dtype="str"), digits)
    assert [None if pd.isna(name) else name for name in cut] == expected
