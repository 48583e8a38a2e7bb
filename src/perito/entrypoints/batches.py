"""Batches of scores in the database: what makes one, and those that are there. Refuses one scored in two ways.

A batch is told apart by its claims, its model and its instant. The same of all three scored with
another language or other audits is no new batch, so it is refused and not passed over.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pandas as pd

from perito.datasets.reader import load_spec
from perito.domain.errors import ParameterError
from perito.entrypoints.document import Document
from perito.entrypoints.open_dataset import Dataset
from perito.entrypoints.settings import Settings
from perito.models.candidates import MODEL_FILE
from perito.models.interface import Model
from perito.scoring import USUAL_FILE
from perito.scoring.writers import write_table
from perito.store import Batch, BatchKey, Database, Terms
from perito.store.scores import find_batch, get_batch, latest_batches, read_batch, write_batch

SHORT = 16
"""Characters of a model folder's digest that stand for its version."""
SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True)
class Destination:
    """The database that a batch goes to, what it would be, and the batch where it is there already."""

    database: Database
    key: BatchKey
    terms: Terms
    known: Batch | None


def open_destination(database: Database, key: BatchKey, terms: Terms, audits: int) -> Destination:
    """Ask the database before the claims are scored.

    Raises
    ------
    ParameterError
        The same claims were scored by the same model in another way.
    ServiceError, OutputError, MissingExtra
        The database does not answer, or refuses.
    """
    known = find_batch(database, key)
    if known is not None and (known.terms, known.audits) != (terms, audits):
        was, asked = (_words(told, count) for told, count in ((known.terms, known.audits), (terms, audits)))
        raise ParameterError(
            f"These claims are there already, scored by the same model in another way: batch {known.id}, with {was}; "
            f"asked for {asked}.",
            where="--to-database",
            remedy="Score as that batch was scored, or without --to-database.",
        )
    return Destination(database, key, terms, known)


def deliver(scores: pd.DataFrame, to: Destination) -> Document:
    """Write the batch unless it is there; what the document says of it."""
    batch = to.known or write_batch(to.database, to.key, scores, terms=to.terms)
    return {**batch.document(), "database": to.database.shown, "written": to.known is None}


def key_of(opened: Dataset, folder: Path, model: Model) -> BatchKey:
    """The key of a dataset's claims scored by the model in a folder, as of the last report among them."""
    last = opened.engine.query("SELECT MAX(reported_at) AS last FROM claims")["last"][0].as_py()
    digest = hashlib.sha256((folder / MODEL_FILE).read_bytes() + (folder / USUAL_FILE).read_bytes())
    return BatchKey(
        dataset=opened.spec.name,
        fingerprint=opened.validated.fingerprint,
        model_name=model.kind,
        model_version=digest.hexdigest()[:SHORT],
        as_of=last.replace(tzinfo=UTC),
    )


def batches(dataset: str, *, limit: int, settings: Settings) -> Document:
    """The latest batches of a dataset.

    Raises
    ------
    ParameterError
        `limit` is below one.
    """
    if limit < 1:
        raise ParameterError(f"Expected a whole number of at least 1, got {limit}.", where="--limit")
    name, database = load_spec(dataset).name, settings.database()
    found = [batch.document() for batch in latest_batches(database, name, limit)]
    return {"dataset": name, "database": database.shown, "batches": found}


def export(dataset: str, *, batch: int, out: Path, settings: Settings) -> Document:
    """Write one batch as a Parquet or CSV file, with the columns of `scores.parquet` or `scores.csv`.

    Raises
    ------
    ParameterError
        The dataset has no such batch, or the file is of another kind.
    OutputError
        The file cannot be written.
    """
    if out.suffix not in SUFFIXES:
        raise ParameterError(f"Expected a file that ends in .parquet or .csv, got {out.name!r}.", where="--out")
    name, database = load_spec(dataset).name, settings.database()
    found = get_batch(database, batch)
    if found.key.dataset != name:
        raise ParameterError(
            f"Batch {batch} is one of {found.key.dataset}.", where="--batch", remedy=f"List those: perito scores {name}"
        )
    write_table(read_batch(database, batch), out)
    return {"dataset": name, "batch": found.document(), "outputs": {"scores": str(out.resolve())}}


def _words(terms: Terms, audits: int) -> str:
    return f"language {terms.language}, {terms.explained} explained, {audits} audits, seed {terms.seed}"
