"""Opens a dataset the way every shell does: spec, data folder, engine, accepted rows."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from perito.datasets.reader import BUILTIN_FOLDER, load_spec
from perito.datasets.spec import DatasetSpec
from perito.domain.errors import ParameterError
from perito.engine import Engine
from perito.entrypoints.console import console, working_on
from perito.entrypoints.settings import Settings
from perito.simulate.catalogue import simulate
from perito.validation import Validated, read_book

SIMULATED = "simulated"


@dataclass(frozen=True)
class Dataset:
    """A dataset whose accepted rows are in an engine. Close it, or use it as a context manager."""

    spec: DatasetSpec
    validated: Validated
    engine: Engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.engine.close()


def data_folder(spec: DatasetSpec, data: str | Path | None, settings: Settings) -> Path:
    """The folder that holds the source's files: `data`, else PERITO_DATA, else the spec's own.

    The built-in `simulated` needs none: without `data` it is found in PERITO_HOME, and
    simulated there first when it is not.

    Raises
    ------
    ParameterError
        If the folder does not exist.
    """
    folder = named_folder(spec, data, settings)
    if folder is None:
        folder = settings.home / SIMULATED
        with working_on(f"Simulate an insurer into {folder}, as no data folder was named"):
            simulate(SIMULATED, folder=folder)
    return folder


def named_folder(spec: DatasetSpec, data: str | Path | None, settings: Settings) -> Path | None:
    """The data folder that `data_folder` would find without simulating; None where it would have to.

    Raises
    ------
    ParameterError
        If the folder does not exist.
    """
    if data is None and spec.folder == BUILTIN_FOLDER and spec.name == SIMULATED:
        return _earlier_simulation(settings)
    folder = settings.cwd / Path(data).expanduser() if data else settings.data or spec.folder
    if not folder.is_dir():
        raise ParameterError(
            "Expected an existing data folder; there is none.",
            where=f"--data ({folder})",
            remedy="Name the folder that holds the source's files.",
        )
    return folder


def read_claims(spec: DatasetSpec, data: str | Path | None, engine: Engine, settings: Settings) -> Validated:
    """Read the source, part its rows into accepted and rejected, and put the four tables into `engine`."""
    folder = data_folder(spec, data, settings)
    validated = read_book(spec, folder, engine, hash_key=settings.hash_key(), secrets=os.environ)
    for table, counts in validated.tables.items():
        for code, count in counts.rejected.items():
            console.print(f"  {table}: {count:,} of {counts.read:,} rows rejected, {code}")
    return validated


def load_dataset(name_or_path: str, data: str | Path | None = None, *, settings: Settings | None = None) -> Dataset:
    """Read and validate a dataset: a built-in name or the path of a spec.

    Raises
    ------
    SpecError, SourceError, ParameterError
        What was expected, what came, where, and what to do.

    Examples
    --------
    >>> from perito import load_dataset
    >>> with load_dataset("simulated", "demo/insurer") as dataset:  # doctest: +SKIP
    ...     print(dataset.validated.accepted)
    """
    settings = settings or Settings.from_environment(os.environ, Path.cwd())
    spec = load_spec(name_or_path)
    engine = Engine()
    try:
        return Dataset(spec, read_claims(spec, data, engine, settings), engine)
    except BaseException:
        engine.close()
        raise


def _earlier_simulation(settings: Settings) -> Path | None:
    folders = (settings.data, settings.home / SIMULATED)
    return next((folder for folder in folders if folder and (folder / "claims.parquet").is_file()), None)
