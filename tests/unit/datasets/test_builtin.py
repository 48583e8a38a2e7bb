import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from perito.datasets.expressions import FUNCTIONS, referenced
from perito.datasets.reader import builtin_names, load_spec
from perito.datasets.spec import Attribute, DatasetSpec, Postcode, TableMap
from perito.domain.words import Outcome
from perito.engine import Engine

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TRUTH = {"Fraud", "Criminal", "Lambda", "Rule1", "Rule2", "Rule3", "RateNrContracts", "fraudScore", "n1Size", "n2Size"}
AFTERWARDS = {"ExpPH", "ExpPHContracts", "TimeSinceClaim", "NClaims"}


@pytest.fixture(name="engine", scope="module")
def _engine() -> Iterator[Engine]:
    with Engine(memory_limit="200MB", threads=1) as engine:
        yield engine


def tables(spec: DatasetSpec) -> list[TableMap]:
    return [table for table in (spec.claims, spec.policies, *spec.parties, spec.dispositions) if table is not None]


def attributes(spec: DatasetSpec) -> list[Attribute]:
    return [attribute for table in tables(spec) for attribute in table.attributes]


def columns_read(spec: DatasetSpec) -> set[str]:
    expressions = [expression for table in tables(spec) for expression in table.columns.values()]
    return {name for text in [*expressions, *(a.expression for a in attributes(spec))] for name in referenced(text)}


def value(engine: Engine, expression: str, row: dict[str, object]) -> object:
    engine.load("claims", pa.Table.from_pylist([row]))
    return engine.query(f"SELECT {expression} AS value FROM claims").column("value")[0].as_py()


def dated(month: str, week: int, claimed: str, week_claimed: int, *, year: str = "1995") -> dict[str, object]:
    named = {"Month": month, "WeekOfMonth": week, "MonthClaimed": claimed, "WeekOfMonthClaimed": week_claimed}
    return named | {"Year": year}


def test_the_five_datasets_are_built_in() -> None:
    assert builtin_names() == (
        "auto-claims-customers",
        "kaggle-policies",
        "motor-network",
        "simulated",
        "vehicle-claims",
    )


@pytest.mark.parametrize("name", builtin_names())
def test_a_built_in_spec_loads_under_its_own_name(name: str) -> None:
    spec = load_spec(name)
    assert spec.name == name
    assert spec.dispositions is not None


@pytest.mark.parametrize("name", builtin_names())
def test_every_attribute_has_its_own_label_in_both_languages(name: str) -> None:
    spec = load_spec(name)
    for labels in ([a.label_en for a in attributes(spec)], [a.label_es for a in attributes(spec)]):
        assert len(set(labels)) == len(labels)
        assert all(label[0].isupper() for label in labels)


@pytest.mark.parametrize("name", builtin_names())
def test_the_target_is_never_an_attribute(name: str) -> None:
    spec = load_spec(name)
    assert spec.dispositions is not None
    target = referenced(spec.dispositions.columns["outcome"])
    assert not target & {column for attribute in attributes(spec) for column in referenced(attribute.expression)}


def test_vehicle_claims_leaves_the_policy_number_out_of_the_attributes() -> None:
    read = {column for a in load_spec("vehicle-claims").claims.attributes for column in referenced(a.expression)}
    assert not read & {"PolicyNumber", "Year", "Month", "MonthClaimed", "WeekOfMonth", "WeekOfMonthClaimed"}


@pytest.mark.parametrize(
    ("row", "loss", "report"),
    [
        pytest.param(dated("Mar", 1, "Apr", 2), "1995-03-01", "1995-04-08", id="both in one year"),
        pytest.param(dated("Dec", 4, "Jan", 1), "1994-12-22", "1995-01-01", id="the accident in the year before"),
        pytest.param(dated("Mar", 3, "Mar", 2), "1994-03-15", "1995-03-08", id="a later week of the same month"),
        pytest.param(dated("Jan", 5, "Feb", 5), "1995-01-28", "1995-02-28", id="a fifth week stays in its month"),
        pytest.param(dated("Jul", 2, "0", 1, year="1994"), "1994-07-08", "1994-07-08", id="no month of the claim"),
    ],
)
def test_vehicle_claims_dates_come_from_weeks_of_months(
    row: dict[str, object], loss: str, report: str, engine: Engine
) -> None:
    columns = load_spec("vehicle-claims").claims.columns
    assert value(engine, columns["loss_date"], row) == datetime.fromisoformat(loss)
    assert value(engine, columns["reported_at"], row) == datetime.fromisoformat(report)


