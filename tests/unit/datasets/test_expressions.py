from collections.abc import Iterator

import pyarrow as pa
import pytest

from perito.datasets.expressions import FUNCTIONS, LONGEST, checked, qualifiers, referenced
from perito.domain.errors import SpecError
from perito.engine import Engine

WHERE = "spec.toml: claims.columns.claim_id"
COLUMNS = ("Age", "Month", "Year", "Day", "amount", "a.b")

EXAMPLES = {
    "abs": "abs(amount)",
    "ceil": "ceil(amount)",
    "coalesce": "coalesce(Age, 0)",
    "concat": "concat(Month, 'x')",
    "concat_ws": "concat_ws('-', Month, 'x')",
    "date_diff": "date_diff('day', DATE '2020-01-01', Day)",
    "date_trunc": "date_trunc('month', Day)",
    "day": "day(Day)",
    "dayofweek": "dayofweek(Day)",
    "extract": "extract(year FROM Day)",
    "floor": "floor(amount)",
    "greatest": "greatest(Age, 0)",
    "hour": "hour(CAST(Day AS TIMESTAMP))",
    "least": "least(Age, 0)",
    "left": "left(Month, 1)",
    "length": "length(Month)",
    "lower": "lower(Month)",
    "lpad": "lpad(Month, 5, '0')",
    "make_date": "make_date(Year, 1, 1)",
    "month": "month(Day)",
    "nullif": "nullif(Age, 0)",
    "regexp_replace": "regexp_replace(Month, '[^0-9]', '', 'g')",
    "replace": "replace(Month, 'J', 'j')",
    "right": "right(Month, 1)",
    "round": "round(amount, 1)",
    "split_part": "split_part(Month, 'a', 1)",
    "strptime": "strptime(Month || ' 1994', '%b %Y')",
    "substring": "substring(Month, 1, 2)",
    "trim": "trim(Month)",
    "upper": "upper(Month)",
    "year": "year(Day)",
}

REFUSED = {
    "a file reader": "read_csv('claims.csv')",
    "a file reader within a function": "lower(read_text('/etc/passwd'))",
    "a file reader with a quoted name": "\"read_csv\"('claims.csv')",
    "a file reader in a CASE": "CASE WHEN Age > 1 THEN read_blob('x') END",
    "the environment": "getenv('HOME')",
    "a setting": "current_setting('home_directory')",
    "SQL in a text": "query('select 1')",
    "another table by name": "query_table('truth')",
    "a subquery": "(SELECT label FROM truth)",
    "a subquery under IN": "Age IN (SELECT label FROM truth)",
    "a subquery under EXISTS": "EXISTS (SELECT 1 FROM truth)",
    "a subquery far inside": "coalesce(nullif(Age, (SELECT max(x) FROM y)), 0)",
    "a whole statement": "SELECT Age",
    "a statement that writes": "COPY claims TO 'x.csv'",
    "two statements": "Age; DROP TABLE claims",
    "two expressions": "Age; Month",
    "a statement behind a comment": "Age /* ; */ ; SELECT 1",
    "a list of expressions": "Age, Month",
    "an alias": "Age AS claim_id",
    "every column": "*",
    "every column of a table": "claims.*",
    "columns by pattern": "COLUMNS('.*')",
    "an aggregate": "max(Age)",
    "a count": "count(*)",
    "a window": "row_number() OVER ()",
    "a window over a listed function": "lower(Month) OVER ()",
    "DISTINCT in a function": "lower(DISTINCT Month)",
    "a parameter": "Age + $1",
    "a named parameter": "Age + :limit",
    "the clock": "now()",
    "today": "current_date",
    "chance": "random()",
    "an unknown function": "frobnicate(Age)",
    "a function of a schema": "main.lower(Month)",
    "a lambda": "list_transform(Age, x -> x)",
    "a struct": "{'a': Age}",
    "an element": "Age[1]",
    "a nested type": "Age::INTEGER[]",
    "a type of somebody's own": "CAST(Age AS secret_type)",
    "a path of three names": "catalogue.claims.Age",
    "nothing": "",
    "blanks": "   ",
    "half an expression": "nullif(Age, ",
    "too deep a nesting": "(" * 3_000 + "Age" + ")" * 3_000,
    "too long a text": "'" + "x" * LONGEST + "'",
}


