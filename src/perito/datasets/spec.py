"""What a dataset spec says, as frozen values. Refuses to read a file or run a query.

`perito.datasets.reader` makes these from TOML and checks every expression;
`docs/dataset-specs.md` explains the format with one complete example.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

AttributeKind = Literal["numeric", "categorical", "date"]
Cardinality = Literal["one_to_one", "many_to_one"]
SplitKind = Literal["time", "group", "random", "unlabelled"]
UnknownPolicy = Literal["leave_out", "unlabelled", "positive_unlabelled"]
Weighting = Literal["none", "inverse_propensity"]
RankBy = Literal["expected_net_money", "score"]


@dataclass(frozen=True)
class Source:
    """One raw table: a file below the data folder, or a table behind a database URL.

    `types` names the columns that are not text: `integer`, `number`, or `date:` and
    `datetime:` followed by one or more strptime formats parted by `|`.
    """

    name: str
    file: str | None
    database: str | None
    table: str | None
    types: Mapping[str, str]


@dataclass(frozen=True)
class Join:
    """A second source read beside a table's own; its cardinality is checked, never assumed."""

    source: str
    on: tuple[tuple[str, str], ...]
    cardinality: Cardinality


@dataclass(frozen=True)
class Attribute:
    """One of the source's own columns, kept as a feature under a name of ours."""

    name: str
    kind: AttributeKind
    expression: str
    label_en: str
    label_es: str


@dataclass(frozen=True)
class TableMap:
    """How one canonical table is made: canonical column to SQL scalar expression."""

    source: str
    joins: tuple[Join, ...]
    columns: Mapping[str, str]
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True)
class Split:
    """Which claims are kept for reporting.

    `time`: those reported in [`test_from`, `test_to`); without dates, the last
    `test_share` of the table by time. `group` and `random`: `test_share` of the labelled
    claims, whole policies (`group`) or stratified by label (`random`). `unlabelled`: those
    without a known outcome; every other claim is learnt from, and no share is asked.
    `label_gap_days`: claims reported in that many days before the boundary are not learnt
    from, because the labels of so young claims are only the quick ones.
    """

    kind: SplitKind
    test_from: date | None = None
    test_to: date | None = None
    test_share: float = 0.2
    label_gap_days: int = 0


@dataclass(frozen=True)
class Desk:
    """How many claims the desk can open, as a share of the claims it is shown, and which first.

    `rank_by`: `expected_net_money` opens first what is expected to bring most, and nothing
    that is expected to cost more than it saves; `score` opens the most suspicious first.
    `audit_share` of those places go to claims drawn at random, whatever their score.
    """

    capacity_share: float
    audit_share: float = 0.0
    rank_by: RankBy = "score"


@dataclass(frozen=True)
class Money:
    """What an investigation costs and what a substantiated one saves, in the book's currency.

    Saved: `recoverable_share` of the claimed amount, or of `typical_amount` where the
    table has no amount.
    """

    investigation_cost: float
    recoverable_share: float
    typical_amount: float | None = None


@dataclass(frozen=True)
class Postcode:
    """The attribute that says where somebody lives; its first `digits` characters stand for an area."""

    attribute: str
    digits: int = 2


@dataclass(frozen=True)
class DatasetSpec:
    """One dataset: where its rows are, how they become the four tables, how it is judged.

    `assessed_at` is `reported_at`, or `end_of_book` for tables without a usable order in
    time. `stand_in` is the sentence said wherever a figure is shown when the target is no
    fraud label. `confirmed` names the columns that the owner of the data says are known when a
    claim is assessed, though a gate doubts it. `postcode` names the areas of fairness figures;
    None where no column tells them. `folder` is where the spec lies, the data folder of last resort.
    """

    name: str
    title: str
    description: str
    folder: Path
    sources: Mapping[str, Source]
    claims: TableMap
    policies: TableMap | None
    parties: tuple[TableMap, ...]
    dispositions: TableMap | None
    split: Split
    desk: Desk
    money: Money
    unknown: UnknownPolicy = "leave_out"
    weighting: Weighting = "none"
    assessed_at: Literal["reported_at", "end_of_book"] = "reported_at"
    protected: tuple[str, ...] = ()
    stand_in: str = ""
    confirmed: tuple[str, ...] = ()
    postcode: Postcode | None = None
