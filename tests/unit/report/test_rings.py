"""The rings of a run on its page."""

from typing import Any

import pytest

from perito.domain.words import Language
from perito.report import render_report
from tests.unit.report.run import document, scores


def ring(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "ring_id": f"ring-{number}",
        "score": 12.34,
        "policyholders": 4,
        "substantiated": 3,
        "not_substantiated": 1,
        "unknown": 1,
        "claimed_amount": 9876.0,
        "currency": "USD",
        "why": ["A bank account is shared by 5 claims of 4 policyholders, 3 of them substantiated"],
        "claims": [{"claim_id": f"C{claim}", "path": f"C{claim}: a bank account"} for claim in range(5)],
    } | changes


def page(*rings: dict[str, Any], language: Language = Language.ENGLISH) -> str:
    return render_report(document(rings=list(rings)), scores(), {}, language=language)


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        (Language.ENGLISH, "5 claims of 4 policyholders; 3 substantiated, 1 not, 1 unknown"),
        (Language.SPANISH, "5 siniestros de 4 tomadores; 3 confirmados, 1 no, 1 desconocidos"),
    ],
)
def test_a_ring_is_told_with_its_evidence_and_paths(language: Language, facts: str) -> None:
    told = page(ring(1), language=language)
    assert facts in told
    assert "A bank account is shared by 5 claims" in told
    assert "C3: a bank account" in told
    assert "ring-1" in told


def test_a_ring_with_many_reasons_tells_the_first_and_says_how_many_more_wait() -> None:
    told = page(ring(1, why=[f"Reason {number}." for number in range(8)]))
    at_once, behind = told.split("3 more reasons", 1)
    assert "Reason 4." in at_once
    assert "Reason 5." not in at_once
    assert "Reason 7." in behind
    assert "more reasons" not in page(ring(1))


def test_the_page_tells_ten_rings_and_counts_the_rest() -> None:
    told = page(*(ring(number) for number in range(13)))
    assert "ring-9 " in told
    assert "ring-10 " not in told
    assert "3 more are in run.json." in told


def test_a_run_without_rings_says_so_and_one_that_did_not_look_says_nothing() -> None:
    assert "No group of claims shares more than chance explains." in page()
    assert 'id="rings"' not in render_report(document(), scores(), {})


def test_what_a_source_wrote_is_shown_and_not_run() -> None:
    assert "<script>" not in page(ring(1, claims=[{"claim_id": "x", "path": "<script>: a phone"}]))
