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
from perito.datasets.spec import (
    DatasetSpec,
    Desk,
    Money,
    Postcode,
    RankBy,
    Source,
    Split,
    SplitKind,
    TableMap,
    UnknownPolicy,
    Weighting,
)
from perito.domain.errors import SpecError

TOP_KEYS = (
    *("name", "title", "description", "stand_in", "assessed_at", "protected", "confirmed", "sources"),
    *("postcode", "postcode_digits"),
    *("claims", "policies", "parties", "dispositions", "labels", "split", "desk", "money"),
)
SPLIT_KEYS = ("kind", "test_from", "test_to", "test_share", "label_gap_days")
LABEL_KEYS = ("unknown", "weighting")
DESK_KEYS = ("capacity_share", "audit_share", "rank_by")
MOST_AUDITS = 0.9
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
    labels = top.table("labels", LABEL_KEYS, {})
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
        desk=_desk(top.table("desk", DESK_KEYS), claims),
        money=_money(top.table("money", MONEY_KEYS)),
        unknown=labels.choice("unknown", get_args(UnknownPolicy), "leave_out"),
        weighting=labels.choice("weighting", get_args(Weighting), "none"),
        assessed_at=top.choice("assessed_at", ASSESSED, "reported_at"),
        protected=top.texts("protected"),
        stand_in=top.text("stand_in", ""),
        confirmed=top.texts("confirmed"),
        postcode=_postcode(top),
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


def _desk(section: Section, claims: TableMap) -> Desk:
    # With one amount for every claim the two orders are the same; with amounts of their own, money decides.
    usual: RankBy = "expected_net_money" if "claimed_amount" in claims.columns else "score"
    return Desk(
        capacity_share=section.number("capacity_share", at_most=1),
        audit_share=section.number("audit_share", 0.0, at_most=MOST_AUDITS, or_zero=True),
        rank_by=section.choice("rank_by", get_args(RankBy), usual),
    )


def _postcode(top: Section) -> Postcode | None:
    if top.has("postcode"):
        digits = top.count("postcode_digits", 2)
        if not digits:
            raise top.wrong("postcode_digits", "a whole number above 0", "0")
        return Postcode(top.text("postcode"), digits)
    if top.has("postcode_digits"):
        raise top.wrong("postcode_digits", "none, because no attribute is named as postcode", "one")
    return None


def _money(section: Section) -> Money:
    return Money(
        investigation_cost=section.number("investigation_cost"),
        recoverable_share=section.number("recoverable_share", at_most=1),
        typical_amount=section.number("typical_amount") if section.has("typical_amount") else None,
    )


def _check_labels(spec: DatasetSpec, top: Section) -> None:
    if spec.weighting != "none" and spec.unknown != "leave_out":
        raise top.wrong("labels.weighting", "'none', because unlabelled claims have no propensity to weigh", "another")
    # Elsewhere claims without a label are all on the test side, and none of them may teach.
    for key, asked in (("unknown", spec.unknown == "positive_unlabelled"), ("weighting", spec.weighting != "none")):
        if asked and spec.split.kind != "time":
            raise top.wrong(f"labels.{key}", "a time split with it", f"a {spec.split.kind} split")


def _check_whole(spec: DatasetSpec, top: Section) -> None:
    """What no single table can know: names told twice, and what one part needs of another."""
    attributes = [attribute for table in (spec.claims, spec.policies) if table for attribute in table.attributes]
    names = [attribute.name for attribute in attributes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise top.wrong("policies.attributes", "every attribute name once", f"{', '.join(twice)} twice")
    postcode = (spec.postcode.attribute,) if spec.postcode else ()
    for key, named in (("protected", spec.protected), ("postcode", postcode)):
        for name in named:
            if name not in names:
                remedy = closest(name, names, named="The attributes are")
                raise SpecError(f"expected an attribute, came {name!r}.", where=top.where(key), remedy=remedy)
    if any(attribute.name in postcode and attribute.kind != "categorical" for attribute in attributes):
        # 01001 as a number is 1001, and its first digits are another province's.
        raise top.wrong("postcode", "a categorical attribute, because a number loses its leading zeros", "another kind")
    if spec.split.kind == spec.unknown:
        asked = "leave_out, because the split ranks the claims without an outcome"
        raise top.wrong("labels.unknown", asked, repr(spec.unknown))
    if "policy_id" not in spec.claims.columns and (spec.policies is not None or spec.split.kind == "group"):
        reason = "claims cannot be told apart by policy" if spec.policies is None else "policies cannot be found"
        raise top.wrong("claims.policy_id", f"an expression, because without it {reason}", "none")
    _check_labels(spec, top)
    if "claimed_amount" not in spec.claims.columns and spec.money.typical_amount is None:
        raise top.wrong("money.typical_amount", "an amount, because claims have no claimed_amount", "none")
