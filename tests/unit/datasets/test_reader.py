import re
from datetime import date
from pathlib import Path

import pytest

from perito.datasets.reader import builtin_names, load_spec
from perito.datasets.spec import DatasetSpec, Join, Split
from perito.domain.errors import SpecError

SPEC = """
name = "one-table"
title = "One table"
protected = ["sex"]

[sources.claims]
file = "claims.csv"
types = { Age = "integer", Day = "date:%d/%m/%Y|%Y-%m-%d" }

[sources.customers]
file = "people/customers.csv"

[claims]
source = "claims"
claim_id = "claims.Number"
policy_id = "Policy"
reported_at = "Day"
claimed_amount = "Amount"
joins = [{ source = "customers", on = { Policy = "policy" }, cardinality = "many_to_one" }]

[claims.attributes]
Area = "categorical"
age = { kind = "numeric", value = "nullif(Age, 0)", en = "Age", es = "Edad" }
sex = { kind = "categorical", value = "customers.sex" }

[policies]
source = "customers"
policy_id = "policy"

[[parties]]
role = "garage"
party_id = "Garage"

[[parties]]
source = "customers"
claim_id = "last_claim"
role_from = "kind"
party_id = "name"

[dispositions]
outcome = "CASE Label WHEN 'x' THEN 'SUBSTANTIATED' END"
known_at = "Day"

[labels]
unknown = "unlabelled"

[split]
kind = "time"
test_from = 2024-01-01
test_to = 2025-01-01
label_gap_days = 30

[desk]
capacity_share = 0.1

[money]
investigation_cost = 300
recoverable_share = 0.5
""".replace("Area =", "area =")


def load(text: str, folder: Path) -> DatasetSpec:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_spec(str(path))


def test_a_spec_becomes_frozen_values(tmp_path: Path) -> None:
    spec = load(SPEC, tmp_path)
    assert (spec.name, spec.title, spec.stand_in, spec.unknown) == ("one-table", "One table", "", "unlabelled")
    assert spec.folder == tmp_path
    assert spec.sources["claims"].types["Day"] == "date:%d/%m/%Y|%Y-%m-%d"
    assert spec.split == Split("time", date(2024, 1, 1), date(2025, 1, 1), 0.2, 30)
    assert spec.claims.joins == (Join("customers", (("Policy", "policy"),), "many_to_one"),)
    assert (spec.desk.capacity_share, spec.money.investigation_cost, spec.money.typical_amount) == (0.1, 300.0, None)


def test_audits_and_weights_are_off_unless_they_are_asked_for(tmp_path: Path) -> None:
    plain = load(SPEC, tmp_path)
    assert (plain.desk.audit_share, plain.weighting) == (0.0, "none")
    text = SPEC.replace("capacity_share = 0.1", "capacity_share = 0.1\naudit_share = 0.1")
    asked = load(text.replace('"unlabelled"', '"leave_out"\nweighting = "inverse_propensity"'), tmp_path)
    assert (asked.desk.audit_share, asked.weighting) == (0.1, "inverse_propensity")
    assert load(SPEC.replace("capacity_share = 0.1", "capacity_share = 0.1\naudit_share = 0"), tmp_path) == plain


TIMELESS = SPEC.replace('kind = "time"', 'kind = "random"').replace(
    "test_from = 2024-01-01\ntest_to = 2025-01-01\nlabel_gap_days = 30\n", ""
)


@pytest.mark.parametrize(
    "labels", ['unknown = "positive_unlabelled"', 'unknown = "leave_out"\nweighting = "inverse_propensity"']
)
def test_undecided_claims_can_teach_only_where_time_parts_them_from_the_test_side(labels: str, tmp_path: Path) -> None:
    assert load(TIMELESS, tmp_path).split.kind == "random"
    with pytest.raises(SpecError, match="expected a time split with it, came a random split"):
        load(TIMELESS.replace('unknown = "unlabelled"', labels), tmp_path)


def test_every_expression_comes_back_in_the_engines_sql(tmp_path: Path) -> None:
    claims = load(SPEC, tmp_path).claims
    assert claims.columns["claim_id"] == '"claims"."Number"'
    assert [attribute.expression for attribute in claims.attributes] == [
        '"area"',
        'NULLIF("Age", 0)',
        '"customers"."sex"',
    ]


