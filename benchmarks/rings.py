"""How well, and how fast, planted rings are found in simulated insurers with known truth.

A planted ring is found when a listed group holds at least half of its staged claims, and at least
half of the group's claims are that ring's. A listed group that finds no planted ring is false.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.measuring import Benchmark, Meter, Result, Target, print_result

if TYPE_CHECKING:
    from perito.rings import Ring

PLAIN = ("--claims", "200000", "--rings", "30")
SEEDS = (11, 12, 13, 14, 15)
LOWEST_RECALL, HIGHEST_FALSE = 0.9, 0.2
FINDABLE = 3
"""Claims of the smallest planted ring that could be found; what has fewer is counted apart."""


def _targets(results: Sequence[Result]) -> list[Target]:
    return [_promise(results, seed) for seed in SEEDS]


def _promise(results: Sequence[Result], seed: int) -> Target:
    promise = f"of 30 rings in 200,000 claims, 90 % are found and at most 20 % of the groups are false, seed {seed}"
    found = next(
        (r for r in results if r["case"] == {"claims": 200_000, "rings": 30, "seed": seed, "changed": {}}), None
    )
    if found is None:
        return Target(promise, "not measured", None)
    recall, false = found["facts"]["recall"], found["facts"]["false_share"]
    met = recall >= LOWEST_RECALL and false <= HIGHEST_FALSE
    return Target(promise, f"{recall:.0%} found, {false:.0%} false", met)


BENCHMARK = Benchmark(
    name="rings",
    title="Finding planted rings",
    cases=(
        *((*PLAIN, "--seed", str(seed)) for seed in SEEDS),
        ("--claims", "40000", "--rings", "30", "--seed", "11"),
        ("--claims", "1000000", "--rings", "150", "--seed", "11"),
        (*PLAIN, "--seed", "11", "--change", '{"ring_sharing": 0.4}'),
        (*PLAIN, "--seed", "11", "--change", '{"ring_sharing": 0.8}'),
        (*PLAIN, "--seed", "11", "--change", '{"drift": 0.0}'),
        (*PLAIN, "--seed", "11", "--change", '{"drift": 1.0}'),
        (*PLAIN, "--seed", "11", "--change", '{"ring_members_min": 10, "ring_members_max": 20}'),
        ("--claims", "200000", "--rings", "0", "--seed", "11"),
        ("--claims", "12000", "--rings", "9", "--seed", "11"),
        ("--claims", "12000", "--rings", "0", "--seed", "11"),
    ),
    quick=(("--claims", "4000", "--rings", "3"),),
    targets=_targets,
)


@dataclass(frozen=True)
class Match:
    """What of the planted rings was found; `too_small` of them have fewer claims than can be found."""

    planted: int
    too_small: int
    found: int
    listed: int
    false: int

    def facts(self) -> dict[str, object]:
        """The counts and their shares."""
        return {
            "planted": self.planted,
            "too_small": self.too_small,
            "found": self.found,
            "recall": round(self.found / self.planted, 3) if self.planted else None,
            "listed": self.listed,
            "false": self.false,
            "false_share": round(self.false / self.listed, 3) if self.listed else 0.0,
        }


def match(rings: Sequence["Ring"], staged: Mapping[str, str]) -> Match:
    """Compare listed groups with the truth, `staged`: claim to planted ring, of the claims reported by then."""
    size: dict[str, int] = {}
    for ring_id in staged.values():
        size[ring_id] = size.get(ring_id, 0) + 1
    planted = {ring_id: count for ring_id, count in size.items() if count >= FINDABLE}
    hits = [_planted_in(ring, staged, planted) for ring in rings]
    return Match(
        planted=len(planted),
        too_small=len(size) - len(planted),
        found=len(set(hits) - {None}),
        listed=len(rings),
        false=hits.count(None),
    )


def _planted_in(ring: "Ring", staged: Mapping[str, str], planted: Mapping[str, int]) -> str | None:
    of_ring = [staged[claim_id] for claim_id in ring.claim_ids if claim_id in staged]
    for ring_id in sorted(set(of_ring)):
        held = of_ring.count(ring_id)
        if ring_id in planted and 2 * held >= planted[ring_id] and 2 * held >= len(ring.claim_ids):
            return ring_id
    return None


def measure(claims: int, rings: int, seed: int, change: Mapping[str, float]) -> None:
    """Simulate a book, find its rings, compare them with the truth, and print what came of it."""
    import pyarrow.parquet as pq

    from benchmarks.books import load
    from perito.engine import Engine
    from perito.rings import find_rings
    from perito.simulate.insurer import simulate_insurer
    from perito.simulate.parameters import Parameters
    from perito.simulate.writing import write_book

    meter = Meter()
    settings = {"claims": claims, "rings": rings, "investigated_share": 0.05} | dict(change)
    with TemporaryDirectory(prefix="perito-benchmark-") as scratch, Engine() as engine:
        summary = write_book(simulate_insurer(Parameters(**settings), seed=seed), Path(scratch) / "book")
        assert summary.truth is not None, "this simulator knows the truth"
        truth = pq.read_table(summary.truth, columns=["claim_id", "ring_id"]).to_pydict()
        book = load(summary.folder, engine)
        with meter.step("find rings"):
            listed = find_rings(book)
    pairs = zip(truth["claim_id"], truth["ring_id"], strict=True)
    found = match(listed, {claim_id: ring_id for claim_id, ring_id in pairs if ring_id is not None})
    case = {"claims": claims, "rings": rings, "seed": seed, "changed": dict(change)}
    print_result(case, meter.steps, **found.facts())


def main() -> None:
    """Measure one case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rings", description=__doc__)
    parser.add_argument("--claims", type=int, default=200_000, help="claims in the book")
    parser.add_argument("--rings", type=int, default=30, help="rings planted in it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--change", type=json.loads, default={}, help="other simulation parameters, as JSON")
    options = parser.parse_args()
    measure(options.claims, options.rings, options.seed, options.change)


if __name__ == "__main__":
    main()
