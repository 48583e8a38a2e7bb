"""The engine's door: portable SQL only, nothing left behind."""

import re
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
import sqlglot

import perito.engine
from perito.domain.errors import ParameterError
from perito.engine import ENGINE_FUNCTIONS, Engine, portable
from perito.features.build import features_sql, summary_sql
from perito.features.catalogue import CATALOGUE
from perito.features.cut import TIME_CUT
from perito.features.history import steps


def test_a_function_that_only_duckdb_has_is_refused():
    with pytest.raises(ParameterError, match="list_cosine_similarity_of_mine is not a function"):
        portable("SELECT list_cosine_similarity_of_mine(a) FROM t")


def test_every_feature_query_is_portable_and_reads_as_spark_sql():
    both = (False, True)
    queries = [
        sql for only, near in product(both, both) for _, sql, _ in steps(only=only, neighbours=near, cut=TIME_CUT)
    ]
    for sql in (*queries, summary_sql(CATALOGUE), features_sql(CATALOGUE)):
        spark = sqlglot.transpile(
            portable(sql), read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
        )
        assert sqlglot.parse_one(spark[0], read="spark")


def test_the_list_of_engine_functions_stays_small():
    assert len(ENGINE_FUNCTIONS) <= 3


def test_rows_go_in_and_come_out_unchanged(tmp_path):
    rows = pa.table({"a": [1, None], 'a name with " quote': ["x", "y"]})
    with Engine() as engine:
        engine.load("t", rows)
        assert engine.query("SELECT * FROM t").to_pylist() == rows.to_pylist()
        assert engine.count("t") == 2
        engine.write_parquet("SELECT * FROM t", tmp_path / "it's.parquet")
    assert pa.parquet.read_table(tmp_path / "it's.parquet").num_rows == 2


def test_no_other_module_imports_the_query_engine():
    source = Path(perito.engine.__file__).parent
    doors = [
        path.name for path in source.rglob("*.py") if re.search(r"^\s*(import|from) duckdb", path.read_text(), re.M)
    ]
    assert doors == ["engine.py"]
