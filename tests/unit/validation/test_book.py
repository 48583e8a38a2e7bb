"""What a whole book looks like once it is read: tables, counts, joins, hashes, warnings, fingerprint."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from perito.datasets.book import CANONICAL
from perito.datasets.spec import DatasetSpec, Join, Source
from perito.domain.errors import ParameterError, SourceError, SpecError
from perito.engine import Engine
from perito.validation import read_book
from perito.validation.identifiers import hashed
from tests.unit.validation.small import (
    CLAIM_COLUMNS,
    GOOD,
    KEY,
    TYPES,
    line,
    numeric,
    read,
    source,
    spec,
    table,
    write,
)

POLICY_HEADER = "policy,holder,start,premium"
POLICY_TYPES = {"start": "date:%Y-%m-%d", "premium": "number"}
POLICY_COLUMNS = {"policy_id": "policy", "inception_date": "start", "premium_amount": "premium"}


def with_policies() -> DatasetSpec:
    sources = [source("claims", types=TYPES), source("policies", types=POLICY_TYPES)]
    return spec(sources=sources, policies=table("policies", POLICY_COLUMNS))


def joined(cardinality: str = "many_to_one") -> DatasetSpec:
    given = with_policies()
    assert cardinality in {"many_to_one", "one_to_one"}
    join = Join("policies", (("policy", "policy"),), "one_to_one" if cardinality == "one_to_one" else "many_to_one")
    claims = table("claims", CLAIM_COLUMNS, joins=[join], attributes=[numeric("premium", "policies.premium * 2")])
    return replace(given, claims=claims, policies=None)


def test_all_four_tables_exist_with_every_canonical_column_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD)
    with Engine() as engine:
        read(tmp_path, engine, spec(parties=(), dispositions=None))
        for name, types in CANONICAL.items():
            assert engine.columns(name) == types
        left = engine.run_native("SELECT table_name FROM duckdb_tables() ORDER BY 1")["table_name"].to_pylist()
    assert left == sorted(CANONICAL)


def test_the_counts_add_up_for_every_table(tmp_path: Path) -> None:
    rows = [GOOD, GOOD, line(id="c2", amount="x"), line(id="c3", outcome="", phone=""), "too,few"]
    write(tmp_path, "claims.csv", *rows)
    with Engine() as engine:
        validated = read(tmp_path, engine)
    assert (validated.read, validated.accepted) == (5, 2)
    assert validated.rejected == {"too_few_fields": 1, "unparseable_number": 1, "duplicate_row": 1}
    assert {name: count.read for name, count in validated.tables.items()} == {
        "claims": 5,
        "policies": 0,
        "parties": 10,
        "dispositions": 5,
    }
    for count in validated.tables.values():
        assert count.read == count.accepted + count.silent + sum(count.rejected.values())


def test_provides_lists_what_the_spec_maps(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", line(phone=""))
    with Engine() as engine:
        book = read(tmp_path, engine).book
    assert {"claims.claimed_amount", "dispositions.known_at", "parties.phone", "parties.garage"} <= book.provides
    assert "claims.line_of_business" not in book.provides


def test_identifiers_are_hashed_and_the_raw_value_is_nowhere_in_the_engine(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", line(phone="600 AB 22"), line(id="c2", phone="600ab22 "), line(id="c3", phone=" "))
    with Engine() as engine:
        read(tmp_path, engine)
        phones = engine.query("SELECT claim_id, party_id FROM parties WHERE role = 'phone' ORDER BY 1").to_pylist()
        names = engine.run_native("SELECT table_name FROM duckdb_tables()")["table_name"].to_pylist()
        stored = " ".join(str(engine.query(f"SELECT * FROM {name}").to_pylist()) for name in names)
    assert [row["claim_id"] for row in phones] == ["c1", "c2"]
    assert {row["party_id"] for row in phones} == {hashed("600AB22", KEY)}
    assert "600" not in stored.replace(hashed("600AB22", KEY), "")


def test_another_key_gives_other_hashes() -> None:
    assert hashed("600", b"one") != hashed("600", b"two")
    assert len(hashed("600", b"one")) == 24


@pytest.mark.parametrize("key", [b"", b"x" * 65])
def test_a_key_that_cannot_be_used_is_refused(tmp_path: Path, key: bytes) -> None:
    with Engine() as engine, pytest.raises(ParameterError, match="1 to 64 bytes"):
        read_book(spec(), tmp_path, engine, hash_key=key)


def test_a_join_adds_columns_and_keeps_claims_without_a_match(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD, line(id="c2", policy="p2"), line(id="c3", policy="p3"))
    write(tmp_path, "policies.csv", "p1,h,2020-01-01,10", "p2,h,2020-01-01,ten", header=POLICY_HEADER)
    with Engine() as engine:
        validated = read(tmp_path, engine, joined())
        kept = engine.query("SELECT claim_id, premium FROM claims ORDER BY 1").to_pylist()
    assert kept == [{"claim_id": "c1", "premium": 20.0}, {"claim_id": "c3", "premium": None}]
    assert validated.rejected == {"unparseable_number": 1}
    assert validated.tables["join:policies"].read == 2


def test_a_join_that_repeats_rows_names_the_key_and_no_value(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", line(policy="secret-7"))
    row = "secret-7,h,2020-01-01,10"
    write(tmp_path, "policies.csv", row, row, header=POLICY_HEADER)
    with Engine() as engine, pytest.raises(SourceError, match=r"1 keys of \(policy\) are repeated") as raised:
        read(tmp_path, engine, joined())
    assert "claims joins policies" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_one_to_one_refuses_two_claims_of_one_policy_and_many_to_one_does_not(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD, line(id="c2"))
    write(tmp_path, "policies.csv", "p1,h,2020-01-01,10", header=POLICY_HEADER)
    with Engine() as engine:
        assert read(tmp_path, engine, joined()).accepted == 2
        with pytest.raises(SourceError, match="one_to_one needs every key of 'claims' once"):
            read(tmp_path, engine, joined("one_to_one"))


def test_an_unreadable_row_of_a_joined_source_is_accounted_for(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD)
    write(tmp_path, "policies.csv", "p1,h,2020-01-01,10", "p2", header=POLICY_HEADER)
    with Engine() as engine:
        validated = read(tmp_path, engine, joined())
    assert validated.tables["join:policies"].rejected == {"too_few_fields": 1}


def test_policies_of_one_id_must_say_the_same(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD)
    rows = ["p1,h,2020-01-01,10", "p1,h,2020-01-01,10", "p1,h,2020-01-01,11", ",h,2020-01-01,1", "p2,h,,-5"]
    write(tmp_path, "policies.csv", *rows, header=POLICY_HEADER)
    with Engine() as engine:
        count = read(tmp_path, engine, with_policies()).tables["policies"]
    assert count.accepted == 1
    assert count.rejected == dict.fromkeys(
        ("missing_value", "negative_amount", "duplicate_row", "duplicate_policy_id"), 1
    )


def test_a_policy_told_once_per_claim_is_stored_once(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD, line(id="c2"), line(id="c3", garage="Other"), line(id="c4", policy=""))
    policies = table("claims", {"policy_id": "policy", "policyholder_id": "garage"})
    with Engine() as engine:
        count = read(tmp_path, engine, spec(policies=policies)).tables["policies"]
        assert engine.query("SELECT policyholder_id FROM policies").to_pylist() == [{"policyholder_id": "Garage A"}]
    assert (count.accepted, count.silent, count.rejected) == (2, 1, {"duplicate_policy_id": 1})


def test_red_flags_are_warnings_and_the_rows_are_kept(tmp_path: Path) -> None:
    rows = [GOOD, line(id="c2", policy="p2"), line(id="c3", policy="p3", currency="USD"), line(id="c4", policy="")]
    write(tmp_path, "claims.csv", *rows, line(id="c5", known="2023-01-01", policy="p2"))
    write(tmp_path, "policies.csv", "p1,h,2020-01-01,10", "p2,h,2024-01-02,10", header=POLICY_HEADER)
    with Engine() as engine:
        validated = read(tmp_path, engine, with_policies())
    assert validated.accepted == 5
    assert validated.warnings == {
        "claim_without_policy": 1,
        "report_before_inception": 2,
        "known_before_report": 1,
        "mixed_currencies": 1,
    }


def test_parquet_types_are_kept_and_nan_is_null(tmp_path: Path) -> None:
    rows = pa.table({"n": [7, 8], "day": pa.array([1, 2], pa.date32()), "paid": [float("nan"), 2.5], "no": [1.0, 2.0]})
    pyarrow.parquet.write_table(rows, tmp_path / "claims.parquet")
    columns = {"claim_id": "n", "reported_at": "day", "claimed_amount": "paid"}
    given = spec(
        sources=[source("claims", "claims.parquet", {"day": "datetime:%Y", "no": "integer"})],
        claims=table("claims", columns, attributes=[numeric("row_number", "_row")]),
        parties=(),
        dispositions=None,
    )
    with Engine() as engine:
        read(tmp_path, engine, given)
        kept = engine.query("SELECT claim_id, claimed_amount, row_number FROM claims ORDER BY 1").to_pylist()
    assert kept == [
        {"claim_id": "7", "claimed_amount": None, "row_number": 1.0},
        {"claim_id": "8", "claimed_amount": 2.5, "row_number": 2.0},
    ]


def test_a_database_gives_the_same_book_as_the_file(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD, line(id="c2", amount="x"))
    header, *rows = [row.split(",") for row in (tmp_path / "claims.csv").read_text().splitlines()]
    connection = sqlite3.connect(tmp_path / "book.db")
    connection.execute(f"CREATE TABLE t ({', '.join(header)})")
    connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(header))})", rows)
    connection.commit()
    connection.close()
    table_source = Source("claims", None, f"sqlite:///{tmp_path / 'book.db'}", "t", TYPES)
    select = "SELECT * FROM claims"
    with Engine() as engine:
        of_file, file_rows = read(tmp_path, engine), engine.query(select)
        given = spec(sources=[table_source])
        of_table, table_rows = read(tmp_path, engine, given), engine.query(select)
        assert of_table.fingerprint == read(tmp_path, engine, given).fingerprint
    assert table_rows == file_rows
    assert of_table.rejected == of_file.rejected == {"unparseable_number": 1}


def test_the_fingerprint_changes_with_the_data_and_with_the_spec_and_not_with_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD)
    with Engine() as engine:
        first = read(tmp_path, engine).fingerprint
        assert read(tmp_path, engine, replace(spec(), folder=tmp_path)).fingerprint == first
        assert read(tmp_path, engine, replace(spec(), title="Other")).fingerprint != first
        write(tmp_path, "claims.csv", GOOD, line(id="c2"))
        assert read(tmp_path, engine).fingerprint != first


def test_when_no_claim_is_accepted_the_error_says_what_happened_to_them(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", line(amount="x"), line(id="c2", amount="-1"))
    with Engine() as engine, pytest.raises(SourceError, match="1 unparseable_number, 1 negative_amount"):
        read(tmp_path, engine)


def test_an_expression_that_does_not_fit_its_columns_is_an_error_of_the_spec(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD)
    claims = table("claims", CLAIM_COLUMNS | {"claimed_amount": "amount - happened"})
    with Engine() as engine, pytest.raises(SpecError, match=r"claims\.claimed_amount"):
        read(tmp_path, engine, spec(claims=claims))


def test_other_tables_may_be_empty(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD)
    write(tmp_path, "policies.csv", header=POLICY_HEADER)
    with Engine() as engine:
        validated = read(tmp_path, engine, with_policies())
    assert validated.warnings == {"claim_without_policy": 1}
