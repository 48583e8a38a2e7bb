"""What is usual per feature among the training claims, so that a reason can say it.

Refuses to describe any claim: only medians and most common values leave the training claims.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import pandas as pd

from perito.domain.errors import ModelError
from perito.features.columns import FeatureColumn
from perito.files import write_text

FILE_NAME = "usual.json"


class Usual(TypedDict):
    """The usual value of one feature, and the share of claims that have it (categories only).

    `value` is None where the feature is usually not known.
    """

    value: float | str | None
    share: float | None


UsualValues = Mapping[str, Usual]
"""Feature name to what is usual for it; plain JSON values."""


def usual_values(frame: pd.DataFrame, columns: Sequence[FeatureColumn]) -> dict[str, Usual]:
    """What is usual for each feature among the claims of `frame`.

    Numeric: the median of the known values, or None when more than half are not known.
    Categorical: the most common value, not known counted as one of them, with its share;
    of equally common values the first by name.

    Source: give it the training claims only; the claims being reported on would tell their own future.
    """
    return {column.name: _usual(frame[column.name], column) for column in columns}


def write_usual(usual: UsualValues, folder: Path) -> Path:
    """Write `usual.json` into a model folder.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    path = folder / FILE_NAME
    write_text(path, json.dumps(usual, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    return path


def read_usual(folder: Path) -> dict[str, Usual]:
    """Read what `write_usual` wrote.

    Raises
    ------
    ModelError
        When the file is missing or is not what `write_usual` writes.
    """
    path = folder / FILE_NAME
    remedy = "Use a model folder that a run has written whole, or train again."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): Usual(value=entry["value"], share=entry["share"]) for name, entry in content.items()}
    except OSError as failure:
        raise ModelError("The model folder lacks its usual values.", where=str(path), remedy=remedy) from failure
    except (ValueError, TypeError, KeyError, AttributeError) as failure:
        raise ModelError("The usual values cannot be read.", where=str(path), remedy=remedy) from failure


def _usual(values: pd.Series, column: FeatureColumn) -> Usual:
    if column.kind == "numeric":
        known = values.dropna()
        often_known = 2 * len(known) >= len(values) and len(known) > 0
        return Usual(value=float(known.median()) if often_known else None, share=None)
    if values.empty:
        return Usual(value=None, share=None)
    counts = values.value_counts(dropna=False)
    most = int(counts.max())
    candidates = counts.index[counts == most]
    named = sorted(str(name) for name in candidates if not pd.isna(name))
    return Usual(value=named[0] if named else None, share=most / len(values))
