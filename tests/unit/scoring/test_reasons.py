"""Which parts of a score become reasons, and in what order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from perito.models.interface import FloatArray
from perito.scoring.reasons import choose_reasons

matrices = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8),
    elements=st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 2.0]),
)


def told(row: list[float], top: int) -> list[float]:
    return choose_reasons(np.array([row]), top).contribution.tolist()


def expected(row: FloatArray, top: int) -> list[float]:
    """The rule said slowly: for one claim, in plain Python."""
    suspicious = sorted((part for part in row.tolist() if part > 0), reverse=True)
    mitigating = min(row.tolist())
    stronger = sum(abs(part) > abs(mitigating) for part in row.tolist())
    if mitigating < 0 and stronger < top:
        return [*suspicious[: min(top, len(row)) - 1], mitigating]
    return suspicious[:top]


def test_what_makes_a_claim_suspicious_comes_first_strongest_first() -> None:
    assert told([0.1, 0.9, 0.5, 0.0], top=3) == [0.9, 0.5, 0.1]


def test_a_strong_mitigating_part_takes_the_last_place() -> None:
    assert told([0.9, -0.7, 0.5, 0.4], top=3) == [0.9, 0.5, -0.7]


def test_a_weak_mitigating_part_is_left_out() -> None:
    assert told([0.9, -0.1, 0.5, 0.4], top=3) == [0.9, 0.5, 0.4]


def test_only_one_mitigating_part_is_ever_told() -> None:
    assert told([0.2, -0.7, -0.9, -0.8], top=4) == [0.2, -0.9]


def test_a_part_of_zero_is_never_a_reason() -> None:
    assert told([0.0, 0.0], top=5) == []


def test_no_reasons_asked_for_gives_none() -> None:
    assert told([1.0, 2.0], top=0) == []


@given(matrices, st.integers(1, 9))
def test_many_claims_at_once_are_told_as_each_would_be_alone(contributions: FloatArray, top: int) -> None:
    chosen = choose_reasons(contributions, top)
    for claim, row in enumerate(contributions):
        mine = chosen.claim == claim
        assert chosen.contribution[mine].tolist() == expected(row, top)
        assert np.array_equal(row[chosen.feature[mine]], chosen.contribution[mine])
        assert len(set(chosen.feature[mine].tolist())) == mine.sum()


@given(matrices)
def test_choosing_leaves_the_contributions_as_found(contributions: FloatArray) -> None:
    before = contributions.copy()
    choose_reasons(contributions, 3)
    assert np.array_equal(contributions, before)
