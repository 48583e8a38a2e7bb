"""Scores, ranks, alerts and reasons of a handful of claims."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perito.datasets.spec import Money
from perito.domain.errors import FeatureMismatch, ModelError, ParameterError
from perito.domain.opinions import Reason
from perito.domain.words import Language
from perito.models.interface import FloatArray
from perito.scoring.claims import score_claims
from perito.scoring.money import Stakes
from tests.unit.scoring.linear import USUAL, Linear, claims

BOOK = claims(
    {
        "C2": (30.0, 14.0, "sport"),
        "C1": (2.0, 3.0, "sedan"),
        "C4": (10.0, 0.0, None),
        "C3": (10.0, 0.0, None),
    }
)


def scored(frame: pd.DataFrame = BOOK, **options: Any) -> pd.DataFrame:
    return score_claims(Linear(), frame, USUAL, **({"capacity": 2} | options))


def test_the_most_suspicious_claim_comes_first_and_equal_ones_by_claim_id() -> None:
    assert scored()["claim_id"].tolist() == ["C2", "C3", "C4", "C1"]
    assert scored()["rank"].tolist() == [1, 2, 3, 4]


def test_a_score_is_the_sigmoid_of_the_log_odds() -> None:
    by_id = scored().set_index("claim_id")["score"]
    assert by_id["C2"] == pytest.approx(1 / (1 + math.exp(-2.7)))
    assert by_id["C3"] == pytest.approx(0.5)


def test_as_many_claims_are_alerted_as_the_desk_can_open() -> None:
    assert scored(capacity=3)["alert"].tolist() == [True, True, True, False]
    assert not scored(capacity=0)["alert"].any()
    assert scored(capacity=99)["alert"].all()


def test_row_order_and_chunks_change_nothing() -> None:
    pd.testing.assert_frame_equal(scored(), scored(BOOK.iloc[::-1], chunk=1))


def test_a_reason_says_the_claims_own_value_what_is_usual_and_its_part() -> None:
    first = scored().loc[0, "reasons"]
    assert [reason.feature for reason in first] == ["report_delay_days", "garage_claims_90d"]
    assert first[1] == Reason("garage_claims_90d", "14 other claims", "14", "usually 3", pytest.approx(0.7))


def test_an_unknown_category_is_not_a_reason_when_it_adds_nothing() -> None:
    third = scored().loc[2, "reasons"]
    assert [reason.feature for reason in third] == ["report_delay_days"]


def test_reasons_speak_spanish() -> None:
    last = scored(language=Language.SPANISH).loc[3, "reasons"]
    assert last[-1].sentence == "Vehículo: sedan"
    assert last[-1].usual.replace("\N{NO-BREAK SPACE}", " ") == "lo habitual: sedan (60 %)"


def test_only_the_first_claims_are_explained_when_asked() -> None:
    lengths = scored(explain=1)["reasons"].map(len).tolist()
    assert lengths[0] > 0
    assert lengths[1:] == [0, 0, 0]


MONEY = Money(investigation_cost=60, recoverable_share=0.5)
AMOUNTS = pd.Series({"C1": 10_000.0, "C2": 100.0, "C3": 100.0})


def test_a_desk_that_ranks_by_money_opens_first_what_is_expected_to_bring_most() -> None:
    ranked = scored(stakes=Stakes(AMOUNTS, MONEY, "expected_net_money"))
    assert ranked["claim_id"].tolist() == ["C1", "C2", "C3", "C4"], "C4 states no amount and counts as the median, 100"
    expected = ranked.set_index("claim_id")["expected_net_money"]
    assert expected["C3"] == pytest.approx(0.5 * 0.5 * 100 - 60)
    assert np.isnan(expected["C4"])


def test_a_claim_expected_to_cost_more_than_it_saves_is_no_alert_whatever_room_is_left() -> None:
    ranked = scored(stakes=Stakes(AMOUNTS, MONEY, "expected_net_money"), capacity=4)
    assert ranked["alert"].tolist() == [True, False, False, False]


def test_a_desk_that_ranks_by_score_is_told_the_money_and_keeps_its_order_and_alerts() -> None:
    ranked = scored(stakes=Stakes(AMOUNTS, MONEY, "score"), capacity=4)
    assert ranked["claim_id"].tolist() == scored()["claim_id"].tolist()
    assert ranked["alert"].all()
    assert ranked["expected_net_money"].notna().sum() == 3


def test_with_one_amount_for_every_claim_money_and_score_give_the_same_order() -> None:
    money = Money(investigation_cost=60, recoverable_share=0.5, typical_amount=500)
    ranked = scored(stakes=Stakes(pd.Series(dtype="float64"), money, "expected_net_money"))
    assert ranked["claim_id"].tolist() == scored()["claim_id"].tolist()


def test_without_stakes_nothing_is_said_of_money() -> None:
    assert scored()["expected_net_money"].isna().all()


def test_progress_is_told_up_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    scored(chunk=3, explain=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 6), (4, 6), (6, 6)]


def test_no_claims_give_an_empty_table_with_the_same_columns() -> None:
    empty = scored(BOOK.iloc[:0])
    assert empty.empty
    assert list(empty.columns) == list(scored().columns)


def test_the_frame_is_left_as_found() -> None:
    before = BOOK.copy(deep=True)
    scored()
    pd.testing.assert_frame_equal(BOOK, before)


@pytest.mark.parametrize("option", [{"capacity": -1}, {"top_reasons": -1}, {"explain": -1}, {"chunk": 0}])
def test_a_number_out_of_range_is_named(option: dict[str, int]) -> None:
    with pytest.raises(ParameterError, match=next(iter(option))):
        scored(**option)


def test_a_claim_that_comes_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match="1 rows repeat"):
        scored(pd.concat([BOOK, BOOK.iloc[:1]]))


def test_amounts_of_which_none_is_known_are_refused() -> None:
    with pytest.raises(ParameterError, match="No claim has a known amount"):
        scored(stakes=Stakes(pd.Series({"other": 1.0}), MONEY, "expected_net_money"))


def test_usual_values_of_another_model_are_refused() -> None:
    with pytest.raises(FeatureMismatch, match="vehicle"):
        score_claims(Linear(), BOOK, {name: USUAL[name] for name in list(USUAL)[:2]}, capacity=1)


def test_another_list_of_features_is_refused() -> None:
    with pytest.raises(FeatureMismatch, match="out of order"):
        scored(BOOK[BOOK.columns[::-1]])


class Broken(Linear):
    def log_odds(self, frame: pd.DataFrame) -> FloatArray:
        return np.full(len(frame), np.nan)


def test_a_model_without_an_answer_is_refused_rather_than_ranked() -> None:
    with pytest.raises(ModelError, match="4 of 4 claims"):
        score_claims(Broken(), BOOK, USUAL, capacity=1)
