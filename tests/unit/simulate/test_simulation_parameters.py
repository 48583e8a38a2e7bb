from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from perito.domain.errors import ParameterError
from perito.simulate.parameters import RANGES, Parameters


def changed(name: str, value: float) -> dict[str, Any]:
    return {name: value}


@pytest.mark.parametrize("name", sorted(RANGES))
def test_a_value_out_of_its_range_is_refused_by_name(name: str) -> None:
    low, high = RANGES[name]
    for value in (low - 1, high + 1):
        with pytest.raises(ParameterError, match=name):
            replace(Parameters(), **changed(name, value))


def test_every_number_has_a_range() -> None:
    assert {field.name for field in fields(Parameters)} - {"start"} == set(RANGES)


def test_rings_may_not_stage_more_than_what_is_suspicious() -> None:
    with pytest.raises(ParameterError, match="rings"):
        Parameters(claims=1_000, rings=30)


def test_the_smallest_ring_is_not_larger_than_the_largest() -> None:
    with pytest.raises(ParameterError, match="ring_members_min"):
        Parameters(ring_members_min=6, ring_members_max=5)


def test_a_book_cannot_start_on_a_leap_day() -> None:
    with pytest.raises(ParameterError, match="29 February"):
        Parameters(start=date(2024, 2, 29))


@pytest.mark.parametrize("claims", [100, 1_000, 40_000, 1_000_000])
def test_of_size_keeps_the_density_of_rings(claims: int) -> None:
    assert Parameters.of_size(claims).rings == round(30 * claims / 40_000)


def test_the_book_closes_whole_years_after_its_start() -> None:
    parameters = Parameters(start=date(2020, 7, 1), years=2)
    assert parameters.closes_at == datetime(2022, 7, 1, tzinfo=UTC)
    assert parameters.days == 730


def test_the_manual_gives_every_parameter_with_its_default() -> None:
    manual = Path(__file__).parents[3] / "docs" / "simulator.md"
    lines = [line.split("|") for line in manual.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    rows = {cells[1].strip(): cells[2].strip() for cells in lines}
    assert {f"`{field.name}`": str(field.default) for field in fields(Parameters)}.items() <= rows.items()
