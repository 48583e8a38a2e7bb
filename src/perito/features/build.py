"""Builds the features of a book in its engine. Refuses anything not known before a claim's assessment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import pyarrow as pa

from perito.datasets.book import Book
from perito.features.catalogue import applicable
from perito.features.columns import FeatureColumn
from perito.features.cut import TIME_CUT
from perito.features.feature import Feature, Over
from perito.features.history import day_number, steps

Progress = Callable[[str], None]


def silent(step: str) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class FeatureTable:
    """The features of a book, one row per assessed `claim_id`, in the engine's table `features`."""

    book: Book
    features: tuple[Feature, ...]

    @property
    def columns(self) -> tuple[FeatureColumn, ...]:
        """The ordered features as models and readers see them."""
        return tuple(feature.column for feature in self.features)

    def frame(self) -> pd.DataFrame:
        """The features as a frame indexed by `claim_id`, in order of `claim_id`.

        Numeric columns are float64, categorical ones `category`; null is NaN.
        """
        rows = self.book.engine.query("SELECT * FROM features ORDER BY claim_id")
        frame = rows.to_pandas(split_blocks=True, self_destruct=True).set_index("claim_id")
        return frame.astype({f.name: "category" for f in self.features if f.kind == "categorical"})


def build_features(
    book: Book,
    *,
    as_of: datetime | None = None,
    hidden: Sequence[str] = (),
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> FeatureTable:
    """Build every applicable feature, one row per assessed `claim_id`.

    Parameters
    ----------
    book
        The accepted rows. They are left as found.
    as_of
        The instant whose knowledge may be used. Without it each claim is assessed when it
        was reported, or, where the spec says so, all at the end of the book.
    hidden
        Claims whose dispositions must not be read, such as those kept for reporting when
        the split knows no time.
    only
        Assess only these claims; the others still are their history.
    progress
        Called with the name of each step as it begins.
    """
    return compute(book, applicable(book), as_of=as_of, hidden=hidden, only=only, progress=progress)


def compute(
    book: Book,
    features: Sequence[Feature],
    *,
    as_of: datetime | None = None,
    hidden: Sequence[str] = (),
    only: Sequence[str] = (),
    cut: int | None = TIME_CUT,
    progress: Progress = silent,
) -> FeatureTable:
    """Build the given features; `cut` is there for the test that removes it."""
    engine = book.engine
    engine.load("_hidden", pa.table({"claim_id": pa.array(list(hidden), pa.string())}))
    engine.load("_only", pa.table({"claim_id": pa.array(list(only), pa.string())}))
    engine.create("_assessments", _assessments_sql(book, as_of))
    with_neighbours = any(feature.over == "neighbours" for feature in features)
    for table, sql, spent in steps(only=bool(only), neighbours=with_neighbours, cut=cut):
        progress(table.removeprefix("_").replace("_", " "))
        engine.create(table, sql)
        engine.drop(spent)
    progress("features")
    engine.create("_summary", summary_sql(features))
    engine.drop(("_history", "_neighbours", "_assessments", "_claim_days"))  # a large book needs the room
    engine.create("features", features_sql(features, only=bool(only)))
    engine.drop(("_summary", "_hidden", "_only"))
    return FeatureTable(book, tuple(features))


def summary_sql(features: Sequence[Feature]) -> str:
    """The SELECT that sums up history and neighbours: one row per assessed claim, every feature over either."""
    history = _aggregates(features, "history")
    summary = f"SELECT {', '.join(('h.claim', *history))} FROM _history AS h GROUP BY h.claim"
    neighbours = _aggregates(features, "neighbours")
    if not neighbours:
        return f"SELECT d.claim_id, g.* FROM _claim_days AS d JOIN ({summary}) AS g ON g.claim = d.claim"
    further = f"SELECT {', '.join(('n.claim', *neighbours))} FROM _neighbours AS n GROUP BY n.claim"
    return f"""
SELECT d.claim_id, g.*, m.* FROM _claim_days AS d
JOIN ({summary}) AS g ON g.claim = d.claim
JOIN ({further}) AS m ON m.claim = d.claim
"""


def _aggregates(features: Sequence[Feature], over: Over) -> tuple[str, ...]:
    return tuple(f'{feature.expression} AS "{feature.name}"' for feature in features if feature.over == over)


def features_sql(features: Sequence[Feature], *, only: bool = False) -> str:
    """The SELECT that makes the table `features` from claims, policies and the summary."""
    chosen = ", ".join(("c.claim_id", *(_cast(feature) for feature in features)))
    return f"""
SELECT {chosen}
FROM claims AS c
JOIN _summary AS g ON g.claim_id = c.claim_id
LEFT JOIN policies AS p ON p.policy_id = c.policy_id
{"WHERE c.claim_id IN (SELECT claim_id FROM _only)" if only else ""}
"""


def _cast(feature: Feature) -> str:
    value = feature.expression if feature.over == "claim" else f'g."{feature.name}"'
    return f'CAST({value} AS {"VARCHAR" if feature.kind == "categorical" else "DOUBLE"}) AS "{feature.name}"'


def _assessments_sql(book: Book, as_of: datetime | None) -> str:
    if as_of is not None:
        day = day_number(f"TIMESTAMP '{as_of:%Y-%m-%d %H:%M:%S}'")
        return f"SELECT claim_id, {day} AS as_of_day FROM claims WHERE {day_number('reported_at')} < {day}"
    if book.assessed_at == "reported_at":
        return f"SELECT claim_id, {day_number('reported_at')} AS as_of_day FROM claims"
    return f"""
SELECT c.claim_id, e.as_of_day FROM claims AS c
CROSS JOIN (SELECT 1 + MAX({day_number("at")}) AS as_of_day
            FROM (SELECT reported_at AS at FROM claims UNION ALL SELECT known_at AS at FROM dispositions) AS t) AS e
"""
