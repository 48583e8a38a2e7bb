"""Draws and texts that the simulator needs and numpy lacks. Refuses to know what they are drawn for."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

Texts = pa.StringArray
Instants: TypeAlias = "pa.TimestampArray[Literal['us'], None]"

DAY_SECONDS = 86_400
_SCRAMBLE = 387_420_489  # 3 to the 18th: shares no divisor with a power of ten, so no two numbers meet


def one_of(rng: np.random.Generator, weights: npt.ArrayLike, size: int) -> IntArray:
    """Draw `size` positions with replacement, in proportion to `weights`."""
    heaped = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn: IntArray = np.searchsorted(heaped, rng.random(size) * heaped[-1], side="right").astype(np.int64)
    return drawn


def some_of(rng: np.random.Generator, weights: FloatArray, count: int) -> IntArray:
    """Draw `count` different positions, the likelier the larger their weight, in ascending order.

    Source: Efraimidis and Spirakis 2006, weighted random sampling with a reservoir.
    """
    assert count <= np.count_nonzero(weights), "more draws than positions that may be drawn"
    if count == 0:
        return np.empty(0, dtype=np.int64)
    waits = np.full(len(weights), np.inf)
    np.divide(rng.exponential(size=len(weights)), weights, out=waits, where=weights > 0)
    return np.sort(np.argpartition(waits, count - 1)[:count])


def happens(rng: np.random.Generator, probability: FloatArray | float, size: int) -> BoolArray:
    """Toss `size` coins."""
    return rng.random(size) < probability


def scrambled(index: IntArray, digits: int, *, salt: int = 0) -> IntArray:
    """Different numbers of at most `digits` digits for different indices, in no telling order."""
    numbers: IntArray = ((index + salt) * _SCRAMBLE) % 10**digits
    return numbers


def integers(values: IntArray, *, null: BoolArray | None = None) -> pa.Int64Array:
    """Whole numbers as a column, or null."""
    return pa.array(values, pa.int64(), mask=null)


def texts_at(texts: Texts, index: IntArray, *, null: BoolArray | None = None) -> Texts:
    """The text at each index, or null."""
    return texts.take(integers(index, null=null))


def instants_at(instants: Instants, index: IntArray, *, null: BoolArray | None = None) -> Instants:
    """The instant at each index, or null."""
    return instants.take(integers(index, null=null))


def words(names: Sequence[str], code: IntArray, *, null: BoolArray | None = None) -> Texts:
    """The name at each code, or null."""
    return texts_at(pa.array(names, pa.string()), code, null=null)


def numbered(prefix: str, number: IntArray, digits: int) -> Texts:
    """Texts such as `C00000012`."""
    plain = integers(number).cast(pa.string())
    assert isinstance(plain, Texts)
    padded = pc.utf8_lpad(plain, digits, "0")
    return pc.utf8_replace_slice(padded, start=0, stop=0, replacement=prefix)
