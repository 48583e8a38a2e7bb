"""The part of a spec that maps: sources, joins, attributes, and one map for each canonical table.

Every expression leaves here checked. Refuses paths out of the data folder and passwords in a URL.
"""

import re
from collections.abc import Collection
from pathlib import PurePosixPath, PureWindowsPath
from typing import get_args

from perito.datasets.book import CANONICAL, CLAIMS, POLICIES
from perito.datasets.expressions import checked, qualifiers
from perito.datasets.section import Section, closest
from perito.datasets.spec import Attribute, AttributeKind, Cardinality, Join, Source, TableMap
from perito.domain.errors import SpecError
from perito.domain.words import Role

SOURCE_KEYS = ("file", "database", "table", "types")
ATTRIBUTE_KEYS = ("kind", "value", "en", "es")
JOIN_KEYS = ("source", "on", "cardinality")
MAP_KEYS = {
    "claims": ("source", "joins", "attributes", *CLAIMS),
    "policies": ("source", "joins", "attributes", *POLICIES),
    "parties": ("source", "joins", "role", "role_from", "claim_id", "party_id"),
    "dispositions": ("source", "joins", *CANONICAL["dispositions"]),
}
"""Table of a spec and the keys it may have."""

REQUIRED = {
    "claims": ("claim_id", "reported_at"),
    "policies": ("policy_id",),
    "dispositions": ("claim_id", "outcome", "known_at"),
}
"""Canonical columns without which no row is complete; every other one may be left out."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TYPE = re.compile(r"integer|number|(?:date|datetime):[^|]*%[^|]*(?:\|[^|]*%[^|]*)*")
_PASSWORD = re.compile(r"[^:]+://[^:/@]*:.+@|.*[?&;](password|passwd|pwd|token)=", re.IGNORECASE)


def read_sources(section: Section) -> dict[str, Source]:
    """The sources of a spec, by name.

    Raises
    ------
    SpecError
        When a source is neither a file nor a database table, or its file could lie outside
        the data folder.
    """
    if not section.names():
        raise section.wrong("", "at least one source", "none")
    return {name: _source(name, section.table(name, SOURCE_KEYS)) for name in section.names()}


def read_table(section: Section, table: str, sources: Collection[str], claims: TableMap | None = None) -> TableMap:
    """The map of one canonical table other than `parties`.

    `claims` lends its source and its `claim_id` to dispositions that do not say their own.
    """
    source, joins = _origin(section, sources, claims)
    named = (source, *(join.source for join in joins))
    columns = {name: _expression(section, name, named) for name in CANONICAL[table] if section.has(name)}
    if claims is not None and "claim_id" not in columns:
        columns = {"claim_id": _claim_id(section, source, claims), **columns}
    for name in REQUIRED[table]:
        if name not in columns:
            raise section.wrong(name, "an expression, for no row is complete without it", "none")
    return TableMap(source, joins, columns, _attributes(section, named))


def read_parties(section: Section, sources: Collection[str], claims: TableMap) -> TableMap:
    """The map of one kind of party; its constant role is written as a SQL literal."""
    source, joins = _origin(section, sources, claims)
    named = (source, *(join.source for join in joins))
    if section.has("role") == section.has("role_from"):
        raise section.wrong("role", "either `role`, one word, or `role_from`, an expression", "both or neither")
    if section.has("role"):
        role = f"'{section.choice('role', tuple(Role))}'"
    else:
        role = _expression(section, "role_from", named)
    claim_id = (
        _expression(section, "claim_id", named) if section.has("claim_id") else _claim_id(section, source, claims)
    )
    return TableMap(
        source, joins, {"claim_id": claim_id, "role": role, "party_id": _expression(section, "party_id", named)}
    )


def _source(name: str, section: Section) -> Source:
    if not _NAME.fullmatch(name):
        raise section.wrong("", "a source name of small letters, digits and _", repr(name))
    if section.has("file") == section.has("database"):
        raise section.wrong("file", "either `file`, or `database` and `table`", "both or neither")
    types = section.pairs("types", {})
    for column, kind in types.items():
        if not _TYPE.fullmatch(kind):
            expected = "integer, number, date:FORMAT or datetime:FORMAT, formats such as %d/%m/%Y parted by |"
            raise section.wrong(f"types.{column}", expected, repr(kind))
    if section.has("file"):
        if section.has("table"):
            raise section.wrong("table", "no `table` beside `file`", "one")
        return Source(name, _inside(section), None, None, types)
    return Source(name, None, _without_password(section), section.text("table"), types)


def _inside(section: Section) -> str:
    file = section.text("file")
    parts = {*PurePosixPath(file).parts, *PureWindowsPath(file).parts}
    if ".." in parts or PurePosixPath(file).is_absolute() or PureWindowsPath(file).anchor:
        raise SpecError(
            f"expected a file below the data folder, came {file!r}.",
            where=section.where("file"),
            remedy="Write its path relative to the data folder, without '..'; --data names the folder.",
        )
    return file


def _without_password(section: Section) -> str:
    url = section.text("database")
    if _PASSWORD.match(url):
        raise SpecError(
            "a spec is no place for a password, and this database URL holds one.",
            where=section.where("database"),
            remedy='Write database = "env:NAME" and put the URL in the environment variable NAME.',
        )
    if "://" not in url and not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", url):
        raise section.wrong("database", "a SQLAlchemy URL, or env: and the name of a variable", "neither")
    return url


def _origin(section: Section, sources: Collection[str], claims: TableMap | None) -> tuple[str, tuple[Join, ...]]:
    source = _known_source(section, sources, None if claims is None else claims.source)
    joins = tuple(_join(join, sources) for join in section.tables("joins", JOIN_KEYS))
    named = [source, *(join.source for join in joins)]
    if len(set(named)) < len(named):
        raise section.wrong("joins", "every source once", f"{', '.join(named)}")
    return source, joins


def _known_source(section: Section, sources: Collection[str], default: str | None = None) -> str:
    name = section.text("source") if default is None else section.text("source", default)
    if name not in sources:
        remedy = closest(name, sources, named="The spec has")
        raise SpecError(f"expected a source of this spec, came {name!r}.", where=section.where("source"), remedy=remedy)
    return name


def _join(section: Section, sources: Collection[str]) -> Join:
    on = section.pairs("on")
    if not on:
        raise section.wrong("on", "at least one pair of columns", "none")
    return Join(
        source=_known_source(section, sources),
        on=tuple(on.items()),
        cardinality=section.choice("cardinality", get_args(Cardinality)),
    )


def _expression(section: Section, key: str, sources: tuple[str, ...], default: str | None = None) -> str:
    written = section.text(key) if default is None else section.text(key, default)
    sql = checked(written, columns=None, where=section.where(key))
    for qualifier in sorted(qualifiers(sql)):
        if qualifier not in sources:
            raise SpecError(
                f"expected a source that this table reads, came {qualifier!r} before a column.",
                where=section.where(key),
                remedy=closest(qualifier, sources, named="It reads")
                + f' A column whose own name has a dot is written "{qualifier}.column", in double quotes.',
            )
    return sql


def _claim_id(section: Section, source: str, claims: TableMap) -> str:
    expression = claims.columns["claim_id"]
    if source != claims.source or qualifiers(expression) - {source}:
        expected = "an expression, because the claims' own cannot be used on this source"
        raise section.wrong("claim_id", expected, "none")
    return expression


def _attributes(section: Section, sources: tuple[str, ...]) -> tuple[Attribute, ...]:
    if not section.has("attributes"):
        return ()
    attributes = section.table("attributes", None)
    return tuple(_attribute(attributes, name, sources) for name in attributes.names())


def _attribute(section: Section, name: str, sources: tuple[str, ...]) -> Attribute:
    if not _NAME.fullmatch(name) or name in CLAIMS or name in POLICIES:
        raise section.wrong(
            name, "an attribute name of small letters, digits and _ that is no canonical column", repr(name)
        )
    label = name.replace("_", " ")
    kinds: tuple[AttributeKind, ...] = get_args(AttributeKind)
    if not section.is_table(name):
        kind = section.choice(name, kinds)
        return Attribute(name, kind, checked(name, columns=None, where=section.where(name)), label, label)
    entry = section.table(name, ATTRIBUTE_KEYS)
    return Attribute(
        name=name,
        kind=entry.choice("kind", kinds),
        expression=_expression(entry, "value", sources, name),
        label_en=entry.text("en", label),
        label_es=entry.text("es", label),
    )
