"""How a feature's value reads, in English and in Spanish. Refuses to say what a value proves."""

import math
from dataclasses import dataclass

from perito.domain.words import Language
from perito.features.columns import FeatureColumn

Value = float | str | None
"""One cell of a feature frame: a number, a category, or None where it is not known."""

_SEPARATORS = {Language.ENGLISH: str.maketrans(",.", ",."), Language.SPANISH: str.maketrans(",.", ".,")}
_NOT_KNOWN = {Language.ENGLISH: "not known", Language.SPANISH: "no consta"}
_YES = {Language.ENGLISH: "yes", Language.SPANISH: "sí"}
_NO = {Language.ENGLISH: "no", Language.SPANISH: "no"}
_DAY = {Language.ENGLISH: ("day", "days"), Language.SPANISH: ("día", "días")}
_USUALLY = {Language.ENGLISH: "usually", Language.SPANISH: "lo habitual:"}
_PERCENT = "\N{NO-BREAK SPACE}%"
_MINUS = "\N{MINUS SIGN}"
_PLACE = "{value}"


@dataclass(frozen=True)
class Wording:
    """The language of a text and the currency of its amounts (an ISO code, or empty)."""

    language: Language = Language.ENGLISH
    currency: str = ""

    def number(self, value: float, decimals: int = 0, *, grouped: bool = True) -> str:
        """`value` rounded, in the language's own punctuation: 1,234.5 or 1.234,5."""
        text = f"{abs(value):,.{decimals}f}" if grouped else f"{abs(value):.{decimals}f}"
        negative = value < 0 and any(digit in text for digit in "123456789")
        return (_MINUS if negative else "") + text.translate(_SEPARATORS[self.language])

    def percent(self, share: float, decimals: int = 0) -> str:
        """`share` (0 to 1) as a percentage: 12.5 % or 12,5 %."""
        return self.number(share * 100, decimals) + _PERCENT

    def amount(self, value: float) -> str:
        """Money in the book's currency, cents only where there are any."""
        text = self.number(value, 0 if float(value).is_integer() else 2)
        return f"{text}\N{NO-BREAK SPACE}{self.currency}" if self.currency else text

    def value(self, value: Value, unit: str) -> str:
        """One feature value with its unit, as it stands in a table of reasons."""
        text = self._bare(value, unit)
        if unit != "days" or not isinstance(value, float | int) or math.isnan(value):
            return text
        one, many = _DAY[self.language]
        return f"{text} {one if abs(value) == 1 else many}"

    def usual(self, value: Value, share: float | None, unit: str) -> str:
        """What is usual, in two words: `usually 3`; a category says how usual: `usually sedan (62 %)`."""
        how_usual = "" if share is None else f" ({self.percent(share)})"
        return f"{_USUALLY[self.language]} {self.value(value, unit)}{how_usual}"

    def sentence(self, column: FeatureColumn, value: Value) -> str:
        """The feature's sentence with this claim's value in it.

        Where the value is not known, the sentence says so first and keeps its place open.
        """
        template = column.sentence_es if self.language is Language.SPANISH else column.sentence_en
        if _is_missing(value):
            unknown = _NOT_KNOWN[self.language].capitalize()
            return f"{unknown}: {template.replace(_PLACE, '…')}"
        return template.replace(_PLACE, self.value(value, column.unit))

    def _bare(self, value: Value, unit: str) -> str:
        if _is_missing(value):
            return _NOT_KNOWN[self.language]
        if isinstance(value, str):
            return value
        assert value is not None
        match unit:
            case "amount":
                return self.amount(value)
            case "ratio":
                return self.percent(value, 1 if 0 < abs(value) < 0.1 else 0)
            case "flag":
                return (_YES if value else _NO)[self.language]
            case _:
                return self._plain(value)

    def _plain(self, value: float) -> str:
        # A four-digit number without a unit may be a year; grouping starts where no year reaches.
        grouped = abs(value) >= 10_000
        if value.is_integer():
            return self.number(value, grouped=grouped)
        decimals = 2 if abs(value) >= 0.1 else 4
        return self.number(round(value, decimals), decimals, grouped=grouped)


def _is_missing(value: Value) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
