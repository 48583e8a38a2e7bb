"""Each bad row ends in the rejects with its reason, and the others are kept."""

from pathlib import Path

import pytest

from perito.datasets.spec import DatasetSpec
from perito.engine import Engine
from perito.validation import REASONS, Validated
from tests.unit.validation.small import (
    CLAIM_COLUMNS,
    GOOD,
    HEADER,
    line,
    numeric,
    read,
    source,
    spec,
    table,
    write,
)

SECRET_CELLS = {"happened": "31/02/2024", "amount": "1.234.567", "outcome": "CONVICTED-XYZ"}


def one_bad(folder: Path, bad: str) -> tuple[list[object], list[tuple[int, str, str]]]:
    write(folder, "claims.csv", line(id="c0"), bad, line(id="c9"))
    with Engine() as engine:
        validated = read(folder, engine)
        kept = engine.query("SELECT claim_id FROM claims ORDER BY claim_id")["claim_id"].to_pylist()
    return [*kept], rejected(validated, "claims")


def rejected(validated: Validated, table: str) -> list[tuple[int, str, str]]:
    rows = sorted(validated.rejects.to_pylist(), key=lambda row: row["row"])
    return [(row["row"], row["column"], row["code"]) for row in rows if row["table"] == table]


@pytest.mark.parametrize(
    ("bad", "column", "code"),
    [
        (line(happened="2024-02-31"), "happened", "unparseable_date"),
        (line(reported="yesterday"), "reported", "unparseable_date"),
        (line(amount="lots"), "amount", "unparseable_number"),
        (line(amount="1.234.567"), "amount", "unparseable_number"),
        (line(amount='"1.234,56"'), "amount", "unparseable_number"),
        (line(amount='"1,234.56"'), "amount", "unparseable_number"),
        (line(amount="nan"), "amount", "unparseable_number"),
        (line(amount="1e999"), "claimed_amount", "unparseable_number"),
        (line(amount="-0.01"), "claimed_amount", "negative_amount"),
        (line(amount="1e13"), "claimed_amount", "impossible_amount"),
        (line(happened="2024-01-04"), "loss_date", "loss_after_report"),
        (line(id=""), "claim_id", "missing_value"),
        (line(id="   "), "claim_id", "missing_value"),
        (line(reported=""), "reported_at", "missing_value"),
        (line(reported="NULL"), "reported_at", "missing_value"),
        (GOOD + ",more", "", "too_many_fields"),
        (GOOD.rpartition(",")[0], "", "too_few_fields"),
        (line(garage='"Garage A'), "", "unreadable_row"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(tmp_path: Path, bad: str, column: str, code: str) -> None:
    assert one_bad(tmp_path, bad) == (["c0", "c9"], [(2, column, code)])


@pytest.mark.parametrize(
    "good",
    [
        line(happened="01/01/2024"),
        line(happened=""),
        line(happened="2024-01-03"),
        line(amount="+1e3"),
        line(amount=".5"),
        line(amount=""),
        line(amount="0"),
        line(amount=" 12 "),
        line(policy=""),
        line(phone="", garage="", outcome="", known=""),
    ],
)
def test_a_good_row_is_kept(tmp_path: Path, good: str) -> None:
    assert one_bad(tmp_path, good) == (["c0", "c1", "c9"], [])


def test_a_row_in_a_broken_encoding_is_rejected(tmp_path: Path) -> None:
    rows = [line(id="c1", garage="Peña"), line(id="c2", garage="Núñez"), line(id="c3", garage="X")]
    content = "\n".join([HEADER, *rows]).encode().replace(b",X,", b",Mu\xf1oz,")
    (tmp_path / "claims.csv").write_bytes(content)
    with Engine() as engine:
        assert rejected(read(tmp_path, engine), "claims") == [(3, "", "broken_encoding")]


def test_of_a_repeated_claim_the_first_row_is_kept(tmp_path: Path) -> None:
    rows = [line(amount="1"), line(amount="1"), line(amount="2"), line(id="c2")]
    write(tmp_path, "claims.csv", *rows)
    with Engine() as engine:
        validated = read(tmp_path, engine)
        assert rejected(validated, "claims") == [
            (2, "claim_id", "duplicate_row"),
            (3, "claim_id", "duplicate_claim_id"),
        ]
        amounts = engine.query("SELECT claimed_amount FROM claims WHERE claim_id = 'c1'")["claimed_amount"]
        assert amounts.to_pylist() == [1.0]


def test_a_rejected_first_row_does_not_stand_in_the_way_of_a_good_one(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", line(amount="-1"), line(amount="1"))
    with Engine() as engine:
        assert rejected(read(tmp_path, engine), "claims") == [(1, "claimed_amount", "negative_amount")]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"outcome": "FRAUD"}, "outcome", "unknown_outcome"),
        ({"outcome": "substantiated"}, "outcome", "unknown_outcome"),
        ({"known": ""}, "known_at", "missing_value"),
        ({"known": "later"}, "known", "unparseable_date"),
        ({"amount": "-1"}, "claim_id", "disposition_without_claim"),
    ],
)
def test_a_bad_disposition_is_rejected_and_a_bad_claim_takes_its_own_along(
    tmp_path: Path, cells: dict[str, str], column: str, code: str
) -> None:
    write(tmp_path, "claims.csv", line(id="c0"), line(**cells))
    with Engine() as engine:
        assert rejected(read(tmp_path, engine), "dispositions") == [(2, column, code)]