def test_an_attribute_in_short_form_is_the_column_of_its_name(tmp_path: Path) -> None:
    area = load(SPEC.replace("area =", "area_code ="), tmp_path).claims.attributes[0]
    assert (area.kind, area.expression, area.label_en) == ("categorical", '"area_code"', "area code")


def test_parties_and_dispositions_take_the_claims_source_and_id(tmp_path: Path) -> None:
    spec = load(SPEC, tmp_path)
    assert spec.dispositions is not None
    assert spec.dispositions.source == "claims"
    assert spec.dispositions.columns["claim_id"] == '"claims"."Number"'
    assert spec.parties[0].columns == {"claim_id": '"claims"."Number"', "role": "'garage'", "party_id": '"Garage"'}
    assert spec.parties[1].columns == {"claim_id": '"last_claim"', "role": '"kind"', "party_id": '"name"'}


def test_a_table_behind_a_database_is_named_and_never_opened_here(tmp_path: Path) -> None:
    text = SPEC.replace('file = "people/customers.csv"', 'database = "env:CLAIMS_URL"\ntable = "crm.customers"')
    source = load(text, tmp_path).sources["customers"]
    assert (source.file, source.database, source.table) == (None, "env:CLAIMS_URL", "crm.customers")


WRONG = {
    "an unknown key": (
        'title = "One table"',
        'title = "T"\ntitel = "T"',
        "mine.toml: unknown key 'titel'. Did you mean 'title'?",
    ),
    "an unknown canonical column": (
        'policy_id = "Policy"',
        'polcy_id = "Policy"',
        "claims: unknown key 'polcy_id'. Did you mean 'policy_id'?",
    ),
    "a missing key": ('title = "One table"', "", "the key 'title' is missing; expected text"),
    "a missing table": ("[desk]\ncapacity_share = 0.1", "", "the key 'desk' is missing; expected a table"),
    "a missing canonical column": ('reported_at = "Day"', "", "claims.reported_at: expected an expression"),
    "a wrong type": ('title = "One table"', "title = 3", "mine.toml: title: expected text, came a whole number"),
    "a truth value for a number": ("investigation_cost = 300", "investigation_cost = true", "came true or false"),
    "an empty text": ('title = "One table"', 'title = " "', "title: expected text, came an empty one"),
    "a bad name": ('name = "one-table"', 'name = "One table"', "name: expected small letters"),
    "an unknown role": (
        'role = "garage"',
        'role = "garaje"',
        r"parties\[1\].role: .*came 'garaje'. Did you mean 'garage'\?",
    ),
    "a role twice": (
        'role_from = "kind"',
        'role_from = "kind"\nrole = "driver"',
        r"parties\[2\].role: expected either",
    ),
    "an unknown kind": ('kind = "numeric"', 'kind = "number"', "age.kind: .*Did you mean 'numeric'?"),
    "an unknown kind in short form": (
        'area = "categorical"',
        'area = "category"',
        "claims.attributes.area: .*categorical",
    ),
    "an unknown split": ('kind = "time"', 'kind = "tiem"', "split.kind: .*Did you mean 'time'?"),
    "an unknown policy": ('unknown = "unlabelled"', 'unknown = "negative"', "labels.unknown: .*leave_out, unlabelled"),
    "an unknown cardinality": ('"many_to_one"', '"many_to_many"', r"claims.joins\[1\].cardinality"),
    "a join on nothing": ('on = { Policy = "policy" }', "on = {}", "on: expected at least one pair"),
    "a source joined with itself": (
        'joins = [{ source = "customers"',
        'joins = [{ source = "claims"',
        "every source once",
    ),
    "an unknown source": (
        'source = "customers"\nclaim_id',
        'source = "custmers"\nclaim_id',
        "Did you mean 'customers'?",
    ),
    "a qualifier that is not read": ('"customers.sex"', '"people.sex"', "came 'people' before a column"),
    "an unknown type": ('"integer"', '"int"', "sources.claims.types.Age: expected integer, number"),
    "a date type without a format": ('"date:%d/%m/%Y|%Y-%m-%d"', '"date:"', "types.Day: expected"),
    "a canonical name for an attribute": ("area =", "currency =", "claims.attributes.currency"),
    "a capital in an attribute": ("area =", "Area =", "claims.attributes.Area"),
    "an attribute told twice": (
        'policy_id = "policy"\n',
        'policy_id = "policy"\n[policies.attributes]\nsex = "categorical"\n',
        "sex twice",
    ),
    "an unknown protected attribute": ('["sex"]', '["sexo"]', "protected: .*came 'sexo'. Did you mean 'sex'?"),
    "a protected number": ('["sex"]', "[3]", "protected: expected a list of texts, came a whole number in it"),
    "an unknown postcode": ("[sources.claims]", 'postcode = "zip"\n[sources.claims]', "postcode: .*came 'zip'"),
    "a postcode that is a number": (
        "[sources.claims]",
        'postcode = "age"\n[sources.claims]',
        "postcode: expected a categorical attribute",
    ),
    "an area of no characters": (
        "[sources.claims]",
        'postcode = "sex"\npostcode_digits = 0\n[sources.claims]',
        "postcode_digits: expected a whole number above 0",
    ),
    "digits of no postcode": ("[sources.claims]", "postcode_digits = 3\n[sources.claims]", "no attribute is named"),
    "an expression that reads files": ('"Amount"', "\"read_csv('x')\"", r"claims.claimed_amount: .*read_csv\(\)"),
    "an expression that cannot be read": (
        '"Amount"',
        '"Customer ID"',
        "claimed_amount: expected one SQL scalar expression",
    ),
    "a parties source without claim_id": ('claim_id = "last_claim"\n', "", r"parties\[2\].claim_id"),
    "a share beyond one": ("recoverable_share = 0.5", "recoverable_share = 1.5", "above 0 and at most 1, came 1.5"),
    "a share of nothing": ("capacity_share = 0.1", "capacity_share = 0", "capacity_share: .*came 0"),
    "too many audits": (
        "capacity_share = 0.1",
        "capacity_share = 0.1\naudit_share = 0.95",
        "audit_share: .*at most 0.9",
    ),
    "fewer audits than none": ("capacity_share = 0.1", "capacity_share = 0.1\naudit_share = -0.1", "audit_share"),
    "a weighting nobody knows": ('"unlabelled"', '"leave_out"\nweighting = "inverse"', "labels.weighting: .*'inverse'"),
    "weights of unlabelled claims": (
        'unknown = "unlabelled"',
        'unknown = "unlabelled"\nweighting = "inverse_propensity"',
        "labels.weighting: expected 'none'",
    ),
    "a number that is none": ("investigation_cost = 300", "investigation_cost = nan", "investigation_cost"),
    "a gap below zero": ("label_gap_days = 30", "label_gap_days = -1", "label_gap_days"),
    "a date in quotes": ("test_from = 2024-01-01", 'test_from = "2024-01-01"', "test_from: expected a date such as"),
    "a date with a time": ("test_from = 2024-01-01", "test_from = 2024-01-01T10:00:00", "came a date with a time"),
    "dates in reverse": ("test_to = 2025-01-01", "test_to = 2023-01-01", "split.test_to: expected a day after"),
    "a date for a random split": ('kind = "time"', 'kind = "random"', "test_from: expected no test_from"),
    "dates and a share": ("label_gap_days = 30", "test_share = 0.5", "either test_from or test_share"),
    "no amount at all": ('claimed_amount = "Amount"\n', "", "money.typical_amount"),
    "policies without a key": ('policy_id = "Policy"\n', "", "claims.policy_id"),
    "a file and a database": ('file = "claims.csv"', 'file = "claims.csv"\ndatabase = "env:X"', "either `file`, or"),
    "a database without a table": ('file = "claims.csv"', 'database = "env:X"', "the key 'table' is missing"),
    "a database that is no URL": ('file = "claims.csv"', 'database = "claims"\ntable = "t"', "a SQLAlchemy URL"),
    "broken TOML": ("[desk]", "[desk", "mine.toml: expected TOML"),
}


