"""Values and sentences as a reader meets them, in both languages."""

import math

import pytest

from perito.domain.words import Language
from perito.features.columns import FeatureColumn
from perito.scoring.wording import Value, Wording

ENGLISH = Wording(Language.ENGLISH, "EUR")
SPANISH = Wording(Language.SPANISH, "EUR")


def column(unit: str = "count") -> FeatureColumn:
    return FeatureColumn(
        "garage_claims_90d",
        "numeric",
        unit,
        "The garage handled {value} other claims in the 90 days before this one",
        "El taller tramitó otros {value} siniestros en los 90 días anteriores",
    )


@pytest.mark.parametrize(
    ("value", "unit", "english", "spanish"),
    [
        (1234567.5, "amount", "1,234,567.50 EUR", "1.234.567,50 EUR"),
        (1200.0, "amount", "1,200 EUR", "1.200 EUR"),
        (1.0, "days", "1 day", "1 día"),
        (-14.0, "days", "\N{MINUS SIGN}14 days", "\N{MINUS SIGN}14 días"),
        (14000.0, "count", "14,000", "14.000"),
        (2.5, "count", "2.50", "2,50"),
        (0.25, "ratio", "25 %", "25 %"),
        (0.034, "ratio", "3.4 %", "3,4 %"),
        (0.0, "ratio", "0 %", "0 %"),
        (1.0, "flag", "yes", "sí"),
        (0.0, "flag", "no", "no"),
        (1994.0, "", "1994", "1994"),
        (0.0123, "", "0.0123", "0,0123"),
        ("Sedan", "", "Sedan", "Sedan"),
        (None, "amount", "not known", "no consta"),
        (math.nan, "days", "not known", "no consta"),
    ],
)
def test_a_value_is_written_with_its_unit_in_the_readers_language(
    value: Value, unit: str, english: str, spanish: str
) -> None:
    assert ENGLISH.value(value, unit).replace("\N{NO-BREAK SPACE}", " ") == english
    assert SPANISH.value(value, unit).replace("\N{NO-BREAK SPACE}", " ") == spanish


def test_an_amount_without_a_currency_is_only_a_number() -> None:
    assert Wording().amount(1500.0) == "1,500"


def test_a_number_that_rounds_to_zero_carries_no_minus() -> None:
    assert ENGLISH.number(-0.001, 2) == "0.00"


def test_a_sentence_holds_the_claims_own_value() -> None:
    assert ENGLISH.sentence(column(), 14.0) == "The garage handled 14 other claims in the 90 days before this one"
    assert SPANISH.sentence(column(), 14.0) == "El taller tramitó otros 14 siniestros en los 90 días anteriores"


def test_a_sentence_about_an_unknown_value_says_so_first() -> None:
    assert ENGLISH.sentence(column(), math.nan).startswith("Not known: The garage handled … other claims")
    assert SPANISH.sentence(column(), None).startswith("No consta: El taller tramitó otros … siniestros")


def test_braces_in_a_value_are_left_alone() -> None:
    assert "{value}" in ENGLISH.sentence(column(""), "a {value} of b")


def test_what_is_usual_says_the_share_of_a_category_only() -> None:
    assert ENGLISH.usual(3.0, None, "count") == "usually 3"
    assert ENGLISH.usual("Sedan", 0.62, "") == "usually Sedan (62\N{NO-BREAK SPACE}%)"
    assert SPANISH.usual(None, None, "amount") == "lo habitual: no consta"
