"""Ranking of the claims that the champion has not ranked yet, as plain functions. Refuses Prefect.

A batch is one of a kind by dataset, fingerprint of the claims, model version and day, so that
a run that is repeated after a crash adds nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from perito.datasets.book import Book
from perito.datasets.spec import DatasetSpec
from perito.domain.words import Language
from perito.entrypoints.console import show_progress
from perito.entrypoints.document import currency_of
from perito.entrypoints.settings import Settings
from perito.evaluation.places import desk_places
from perito.features.build import build_features
from perito.files import atomic_folder
from perito.models.interface import select_features
from perito.registry import Champion, champion_version, load_version, model_name
from perito.scoring import Stakes, draw_audits, score_claims, write_scores
from perito.store import Batch, BatchKey, Terms
from perito.store.ranked import ranked_claims
from perito.store.scores import write_batch

if TYPE_CHECKING:
    import pandas as pd

SCORED = frozenset({"scores.parquet", "scores.csv"})
FEW = 2_000
"""Up to so many claims are assessed alone; for more it is quicker to assess the whole book."""


@dataclass(frozen=True)
class Ranked:
    """A batch as it was ranked: the list, and on what terms."""

    scores: "pd.DataFrame"
    terms: Terms


def reigning(spec: DatasetSpec, settings: Settings) -> Champion | None:
    """The champion of a dataset, loaded; None where there is none yet.

    Raises
    ------
    ModelError, MissingExtra, ServiceError
        It cannot be loaded.
    """
    version = champion_version(spec.name, settings.tracking())
    return None if version is None else load_version(spec.name, version, settings.tracking())


def unranked(book: Book, spec: DatasetSpec, model_version: str, settings: Settings) -> list[str]:
    """Ids of the claims that nobody has decided on and that this model version has not ranked yet, in order."""
    undecided = book.engine.query(
        "SELECT claim_id FROM claims WHERE claim_id NOT IN (SELECT claim_id FROM dispositions) ORDER BY claim_id"
    )
    known = ranked_claims(settings.database(), spec.name, model_version)
    return [claim_id for claim_id in map(str, undecided["claim_id"].to_pylist()) if claim_id not in known]


def rank_new(
    book: Book, spec: DatasetSpec, champion: Champion, claim_ids: Sequence[str], language: Language, *, seed: int
) -> Ranked:
    """Score and explain these claims; alert those the desk can open and that are worth it, and draw the audits.

    Raises
    ------
    FeatureMismatch
        The claims lack a feature that the champion learnt from.
    """
    few = claim_ids if len(claim_ids) <= FEW else ()
    frame = build_features(book, only=few).frame().loc[list(claim_ids)]
    places, currency = desk_places(spec.desk, len(frame)), currency_of(book)
    amounts = book.engine.query("SELECT claim_id, claimed_amount FROM claims").to_pandas().set_index("claim_id")
    scores = score_claims(
        champion.model,
        select_features(frame, champion.model.columns),
        champion.usual,
        capacity=places.ranked,
        stakes=Stakes(amounts["claimed_amount"], spec.money, spec.desk.rank_by),
        language=language,
        currency=currency,
        explain=len(frame) if len(frame) <= FEW else places.total * 2,
        progress=show_progress,
    )
    terms = Terms(capacity=places.total, currency=currency, language=str(language), seed=seed)
    return Ranked(draw_audits(scores, places.audited, seed=seed), terms)


def keep(ranked: Ranked, key: BatchKey, settings: Settings) -> Batch:
    """Write the batch to the database, whole or not at all; one that is there already is returned as it stands.

    Raises
    ------
    ServiceError
        The database does not answer, or refuses.
    """
    return write_batch(settings.database(), key, ranked.scores, terms=ranked.terms)


def write_files(ranked: Ranked, batch: Batch, settings: Settings) -> Path:
    """Write the list as Parquet and CSV into a folder of its own; return the folder.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    folder = settings.results / f"{batch.key.dataset}-batches" / f"{batch.key.as_of:%Y-%m-%d}-{batch.id}"
    with atomic_folder(folder, ours=SCORED) as fresh:
        write_scores(ranked.scores, fresh)
    return folder.resolve()


def batch_key(spec: DatasetSpec, fingerprint: str, champion: Champion, day: date) -> BatchKey:
    """What makes a batch one of a kind: the claims, the model, and the day (UTC) that it was ranked for."""
    return BatchKey(
        dataset=spec.name,
        fingerprint=fingerprint,
        model_name=model_name(spec.name),
        model_version=champion.model_version,
        as_of=datetime.combine(day, time(), UTC),
    )
