"""What building features leaves behind, and what an empty book gives."""

from perito.domain.facts import Party
from perito.domain.words import Role
from perito.engine import Engine
from perito.features.build import build_features
from tests.books import Rows, claim, load_book

ROWS = Rows((claim("c1", 10), claim("c2", 20)), parties=(Party("c1", Role.GARAGE, "g"), Party("c2", Role.GARAGE, "g")))


def test_nothing_is_left_in_the_engine_but_the_features() -> None:
    with Engine(memory_limit="500MB", threads=1) as engine:
        assert build_features(load_book(engine, ROWS)).frame()["garage_claims_90d"].tolist() == [0, 1]
        tables = engine.run_native("SELECT table_name FROM duckdb_tables() ORDER BY table_name")["table_name"]
    assert tables.to_pylist() == ["claims", "dispositions", "features", "parties", "policies"]


def test_a_book_without_claims_has_features_without_rows() -> None:
    with Engine(memory_limit="500MB", threads=1) as engine:
        assert build_features(load_book(engine, Rows(()))).frame().empty
