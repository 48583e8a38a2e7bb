"""Claims in a real PostgreSQL: typed, in one order, with what drops out said."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from tests.postgres import Postgres
from tests.unit.validation.small import KEY, spec, table

from perito.datasets.database import open_database
from perito.datasets.rows import OpenSource, Rows, digest_of
from perito.datasets.spec import Source
from perito.domain.errors import ParameterError, ServiceError, SourceError
from perito.engine import Engine
from perito.postgres import Address, load_table
from perito.validation import read_book

Opened = Callable[..., OpenSource]
SETTING = "CLAIMS_URL"


def instant(*parts: int) -> datetime:
    """An instant as Arrow gives it back: in UTC, without a zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture
def opened(url: str) -> Opened:
    """Runs statements, then opens a table of the database."""

    def run(name: str, *statements: str, url: str = url) -> OpenSource:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
        return open_database(Source("claims", None, f"env:{SETTING}", name, {}), {SETTING: url})

    return run


def all_of(source: OpenSource) -> Rows:
    return source.read(source.columns)


def cell(opened: Opened, value: str) -> tuple[pa.DataType, object]:
    """The type and the value that a SQL expression comes as."""
    source = opened("one", f"CREATE TABLE one AS SELECT {value} AS x")
    readable = all_of(source).readable
    return readable.schema.field("x").type, readable["x"][0].as_py()


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        ("7::int2", pa.int16(), 7),
        ("7::int4", pa.int32(), 7),
        ("9007199254740993::int8", pa.int64(), 9007199254740993),
        ("1.5::float4", pa.float32(), 1.5),
        ("1.5::float8", pa.float64(), 1.5),
        ("1234.56::numeric", pa.float64(), 1234.56),
        ("1234.56::numeric(12, 2)", pa.float64(), 1234.56),
        ("17::numeric(10)", pa.int64(), 17),
        ("'NaN'::numeric(10)", pa.int64(), None),
        ("17::numeric(30)", pa.float64(), 17.0),
        ("true", pa.bool_(), True),
        ("'Łódź'::text", pa.string(), "Łódź"),
        ("'ab'::varchar(9)", pa.string(), "ab"),
        ("'ab'::char(5)", pa.string(), "ab"),
        ("date '2024-02-29'", pa.date32(), date(2024, 2, 29)),
        ("timestamp '2024-02-29 10:11:12.123456'", pa.timestamp("us"), instant(2024, 2, 29, 10, 11, 12, 123456)),
        ("timestamptz '2024-02-29 10:00+02'", pa.timestamp("us"), instant(2024, 2, 29, 8)),
        ("time '10:00'", pa.string(), "10:00:00"),
        ("interval '1 day 2 hours'", pa.string(), "P1DT2H"),
        ("'6b1f1c5e-0000-4000-8000-000000000001'::uuid", pa.string(), "6b1f1c5e-0000-4000-8000-000000000001"),
        ("""'{"a": 1}'::json""", pa.string(), '{"a": 1}'),
        ("""'{"a": 1}'::jsonb""", pa.string(), '{"a": 1}'),
        ("array[1, 2]", pa.string(), "{1,2}"),
        ("array['a']", pa.string(), "{a}"),
        ("inet '10.0.0.1'", pa.string(), "10.0.0.1/32"),
        ("'\\x01ff'::bytea", pa.string(), "\\x01ff"),
        ("daterange('2024-01-01', '2024-02-01')", pa.string(), "[2024-01-01,2024-02-01)"),
        ("1234.5::numeric::money", pa.float64(), 1234.5),
        ("null::int", pa.int32(), None),
        ("null::numeric", pa.float64(), None),
        ("null::date", pa.date32(), None),
    ],
)
def test_every_type_comes_as_one_the_engine_knows(opened: Opened, value: str, kind: pa.DataType, read: object) -> None:
    assert cell(opened, value) == (kind, read)


def test_a_number_that_is_none_is_null_for_the_engine(opened: Opened) -> None:
    kind, value = cell(opened, "'NaN'::numeric")
    assert kind == pa.float64()
    assert isinstance(value, float)
    assert math.isnan(value)


def test_domains_and_enumerations_come_as_what_they_are_made_of(opened: Opened) -> None:
    source = opened(
        "made",
        "CREATE TYPE mood AS ENUM ('calm', 'cross')",
        "CREATE DOMAIN amount AS numeric(12, 2)",
        "CREATE DOMAIN paid AS amount CHECK (value >= 0)",
        "CREATE TABLE made (mood mood, paid paid)",
        "INSERT INTO made VALUES ('calm', 12.5)",
    )
    assert all_of(source).readable.to_pylist() == [{"mood": "calm", "paid": 12.5, "_row": 1}]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_what_the_user_has_set_changes_nothing(opened: Opened, url: str, zone: str) -> None:
    settings = f"?options=-c%20timezone%3D{zone}%20-c%20datestyle%3DGerman%20-c%20intervalstyle%3Dsql_standard"
    values = "timestamptz '2024-02-29 10:00+02' AS at, array[date '2024-02-29'] AS days, interval '1 day' AS lasts"
    source = opened("one", f"CREATE TABLE one AS SELECT {values}", url=url + settings)
    [row] = all_of(source).readable.to_pylist()
    assert row == {"at": instant(2024, 2, 29, 8), "days": "{2024-02-29}", "lasts": "P1D", "_row": 1}


