"""What the columns of an unknown file look like: how they are written, how many values they have.

Looks at the first rows only. Refuses to say what a column means; that is `guesses`' work.
"""

import csv
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from perito.datasets.delimited import open_delimited
from perito.datasets.parquet import open_parquet
from perito.domain.errors import SourceError
from perito.engine import Engine, EngineError

SAMPLE_ROWS = 20_000
FEW_EXCEPTIONS = 0.02
"""A column is a number or a date if no larger share of its values is something else."""
MISSING = frozenset({"na", "n/a", "nan", "none", "null", "nil", "-", "--", "?", "sin dato", "s/d", "desconocido"})

Shape = Literal["integer", "number", "comma_number", "date", "datetime", "text"]

_NUMBERS: dict[Shape, re.Pattern[str]] = {
    "integer": re.compile(r"[+-]?\d+(\.0*)?"),
    "number": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
    "comma_number": re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?"),
}
_DATES = {
    "year first": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"),
    "day first": ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"),
    "month first": ("%m/%d/%Y", "%m-%d-%Y"),
    "in words": ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y"),
}
_CLOCKS = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S.%f", "T%H:%M:%SZ")


@dataclass(frozen=True)
class Profile:
    """One column of the sample.

    `formats` are the strptime formats that read a date column together; `ambiguous` is true
    when day and month could be the other way round. `missing` are the words that stand for
    no value. `native` columns need no entry among a source's types.
    """

    name: str
    shape: Shape
    filled: int
    counts: Counter[str]
    formats: tuple[str, ...] = ()
    ambiguous: bool = False
    missing: tuple[str, ...] = ()
    native: bool = False

    @property
    def distinct(self) -> int:
        """How many different values the sample holds."""
        return len(self.counts)

    @property
    def is_unique(self) -> bool:
        """Whether every row of the sample has a value of its own."""
        return 0 < self.filled == self.distinct


def profile_file(path: Path, engine: Engine) -> tuple[Profile, ...]:
    """One profile for each column, in the file's order, from its first `SAMPLE_ROWS` rows.

    Raises
    ------
    SourceError
        When there is no such file, it is empty, or it can be read neither as delimited text
        nor as Parquet.
    """
    if not path.is_file():
        raise SourceError("expected a CSV or Parquet file, there is none.", where=str(path), remedy="Check its path.")
    if path.suffix.lower() in {".parquet", ".pq"}:
        return _parquet(path, engine)
    file = open_delimited(path)
    with path.open(encoding=file.notation.encoding, errors="replace", newline="") as text:
        rows = csv.reader(text, delimiter=file.notation.delimiter, quotechar=file.notation.quote)
        sample = [row for row in islice(rows, 1, SAMPLE_ROWS + 1) if len(row) == len(file.columns)]
    if not sample:
        raise SourceError(
            "expected rows under the header, there are none.", where=path.name, remedy="Export the table again."
        )
    return tuple(_of_texts(name, [row[at] for row in sample]) for at, name in enumerate(file.columns))


def _parquet(path: Path, engine: Engine) -> tuple[Profile, ...]:
    open_parquet(path)
    try:
        table = engine.run_native(f"SELECT * FROM read_parquet(?) LIMIT {SAMPLE_ROWS}", [str(path)])
    except EngineError:
        raise SourceError("it cannot be read as Parquet.", where=path.name, remedy="Write the file again.") from None
    if not table.num_rows:
        raise SourceError("expected rows, there are none.", where=path.name, remedy="Export the table again.")
    return tuple(_of_values(name, table.column(name).to_pylist()) for name in table.column_names)


def _of_values(name: str, values: Sequence[object]) -> Profile:
    present = [value for value in values if value is not None]
    if not present or isinstance(present[0], str):
        return _of_texts(name, [str(value) for value in present])
    counts = Counter(str(value) for value in present)
    first = present[0]
    if isinstance(first, date):
        return Profile(name, "datetime" if isinstance(first, datetime) else "date", len(present), counts, native=True)
    shape: Shape = "text" if isinstance(first, bool) else "integer" if isinstance(first, int) else "number"
    return Profile(name, shape, len(present), counts, native=True)


def _of_texts(name: str, values: Sequence[str]) -> Profile:
    cleaned = [value.strip() for value in values]
    counts = Counter(value for value in cleaned if value and value != "NULL")
    missing = tuple(sorted(word for word in counts if word.lower() in MISSING))
    said = Counter({value: count for value, count in counts.items() if value not in missing})
    filled = said.total()
    for shape, pattern in _NUMBERS.items():
        if filled and _share(said, pattern) >= 1 - FEW_EXCEPTIONS:
            return Profile(name, shape, filled, said, missing=missing)
    formats, ambiguous = _formats(said)
    if formats:
        timed = any("%H" in form for form in formats)
        return Profile(name, "datetime" if timed else "date", filled, said, formats, ambiguous, missing)
    return Profile(name, "text", counts.total(), counts)


def _share(counts: Counter[str], pattern: re.Pattern[str]) -> float:
    return sum(count for value, count in counts.items() if pattern.fullmatch(value)) / counts.total()


def _formats(counts: Counter[str]) -> tuple[tuple[str, ...], bool]:
    values = [value for value, _ in counts.most_common(300)]
    if not values or not any(character.isdigit() for character in values[0]):
        return (), False
    families = {family: _family(values, formats) for family, formats in _DATES.items()}
    reading = {family: formats for family, formats in families.items() if formats}
    ambiguous = "day first" in reading and "month first" in reading
    return next(iter(reading.values()), ()), ambiguous


def _family(values: Sequence[str], dates: Sequence[str]) -> tuple[str, ...]:
    left, used = list(values), []
    for form in (f"{day}{clock}" for day in dates for clock in _CLOCKS):
        unread = [value for value in left if not _reads(value, form)]
        if len(unread) < len(left):
            used.append(form)
            left = unread
    return tuple(used) if len(left) <= FEW_EXCEPTIONS * len(values) else ()


def _reads(value: str, form: str) -> bool:
    try:
        time.strptime(value, form)
    except ValueError:
        return False
    return True
