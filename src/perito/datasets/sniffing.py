"""How a delimited text file is written: its encoding, delimiter and quote. Refuses files that are no text.

Guesses only what the bytes show; a guess that leaves rows unreadable is seen as rejects, never hidden.
"""

import codecs
import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import charset_normalizer

from perito.domain.errors import SourceError

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 50
FOREIGN_LINES = 2000
CHUNK_BYTES = 1 << 22
TYPOGRAPHY = frozenset("€£§©®°·ºª¿¡«»\u2013\u2014\u2018\u2019\u201c\u201d\u2026")
"""What European text holds beside letters; other marks speak for another code page."""
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Notation:
    """How a delimited file is written. `sound` is false when some bytes do not fit `encoding`."""

    encoding: str
    sound: bool
    delimiter: str
    quote: str


def sniff_notation(path: Path, *, expected: Collection[str] = ()) -> Notation:
    """Guess how `path` is written; `expected` are column names that help to tell the delimiter.

    Raises
    ------
    SourceError
        When the file is empty or is no text.
    """
    encoding, sound = sniff_encoding(path)
    with path.open(encoding=encoding, errors="replace") as text:
        sample = [line for line in (raw.strip("\r\n") for raw in islice(text, SAMPLE_LINES)) if line]
    if not sample:
        raise SourceError(
            "Expected a header and rows, but the file is empty.", where=path.name, remedy="Export the table again."
        )
    delimiter = _sniff_delimiter(sample, expected)
    return Notation(encoding, sound, delimiter, _sniff_quote(sample, delimiter))


def sniff_encoding(path: Path) -> tuple[str, bool]:
    """The encoding of `path` and whether every byte of the file fits it.

    Order of trust: a byte order mark; UTF-8 when it fits, or when more of the lines that are
    not plain ASCII are UTF-8 than not; Windows-1252 when that yields letters; else the best
    guess of charset-normalizer.
    """
    with path.open("rb") as file:
        start = file.read(1 << 16)
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding, fits(path, encoding)
    if b"\x00" in start:
        raise SourceError(
            "Expected delimited text, but the file holds binary data.",
            where=path.name,
            remedy="Export it as CSV in UTF-8, or name it .parquet if that is what it is.",
        )
    if fits(path, "utf-8"):
        return "utf-8", True
    encoding = _foreign_encoding(_lines_beyond_ascii(path))
    return encoding, fits(path, encoding)


def fits(path: Path, encoding: str) -> bool:
    """Whether every byte of the file can be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines_beyond_ascii(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return list(islice((line for line in file if not line.isascii()), FOREIGN_LINES))


def _foreign_encoding(lines: Sequence[bytes]) -> str:
    good = sum(_decodes(line, "utf-8") for line in lines)
    if good * 2 > len(lines):
        return "utf-8"
    sample = b"".join(lines)
    if _is_plain(sample.decode("cp1252", errors="replace")):
        return "cp1252"
    guesses = charset_normalizer.from_bytes(sample)
    plain = [guess.encoding for guess in guesses if _is_plain(str(guess))]
    return [*plain, *(guess.encoding for guess in guesses), "utf-8"][0]


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_plain(text: str) -> bool:
    return all(letter.isascii() or letter.isalpha() or letter in TYPOGRAPHY for letter in set(text))


def _sniff_delimiter(sample: Sequence[str], expected: Collection[str]) -> str:
    def merit(delimiter: str) -> tuple[int, float, int]:
        rows = [next(csv.reader([line], delimiter=delimiter), []) for line in sample]
        width = len(rows[0])
        agreeing = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
        return len(set(rows[0]) & set(expected)), agreeing, width

    return max(DELIMITERS, key=merit)


def _sniff_quote(sample: Sequence[str], delimiter: str) -> str:
    edge = re.escape(delimiter)

    def quoted_fields(quote: str) -> int:
        pattern = re.compile(rf"(?:^|{edge}){quote}[^{quote}]*{quote}(?={edge}|$)")
        return sum(len(pattern.findall(line)) for line in sample)

    return max(('"', "'"), key=quoted_fields)