def test_rows_come_in_the_order_of_the_primary_key(opened: Opened) -> None:
    source = opened(
        "claims",
        'CREATE TABLE claims (town text, id int, "of" int, PRIMARY KEY ("of", id))',
        "INSERT INTO claims VALUES ('b', 1, 2), ('c', 0, 2), ('a', 9, 1)",
    )
    assert all_of(source).readable["town"].to_pylist() == ["a", "c", "b"]
    assert source.read(("town",)).readable.to_pydict() == {"town": ["a", "c", "b"], "_row": [1, 2, 3]}


def test_a_view_has_no_key_and_gives_the_same_digest_however_its_rows_lie(opened: Opened) -> None:
    rows = "INSERT INTO claims SELECT i % 7, 'c' || i FROM generate_series(1, 1000) AS i ORDER BY"
    made = ("CREATE TABLE claims (town int, id text)", f"{rows} random()", "CREATE VIEW shown AS SELECT * FROM claims")
    source = opened("shown", *made)
    first = all_of(source)
    again = all_of(opened("shown", "TRUNCATE claims", f"{rows} random()"))
    assert source.digest(first) == source.digest(again)
    changed = all_of(opened("shown", "UPDATE claims SET town = 8 WHERE id = 'c500'"))
    assert source.digest(changed) != source.digest(first)


def test_where_chunks_end_changes_no_digest() -> None:
    rows = pa.table({"id": list(range(200_000)), "town": [None if at % 3 else f"t{at}" for at in range(200_000)]})
    unreadable = pa.table({"row": pa.array([], pa.int64()), "code": pa.array([], pa.string())})
    parts = pa.concat_tables([rows.slice(0, 7), rows.slice(7, 100_001), rows.slice(100_008)])
    assert digest_of(Rows(rows, unreadable)) == digest_of(Rows(parts, unreadable))


def test_rows_with_an_endless_date_are_kept_apart_with_a_code(opened: Opened) -> None:
    source = opened(
        "policies",
        "CREATE TABLE policies (id int PRIMARY KEY, expiry date, seen timestamptz)",
        "INSERT INTO policies VALUES (1, '2024-01-01', now()), (2, 'infinity', now()), (3, null, '-infinity')",
        "INSERT INTO policies VALUES (4, null, null)",
    )
    rows = all_of(source)
    assert rows.readable["_row"].to_pylist() == [1, 4]
    assert rows.unreadable.to_pylist() == [{"row": row, "code": "infinite_date"} for row in (2, 3)]


def test_what_drops_out_is_counted_and_named(postgres: Postgres, opened: Opened, url: str, tmp_path: Path) -> None:
    opened(
        "claims",
        "CREATE TABLE claims (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), reported timestamptz, amount numeric)",
        "INSERT INTO claims (reported, amount) VALUES (now(), 10), (now(), 'NaN'), ('infinity', 10), (null, 10), "
        "(now(), -5)",
    )
    claims = table("claims", {"claim_id": "id", "reported_at": "reported", "claimed_amount": "amount"})
    sources = [Source("claims", None, f"env:{SETTING}", "claims", {})]
    with Engine() as engine:
        made = spec(sources=sources, claims=claims, parties=(), dispositions=None)
        validated = read_book(made, tmp_path, engine, hash_key=KEY, secrets={SETTING: url})
    assert (validated.read, validated.accepted) == (5, 2)
    assert validated.rejected == {"infinite_date": 1, "missing_value": 1, "negative_amount": 1}


def test_a_table_of_another_schema_is_written_with_it(opened: Opened) -> None:
    made = ("CREATE SCHEMA crm", 'CREATE TABLE crm."Claims" ("Claim id" int)', 'INSERT INTO crm."Claims" VALUES (3)')
    assert all_of(opened("crm.Claims", *made)).readable["Claim id"].to_pylist() == [3]


def test_names_with_quotes_are_names_and_no_sql(opened: Opened) -> None:
    source = opened('a"; DROP', 'CREATE TABLE "a""; DROP" ("x""y" int)', 'INSERT INTO "a""; DROP" VALUES (1)')
    assert all_of(source).readable.to_pylist() == [{'x"y': 1, "_row": 1}]


