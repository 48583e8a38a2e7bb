"""One table of texts: the same in both languages, and nothing in it that nobody says."""

import re
from string import Formatter
from typing import get_args

import pytest

from perito.datasets.spec import SplitKind
from perito.domain.words import Language
from perito.evaluation.population import POPULATION_FIGURES
from perito.report import texts
from perito.report.page import TEMPLATES
from perito.report.texts import METRIC_MEANINGS, METRICS, TEXTS, Text

TABLES = {name: table for name, table in vars(texts).items() if name.isupper()}
EVERY_TEXT = [(f"{name}.{key}", text) for name, table in TABLES.items() for key, text in table.items()]
SPLIT_KINDS = get_args(SplitKind)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(("key", "text"), EVERY_TEXT, ids=[key for key, _ in EVERY_TEXT])
def test_a_text_is_said_in_both_languages_with_the_same_places(key: str, text: Text) -> None:
    assert all(text[language].strip() for language in Language), key
    assert places(text.en) == places(text.es), key


def test_every_text_is_said_somewhere() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    package = TEMPLATES.parent
    code = "".join(path.read_text(encoding="utf-8") for path in package.glob("*.py") if path.name != "texts.py")
    said = set(re.findall(r"\bt\.(\w+)", templates)) | set(re.findall(r'"(\w+)"', code + templates))
    said |= {f"split_{kind}" for kind in SPLIT_KINDS}
    assert set(TEXTS) - said == set()


def test_every_text_a_template_says_exists() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    assert set(re.findall(r"\bt\.(\w+)", templates)) <= set(TEXTS)


def test_every_figure_that_is_measured_has_a_name_and_a_meaning() -> None:
    assert set(METRICS) == set(METRIC_MEANINGS) == set(POPULATION_FIGURES)
