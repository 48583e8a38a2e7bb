"""The gates before the comparison, and what a ledger row holds of a ruling."""

from typing import Any

import pytest

from perito.entrypoints.promoting import evidence_of, why_stopped
from perito.evaluation.bootstrap import Interval
from perito.evaluation.promotion import Comparison
from perito.learning import Challenge, Ruling


def document(**changes: Any) -> dict[str, Any]:
    learnable = {"verdict": "learnable", "sentence": ""}
    return {"language": "en", "stand_in": "", "verdicts": {"leakage": [], "learnability": learnable}, **changes}


def test_a_learnable_honest_table_stops_nothing() -> None:
    warned = [{"column": "garage", "action": "warned"}, {"column": "month", "action": "left_out"}]
    assert why_stopped(document()) == ""
    assert why_stopped(document(verdicts={**document()["verdicts"], "leakage": warned})) == ""


@pytest.mark.parametrize(
    ("changes", "english", "spanish"),
    [
        ({"stand_in": "No label."}, "a declared stand-in. No label.", "un sustituto declarado. No label."),
        (
            {"verdicts": {"leakage": [], "learnability": {"verdict": "nothing_to_learn", "sentence": "Told."}}},
            "does not beat chance. Told.",
            "no supera al azar. Told.",
        ),
        (
            {
                "verdicts": {
                    "leakage": [{"column": "cause", "action": "blocked"}],
                    "learnability": {"verdict": "learnable", "sentence": ""},
                }
            },
            "leaks its outcome through cause.",
            "delata su resultado a través de cause.",
        ),
    ],
)
def test_each_gate_stops_a_model_in_the_language_of_the_run(
    changes: dict[str, Any], english: str, spanish: str
) -> None:
    assert english in why_stopped(document(**changes))
    assert spanish in why_stopped(document(language="es", **changes))


def test_a_row_holds_the_compared_figures_or_else_the_challengers_own() -> None:
    own = Interval(5.0, 1.0, 9.0)
    compared = Comparison(Interval(1.0, 0.0, 2.0), Interval(4.0, 3.0, 5.0), Interval(3.0, 1.0, 5.0), 100, 10)
    first = evidence_of(Ruling(True, "", None, own, None), fairness={"b": 1, "a": 2})
    assert (first.challenger_net_money, first.champion_net_money, first.fairness) == (5.0, None, '{"a": 2, "b": 1}')
    later = evidence_of(Ruling(True, "", "1", own, Challenge(compared, None)))
    assert (later.challenger_net_money, later.champion_net_money) == (4.0, 1.0)
    assert (later.difference_low, later.difference_high, later.claims, later.fairness) == (1.0, 5.0, 100, None)
