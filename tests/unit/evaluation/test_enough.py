"""Too few claims are said to be too few, and a date that is proposed really works."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from perito.datasets.spec import DatasetSpec, Split
from perito.domain.errors import LearningError
from perito.domain.words import Language
from perito.evaluation.enough import (
    FEWEST_SUBSTANTIATED,
    Enough,
    check_something_varies,
    which_dates,
    workable_dates,
)
from tests.unit.decided import spec
from tests.unit.models.claims import feature


def claims(decided: range, *, count: int = 400, after_days: int = 5) -> pd.DataFrame:
    """A claim a day from 2024-01-01, every third substantiated, the outcomes of `decided` known."""
    reported = pd.Series(pd.Timestamp("2024-01-01 12:00") + pd.to_timedelta(np.arange(count), "D"))
    known = pd.Series(np.arange(count)).isin(decided)
    label = pd.Series(np.where(np.arange(count) % 3, 0.0, 1.0)).where(known)
    known_at = (reported + pd.Timedelta(days=after_days)).where(known)
    return pd.DataFrame({"reported_at": reported, "known_at": known_at, "label": label})


def asked(gap: int = 0, test_to: date | None = None) -> DatasetSpec:
    return spec(Split("time", test_to=test_to, label_gap_days=gap))


def learnt_before(table: pd.DataFrame, day: date, gap: int) -> pd.Series:
    start = pd.Timestamp(day)
    in_time = (table["reported_at"].dt.normalize() < start - pd.Timedelta(days=gap)) & (table["known_at"] < start)
    return table.loc[in_time, "label"]


@pytest.mark.parametrize("gap", [0, 20])
def test_the_first_date_leaves_enough_of_both_outcomes_and_the_day_before_does_not(gap: int) -> None:
    table = claims(range(200))
    dates = workable_dates(table, asked(gap))
    assert dates is not None
    first, last = dates
    for day, enough in ((first, True), (date.fromordinal(first.toordinal() - 1), False)):
        found = learnt_before(table, day, gap).value_counts()
        assert (found.min() >= FEWEST_SUBSTANTIATED) == enough
    assert last == table.loc[199, "reported_at"].date()


def test_outcomes_after_the_test_period_measure_nothing() -> None:
    dates = workable_dates(claims(range(200)), asked(test_to=date(2024, 5, 1)))
    assert dates is not None
    assert dates[1] == date(2024, 4, 30)


def test_no_date_is_proposed_where_none_works() -> None:
    assert workable_dates(claims(range(50)), asked()) is None
    assert workable_dates(claims(range(200), after_days=900), asked()) is None
    assert "No date leaves 30" in which_dates(claims(range(50)), asked())
    assert "of both outcomes" in which_dates(claims(range(50)), spec(Split("random")))


def test_claims_that_count_as_others_while_unknown_teach_too() -> None:
    table = claims(range(0, 400, 3))
    assert workable_dates(table, asked()) is None
    assert workable_dates(table, spec(Split("time"), unknown="unlabelled")) is not None


def test_fewer_than_the_minimum_is_too_few_whatever_the_folds_say() -> None:
    few, enough = Enough(FEWEST_SUBSTANTIATED - 1), Enough(FEWEST_SUBSTANTIATED)
    assert (few.limit("learnable"), enough.limit("learnable")) == ("too_few", "learnable")
    assert enough.sentence() == ""
    assert "29 substantiated claims to learn from, of the 30" in few.sentence()
    assert "29 siniestros confirmados" in few.sentence(Language.SPANISH)


def test_features_that_never_change_are_nothing_to_learn_from() -> None:
    frame = pd.DataFrame({"a": [1.0, 1.0], "b": [np.nan, np.nan], "c": [1.0, np.nan]})
    with pytest.raises(LearningError, match="all 2 are constant over the 2 claims"):
        check_something_varies(frame, [feature("a"), feature("b")])
    with pytest.raises(LearningError, match="all 0"):
        check_something_varies(frame, [])
    check_something_varies(frame, [feature("a"), feature("c")])
