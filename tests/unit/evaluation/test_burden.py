"""The burden counts cleared claims alone, names what is beyond chance, and hides no group."""

import json

import numpy as np
import pandas as pd
import pytest

from perito.domain.errors import ParameterError
from perito.domain.words import Language
from perito.evaluation.burden import FEWEST_CLEARED, LEVEL, Burden, GroupBurden, burden, burden_record
from perito.evaluation.burden_words import burden_document, burden_sentence


def rows(**groups: tuple[int, int]) -> tuple[list[bool], list[float], pd.Series]:
    """Cleared claims as `group=(cleared, alerted)`; the group `null` is null."""
    alerted = [number < hits for cleared, hits in groups.values() for number in range(cleared)]
    named = [None if name == "null" else name for name, (cleared, _) in groups.items() for _ in range(cleared)]
    return alerted, [0.0] * len(alerted), pd.Series(named, dtype="str")


def told(**groups: tuple[int, int]) -> dict[str | None, GroupBurden]:
    alerted, label, values = rows(**groups)
    [one] = burden(alerted, label, {"gender": values})
    return {group.group: group for group in one.groups}


def test_only_cleared_claims_count() -> None:
    alerted, label, values = rows(a=(100, 10), b=(100, 10))
    more = pd.concat([values, pd.Series(["a"] * 80, dtype="str")])
    [one] = burden([*alerted, *[True] * 80], [*label, *[1.0] * 40, *[np.nan] * 40], {"gender": more})
    assert (one.cleared, one.alerted) == (200, 20)


def test_a_group_alerted_more_often_is_named_and_its_counterpart_too() -> None:
    found = told(women=(200, 40), men=(200, 10))
    assert (found["women"].verdict, found["men"].verdict) == ("more_often", "less_often")
    assert found["women"].ratio.value == pytest.approx(4)
    assert found["women"].rate.value == pytest.approx(0.2)


def test_two_groups_are_one_comparison() -> None:
    alerted, label, values = rows(women=(200, 40), men=(200, 20))
    [one] = burden(alerted, label, {"gender": values})
    assert one.comparisons == 1
    assert one.groups[0].p_value == one.groups[1].p_value


def test_a_claim_of_no_stated_group_is_a_group_of_its_own() -> None:
    assert told(women=(100, 10), men=(100, 9), null=(60, 5))[None].cleared == 60


def test_a_small_group_is_shown_and_not_judged() -> None:
    found = told(women=(300, 30), men=(300, 31), other=(FEWEST_CLEARED - 1, 20))
    assert (found["other"].verdict, found["other"].p_value) == ("too_few", None)
    assert found["other"].alerted == 20


def test_few_alerts_on_cleared_claims_allow_no_comparison() -> None:
    assert {one.verdict for one in told(women=(300, 4), men=(300, 0)).values()} == {"too_few"}


def test_of_many_groups_the_small_ones_stand_together_and_none_is_lost() -> None:
    sizes = {f"g{number:02d}": (40 if number < 3 else 4, 2) for number in range(30)}
    alerted, label, values = rows(**sizes)
    [one] = burden(alerted, label, {"postcode": values}, proxies=["postcode"])
    assert [group.group for group in one.groups] == ["g00", "g01", "g02", None]
    assert [group.pooled for group in one.groups] == [0, 0, 0, 27]
    assert (one.cleared, one.alerted) == (len(values), sum(alerted))
    assert one.proxy


def test_a_second_attribute_and_more_groups_make_the_same_difference_harder_to_call_real() -> None:
    alerted, label, values = rows(women=(150, 22), men=(150, 10))
    areas = pd.Series([f"{number % 4}" for number in range(300)], dtype="str")
    alone = burden(alerted, label, {"gender": values})[0].groups[0].p_value
    beside = burden(alerted, label, {"gender": values, "area": areas})[0]
    many = burden(alerted, label, {"gender": values, "area": pd.Series([f"{n % 9}" for n in range(300)], dtype="str")})
    assert alone is not None
    assert beside.groups[0].p_value == pytest.approx(2 * alone)
    assert many[0].groups[0].p_value == beside.groups[0].p_value, "areas do not hide a difference of gender"
    assert (beside.comparisons, beside.attributes) == (1, 2)