def with_dispositions() -> DatasetSpec:
    columns = {"claim_id": "id", "outcome": "outcome", "known_at": "known", "selected_by": "by"} | {
        "selection_probability": "chance"
    }
    types = {"known": "date:%Y-%m-%d", "chance": "number"}
    claims = table("claims", CLAIM_COLUMNS)
    sources = [source("claims", types=spec().sources["claims"].types), source("dispositions", types=types)]
    return spec(sources=sources, claims=claims, parties=(), dispositions=table("dispositions", columns))


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("c1,SUBSTANTIATED,2024-03-01,alert,0.5", "claim_id", "duplicate_row"),
        ("c2,SUBSTANTIATED,2024-03-01,alert,0.5", "claim_id", "disposition_without_claim"),
        ("c1,SUBSTANTIATED,2024-03-01,hunch,0.5", "selected_by", "unknown_selected_by"),
        ("c1,SUBSTANTIATED,2024-03-01,alert,0", "selection_probability", "impossible_probability"),
        ("c1,SUBSTANTIATED,2024-03-01,alert,1.5", "selection_probability", "impossible_probability"),
    ],
)
def test_dispositions_of_their_own_table_are_judged_too(tmp_path: Path, row: str, column: str, code: str) -> None:
    write(tmp_path, "claims.csv", GOOD)
    first = "c1,SUBSTANTIATED,2024-03-01,alert,0.5"
    write(tmp_path, "dispositions.csv", first, row, header="id,outcome,known,by,chance")
    with Engine() as engine:
        validated = read(tmp_path, engine, with_dispositions())
        assert rejected(validated, "dispositions") == [(2, column, code)]
        assert engine.count("dispositions") == 1


def test_a_later_decision_about_a_claim_is_no_duplicate(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD)
    rows = ["c1,INCONCLUSIVE,2024-03-01,alert,0.5", "c1,SUBSTANTIATED,2024-04-01,alert,0.5"]
    write(tmp_path, "dispositions.csv", *rows, header="id,outcome,known,by,chance")
    with Engine() as engine:
        read(tmp_path, engine, with_dispositions())
        assert engine.count("dispositions") == 2


def test_an_unknown_role_and_a_party_without_a_claim_are_rejected(tmp_path: Path) -> None:
    write(tmp_path, "claims.csv", GOOD)
    rows = ["c1,garage,A", "c1,uncle,B", "c2,garage,C", "c1,garage,A", "c1,garage,"]
    write(tmp_path, "parties.csv", *rows, header="id,role,party")
    given = spec(
        sources=[*spec().sources.values(), source("parties")],
        parties=(table("parties", {"claim_id": "id", "role": "role", "party_id": "party"}),),
        dispositions=None,
    )
    with Engine() as engine:
        validated = read(tmp_path, engine, given)
        assert rejected(validated, "parties") == [(2, "role", "unknown_role"), (3, "claim_id", "party_without_claim")]
        assert engine.query("SELECT * FROM parties").to_pylist() == [
            {"claim_id": "c1", "role": "garage", "party_id": "A"}
        ]
        assert validated.tables["parties"].silent == 1
        assert "parties.garage" in validated.book.provides


def test_an_expression_that_fails_rejects_the_row_under_its_column(tmp_path: Path) -> None:
    claims = table("claims", CLAIM_COLUMNS, attributes=[numeric("digits", "CAST(garage AS DOUBLE)")])
    write(tmp_path, "claims.csv", line(garage="12"), line(id="c2", garage="twelve"), line(id="c3", garage=""))
    with Engine() as engine:
        validated = read(tmp_path, engine, spec(claims=claims))
        assert rejected(validated, "claims") == [(2, "digits", "unparseable_number")]
        assert engine.columns("claims")["digits"] == "DOUBLE"


def test_every_sentence_says_something_of_its_own() -> None:
    assert len(set(REASONS.values())) == len(REASONS)
    assert "decimal comma" in REASONS["unparseable_number"]


def test_no_cell_value_is_in_the_rejects(tmp_path: Path) -> None:
    bad = [line(id=f"private-{at}", **{column: cell}) for at, (column, cell) in enumerate(SECRET_CELLS.items())]
    write(tmp_path, "claims.csv", GOOD, *bad)
    with Engine() as engine:
        rejects = read(tmp_path, engine).rejects
    assert rejects.num_rows > 3
    said = str(rejects.to_pylist())
    assert not [cell for cell in (*SECRET_CELLS.values(), "private") if cell in said]
