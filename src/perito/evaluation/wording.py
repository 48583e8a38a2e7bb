"""Figures written as the reader's language writes them. Refuses to hold sentences."""

from string import Formatter

from perito.domain.words import Language

_SWAPPED = str.maketrans({".": ",", ",": "."})


class _SpanishNumbers(Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        text: str = super().format_field(value, format_spec)
        return text.translate(_SWAPPED) if isinstance(value, int | float) else text


_FORMATTERS = {Language.ENGLISH: Formatter(), Language.SPANISH: _SpanishNumbers()}


def say(template: str, language: Language, **values: object) -> str:
    """`template` with its values filled in, numbers as `language` writes them: 1,234.5 or 1.234,5."""
    return _FORMATTERS[Language(language)].format(template, **values)
