"""Labels: what was knowable about each claim at an instant. Refuses to read unknown as negative."""

from datetime import datetime

import pandas as pd

from perito.datasets.book import Book

_LABELS = """
SELECT claim_id, CASE WHEN outcome = 'SUBSTANTIATED' THEN 1 ELSE 0 END AS label, known_at, selected_by,
  selection_probability
FROM (SELECT claim_id, outcome, known_at, selected_by, selection_probability,
        ROW_NUMBER() OVER (PARTITION BY claim_id ORDER BY known_at DESC, outcome DESC) AS latest
      FROM dispositions {known}) AS d
WHERE latest = 1 AND outcome <> 'INCONCLUSIVE'
ORDER BY claim_id
"""


def mature_labels(book: Book, *, as_of: datetime | None = None) -> pd.DataFrame:
    """The labels known strictly before `as_of`, one row per decided `claim_id`.

    A later decision supersedes an earlier one. A claim without a decision, or whose latest
    is INCONCLUSIVE, is unknown and has no row: it is never a 0.

    Parameters
    ----------
    book
        The accepted rows.
    as_of
        The instant (UTC) whose knowledge may be used; without it, everything the book holds.

    Returns
    -------
    A frame indexed by `claim_id`: `label` (1 substantiated, 0 not), `known_at`, `selected_by`,
    `selection_probability` (null where it was not logged).
    """
    known = f"WHERE known_at < TIMESTAMP '{as_of:%Y-%m-%d %H:%M:%S}'" if as_of else ""
    return book.engine.query(_LABELS.format(known=known)).to_pandas().set_index("claim_id")