@pytest.mark.parametrize("slip", WRONG)
def test_a_slip_says_where_it_is_and_what_may_be_written(slip: str, tmp_path: Path) -> None:
    old, new, message = WRONG[slip]
    assert old in SPEC
    with pytest.raises(SpecError) as error:
        load(SPEC.replace(old, new, 1), tmp_path)
    assert re.search(message, str(error.value)), str(error.value)
    assert error.value.where.startswith("mine.toml")
    assert error.value.remedy


@pytest.mark.parametrize(
    "file",
    [
        "/etc/passwd",
        "../truth.parquet",
        "a/../../truth.parquet",
        "C:/truth.csv",
        "C:\\\\truth.csv",
        "..\\\\truth.csv",
        "\\\\\\\\host\\\\x",
    ],
)
def test_a_file_outside_the_data_folder_cannot_be_named(file: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="expected a file below the data folder"):
        load(SPEC.replace('file = "claims.csv"', f'file = "{file}"'), tmp_path)


def test_a_glob_within_the_data_folder_may_be_named(tmp_path: Path) -> None:
    assert load(SPEC.replace('"claims.csv"', '"**/claims*.csv"'), tmp_path).sources["claims"].file == "**/claims*.csv"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:hunter2@db/claims",
        "postgresql://me:hun/ter2@db/claims",
        "postgresql://:hunter2@db/claims",
        "mssql://db/claims?user=me&Password=hunter2",
    ],
)
def test_a_password_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    text = SPEC.replace('file = "claims.csv"', f'database = "{url}"\ntable = "claims"')
    with pytest.raises(SpecError, match="no place for a password") as error:
        load(text, tmp_path)
    assert "ter2" not in str(error.value)
    assert "env:NAME" in error.value.remedy


