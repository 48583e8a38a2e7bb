import sqlite3
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from perito.datasets.delimited import open_delimited
from perito.datasets.raw import find_file, load_sources
from perito.datasets.rows import Rows
from perito.datasets.spec import DatasetSpec, Source
from perito.domain.errors import ParameterError, ServiceError, SourceError
from perito.engine import Engine
from tests.unit.validation.small import source, spec, table

TWO_COLUMNS = {"claim_id": "id", "reported_at": "reported", "line_of_business": "town"}


def small(file: str = "claims.csv") -> DatasetSpec:
    return spec(sources=[source("claims", file)], claims=table("claims", TWO_COLUMNS), parties=(), dispositions=None)


def load(folder: Path, content: bytes, file: str = "claims.csv") -> list[dict[str, object]]:
    (folder / file).write_bytes(content)
    with Engine() as engine:
        load_sources(small(file), folder, engine)
        rows: list[dict[str, object]] = engine.query('SELECT * FROM "raw claims" ORDER BY _row').to_pylist()
    return rows


def read(folder: Path, content: bytes) -> tuple[list[object], dict[int, str]]:
    path = folder / "claims.csv"
    path.write_bytes(content)
    opened = open_delimited(path, expected=("id", "reported", "town"))
    rows: Rows = opened.read(("id",))
    unreadable = {row["row"]: row["code"] for row in rows.unreadable.to_pylist()}
    return [*rows.readable["_row"].to_pylist()], unreadable


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_file_is_read_in_whatever_encoding_and_delimiter_it_is_written(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = [("id", "reported", "town"), ("c1", "2024-01-01", "La Coruña"), ("c2", "2024-01-02", "Málaga")]
    content = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)

    assert load(tmp_path, content) == [
        {"id": "c1", "reported": "2024-01-01", "town": "La Coruña", "_row": 1},
        {"id": "c2", "reported": "2024-01-02", "town": "Málaga", "_row": 2},
    ]


def test_a_polish_code_page_is_not_taken_for_a_western_one(tmp_path: Path) -> None:
    town = "Łódź, ulica Żółta przy placu gdzie mieszkał właściciel samochodu"
    content = f'id;reported;town\nc1;2024-01-01;"{town}"\n'.encode("cp1250")

    assert load(tmp_path, content)[0]["town"] == town


def test_single_quotes_are_found_when_the_file_quotes_with_them(tmp_path: Path) -> None:
    content = b"id,reported,town\n'c1','2024-01-01','A, B'\n'c2','2024-01-01','C'\n"

    assert [row["town"] for row in load(tmp_path, content)] == ["A, B", "C"]


def test_a_quoted_value_may_hold_line_breaks_delimiters_and_quotes(tmp_path: Path) -> None:
    content = b'id,reported,town\nc1,2024-01-01,"first\nsecond, ""third"""\nc2,2024-01-02,"x\r\n"\n'

    assert [row["town"] for row in load(tmp_path, content)] == ['first\nsecond, "third"', "x\r\n"]


def test_rows_that_cannot_be_read_are_kept_apart_with_a_code(tmp_path: Path) -> None:
    rows = [b"c1,2024-01-01,A", b"c2,2024-01-01", b"c3,2024-01-01,B,C", b'c4,2024-01-01,"D', b"c5,2024-01-01,\xc3("]
    content = b"\n".join([b"id,reported,town", *rows, "c6,2024-01-01,Coruña".encode(), "c7,,Málaga".encode()])

    accepted, unreadable = read(tmp_path, content)

    assert accepted == [1, 6, 7]
    assert unreadable == {2: "too_few_fields", 3: "too_many_fields", 4: "unreadable_row", 5: "broken_encoding"}


def test_two_stray_quotes_do_not_swallow_the_rows_between_them(tmp_path: Path) -> None:
    content = b'id,reported,town\nc1,d,"A\nc2,d,B\nc3,d,C\nc4,d,"D\nc5,d,E\n'

    assert read(tmp_path, content) == ([2, 3, 5], {1: "unreadable_row", 4: "unreadable_row"})


def test_an_open_quote_in_the_last_row_rejects_only_that_row(tmp_path: Path) -> None:
    assert read(tmp_path, b'id,reported,town\nc1,d,A\nc2,d,"B\n') == ([1], {2: "unreadable_row"})


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, b"id,reported,town\n\nc1,d,A\n\r\nc2,d,B\n\n") == ([1, 2], {})


def test_only_the_columns_of_the_spec_are_loaded(tmp_path: Path) -> None:
    assert set(load(tmp_path, b"id,reported,town,surname\nc1,d,A,Doe\n")[0]) == {"id", "reported", "town", "_row"}


