"""Columns that count a claim's own outcome among those of its parties, as a careless network feature does.

Refuses decisions of the test side: only outcomes known when the test period begins are counted.
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from perito.datasets.book import Book
from perito.domain.opinions import Finding
from perito.domain.words import Language
from perito.evaluation.wording import say
from perito.features.build import FeatureTable, compute
from perito.features.columns import FeatureColumn
from perito.features.history import ASKED_PARTIES, named_links_sql

Mask = npt.NDArray[np.bool_]

RECOMPUTED = 40
"""Substantiated claims drawn to have their features built again without their own decision."""
LOOKED_AT_ALONE = 5
"""Of those that change when all their decisions are hidden at once, how many are looked at one by one."""
SAME = 1e-9
"""Relative difference below which two values of a feature are the same: sums depend on the order of their parts."""
COUNTED = 1_000
"""Substantiated claims, and as many others, against whose parties' counts a column is held."""
AGREES = 0.9
"""Share of the substantiated claims, and of the others, on which a column must equal a count."""
MINIMUM_CLAIMS = 20
"""Claims of either kind below which no column is held against a count."""

_NAMED_LINKS = f"""
SELECT l.subject, l.party_id, l.claim_id FROM ({named_links_sql()}) AS l
JOIN ({ASKED_PARTIES}) AS w ON w.subject = l.subject AND w.party_id = l.party_id
"""
_LINKS = f"""
SELECT l.claim_id, concat(l.subject, ' ', l.party_id) AS party FROM ({_NAMED_LINKS}) AS l
WHERE l.claim_id IN (SELECT claim_id FROM _only) AND l.subject NOT IN ('claim', 'line')
"""
_COUNTS = f"""
WITH links AS (
  SELECT l.subject, l.party_id, l.claim_id, c.reported_at, d.substantiated,
    CASE WHEN t.claim_id IS NULL THEN 1 ELSE 0 END AS untold
  FROM ({_NAMED_LINKS}) AS l
  JOIN claims AS c ON c.claim_id = l.claim_id
  LEFT JOIN _decided AS d ON d.claim_id = l.claim_id
  LEFT JOIN _training AS t ON t.claim_id = l.claim_id
  WHERE l.subject NOT IN ('claim', 'line')),
counts AS (
  SELECT subject, claim_id,
    COALESCE(SUM(substantiated) OVER (PARTITION BY subject, party_id ORDER BY reported_at), 0) AS until_now,
    COALESCE(SUM(substantiated) OVER (PARTITION BY subject, party_id), 0) AS ever,
    COUNT(substantiated) OVER (PARTITION BY subject, party_id) AS decided,
    COUNT(*) OVER (PARTITION BY subject, party_id) AS claims,
    SUM(untold) OVER (PARTITION BY subject, party_id) AS untold
  FROM links)
SELECT claim_id, subject, MAX(until_now) AS until_now, MAX(CASE WHEN untold = 0 THEN ever END) AS ever,
  MAX(CASE WHEN untold = 0 AND decided > 0 THEN ever / decided END) AS of_decided,
  MAX(CASE WHEN untold = 0 THEN ever / claims END) AS of_claims
FROM counts WHERE claim_id IN (SELECT claim_id FROM _only) GROUP BY claim_id, subject
"""
"""One row per claim looked at and kind of party: what a column that counts the claim itself would
hold. Counts over all time only for parties without a claim outside the training side."""
MEASURES = ("until_now", "ever", "of_decided", "of_claims")


def reads_own_decision(
    table: FeatureTable,
    frame: pd.DataFrame,
    decided: pd.Series,
    *,
    hidden: Collection[str] = (),
    seed: int = 0,
    language: Language = Language.ENGLISH,
) -> Iterator[Finding]:
    """Build features again with the claims' own decisions hidden; a feature that changes is `blocked`.

    `frame`: the features of `table` as they were built, with the decisions of `hidden`
    unread. `decided`: 1 or 0 per decided training claim. The claims looked at share no
    party. One that still changes when all their decisions are hidden is built again with
    its own alone hidden, for another claim's decision may rightly count. Replaces the
    engine's table `features`.
    """
    sample = _apart(table.book, _drawn(decided[decided == 1].index, RECOMPUTED, seed))
    if not sample:
        return
    changed = _changed(table, frame, sample, [*hidden, *sample])
    suspects = changed.index[changed.any(axis=1)][:LOOKED_AT_ALONE]
    alone = [_changed(table, frame, [claim_id], [*hidden, claim_id]) for claim_id in suspects]
    for name in changed.columns:
        count = sum(int(one[name].iloc[0]) for one in alone)
        if count:
            words = _WORDS[language]["feature"]
            evidence = say(words, language, column=name, count=count, claims=len(alone))
            yield Finding("counts_own_outcome", str(name), evidence, "blocked")


