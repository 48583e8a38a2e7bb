"""Puts a simulation on disk: everything appears at once, or nothing does.

Refuses a folder that holds something else, and to write the truth where the tables are: no
reader of datasets leaves its data folder, so nothing that trains can come upon it.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from perito.domain.errors import OutputError
from perito.files import atomic_path
from perito.simulate.insurer import SimulatedBook

MARKER = "simulation.json"
"""Says how a folder was made, and which files are the simulation's own."""


@dataclass(frozen=True)
class SimulationSummary:
    """What a simulation left behind. `truth` is None where there is nothing to know; `rows` is per table."""

    name: str
    folder: Path
    files: tuple[Path, ...]
    truth: Path | None
    rows: Mapping[str, int]


def write_book(
    book: SimulatedBook, folder: Path, *, truth_path: Path | None = None, overwrite: bool = False
) -> SimulationSummary:
    """Write the four tables into `folder` as Parquet, and the truth beside it, not into it.

    The truth goes to `truth_path`, by default a sibling of the folder called
    `<folder>-truth.parquet`. An earlier simulation in `folder` is replaced.

    Raises
    ------
    OutputError
        When the truth would lie inside `folder`, when `folder` or the truth's file is
        something else's and `overwrite` is false, or when the disk refuses.
    """
    folder = folder.resolve()
    truth_path = (truth_path or folder.with_name(f"{folder.name}-truth.parquet")).resolve()
    _check_truth(truth_path, folder, overwrite=overwrite)
    tables = {
        "claims": book.claims,
        "policies": book.policies,
        "parties": book.parties,
        "dispositions": book.dispositions,
    }
    made_by = {"simulator": "simulated", "seed": book.seed, "parameters": asdict(book.parameters)}
    with publishing(folder, made_by=made_by, overwrite=overwrite) as fresh:
        for name, table in tables.items():
            pq.write_table(table, fresh / f"{name}.parquet", compression="zstd")
        _write_alone(book.truth, truth_path)
    return SimulationSummary(
        name="simulated",
        folder=folder,
        files=tuple(folder / f"{name}.parquet" for name in tables),
        truth=truth_path,
        rows={name: table.num_rows for name, table in tables.items()},
    )


@contextmanager
def publishing(folder: Path, *, made_by: Mapping[str, object], overwrite: bool) -> Iterator[Path]:
    """Lend an empty folder; when the block ends well, what was written into it appears in `folder`.

    Files of others that lie in `folder` are kept when `overwrite` allows to write beside them.

    Raises
    ------
    OutputError
        When `folder` holds something else than an earlier simulation and `overwrite` is
        false, or when the disk refuses.
    """
    if not overwrite:
        _check_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir()
            yield fresh
            _write_marker(fresh, made_by)
            _swap(fresh, folder, aside=Path(scratch) / "aside")
    except OSError as failure:
        raise OutputError(
            f"The simulation could not be written: {failure.strerror or type(failure).__name__}.",
            where=str(folder),
            remedy="Choose a folder on a disk with room, where you may write.",
        ) from failure


def _write_marker(fresh: Path, made_by: Mapping[str, object]) -> None:
    files = sorted([path.name for path in fresh.iterdir()] + [MARKER])
    text = json.dumps({**made_by, "files": files}, indent=2, default=str)
    (fresh / MARKER).write_text(text + "\n", encoding="utf-8")


def _swap(fresh: Path, folder: Path, *, aside: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
    elif _all_ours(folder):
        folder.rename(aside)
        fresh.rename(folder)
    else:
        for path in fresh.iterdir():
            path.replace(folder / path.name)


def _all_ours(folder: Path) -> bool:
    ours = _files_of_earlier(folder)
    return all(path.name in ours for path in folder.iterdir())


def _files_of_earlier(folder: Path) -> frozenset[str]:
    try:
        return frozenset(json.loads((folder / MARKER).read_text(encoding="utf-8"))["files"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # no marker, or one that is not ours
        return frozenset()


def _check_free(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and _all_ours(folder)):
        raise OutputError(
            "Expected a new or empty folder, or an earlier simulation, and found other things there.",
            where=str(folder),
            remedy="Choose another folder, or allow overwriting.",
        )


def _check_truth(truth_path: Path, folder: Path, *, overwrite: bool) -> None:
    if truth_path.is_relative_to(folder):
        raise OutputError(
            "The truth may not lie in the data folder, where training could read it.",
            where=str(truth_path),
            remedy="Choose a path outside the folder, or leave it out.",
        )
    if truth_path.exists() and not overwrite and not _files_of_earlier(folder):
        raise OutputError(
            "Expected no file there yet, and found one.",
            where=str(truth_path),
            remedy="Move it away, choose another path for the truth, or allow overwriting.",
        )


def _write_alone(table: pa.Table, path: Path) -> None:
    with atomic_path(path) as unfinished:
        pq.write_table(table, unfinished, compression="zstd")
