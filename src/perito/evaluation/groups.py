"""Protected attributes as groups of claims: bands of numbers, areas of postcodes, values as they are.

Refuses to drop a claim: one whose group is not known keeps null, which is a group of its own.
"""

import numpy as np
import pandas as pd

from perito.models.interface import FloatArray

MOST_CODES = 10
"""A number with no more values than this is a code, and each value a group."""
OLDEST = 120
"""Numbers from 0 to this are cut into decades, as ages are; others into fifths."""


def grouped(values: pd.Series) -> pd.Series:
    """The group of every claim, as an ordered category; null where the value is null.

    Categories are their own groups. Numbers of at most `MOST_CODES` values are too. Numbers
    from 0 to `OLDEST` are cut into decades (30-39 holds everything from 30 up to 40), others
    into fifths of the claims given. No label is read, so no band is drawn to fit a figure.
    """
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype("str").where(values.notna()).astype("category")
    plain = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.unique(plain[np.isfinite(plain)])
    if len(known) <= MOST_CODES:
        return _cut(values.index, plain, known, [f"{code:g}" for code in known])
    if known[0] >= 0 and known[-1] <= OLDEST:
        edges = np.arange(10 * np.floor(known[0] / 10), known[-1] + 1, 10)
        return _cut(values.index, plain, edges, [f"{edge:g}\N{EN DASH}{edge + 9:g}" for edge in edges])
    inner = np.unique(np.quantile(plain[np.isfinite(plain)], [0.2, 0.4, 0.6, 0.8]))
    edges = np.concatenate((known[:1], inner[inner > known[0]]))
    ends = [f"< {edge:g}" for edge in edges[1:]]
    middle = [f"{low:g} \N{EN DASH} {end}" for low, end in zip(edges[:-1], ends, strict=True)]
    return _cut(values.index, plain, edges, [*middle, f"\N{GREATER-THAN OR EQUAL TO} {edges[-1]:g}"])


def areas(postcodes: pd.Series, digits: int) -> pd.Series:
    """The area of every claim: the first `digits` characters of its postcode, without blanks; null where there is none.

    An area is a proxy: it may stand for origin, income or religion where no column tells them.
    """
    text = postcodes.astype("str").str.replace(" ", "").str[:digits].str.upper()
    return text.where(postcodes.notna() & (text != "")).astype("category")


def _cut(claims: pd.Index, values: FloatArray, edges: FloatArray, names: list[str]) -> pd.Series:
    band = np.searchsorted(edges, values, side="right") - 1
    codes = np.where(np.isfinite(values), band, -1).astype(np.int64)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(names), ordered=True), index=claims)
