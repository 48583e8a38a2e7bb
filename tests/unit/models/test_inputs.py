import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import FeatureMismatch
from perito.models.inputs import (
    FIRST_KNOWN,
    MISSING,
    MOST_CATEGORIES,
    RARE,
    RARE_BELOW_CLAIMS,
    Vocabulary,
    learn_vocabulary,
    numbers,
)


def test_a_category_is_known_from_ten_claims_on() -> None:
    values = pd.Series(["van"] * RARE_BELOW_CLAIMS + ["sport"] * (RARE_BELOW_CLAIMS - 1))

    assert learn_vocabulary(values).known == ("van",)


def test_codes_tell_known_rare_and_missing_apart() -> None:
    codes = Vocabulary(("sedan", "van")).codes(pd.Series(["van", "sedan", "hovercraft", None]))

    assert codes.tolist() == [FIRST_KNOWN + 1, FIRST_KNOWN, RARE, MISSING]


def test_codes_do_not_depend_on_the_order_of_a_columns_categories() -> None:
    one = pd.Series(pd.Categorical(["a", "b"], categories=["a", "b"]))
    other = pd.Series(pd.Categorical(["a", "b"], categories=["b", "x", "a"]))
    vocabulary = Vocabulary(("a", "b"))

    assert vocabulary.codes(one).tolist() == vocabulary.codes(other).tolist()


def test_a_category_column_and_its_plain_text_have_the_same_vocabulary() -> None:
    text = pd.Series(["a"] * 12 + ["b"] * 30 + ["c"] * 2)

    assert learn_vocabulary(text) == learn_vocabulary(text.astype("category")) == Vocabulary(("a", "b"))


def test_only_the_commonest_of_very_many_categories_are_known() -> None:
    names = [f"garage-{i:04}" for i in range(MOST_CATEGORIES + 50)]
    values = pd.Series([name for name in names for _ in range(RARE_BELOW_CLAIMS)] + names[-50:])

    known = learn_vocabulary(values).known

    assert len(known) == MOST_CATEGORIES
    assert set(names[-50:]) <= set(known)


def test_a_column_of_nulls_has_no_vocabulary() -> None:
    assert learn_vocabulary(pd.Series(pd.Categorical([None] * 20))) == Vocabulary(())


def test_null_and_infinite_numbers_become_nan() -> None:
    read = numbers(pd.Series([1.0, np.inf, -np.inf, np.nan]))

    assert read[0] == 1.0
    assert np.isnan(read[1:]).all()


def test_whole_numbers_with_nulls_are_read_as_numbers() -> None:
    read = numbers(pd.Series([3, None], dtype="Int64"))

    assert read[0] == 3.0
    assert np.isnan(read[1])


def test_text_is_no_number() -> None:
    with pytest.raises(FeatureMismatch, match="claimed_amount"):
        numbers(pd.Series(["12,50"], name="claimed_amount"))
