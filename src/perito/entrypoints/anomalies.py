"""Ranks a table's claims by how unusual they are: what can still be done where nothing can be learnt.

Refuses MLflow, outcomes and any figure of how good the order is: there is none.
"""

from collections.abc import Sequence
from pathlib import Path

from perito.datasets.reader import load_spec
from perito.entrypoints.console import working_on
from perito.entrypoints.document import Document, currency_of, describe_rows
from perito.entrypoints.open_dataset import load_dataset
from perito.entrypoints.request import as_language, as_seed
from perito.evaluation.metrics import claims_at_capacity
from perito.features.build import build_features
from perito.features.columns import FeatureColumn
from perito.features.feature import Feature
from perito.files import atomic_folder, check_folder
from perito.models.anomaly import TREES, fit_anomaly_forest
from perito.scoring.anomalies import UNVALIDATED, rank_anomalies
from perito.scoring.anomaly_files import CSV_NAME, PARQUET_NAME, write_anomalies

OURS = frozenset({PARQUET_NAME, CSV_NAME})
"""All that the folder holds; a folder that holds anything else is not replaced."""


def without_outcomes(features: Sequence[Feature]) -> tuple[FeatureColumn, ...]:
    """The features that read no disposition, not even of earlier claims: the ranking shall owe nothing to outcomes."""
    return tuple(one.column for one in features if not any(need.startswith("dispositions") for need in one.needs))


def anomalies(dataset: str, data: str | None, *, out: Path | None, seed: int, lang: str) -> Document:
    """Rank every claim of the dataset by how unusual it is, and write both files.

    Raises
    ------
    LearningError
        When there are too few claims, or all look alike.
    """
    language, seed = as_language(lang), as_seed(seed)
    folder = out or Path("perito-results") / f"{load_spec(dataset).name}-anomalies"
    check_folder(folder, ours=OURS)
    with working_on("Read and validate the claims"):
        opened = load_dataset(dataset, data)
    with opened:
        book = opened.validated.book
        with working_on("Build features"):
            table = build_features(book)
            frame = table.frame()
        with working_on("Rank the claims by how unusual they are"):
            forest = fit_anomaly_forest(frame, without_outcomes(table.features), seed=seed)
            capacity = claims_at_capacity(opened.spec.desk.capacity_share, len(frame))
            ranked = rank_anomalies(forest, frame, capacity=capacity, language=language, currency=currency_of(book))
        with atomic_folder(folder, ours=OURS) as fresh:
            written = write_anomalies(ranked, fresh)
    return {
        "dataset": opened.spec.name,
        "title": opened.spec.title,
        "note": UNVALIDATED[language],
        "language": str(language),
        "fingerprint": opened.validated.fingerprint,
        "seed": seed,
        "rows": describe_rows(opened.validated),
        "claims": len(ranked),
        "capacity": {"share": opened.spec.desk.capacity_share, "claims": capacity},
        "trees": TREES,
        "features": [column.name for column in forest.columns],
        "outputs": {
            "anomalies": str(folder.resolve() / written[0].name),
            "anomalies_csv": str(folder.resolve() / written[1].name),
        },
    }
