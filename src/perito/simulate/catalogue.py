"""The simulators by name, behind one function. Refuses a name it does not know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from perito.domain.errors import ParameterError
from perito.simulate.insurer import simulate_insurer
from perito.simulate.kaggle_policies import NAME, ROWS, write_kaggle_policies
from perito.simulate.parameters import Parameters
from perito.simulate.writing import SimulationSummary, write_book


@dataclass(frozen=True)
class Simulator:
    """One kind of simulation. `rows` is its usual size: claims, or rows where there is one table."""

    title: str
    rows: int
    write: Callable[[int, Path, int, bool], SimulationSummary]


def _write_insurer(rows: int, folder: Path, seed: int, overwrite: bool) -> SimulationSummary:
    book = simulate_insurer(Parameters.of_size(rows), seed=seed)
    return write_book(book, folder, overwrite=overwrite)


def _write_twin(rows: int, folder: Path, seed: int, overwrite: bool) -> SimulationSummary:
    return write_kaggle_policies(rows, folder, seed=seed, overwrite=overwrite)


SIMULATORS: Mapping[str, Simulator] = {
    "simulated": Simulator("An insurer with known truth, rings and late investigations", 40_000, _write_insurer),
    NAME: Simulator("A twin of Kaggle's policy table, which has no fraud column", ROWS, _write_twin),
}
"""Simulator name, which is also the name of the built-in dataset that reads its files, to simulator."""


def simulate(
    name: str, *, folder: Path, rows: int | None = None, seed: int = 0, overwrite: bool = False
) -> SimulationSummary:
    """Run one simulator and write its files into `folder`, by default at its usual size.

    Raises
    ------
    ParameterError
        When `name` is unknown, or `rows` or `seed` is out of range.
    OutputError
        When `folder` holds something else and `overwrite` is false, or the disk refuses.
    """
    if name not in SIMULATORS:
        raise ParameterError(
            f"Expected one of {', '.join(SIMULATORS)}, and {name!r} came.",
            where="simulator",
            remedy="Choose one of those names.",
        )
    simulator = SIMULATORS[name]
    return simulator.write(simulator.rows if rows is None else rows, folder, seed, overwrite)
