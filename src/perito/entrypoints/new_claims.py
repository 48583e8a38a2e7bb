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
from perito.entrypoints.document import currency_of
from perito.entrypoints.ranking import Manner, rank_claims_of
from perito.entrypoints.settings import Settings
from perito.evaluation.places import desk_places
from perito.features.build import build_features
from perito.files import atomic_folder
from perito.registry import Champion, champion_version, load_version, model_name
from perito.scoring import write_scores
from perito.store import Batch, BatchKey, Terms
from perito.store.ranked import ranked_claims
from perito.store.scores import write_batch

if TYPE_CHECKING:
    import pandas as pd

SCORED = frozenset({"scores.parquet", "scores.csv"})
FEW = 2_000
"""Up to so many claims are assessed alone, and all explained; for more it is quicker to assess the whole book."""
EXPLAINED_FOR_EACH_PLACE = 2
"""Claims that get reasons for each place of the desk, where there are too many to explain all."""


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
    places = desk_places(spec.desk, len(frame))
    explained = len(frame) if len(frame) <= FEW else places.total * EXPLAINED_FOR_EACH_PLACE
    manner = Manner(places, explained, language, seed)
    scores = rank_claims_of(book, spec, frame, (champion.model, champion.usual), manner)
    terms = Terms(places.total, explained, currency_of(book), str(language), seed if places.audited else None)
    return Ranked(scores, terms)


def keep(ranked: Ranked, key: BatchKey, settings: Settings) -> Batch:
    """Write the batch to the database, whole or not at all; one that is there already is returned as it stands.

    Raises
    ------
    ServiceError
        The database does not answer, or refuses.
    """
    return write_batch(settings.database(), key, ranked.scores, terms=ranked.terms)


def write_files(ranked: Ranked, key: BatchKey, settings: Settings) -> Path:
    """Write the list as Parquet and CSV into a folder of its own, named by the batch's key; return the folder.

    Before the database is told: a run that is killed in between finds the claims not ranked yet, and does both again.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    folder = (
        settings.results / f"{key.dataset}-batches" / f"{key.as_of:%Y-%m-%d}-v{key.model_version}-{key.fingerprint[:8]}"
    )
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
