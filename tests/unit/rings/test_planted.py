"""How planted rings are counted as found, and that they are found in a simulated book."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from benchmarks.books import load
from benchmarks.rings import Match, match

from perito.engine import Engine
from perito.rings import ClaimPath, Evidence, Ring, find_rings
from perito.simulate.insurer import simulate_insurer
from perito.simulate.parameters import Parameters
from perito.simulate.writing import write_book
from tests.books import instant


def listed(*claim_ids: str) -> Ring:
    return Ring(
        ring_id="-".join(claim_ids),
        score=9.0,
        claims=tuple(ClaimPath(claim_id, ()) for claim_id in claim_ids),
        policyholders=3,
        shared=(),
        substantiated=0,
        not_substantiated=0,
        unknown=len(claim_ids),
        claimed_amount=None,
        currency=None,
        first_reported_at=instant(1),
        last_reported_at=instant(2),
        evidence=Evidence(1e-9, 1.0, 1.0, None),
    )


TRUTH = {**dict.fromkeys("abcd", "R1"), **dict.fromkeys("efgh", "R2"), **dict.fromkeys("ij", "R3")}


@pytest.mark.parametrize(
    ("groups", "found", "false"),
    [
        ([listed("a", "b")], 1, 0),
        ([listed("a", "b", "x", "y")], 1, 0),
        ([listed("a", "b", "x", "y", "z")], 0, 1),
        ([listed("a", "x", "y")], 0, 1),
        ([listed("a", "b"), listed("c", "d")], 1, 0),
        ([listed("a", "b", "c", "d", "e", "f", "g", "h")], 1, 0),
        ([listed("i", "j")], 0, 1),
    ],
)
def test_a_planted_ring_is_found_by_half_of_it_in_a_group_that_is_half_its_own(
    groups: list[Ring], found: int, false: int
) -> None:
    assert match(groups, TRUTH) == Match(planted=2, too_small=1, found=found, listed=len(groups), false=false)


@pytest.mark.slow
def test_most_rings_of_a_simulated_insurer_are_found_and_few_others(tmp_path: Path) -> None:
    made = write_book(simulate_insurer(Parameters(claims=40_000, investigated_share=0.05), seed=21), tmp_path / "book")
    assert made.truth is not None
    truth = pq.read_table(made.truth, columns=["claim_id", "ring_id"]).to_pylist()
    with Engine() as engine:
        rings = find_rings(load(made.folder, engine))
    result = match(rings, {row["claim_id"]: row["ring_id"] for row in truth if row["ring_id"]})
    assert result.found >= 0.8 * result.planted
    assert result.false <= 0.2 * result.listed
