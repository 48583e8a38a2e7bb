"""A large book's features are put together a part of the claims at a time; that must show nowhere."""

import pytest

from perito.domain.facts import Party
from perito.domain.words import Role
from perito.engine import Engine
from perito.features.build import compute
from perito.features.catalogue import applicable
from tests.books import Rows, claim, load_book

ROWS = Rows(
    tuple(claim(f"c{number}", 10 * number) for number in range(7)),
    parties=tuple(Party(f"c{number}", Role.GARAGE, "g") for number in range(7)),
)


@pytest.mark.parametrize("at_once", [1, 3, 7])
def test_the_number_of_claims_at_once_changes_nothing(at_once: int) -> None:
    with Engine(memory_limit="500MB", threads=1) as engine:
        book = load_book(engine, ROWS)
        whole = compute(book, applicable(book)).frame()
        in_parts = compute(book, applicable(book), at_once=at_once).frame()
    assert whole["garage_claims_90d"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert in_parts.equals(whole)


def test_a_book_without_claims_has_features_without_rows() -> None:
    with Engine(memory_limit="500MB", threads=1) as engine:
        book = load_book(engine, Rows(()))
        assert compute(book, applicable(book)).frame().empty


def test_nothing_is_left_in_the_engine_but_the_features() -> None:
    with Engine(memory_limit="500MB", threads=1) as engine:
        book = load_book(engine, ROWS)
        compute(book, applicable(book), at_once=2)
        tables = engine.run_native("SELECT table_name FROM duckdb_tables() ORDER BY table_name")["table_name"]
    assert tables.to_pylist() == ["claims", "dispositions", "features", "parties", "policies"]
