"""Small specs and files for tests of reading and validation."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from perito.datasets.spec import Attribute, DatasetSpec, Desk, Join, Money, Source, Split, TableMap
from perito.engine import Engine
from perito.validation import Validated, read_book

KEY = b"a secret of the tests"
HEADER = "id,policy,happened,reported,amount,currency,phone,garage,outcome,known"
GOOD = "c1,p1,2024-01-01,2024-01-03,100.5,EUR,600 11 22 33,Garage A,SUBSTANTIATED,2024-03-01"
TYPES = {"happened": "date:%Y-%m-%d|%d/%m/%Y", "reported": "datetime:%Y-%m-%d", "amount": "number"} | {
    "known": "datetime:%Y-%m-%d"
}
CLAIM_COLUMNS = {
    "claim_id": "id",
    "policy_id": "policy",
    "loss_date": "happened",
    "reported_at": "reported",
    "claimed_amount": "amount",
    "currency": "currency",
}


def line(**cells: str) -> str:
    """One line of the claims file: `GOOD` with some cells replaced."""
    return ",".join((dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | cells).values())


def source(name: str, file: str | None = None, types: Mapping[str, str] | None = None) -> Source:
    return Source(name, file or f"{name}.csv", None, None, types or {})


def table(
    base: str, columns: Mapping[str, str], *, joins: Sequence[Join] = (), attributes: Sequence[Attribute] = ()
) -> TableMap:
    return TableMap(base, tuple(joins), columns, tuple(attributes))


def numeric(name: str, expression: str) -> Attribute:
    return Attribute(name, "numeric", expression, name, name)


PARTIES = (
    table("claims", {"claim_id": "id", "role": "'phone'", "party_id": "phone"}),
    table("claims", {"claim_id": "id", "role": "'garage'", "party_id": "garage"}),
)
DISPOSITIONS = table("claims", {"claim_id": "id", "outcome": "outcome", "known_at": "known"})


def spec(
    *,
    sources: Sequence[Source] | None = None,
    claims: TableMap | None = None,
    policies: TableMap | None = None,
    parties: tuple[TableMap, ...] = PARTIES,
    dispositions: TableMap | None = DISPOSITIONS,
) -> DatasetSpec:
    return DatasetSpec(
        name="small",
        title="Small",
        description="",
        folder=Path(),
        sources={one.name: one for one in sources or [source("claims", types=TYPES)]},
        claims=claims or table("claims", CLAIM_COLUMNS),
        policies=policies,
        parties=parties,
        dispositions=dispositions,
        split=Split("time"),
        desk=Desk(0.1),
        money=Money(100.0, 0.5),
    )


def write(folder: Path, name: str, *lines: str, header: str = HEADER) -> None:
    (folder / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def read(folder: Path, engine: Engine, given: DatasetSpec | None = None) -> Validated:
    return read_book(given or spec(), folder, engine, hash_key=KEY)