@pytest.mark.slow
def test_lists_that_treat_all_alike_are_rarely_called_unlike() -> None:
    rng, runs, flagged = np.random.default_rng(1), 200, 0
    groups = {"gender": rng.choice(["f", "m", "x"], 600), "area": rng.choice(list("abcdefghij"), 600)}
    values = {name: pd.Series(drawn, dtype="str") for name, drawn in groups.items()}
    for _ in range(runs):
        found = burden(rng.random(600) < 0.08, np.zeros(600), values)
        flagged += any(one.differs for one in found)
    assert flagged / runs <= LEVEL


def test_the_order_of_the_claims_changes_nothing() -> None:
    alerted, label, values = rows(women=(200, 40), men=(200, 10), other=(35, 1))
    order = np.random.default_rng(0).permutation(len(values))
    again = burden(np.array(alerted)[order], np.array(label)[order], {"gender": values.iloc[order]})
    assert again == burden(alerted, label, {"gender": values})


def test_a_label_that_is_none_and_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ParameterError, match="0, 1 or null"):
        burden([True], [2.0], {})
    with pytest.raises(ParameterError, match="each claim"):
        burden([True, False], [0.0, 0.0], {"gender": pd.Series(["f"])})


def one_burden(**groups: tuple[int, int]) -> Burden:
    alerted, label, values = rows(**groups)
    return burden(alerted, label, {"gender": values}, proxies=["gender"])[0]


SAID = {
    "a difference": ({"women": (200, 40), "men": (200, 10)}, "4.0 times", "4,0 veces"),
    "none": ({"women": (200, 20), "men": (200, 21)}, "No group differs", "Ningún grupo difiere"),
    "too few alerts": ({"women": (200, 1), "men": (200, 1)}, "cannot be compared", "no se pueden comparar"),
    "too few claims": ({"women": (20, 6), "men": (20, 6)}, "No group has 30", "Ningún grupo tiene 30"),
    "nobody cleared": ({}, "No claim of the test side", "Ningún siniestro de la prueba"),
    "a small group": ({"a": (99, 9), "b": (99, 9), "null": (9, 0)}, "fewer than 30 cleared claims: not", "no consta"),
    "no alert elsewhere": ({"a": (200, 9), "b": (200, 0)}, "against 0.0 %; chance", "frente a 0,0 %; el azar"),
}


@pytest.mark.parametrize("case", SAID)
def test_every_verdict_is_said_in_both_languages(case: str) -> None:
    groups, english, spanish = SAID[case]
    assert english in burden_sentence(one_burden(**groups))
    assert spanish in burden_sentence(one_burden(**groups), Language.SPANISH)


def test_equality_is_never_claimed() -> None:
    sentence = burden_sentence(one_burden(women=(200, 20), men=(200, 21)))
    assert "level 5 %, Holm's correction; comparisons: 1, attributes: 1" in sentence
    assert "does not prove them equal: 1.9 times" in sentence


def test_the_record_and_the_document_are_plain_json() -> None:
    one = one_burden(women=(200, 40), men=(200, 0), null=(3, 0))
    [record] = json.loads(json.dumps(burden_record([one]), allow_nan=False))
    document = json.loads(json.dumps(burden_document(one, "Gender"), allow_nan=False))
    assert [group["group"] for group in record["groups"]] == ["men", "women", None]
    assert [group["name"] for group in document["groups"]] == ["men", "women", "not stated"]
    assert record["groups"][1]["ratio"]["high"] is None
    assert document["differs"]
    assert (document["correction"], document["level"], document["fewest_cleared"]) == ("holm", LEVEL, FEWEST_CLEARED)
