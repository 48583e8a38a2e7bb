"""The papers say what the code says: generated pages, links, words, bounds, floors."""

import ast
import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from scripts.features_page import HISTORY_COLUMNS, NEIGHBOUR_COLUMNS
from scripts.generate_docs import DOCS, PAGES, main, out_of_date, write_pages

from perito.datasets.book import CANONICAL
from perito.domain import words
from perito.evaluation.metrics import FIGURES
from perito.features.catalogue import CATALOGUE

ROOT = DOCS.parent
PAPERS = sorted((*ROOT.glob("*.md"), *DOCS.rglob("*.md")))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VOCABULARIES = [one for one in vars(words).values() if isinstance(one, type) and one.__module__ == words.__name__]
NOT_OUR_NAMES = frozenset({"is_fraud", "customer", "customers", "utils", "util", "manager", "pipeline_v2"})


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def slug(heading: str) -> str:
    """The anchor of a heading as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", read(page), re.MULTILINE)}


def broken_links(page: Path) -> list[str]:
    """The relative links of a page that lead to no file, or to no heading of it."""
    text = re.sub(r"^```.*?^```", "", read(page), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, anchor = link.partition("#")
        target = page.parent / place if place else page
        if "://" in link or link.startswith("mailto:"):
            continue
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    return broken


def names_made_in(source: Path) -> set[str]:
    """Every name that a module gives, its own and its folders' included, whole and in its parts."""
    found = {part.removesuffix(".py") for part in source.relative_to(ROOT).parts}
    for node in ast.walk(ast.parse(read(source))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
            case ast.arg(arg=name) | ast.alias(asname=str(name)):
                found.add(name)
    apart = (re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower() for name in found)
    return {part for name in apart for part in (name, *name.split("_"))}


def distribution(requirement: str) -> str:
    return re.split(r"[><=;\[ ]", requirement, maxsplit=1)[0]


def requirements() -> Iterator[str]:
    project = PROJECT["project"]
    yield from project["dependencies"]
    for extra in project["optional-dependencies"].values():
        yield from extra
    for group in PROJECT["dependency-groups"].values():
        yield from group


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name):
    assert read(DOCS / name) == PAGES[name](), "run: make docs"


def test_the_check_notices_a_page_that_says_something_else(tmp_path, capsys):
    write_pages(tmp_path)
    assert main(["--check"], tmp_path) == 0
    (tmp_path / "cli.md").write_text("something else", encoding="utf-8")
    assert main(["--check"], tmp_path) == 1
    assert "cli.md" in capsys.readouterr().err
    assert out_of_date(tmp_path) == ["cli.md"]
    assert read(tmp_path / "cli.md") == "something else"


def test_the_page_of_features_explains_every_column_of_history_and_neighbours_that_is_used():
    for relation, explained in (("h", HISTORY_COLUMNS), ("n", NEIGHBOUR_COLUMNS)):
        used = {name for feature in CATALOGUE for name in re.findall(rf"\b{relation}\.(\w+)", feature.expression)}
        assert used == set(explained), relation


@pytest.mark.parametrize("page", PAPERS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_of_a_page_leads_somewhere(page):
    assert broken_links(page) == []


def test_a_link_to_no_file_and_one_to_no_heading_are_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A title\n[a](gone.md) [b](#a-title) [c](#another) [d](page.md#gone)", encoding="utf-8")
    assert broken_links(page) == ["gone.md", "#another", "page.md#gone"]


def test_the_glossary_holds_every_word_of_the_closed_vocabularies():
    glossary = read(ROOT / "GLOSSARY.md")
    values = [str(value) for one in VOCABULARIES if issubclass(one, StrEnum) for value in one]
    assert len(values) > 20
    assert [value for value in values if f"`{value}`" not in glossary] == []


def test_the_glossary_holds_every_column_of_the_four_tables_and_every_figure():
    glossary = read(ROOT / "GLOSSARY.md")
    columns = {column for table in CANONICAL.values() for column in table}
    assert [word for word in sorted(columns | set(FIGURES) | set(CANONICAL)) if f"`{word}`" not in glossary] == []


@pytest.mark.parametrize("package", ["src", "scripts", "benchmarks"])
def test_no_name_is_a_word_we_do_not_use(package):
    sources = sorted((ROOT / package).rglob("*.py"))
    assert sources
    made = {str(source.relative_to(ROOT)): names_made_in(source) & NOT_OUR_NAMES for source in sources}
    assert {source: names for source, names in made.items() if names} == {}


def test_no_feature_is_named_with_a_word_we_do_not_use():
    assert [feature.name for feature in CATALOGUE if NOT_OUR_NAMES & {feature.name, *feature.name.split("_")}] == []


def test_no_paper_calls_a_claim_what_nobody_proved():
    said = [page.name for page in PAPERS if page.name != "GLOSSARY.md" and "fraudulent claim" in read(page).lower()]
    assert said == []


def test_every_dependency_and_bound_has_its_reason():
    reasons = read(DOCS / "dependencies.md")
    expected = [requirement.partition(";")[0].strip() for requirement in requirements()]
    assert [requirement for requirement in expected if f"`{requirement}`" not in reasons] == []


def test_no_reason_is_left_of_a_dependency_that_is_gone():
    rows = re.findall(r"^\| `([^`]+)` \|", read(DOCS / "dependencies.md"), re.MULTILINE)
    assert {distribution(row) for row in rows} == {distribution(requirement) for requirement in requirements()}


def test_the_picture_of_the_house_has_the_floors_that_are_checked():
    [contract] = PROJECT["tool"]["importlinter"]["contracts"]
    [picture] = re.findall(r"^```text\n(entrypoints.*?)^```", read(DOCS / "architecture.md"), re.MULTILINE | re.DOTALL)
    floors = [re.split(r"\s{2,}", line)[0] for line in picture.splitlines() if line.strip()]
    assert floors == contract["layers"]


def test_the_changelog_begins_with_the_version_of_the_package():
    versions = re.findall(r"^## \[(\d[^\]]*)\]", read(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == PROJECT["project"]["version"]


def test_every_decision_is_in_the_index_and_says_its_downside():
    decisions = sorted(path for path in (DOCS / "adr").glob("*.md") if path.name != "README.md")
    index = read(DOCS / "adr" / "README.md")
    assert [path.name for path in decisions if f"({path.name})" not in index] == []
    assert [path.name for path in decisions if "**Consequences.**" not in read(path)] == []