def equals_a_count_with_itself(
    book: Book,
    frame: pd.DataFrame,
    columns: Sequence[FeatureColumn],
    decided: pd.Series,
    *,
    training: Collection[str],
    seed: int = 0,
    language: Language = Language.ENGLISH,
) -> Iterator[Finding]:
    """Numeric columns that equal the substantiated claims of a party, the claim itself among them: `blocked`.

    A party is anybody the claim names, or its policy. Compared with the count until the
    report, the count of all time, and the shares of all decided and of all claims.
    `decided`: 1 or 0 per decided training claim; `training`: all claims of that side.
    """
    numeric = [column.name for column in columns if column.kind == "numeric"]
    positives, others = (_drawn(decided[decided == label].index, COUNTED, seed) for label in (1, 0))
    if not numeric or min(len(positives), len(others)) < MINIMUM_CLAIMS:
        return
    counts = _counts(book, [*positives, *others], decided, training)
    for name in numeric:
        found = next(_equal_to(frame[name], counts, decided), None)
        if found is not None:
            evidence = say(_WORDS[language]["supplied"], language, column=name, subject=found[0], share=100 * found[1])
            yield Finding("counts_own_outcome", name, evidence, "blocked")


def _drawn(claim_ids: pd.Index, most: int, seed: int) -> list[str]:
    drawn = np.random.default_rng(seed).permutation(len(claim_ids))[:most]
    return [str(claim_id) for claim_id in claim_ids[np.sort(drawn)]]


def _apart(book: Book, drawn: Sequence[str]) -> list[str]:
    """Those of the claims that share no party with one named before them."""
    book.engine.load("_only", pa.table({"claim_id": pa.array(list(drawn), pa.string())}))
    links = book.engine.query(_LINKS).to_pandas()
    book.engine.drop(("_only",))
    parties = {claim_id: set(rows["party"]) for claim_id, rows in links.groupby("claim_id")}
    kept: list[str] = []
    met: set[str] = set()
    for claim_id in drawn:
        if met.isdisjoint(own := parties.get(claim_id, set())):
            kept.append(claim_id)
            met |= own
    return kept


def _changed(table: FeatureTable, frame: pd.DataFrame, sample: Sequence[str], hidden: Sequence[str]) -> pd.DataFrame:
    again = compute(table.book, table.features, hidden=hidden, only=sample).frame()
    before = frame.loc[again.index]
    return pd.DataFrame({column.name: _differs(again, before, column) for column in table.columns}, again.index)


def _differs(again: pd.DataFrame, before: pd.DataFrame, column: FeatureColumn) -> Mask:
    new, old = again[column.name], before[column.name]
    if column.kind == "numeric":
        close: Mask = np.isclose(new.to_numpy(), old.to_numpy(), rtol=SAME, atol=0, equal_nan=True)
        return ~close
    differs: Mask = (new.astype(object) != old.astype(object)).to_numpy() & ~(new.isna() & old.isna()).to_numpy()
    return differs


def _counts(book: Book, sample: Sequence[str], decided: pd.Series, training: Collection[str]) -> pd.DataFrame:
    engine = book.engine
    engine.load("_only", pa.table({"claim_id": pa.array(list(sample), pa.string())}))
    engine.load("_training", pa.table({"claim_id": pa.array(list(training), pa.string())}))
    labels = [pa.array(list(decided.index), pa.string()), pa.array(decided.to_numpy(dtype=np.int64))]
    engine.load("_decided", pa.Table.from_arrays(labels, names=["claim_id", "substantiated"]))
    counts = engine.query(_COUNTS).to_pandas()
    engine.drop(("_only", "_training", "_decided"))
    return counts


def _equal_to(values: pd.Series, counts: pd.DataFrame, decided: pd.Series) -> Iterator[tuple[str, float]]:
    for subject, rows in counts.groupby("subject"):
        own, label = values.reindex(rows["claim_id"]).to_numpy(), decided.reindex(rows["claim_id"]).to_numpy()
        for measure in MEASURES:
            count = rows[measure].to_numpy(dtype=np.float64)
            sides = [np.isfinite(count) & (label == side) for side in (1, 0)]
            shares = [
                float(np.isclose(own[side], count[side]).mean()) for side in sides if side.sum() >= MINIMUM_CLAIMS
            ]
            if len(shares) == len(sides) and min(shares) >= AGREES:
                yield str(subject), min(shares)


_WORDS = {
    Language.ENGLISH: {
        "feature": (
            "{column} changes when a claim's own decision is hidden ({count} of {claims} claims looked at), so it "
            "holds the outcome that it is to foretell."
        ),
        "supplied": (
            "{column} equals the substantiated claims of the claim's {subject} with the claim itself among them (on "
            "{share:.0f} % of the claims compared), so it holds the outcome that it is to foretell."
        ),
    },
    Language.SPANISH: {
        "feature": (
            "{column} cambia cuando se oculta el dictamen del propio siniestro ({count} de {claims} siniestros "
            "mirados): contiene el resultado que debe anticipar."
        ),
        "supplied": (
            "{column} es igual a los siniestros confirmados de la parte {subject} contando el propio siniestro (en el "
            "{share:.0f} % de los comparados): contiene el resultado que debe anticipar."
        ),
    },
}