def test_an_empty_table_has_its_columns_and_types(opened: Opened) -> None:
    readable = all_of(opened("claims", "CREATE TABLE claims (id uuid, amount numeric, at date)")).readable
    assert readable.num_rows == 0
    assert readable.schema.types == [pa.string(), pa.float64(), pa.date32(), pa.int64()]


def test_a_database_in_another_encoding_is_read_as_text(postgres: Postgres, opened: Opened) -> None:
    name = "latin_one"
    postgres.run(f"CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0".encode())
    made = ("CREATE TABLE claims (town text)", "INSERT INTO claims VALUES ('La Coruña')")
    assert all_of(opened("claims", *made, url=postgres.url(name))).readable["town"].to_pylist() == ["La Coruña"]


def test_bytes_that_are_no_text_are_refused(postgres: Postgres, opened: Opened) -> None:
    name = "no_encoding"
    postgres.run(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0".encode())
    made = ("CREATE TABLE claims (town text)", "INSERT INTO claims VALUES (E'\\xc3\\x28')")
    with pytest.raises(SourceError, match="no UTF-8"):
        all_of(opened("claims", *made, url=postgres.url(name)))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg"])
def test_any_postgresql_url_is_read_by_the_same_way(opened: Opened, url: str, scheme: str) -> None:
    opened("claims", "CREATE TABLE claims AS SELECT 1 AS id")
    source = Source("claims", None, url.replace("postgresql+psycopg", scheme), "claims", {})
    assert all_of(open_database(source, {})).readable["id"].to_pylist() == [1]


def test_an_absent_table_is_told_with_those_present(opened: Opened) -> None:
    with pytest.raises(SourceError, match="Tables present: claims, shown"):
        opened("claim", "CREATE TABLE claims (id int)", "CREATE VIEW shown AS SELECT * FROM claims")


def test_an_absent_schema_is_told(opened: Opened) -> None:
    with pytest.raises(SourceError, match="no such schema"):
        opened("nowhere.claims")


def test_a_user_may_be_granted_only_the_columns_that_the_spec_uses(postgres: Postgres, opened: Opened) -> None:
    name = postgres.new_database().rpartition("/")[2]
    opened(
        "claims",
        "CREATE TABLE claims (id int, surname text)",
        "INSERT INTO claims VALUES (1, 'Doe')",
        "CREATE ROLE clerk LOGIN PASSWORD 'ink'",
        "GRANT SELECT (id) ON claims TO clerk",
        url=postgres.url(name),
    )
    source = opened("claims", url=postgres.url(name, user="clerk", password="ink"))
    assert source.read(("id",)).readable["id"].to_pylist() == [1]
    with pytest.raises(ServiceError, match="lacks the right") as refused:
        all_of(source)
    assert SETTING in refused.value.where
    assert "GRANT" in refused.value.remedy


def test_a_value_that_no_float_holds_is_told_and_not_dropped(opened: Opened) -> None:
    with pytest.raises(ServiceError, match="SQLSTATE 22003"):
        all_of(opened("one", "CREATE TABLE one AS SELECT 10::numeric ^ 400 AS x"))


def test_a_server_that_goes_away_in_the_middle_is_told(opened: Opened) -> None:
    ends = "CASE WHEN i = 900000 THEN pg_terminate_backend(pg_backend_pid()) END AS ended"
    source = opened(
        "big", f"CREATE VIEW big AS SELECT i, repeat('x', 99) AS t, {ends} FROM generate_series(1, 1000000) i"
    )
    with pytest.raises(ServiceError, match=r"ended the connection|broke off"):
        all_of(source)


def test_arrow_rows_become_a_table_with_a_key(url: str, opened: Opened) -> None:
    rows = pa.table({"id": ["b", "a"], "at": pa.array([instant(2024, 1, 1)] * 2, pa.timestamp("us")), "n": [1.5, None]})
    load_table(Address(url, SETTING), "claims", rows, key=("id",))
    source = opened("claims")
    assert source.read(source.columns).readable.drop_columns(["_row"]).to_pylist() == rows.to_pylist()[::-1]
    with pytest.raises(ServiceError, match="holds a table of that name already"):
        load_table(Address(url, SETTING), "claims", rows)


def test_a_column_that_no_type_fits_is_refused(url: str) -> None:
    with pytest.raises(ParameterError, match="'lists' is of the type list"):
        load_table(Address(url, SETTING), "claims", pa.table({"lists": [[1]]}))


def test_rows_without_a_key_of_their_own_leave_no_table(url: str, opened: Opened) -> None:
    with pytest.raises(ParameterError, match="a key of its own"):
        load_table(Address(url, SETTING), "claims", pa.table({"id": [1, 1]}), key=("id",))
    with pytest.raises(SourceError, match="no table"):
        opened("claims")