@pytest.mark.parametrize(
    "url", ["sqlite:///claims.db", "postgresql://me@db:5432/claims", "postgresql+psycopg://db/claims"]
)
def test_a_url_without_a_password_may_be_named(url: str, tmp_path: Path) -> None:
    text = SPEC.replace('file = "claims.csv"', f'database = "{url}"\ntable = "claims"')
    assert load(text, tmp_path).sources["claims"].database == url


def test_a_group_split_needs_policies_to_group_by(tmp_path: Path) -> None:
    text = re.sub(r"\[split\].*?\[desk\]", '[split]\nkind = "group"\n\n[desk]', SPEC, flags=re.DOTALL)
    assert load(text, tmp_path).split.kind == "group"
    without = re.sub(
        r"\[policies\].*?\[\[parties\]\]",
        "[[parties]]",
        text.replace('policy_id = "Policy"\n', ""),
        count=1,
        flags=re.DOTALL,
    )
    with pytest.raises(SpecError, match="cannot be told apart by policy"):
        load(without, tmp_path)


def test_an_unlabelled_split_keeps_no_share_and_leaves_unknown_claims_out(tmp_path: Path) -> None:
    text = re.sub(r"\[split\].*?\[desk\]", '[split]\nkind = "unlabelled"\n\n[desk]', SPEC, flags=re.DOTALL)
    left_out = text.replace('unknown = "unlabelled"', 'unknown = "leave_out"')
    assert load(left_out, tmp_path).split.kind == "unlabelled"
    with pytest.raises(SpecError, match="leave_out, because the split ranks"):
        load(text, tmp_path)
    with pytest.raises(SpecError, match="no test_share"):
        load(left_out.replace("[desk]", "test_share = 0.3\n[desk]"), tmp_path)


def test_an_unknown_dataset_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(SpecError, match="Did you mean 'vehicle-claims'") as error:
        load_spec("vehicle-claim")
    assert all(name in error.value.remedy for name in builtin_names())


def test_a_spec_without_a_source_is_an_error(tmp_path: Path) -> None:
    text = re.sub(r"\[sources\.claims\].*?\[claims\]", "[sources]\n\n[claims]", SPEC, flags=re.DOTALL)
    with pytest.raises(SpecError, match="expected at least one source"):
        load(text, tmp_path)


def test_a_file_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(SPEC.replace("One table", "Pólizas").encode("latin-1"))
    with pytest.raises(SpecError, match="expected text in UTF-8"):
        load_spec(str(path))
