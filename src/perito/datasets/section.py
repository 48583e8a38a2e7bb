"""One TOML table that knows where it stands: every key is asked for by name and by type.

Refuses unknown keys when it is opened, so that a slip of the pen is never a silent default.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import TypeVar

from perito.domain.errors import SpecError

Word = TypeVar("Word", bound=str)
_REQUIRED = object()
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a whole number"),
    (float, "a number"),
    (datetime, "a date with a time"),
    (date, "a date"),
    (dict, "a table"),
    (list, "a list"),
)


class Section:
    """One TOML table, its place in the file, and the keys it may have.

    Parameters
    ----------
    values
        The table as `tomllib` read it.
    file
        Name of the spec, for messages.
    path
        Dotted path of the table within it; empty for the top.
    known
        The keys it may have; None where they are names that the spec chooses itself.

    Raises
    ------
    SpecError
        At once, naming a key outside `known` and the nearest known one.
    """

    def __init__(
        self, values: Mapping[str, object], *, file: str, path: str = "", known: Collection[str] | None = None
    ) -> None:
        self._values = values
        self._file = file
        self._path = path
        for key in values:
            if known is not None and key not in known:
                raise SpecError(
                    f"unknown key {key!r}.", where=self.where(), remedy=closest(key, known, named="It may have")
                )

    def where(self, key: str = "") -> str:
        """The file and the dotted path of `key`, as messages write it."""
        dotted = ".".join(part for part in (self._path, key) if part)
        return f"{self._file}: {dotted}" if dotted else self._file

    def has(self, key: str) -> bool:
        """Whether the spec gives this key."""
        return key in self._values

    def names(self) -> tuple[str, ...]:
        """The keys in the order of the file."""
        return tuple(self._values)

    def text(self, key: str, default: object = _REQUIRED) -> str:
        """A text that is not blank."""
        value = self._typed(key, default, (str,), "text")
        if isinstance(value, str) and (value.strip() or value == default):
            return value
        raise self.wrong(key, "text", "an empty one")

    def number(
        self,
        key: str,
        default: object = _REQUIRED,
        *,
        above: float = 0.0,
        at_most: float | None = None,
        or_zero: bool = False,
    ) -> float:
        """A finite number in (`above`, `at_most`], or 0 where that means none."""
        value = self._typed(key, default, (int, float), "a number")
        assert isinstance(value, int | float)
        if above < value <= (at_most if at_most is not None else 1e15) or (or_zero and value == 0):
            return float(value)
        upper = f" and at most {at_most:g}" if at_most is not None else ""
        raise self.wrong(key, f"a number above {above:g}{upper}", f"{value:g}")

    def count(self, key: str, default: int) -> int:
        """A whole number, zero or more."""
        value = self._typed(key, default, (int,), "a whole number")
        assert isinstance(value, int)
        if value < 0:
            raise self.wrong(key, "a whole number of zero or more", str(value))
        return value

    def day(self, key: str) -> date | None:
        """A date, or None when the key is absent."""
        value = self._values.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self.wrong(key, "a date such as 1996-01-01, without quotes", spoken(value))

    def choice(self, key: str, options: Sequence[Word], default: Word | None = None) -> Word:
        """One of a closed list of words."""
        value = self.text(key, _REQUIRED if default is None else default)
        for option in options:
            if option == value:
                return option
        raise SpecError(
            f"expected a word of a closed list, came {value!r}.",
            where=self.where(key),
            remedy=closest(value, options, named="It may be"),
        )

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when the key is absent."""
        value = self._typed(key, [], (list,), "a list of texts")
        assert isinstance(value, list)
        for entry in value:
            if not isinstance(entry, str):
                raise self.wrong(key, "a list of texts", f"{spoken(entry)} in it")
        return tuple(value)

    def pairs(self, key: str, default: object = _REQUIRED) -> dict[str, str]:
        """A table whose values are texts."""
        inner = self.table(key, None, default)
        return {name: inner.text(name) for name in inner.names()}

    def table(self, key: str, known: Collection[str] | None, default: object = _REQUIRED) -> "Section":
        """A table within this one."""
        value = self._typed(key, default, (dict,), "a table")
        assert isinstance(value, dict)
        return self._inner(value, key, known)

    def tables(self, key: str, known: Collection[str]) -> tuple["Section", ...]:
        """A list of tables; empty when the key is absent."""
        value = self._typed(key, [], (list,), "a list of tables")
        assert isinstance(value, list)
        for entry in value:
            if not isinstance(entry, dict):
                raise self.wrong(key, "a list of tables", f"{spoken(entry)} in it")
        return tuple(self._inner(entry, f"{key}[{at}]", known) for at, entry in enumerate(value, start=1))

    def is_table(self, key: str) -> bool:
        """Whether the key holds a table, for keys that also have a short form."""
        return isinstance(self._values.get(key), dict)

    def wrong(self, key: str, expected: str, came: str) -> SpecError:
        """The error for a value that cannot be used."""
        return SpecError(
            f"expected {expected}, came {came}.",
            where=self.where(key),
            remedy="docs/dataset-specs.md explains every key.",
        )

    def _inner(self, values: Mapping[str, object], key: str, known: Collection[str] | None) -> "Section":
        path = f"{self._path}.{key}" if self._path else key
        return Section(values, file=self._file, path=path, known=known)

    def _typed(self, key: str, default: object, types: tuple[type, ...], expected: str) -> object:
        value = self._values.get(key, default)
        if value is _REQUIRED:
            raise SpecError(
                f"the key {key!r} is missing; expected {expected}.",
                where=self.where(),
                remedy="docs/dataset-specs.md explains every key.",
            )
        if not isinstance(value, types) or isinstance(value, bool):
            raise self.wrong(key, expected, spoken(value))
        return value


def spoken(value: object) -> str:
    """The kind of a TOML value in plain words; never the value."""
    return next(words for kind, words in _KINDS if isinstance(value, kind))


def closest(word: str, options: Collection[str], *, named: str) -> str:
    """A remedy that lists what may be written, the nearest first."""
    near = get_close_matches(word, options, n=1)
    return (f"Did you mean '{near[0]}'? " if near else "") + f"{named}: {', '.join(options)}."
