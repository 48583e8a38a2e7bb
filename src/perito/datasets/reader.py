"""A dataset spec, from a TOML file to checked values. Refuses whatever it does not know.

Nothing is guessed: an unknown key, a word outside its list or an expression outside the
grammar is an error that says where it stands and what may be written there.
"""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from perito.datasets.mapping import MAP_KEYS, read_parties, read_sources, read_table
from perito.datasets.section import Section, closest
from perito.datasets.spec import DatasetSpec, Desk, Money, Source, Split, SplitKind, TableMap, UnknownPolicy
from perito.domain.errors import SpecError

TOP_KEYS = (
    *("name", "title", "description", "stand_in", "assessed_at", "protected", "sources"),
    *("claims", "policies", "parties", "dispositions", "labels", "split", "desk", "money"),
)
SPLIT_KEYS = ("kind", "test_from", "test_to", "test_share", "label_gap_days")
MONEY_KEYS = ("investigation_cost", "recoverable_share", "typical_amount")
ASSESSED: tuple[Literal["reported_at", "end_of_book"], ...] = ("reported_at", "end_of_book")
BUILTIN_FOLDER = Path(str(files("perito.datasets") / "builtin"))
"""Where the specs that come with Perito lie."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def builtin_names() -> tuple[str, ...]:
    """The names of the specs that come with Perito, sorted."""
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in BUILTIN_FOLDER.iterdir() if entry.name.endswith(".toml"))
    )


def load_spec(name_or_path: str) -> DatasetSpec:
    """Read one dataset spec.

    Parameters
    ----------
    name_or_path
        A name among `builtin_names()`, or the path of a TOML file.

    Raises
    ------
    SpecError
        If there is no such spec, or anything in it cannot be used.

    Examples
    --------
    >>> load_spec("vehicle-claims").split.kind
    'time'
    """
    path = BUILTIN_FOLDER / f"{name_or_path}.toml" if name_or_path in builtin_names() else Path(name_or_path)
    if not path.is_file():
        raise SpecError(
            f"expected a built-in dataset or the path of a spec, came {name_or_path!r}.",
            remedy=closest(name_or_path, builtin_names(), named="Built in"),
        )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise SpecError("expected text in UTF-8.", where=path.name, remedy="Save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        remedy = "An expression with double quotes goes in single quotes: '\"Customer ID\"'."
        raise SpecError(f"expected TOML; {error}.", where=path.name, remedy=remedy) from None
    return _spec(Section(values, file=path.name, known=TOP_KEYS), path.parent.resolve())


def _spec(top: Section, folder: Path) -> DatasetSpec:
    sources = read_sources(top.table("sources", None))
    claims = read_table(top.table("claims", MAP_KEYS["claims"]), "claims", sources)
    spec = DatasetSpec(
        name=_name(top),
        title=top.text("title"),
        description=top.text("description", ""),
        folder=folder,
        sources=sources,
        claims=claims,
        policies=_optional(top, "policies", sources, None),
        parties=tuple(read_parties(party, sources, claims) for party in top.tables("parties", MAP_KEYS["parties"])),
        dispositions=_optional(top, "dispositions", sources, claims),
        split=_split(top.table("split", SPLIT_KEYS)),
        desk=Desk(top.table("desk", ("capacity_share",)).number("capacity_share", at_most=1)),
        money=_money(top.table("money", MONEY_KEYS)),
        unknown=top.table("labels", ("unknown",), {}).choice("unknown", get_args(UnknownPolicy), "leave_out"),
        assessed_at=top.choice("assessed_at", ASSESSED, "reported_at"),
        protected=top.texts("protected"),
        stand_in=top.text("stand_in", ""),
    )
    _check_whole(spec, top)
    return spec


def _name(top: Section) -> str:
    name = top.text("name")
    if not _NAME.fullmatch(name):
        raise top.wrong("name", "small letters and digits parted by single hyphens", repr(name))
    return name


def _optional(top: Section, table: str, sources: dict[str, Source], claims: TableMap | None) -> TableMap | None:
    return read_table(top.table(table, MAP_KEYS[table]), table, sources, claims) if top.has(table) else None


def _split(section: Section) -> Split:
    kind: SplitKind = section.choice("kind", get_args(SplitKind))
    for key in ("test_from", "test_to", "label_gap_days"):
        if kind != "time" and section.has(key):
            raise section.wrong(key, f"no {key}, because the split is {kind!r}", "one")
    if kind == "unlabelled" and section.has("test_share"):
        raise section.wrong("test_share", "no test_share, because every claim without an outcome is ranked", "one")
    if section.has("test_from") and section.has("test_share"):
        raise section.wrong("test_share", "either test_from or test_share", "both")
    split = Split(
        kind=kind,
        test_from=section.day("test_from"),
        test_to=section.day("test_to"),
        test_share=section.number("test_share", 0.2, at_most=0.9),
        label_gap_days=section.count("label_gap_days", 0),
    )
    if split.test_to is not None and (split.test_from is None or split.test_from >= split.test_to):
        raise section.wrong("test_to", "a day after test_from", str(split.test_to))
    return split


def _money(section: Section) -> Money:
    return Money(
        investigation_cost=section.number("investigation_cost"),
        recoverable_share=section.number("recoverable_share", at_most=1),
        typical_amount=section.number("typical_amount") if section.has("typical_amount") else None,
    )


def _check_whole(spec: DatasetSpec, top: Section) -> None:
    """What no single table can know: names told twice, and what one part needs of another."""
    names = [attribute.name for table in (spec.claims, spec.policies) if table for attribute in table.attributes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise top.wrong("policies.attributes", "every attribute name once", f"{', '.join(twice)} twice")
    for name in spec.protected:
        if name not in names:
            remedy = closest(name, names, named="The attributes are")
            raise SpecError(f"expected an attribute, came {name!r}.", where=top.where("protected"), remedy=remedy)
    if spec.split.kind == spec.unknown:
        asked = "leave_out, because the split ranks the claims without an outcome"
        raise top.wrong("labels.unknown", asked, repr(spec.unknown))
    if "policy_id" not in spec.claims.columns and (spec.policies is not None or spec.split.kind == "group"):
        reason = "claims cannot be told apart by policy" if spec.policies is None else "policies cannot be found"
        raise top.wrong("claims.policy_id", f"an expression, because without it {reason}", "none")
    if "claimed_amount" not in spec.claims.columns and spec.money.typical_amount is None:
        raise top.wrong("money.typical_amount", "an amount, because claims have no claimed_amount", "none")