@pytest.fixture(name="engine", scope="module")
def _engine() -> Iterator[Engine]:
    with Engine(memory_limit="200MB", threads=1) as engine:
        row: dict[str, list[object]] = {"Age": [3], "Month": ["Jan"], "Year": [1994], "amount": [1.25], "a.b": ["x"]}
        engine.load("claims", pa.table(row))
        engine.create("claims", "SELECT *, CAST('2020-02-29' AS DATE) AS \"Day\" FROM claims")
        yield engine


def test_every_listed_function_has_an_example_here() -> None:
    assert EXAMPLES.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("function", EXAMPLES)
def test_a_listed_function_is_accepted_and_the_engine_runs_it(function: str, engine: Engine) -> None:
    sql = checked(EXAMPLES[function], columns=COLUMNS, where=WHERE)
    rows = engine.query(f"SELECT {sql} AS value FROM claims")
    assert rows.column("value")[0].as_py() is not None


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("Age * 2 + 1 - Age % 2", 6),
        ("Month || '-' || Year", "Jan-1994"),
        ("Age IN (1, 3) AND NOT Month LIKE 'F%'", True),
        ("CASE WHEN Age IS NULL THEN 'none' ELSE 'some' END", "some"),
        ("TRY_CAST(Month AS INTEGER)", None),
        ("Age BETWEEN 1 AND 2 OR Month IS DISTINCT FROM 'Feb'", True),
        ("date_diff('day', DATE '2020-01-01', DATE '2020-01-01' + INTERVAL (Age) DAY)", 3),
        ("CAST(amount AS DECIMAL(10, 1)) > 0", True),
        ('"a.b"', "x"),
        ("claims.Month", "Jan"),
    ],
)
def test_the_grammar_means_what_the_engine_does(expression: str, value: object, engine: Engine) -> None:
    sql = checked(expression, columns=None, where=WHERE)
    assert engine.query(f"SELECT {sql} AS value FROM claims").column("value")[0].as_py() == value


@pytest.mark.parametrize("trick", REFUSED)
def test_what_is_not_listed_is_refused(trick: str) -> None:
    with pytest.raises(SpecError) as refusal:
        checked(REFUSED[trick], columns=None, where=WHERE)
    assert refusal.value.where == WHERE


@pytest.mark.parametrize("expression", [*EXAMPLES.values(), "a - INTERVAL '1 year'", "if(Age > 1, 'x', NULL)"])
def test_a_checked_expression_is_stable_under_a_second_check(expression: str) -> None:
    once = checked(expression, columns=None, where=WHERE)
    assert checked(once, columns=None, where=WHERE) == once


def test_a_comment_does_not_survive() -> None:
    assert checked("Age /* read_csv('x') */ -- truth", columns=None, where=WHERE) == '"Age"'


def test_a_refusal_names_the_function_and_lists_what_may_be_used() -> None:
    with pytest.raises(SpecError, match=r"loower\(\) \(did you mean lower\?\)") as refusal:
        checked("loower(Month)", columns=None, where=WHERE)
    assert "strptime" in refusal.value.remedy


def test_an_unknown_column_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SpecError, match="came amont") as refusal:
        checked("amont + 1", columns=COLUMNS, where=WHERE)
    assert "Did you mean amount?" in refusal.value.remedy


def test_columns_are_found_whatever_their_case() -> None:
    assert checked("AGE", columns=COLUMNS, where=WHERE) == '"AGE"'


def test_a_qualified_column_is_looked_for_with_its_source() -> None:
    assert checked("claims.Age", columns=("claims.Age",), where=WHERE) == '"claims"."Age"'
    with pytest.raises(SpecError):
        checked("policies.Age", columns=("claims.Age",), where=WHERE)


def test_referenced_names_columns_and_not_functions_or_literals() -> None:
    expression = 'coalesce(customers.age, "Age ""raw""", year(Day), \'Month\')'
    assert referenced(expression) == {"customers.age", 'Age "raw"', "Day"}
    assert qualifiers(expression) == {"customers"}