def test_a_column_may_differ_in_case(tmp_path: Path) -> None:
    assert load(tmp_path, b"ID,Reported,town\nc1,d,A\n")[0]["ID"] == "c1"


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    rows = pa.table({"id": [1, 2], "reported": pa.array(["a", "b"]).dictionary_encode(), "town": ["x", "y"]})
    pyarrow.parquet.write_table(rows, tmp_path / "claims.parquet")
    with Engine() as engine:
        load_sources(small("claims.parquet"), tmp_path, engine)
        assert engine.columns("raw claims") == dict.fromkeys(("reported", "town"), "VARCHAR") | {
            "id": "BIGINT",
            "_row": "BIGINT",
        }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"id,reported,town\n", "a header and not one row"),
        (b"id,reported,town", "a header and not one row"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 9, "binary data"),
        (b"id,reportd,town\nc1,d,A\n", "Did you mean 'reportd'"),
        (b"id,reported,reported,town\nc1,d,d,A\n", "appears 2 times"),
        (b"id:reported:town\nc1:d:A\n", "wrong delimiter?"),
    ],
)
def test_a_bad_file_is_an_error_that_says_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said.replace("?", r"\?")) as raised:
        load(tmp_path, content)
    assert raised.value.remedy
    assert "claims.csv" in raised.value.where


def test_a_missing_column_is_named_with_those_present(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'town'.*present: 'id', 'reported', 'city'.*") as raised:
        load(tmp_path, b"id,reported,city\nc1,d,A\n")
    assert "claims.line_of_business" in raised.value.where


@pytest.mark.parametrize(("content", "said"), [(b"", "0 bytes"), (b"PAR1 nonsense PAR1", "damaged")])
def test_a_parquet_file_that_is_empty_or_damaged_is_an_error(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        load(tmp_path, content, "claims.parquet")


def test_a_missing_file_is_told_with_what_the_folder_holds(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("x")
    (tmp_path / "old").mkdir()
    with pytest.raises(SourceError, match=r"holds: old/, other\.csv"):
        find_file("claims.csv", tmp_path)


def test_a_pattern_must_name_exactly_one_file(tmp_path: Path) -> None:
    (tmp_path / "claims_1.csv").write_text("x")
    assert find_file("claims_*.csv", tmp_path).name == "claims_1.csv"
    (tmp_path / "claims_2.csv").write_text("x")
    with pytest.raises(SourceError, match=r"2 do: claims_1\.csv, claims_2\.csv"):
        find_file("claims_*.csv", tmp_path)


@pytest.mark.parametrize("pattern", ["../claims.csv", "a/../../claims.csv", "/etc/hosts", "C:\\x.csv", "..\\x.csv"])
def test_a_file_outside_the_data_folder_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(SourceError, match="below the data folder"):
        find_file(pattern, tmp_path)


def database(url: str, name: str = "claims") -> DatasetSpec:
    return replace(small(), sources={"claims": Source("claims", None, url, name, {})})


def sqlite_file(folder: Path) -> str:
    path = folder / "insurer.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE claims (id INTEGER PRIMARY KEY, reported TEXT, town TEXT, surname TEXT)")
        connection.executemany("INSERT INTO claims VALUES (?, ?, ?, 'Doe')", [(2, "2024-01-02", None), (1, "d", "A")])
    connection.close()
    return f"sqlite:///{path}"


def test_a_database_table_is_read_by_the_order_of_its_key(tmp_path: Path) -> None:
    url = sqlite_file(tmp_path)
    with Engine() as engine:
        load_sources(database("env:CLAIMS_URL"), tmp_path, engine, secrets={"CLAIMS_URL": url})
        assert engine.query('SELECT * FROM "raw claims" ORDER BY _row').to_pylist() == [
            {"id": 1, "reported": "d", "town": "A", "_row": 1},
            {"id": 2, "reported": "2024-01-02", "town": None, "_row": 2},
        ]


def test_a_secret_that_was_not_passed_is_named(tmp_path: Path) -> None:
    with Engine() as engine, pytest.raises(ParameterError, match="CLAIMS_URL"):
        load_sources(database("env:CLAIMS_URL"), tmp_path, engine)


def test_an_absent_table_is_told_with_those_present(tmp_path: Path) -> None:
    url = sqlite_file(tmp_path)
    with Engine() as engine, pytest.raises(SourceError, match="Tables present: claims"):
        load_sources(database(url, "claim"), tmp_path, engine)


def test_a_database_that_does_not_answer_is_told_without_its_url(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/letmein/none.db"
    with Engine() as engine, pytest.raises(ServiceError, match="does not answer") as raised:
        load_sources(database(url), tmp_path, engine)
    assert "letmein" not in str(raised.value)
