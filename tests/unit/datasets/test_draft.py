import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perito.datasets.draft import Draft, draft_spec
from perito.datasets.reader import load_spec
from perito.datasets.spec import DatasetSpec
from perito.domain.errors import SourceError
from perito.engine import Engine

ROWS = 40
ENGLISH: dict[str, Sequence[object]] = {
    "Claim Number": [f"C{at:03d}" for at in range(ROWS)],
    "PolicyNo": [f"P{at // 2}" for at in range(ROWS)],
    "Date Reported": [f"2023-{at % 12 + 1:02d}-{at % 28 + 1:02d}" for at in range(ROWS)],
    "AccidentDate": [f"2022-{at % 12 + 1:02d}-{at % 28 + 1:02d}" for at in range(ROWS)],
    "ClaimAmount": [at * 10.5 for at in range(ROWS)],
    "Garage": [f"Garage {at % 9}" for at in range(ROWS)],
    "Phone": [f"60000000{at % 30}" for at in range(ROWS)],
    "Gender": ["F", "M"] * 20,
    "Region": ["North", "South", "East", "West"] * 10,
    "Fraud Reported": ["Y", "N", "N", "N"] * 10,
    "Remarks": [f"seen by {at}" for at in range(ROWS)],
    "Country": ["ES"] * ROWS,
}
SPANISH: dict[str, Sequence[object]] = {
    "id_siniestro": list(range(ROWS)),
    "num_póliza": [at // 2 for at in range(ROWS)],
    "fecha_declaración": [f"{at % 28 + 1:02d}/{at % 12 + 1:02d}/2023" for at in range(ROWS)],
    "fecha_siniestro": [f"{at % 28 + 1:02d}/{at % 12 + 1:02d}/2022" for at in range(ROWS)],
    "importe_reclamado": [f"1.{at + 100},50" for at in range(ROWS)],
    "taller": [f"Taller {at % 9}" for at in range(ROWS)],
    "matrícula": [f"{at % 30}ABC" for at in range(ROWS)],
    "estado civil": ["soltero", "casada"] * 20,
    "fraude": ["sí", "no", "no", "no"] * 10,
}


@pytest.fixture(name="engine", scope="module")
def _engine() -> Iterator[Engine]:
    with Engine(memory_limit="200MB", threads=1) as engine:
        yield engine


def csv_file(folder: Path, columns: Mapping[str, Sequence[object]], *, delimiter: str = ";") -> Path:
    lines = [
        delimiter.join(columns),
        *(delimiter.join(str(v) for v in row) for row in zip(*columns.values(), strict=True)),
    ]
    path = folder / "claims.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def meanings(draft: Draft) -> dict[str, str]:
    return {guess.column: guess.meaning for guess in draft.guesses}


def loaded(draft: Draft, folder: Path) -> DatasetSpec:
    path = folder / "draft.toml"
    path.write_text(draft.toml, encoding="utf-8")
    return load_spec(str(path))


def test_english_names_are_understood(tmp_path: Path, engine: Engine) -> None:
    assert meanings(draft_spec(csv_file(tmp_path, ENGLISH), engine)) == {
        "Claim Number": "claim_id",
        "PolicyNo": "policy_id",
        "Date Reported": "reported_at",
        "AccidentDate": "loss_date",
        "ClaimAmount": "claimed_amount",
        "Garage": "party:garage",
        "Phone": "party:phone",
        "Gender": "attribute:categorical",
        "Region": "attribute:categorical",
        "Fraud Reported": "outcome",
        "Remarks": "left out",
        "Country": "left out",
    }


def test_spanish_names_are_understood(tmp_path: Path, engine: Engine) -> None:
    assert meanings(draft_spec(csv_file(tmp_path, SPANISH), engine)) == {
        "id_siniestro": "claim_id",
        "num_póliza": "policy_id",
        "fecha_declaración": "reported_at",
        "fecha_siniestro": "loss_date",
        "importe_reclamado": "claimed_amount",
        "taller": "party:garage",
        "matrícula": "party:plate",
        "estado civil": "attribute:categorical",
        "fraude": "outcome",
    }


def test_a_draft_is_a_spec_that_loads(tmp_path: Path, engine: Engine) -> None:
    spec = loaded(draft_spec(csv_file(tmp_path, ENGLISH), engine), tmp_path)
    assert spec.split.kind == "time"
    assert spec.protected == ("gender",)
    assert spec.sources["claims"].types == {"Date Reported": "date:%Y-%m-%d", "AccidentDate": "date:%Y-%m-%d"}
    assert [party.columns["role"] for party in spec.parties] == ["'garage'", "'phone'"]


def test_a_draft_from_spanish_reads_decimal_commas_and_days_first(tmp_path: Path, engine: Engine) -> None:
    spec = loaded(draft_spec(csv_file(tmp_path, SPANISH), engine), tmp_path)
    assert spec.sources["claims"].types["fecha_siniestro"] == "date:%d/%m/%Y"
    assert "',', '.'" in spec.claims.columns["claimed_amount"]
    assert spec.dispositions is not None
    assert "WHEN 'sí' THEN 'SUBSTANTIATED'" in spec.dispositions.columns["outcome"]


def test_what_is_not_sure_says_check_and_why(tmp_path: Path, engine: Engine) -> None:
    toml = draft_spec(csv_file(tmp_path, ENGLISH), engine).toml
    assert "# CHECK: does no mean investigated and not substantiated?" in toml
    assert '# CHECK: left out: "Remarks": it has nearly as many values as rows' in toml
    assert "investigation_cost = 400  # CHECK" in toml
    assert "# CHECK: no date of the outcome was found" in toml


def test_a_sure_guess_carries_no_check(tmp_path: Path, engine: Engine) -> None:
    lines = draft_spec(csv_file(tmp_path, ENGLISH), engine).toml.splitlines()
    assert "claim_id = '\"Claim Number\"'" in lines


def test_no_value_but_a_known_outcome_word_reaches_the_draft(tmp_path: Path, engine: Engine) -> None:
    toml = draft_spec(csv_file(tmp_path, ENGLISH | {"Fraud Reported": ["Y", "Pérez"] * 20}), engine).toml
    assert "Pérez" not in toml
    assert "Garage 1" not in toml
    assert "# CHECK: 1 words of this column are not understood" in toml


def test_a_day_that_could_be_a_month_is_marked(tmp_path: Path, engine: Engine) -> None:
    dates = [f"{at % 12 + 1:02d}/{at % 12 + 1:02d}/2023" for at in range(ROWS)]
    toml = draft_spec(csv_file(tmp_path, ENGLISH | {"Date Reported": dates}), engine).toml
    assert '"Date Reported" = "date:%d/%m/%Y"  # CHECK: day and month could be the other way round' in toml


def test_two_notations_of_one_date_are_both_named(tmp_path: Path, engine: Engine) -> None:
    dates = ["04-10-2018", "4/14/2018"] * 20
    spec = loaded(draft_spec(csv_file(tmp_path, ENGLISH | {"Date Reported": dates}), engine), tmp_path)
    assert spec.sources["claims"].types["Date Reported"] == "date:%m/%d/%Y|%m-%d-%Y"


def test_words_for_no_value_become_null(tmp_path: Path, engine: Engine) -> None:
    amounts = ["N/A" if at == 3 else at * 10.5 for at in range(ROWS)]
    spec = loaded(draft_spec(csv_file(tmp_path, ENGLISH | {"ClaimAmount": amounts}), engine), tmp_path)
    assert spec.claims.columns["claimed_amount"] == "NULLIF(\"ClaimAmount\", 'N/A')"


def test_a_scaled_column_below_zero_is_no_amount(tmp_path: Path, engine: Engine) -> None:
    scaled = {"ClaimAmount": [-0.5 + at / ROWS for at in range(ROWS)], "Claim Cost": [at * 9.5 for at in range(ROWS)]}
    found = meanings(draft_spec(csv_file(tmp_path, ENGLISH | scaled), engine))
    assert (found["ClaimAmount"], found["Claim Cost"]) == ("attribute:numeric", "claimed_amount")


def test_what_is_known_only_afterwards_is_left_out(tmp_path: Path, engine: Engine) -> None:
    draft = draft_spec(csv_file(tmp_path, ENGLISH | {"fraudScore": [at / 7 for at in range(ROWS)]}), engine)
    assert meanings(draft)["fraudScore"] == "left out"


def test_a_table_without_id_or_date_is_drafted_by_row_number_and_split_at_random(
    tmp_path: Path, engine: Engine
) -> None:
    spec = loaded(draft_spec(csv_file(tmp_path, {"colour": ["red", "blue"] * 20}, delimiter=","), engine), tmp_path)
    assert spec.claims.columns["claim_id"] == 'CAST("_row" AS TEXT)'
    assert (spec.split.kind, spec.assessed_at) == ("random", "end_of_book")


def test_a_parquet_file_keeps_its_own_types(tmp_path: Path, engine: Engine) -> None:
    columns: dict[str, list[object]] = {
        "claim_id": list(range(ROWS)),
        "reported_at": [datetime.fromisoformat(f"2023-01-{at % 28 + 1:02d} 09:00") for at in range(ROWS)],
        "loss_date": [date(2022, 1, 1 + at % 28) for at in range(ROWS)],
        "is_fraud": [at % 5 == 0 for at in range(ROWS)],
        "amount": [at * 1.5 for at in range(ROWS)],
    }
    path = tmp_path / "claims.parquet"
    pyarrow.parquet.write_table(pa.table(columns), path)
    spec = loaded(draft_spec(path, engine), tmp_path)
    assert not spec.sources["claims"].types
    assert spec.claims.columns["reported_at"] == '"reported_at"'
    assert spec.dispositions is not None
    assert "WHEN 'true' THEN 'SUBSTANTIATED'" in spec.dispositions.columns["outcome"]


@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("b.csv", b"id,x\n"), ("c.parquet", b"")])
def test_an_empty_file_is_an_error(name: str, content: bytes, tmp_path: Path, engine: Engine) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError):
        draft_spec(tmp_path / name, engine)


def test_a_damaged_parquet_file_is_an_error(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "claims.parquet"
    pyarrow.parquet.write_table(pa.table({"id": list(range(5_000))}), path)
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(bytes(content))
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        draft_spec(path, engine)


def test_a_missing_file_is_an_error(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(SourceError, match="there is none"):
        draft_spec(tmp_path / "nothing.csv", engine)


HEADERS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n\t,;|"), min_size=1, max_size=12)
CELLS = st.one_of(
    st.integers(-99, 99).map(str),
    st.dates().map(str),
    st.sampled_from(["", "yes", "no", "N/A", "O'Hara", "1,5", "12/31/2020"]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.dictionaries(HEADERS, st.lists(CELLS, min_size=4, max_size=4), min_size=2, max_size=6))
def test_whatever_the_columns_are_called_the_draft_loads(
    table: dict[str, list[str]], tmp_path: Path, engine: Engine
) -> None:
    rows = pa.table({name: pa.array(values) for name, values in table.items()})
    path = tmp_path / "table.parquet"
    pyarrow.parquet.write_table(rows, path)
    draft = draft_spec(path, engine)
    assert tomllib.loads(draft.toml)["sources"]["claims"]["file"] == "table.parquet"
    loaded(draft, tmp_path)