def test_vehicle_claims_never_puts_a_loss_after_its_report(engine: Engine) -> None:
    weeks = range(1, 6)
    rows = [dated(m, w, c, v) for m in MONTHS for c in MONTHS for w in weeks for v in weeks]
    engine.load("claims", pa.Table.from_pylist(rows))
    columns = load_spec("vehicle-claims").claims.columns
    dates = engine.query(
        f"SELECT {columns['loss_date']} AS loss, {columns['reported_at']} AS report FROM claims"
    ).to_pylist()
    assert all(date["loss"] <= date["report"] for date in dates)
    assert {date["report"].year for date in dates} == {1995}


def test_motor_network_reads_no_truth_and_nothing_known_only_afterwards() -> None:
    read = columns_read(load_spec("motor-network"))
    assert not read & (TRUTH | AFTERWARDS)
    assert not {column for column in read if column.startswith(("n1.", "n2."))}


@pytest.mark.parametrize(
    ("investigated", "judgement", "outcome"),
    [
        (1.0, "True", Outcome.SUBSTANTIATED),
        (1.0, "False", Outcome.NOT_SUBSTANTIATED),
        (0.0, None, None),
        (1.0, None, None),
    ],
)
def test_motor_network_knows_an_outcome_only_of_investigated_claims(
    investigated: float, judgement: str | None, outcome: Outcome | None, engine: Engine
) -> None:
    dispositions = load_spec("motor-network").dispositions
    assert dispositions is not None
    row: dict[str, object] = {"Investigated": investigated, "ExpertJudgement": judgement}
    assert value(engine, dispositions.columns["outcome"], row) == outcome


@pytest.mark.parametrize("name", ["vehicle-claims", "auto-claims-customers", "kaggle-policies"])
def test_an_outcome_word_that_nobody_expects_is_passed_on_to_be_rejected(name: str, engine: Engine) -> None:
    dispositions = load_spec(name).dispositions
    assert dispositions is not None
    outcome = dispositions.columns["outcome"]
    (target,) = referenced(outcome)
    assert value(engine, outcome, {target: "1"}) in {*Outcome}
    assert value(engine, outcome, {target: "maybe"}) == "maybe"


def test_only_the_kaggle_table_declares_a_stand_in() -> None:
    assert [name for name in builtin_names() if load_spec(name).stand_in] == ["kaggle-policies"]


def test_kaggle_claims_are_named_by_customer_and_row(engine: Engine) -> None:
    row: dict[str, object] = {"Customer ID": "84966", "_row": 7}
    assert value(engine, load_spec("kaggle-policies").claims.columns["claim_id"], row) == "84966-7"


def test_the_documented_example_loads_and_its_columns_exist() -> None:
    spec = load_spec(str(EXAMPLES / "home-claims.toml"))
    assert spec.split.label_gap_days == 30
    header = {"claims": ";", "policies": ","}
    for table in tables(spec):
        file = EXAMPLES / (spec.sources[table.source].file or "")
        columns = set(file.read_text(encoding="utf-8").splitlines()[0].split(header[table.source]))
        expressions = [*table.columns.values(), *(attribute.expression for attribute in table.attributes)]
        assert {name for expression in expressions for name in referenced(expression)} <= columns


def test_the_document_shows_the_example_as_it_is() -> None:
    document = (EXAMPLES.parent / "dataset-specs.md").read_text(encoding="utf-8")
    shown = document.split("```toml\n")[1].split("```")[0]
    written = (EXAMPLES / "home-claims.toml").read_text(encoding="utf-8").splitlines()
    assert set(shown.splitlines()) <= set(written)


def test_the_document_lists_the_functions_that_are_allowed() -> None:
    document = (EXAMPLES.parent / "dataset-specs.md").read_text(encoding="utf-8")
    listed = document.split("<!-- functions -->")[1].split("<!-- end -->")[0]
    assert tuple(re.findall(r"`(\w+)`", listed)) == tuple(FUNCTIONS)


def test_only_the_simulated_insurer_says_where_somebody_lives() -> None:
    assert [name for name in builtin_names() if load_spec(name).postcode] == ["simulated"]
    assert load_spec("simulated").postcode == Postcode("holder_postcode", 2)
