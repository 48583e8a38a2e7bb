"""A spec and a data folder become a book, with an account of every raw row. Refuses to guess or to drop.

Nothing of the raw data is left in the engine but the four canonical tables.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from perito.datasets.book import CANONICAL, Book
from perito.datasets.raw import NO_SECRETS, RawTable, load_sources, table_maps, used_sources
from perito.datasets.spec import DatasetSpec
from perito.domain.errors import SourceError
from perito.engine import Engine, quoted
from perito.validation.identifiers import HASHES, check_key, hash_parties
from perito.validation.mapping import MappedTable, map_table
from perito.validation.notices import count_warnings
from perito.validation.sifting import (
    ACCEPTED_CLAIMS,
    accepted,
    claim_rows,
    orphans,
    repeats,
    same_again,
    store_late_faults,
)
from perito.validation.tally import count_rows, count_silent, fault_rejects, together, unreadable_rejects
from perito.validation.typed import type_source
from perito.validation.verdict import TableCount, Validated

RAW_PARTIES = "raw parties"


def read_book(
    spec: DatasetSpec,
    data_folder: Path,
    engine: Engine,
    *,
    hash_key: bytes,
    secrets: Mapping[str, str] = NO_SECRETS,
) -> Validated:
    """Read every source of a spec into the four canonical tables of `engine`.

    Parameters
    ----------
    spec
        The dataset spec.
    data_folder
        Where the sources' files lie.
    engine
        Gets the tables `claims`, `policies`, `parties` and `dispositions`.
    hash_key
        The secret that identifiers are hashed with, 1 to 64 bytes; the same key gives the same hashes.
    secrets
        Database URLs for sources that say `env:NAME`.

    Raises
    ------
    SourceError
        When a source cannot be read, a join repeats rows, or no claim is accepted.
    SpecError
        When an expression does not fit the sources' columns.
    ServiceError
        When a database does not answer.
    """
    check_key(hash_key)
    try:
        raw = load_sources(spec, data_folder, engine, secrets=secrets)
        mapped = _map_tables(spec, raw, engine)
        _sift(mapped, engine)
        _store_book(mapped, engine, hash_key)
        rejects = together([*_unreadable(mapped, raw), *(fault_rejects(table, engine) for table in mapped)])
        counts = _counts(mapped, raw, rejects, engine)
        provides = _provides(spec, engine)
    finally:
        engine.drop(_passing_tables(spec))
    return _verdict(spec, engine, raw=raw, rejects=rejects, counts=counts, provides=provides)


def _map_tables(spec: DatasetSpec, raw: Mapping[str, RawTable], engine: Engine) -> tuple[MappedTable, ...]:
    typed = {name: type_source(table, spec.sources[name].types, engine) for name, table in raw.items()}
    return tuple(
        map_table(
            canonical,
            table_map,
            typed,
            engine,
            name=_mapped_name(at),
            silent="policy_id IS NULL" if canonical == "policies" and table_map.source == spec.claims.source else "",
        )
        for at, (canonical, table_map) in enumerate(table_maps(spec))
    )


def _mapped_name(at: int) -> str:
    return f"mapped {at}"


def _sift(mapped: Sequence[MappedTable], engine: Engine) -> None:
    claims = mapped[0]
    store_late_faults(claims, [repeats(claims, "claim_id", "duplicate_claim_id")], engine)
    engine.create(ACCEPTED_CLAIMS, claim_rows(claims))
    for table in mapped[1:]:
        store_late_faults(table, list(_late_faults(table, same_source=table.source == claims.source)), engine)


def _late_faults(table: MappedTable, *, same_source: bool) -> Iterator[str]:
    match table.canonical:
        case "policies":
            # A source of claims names a policy once per claim: only what differs is a fault there.
            yield repeats(table, "policy_id", "duplicate_policy_id", may_repeat=same_source)
        case "parties":
            yield orphans(table, "party_without_claim", same_source=same_source)
        case "dispositions":
            yield orphans(table, "disposition_without_claim", same_source=same_source)
            yield same_again(table)


def _store_book(mapped: Sequence[MappedTable], engine: Engine, hash_key: bytes) -> None:
    for canonical, types in CANONICAL.items():
        found = [table for table in mapped if table.canonical == canonical]
        if not found:
            empty = ", ".join(f"CAST(NULL AS {kind}) AS {quoted(column)}" for column, kind in types.items())
            engine.create(canonical, f"SELECT {empty} WHERE FALSE")
        elif canonical == "parties":
            engine.create(RAW_PARTIES, " UNION ALL ".join(accepted(table, tuple(types)) for table in found))
            engine.create(canonical, hash_parties(RAW_PARTIES, engine, hash_key))
        elif canonical == "policies":
            rows = accepted(found[0], found[0].columns)
            engine.create(canonical, f"SELECT DISTINCT * FROM ({rows}) AS policies")
        else:
            engine.create(canonical, accepted(found[0], found[0].columns))


def _unreadable(mapped: Sequence[MappedTable], raw: Mapping[str, RawTable]) -> Iterator[pa.Table]:
    for table in mapped:
        yield unreadable_rejects(table.canonical, raw[table.source])
    for name in _only_joined(mapped, raw):
        yield unreadable_rejects(f"join:{name}", raw[name])


def _only_joined(mapped: Sequence[MappedTable], raw: Mapping[str, RawTable]) -> list[str]:
    return sorted(set(raw) - {table.source for table in mapped})


def _counts(
    mapped: Sequence[MappedTable], raw: Mapping[str, RawTable], rejects: pa.Table, engine: Engine
) -> dict[str, TableCount]:
    read = dict.fromkeys(CANONICAL, 0)
    silent = dict.fromkeys(CANONICAL, 0)
    for table in mapped:
        read[table.canonical] += raw[table.source].read
        silent[table.canonical] += count_silent(table, engine)
    for name in _only_joined(mapped, raw):
        read[f"join:{name}"] = raw[name].read
    counts = {name: count_rows(name, read[name], silent.get(name, 0), rejects) for name in read}
    for canonical in ("claims", "dispositions"):
        assert counts[canonical].accepted == engine.count(canonical), f"rows of {canonical} are unaccounted for"
    return counts


def _provides(spec: DatasetSpec, engine: Engine) -> frozenset[str]:
    columns = {
        f"{canonical}.{column}"
        for canonical, table_map in table_maps(spec)
        if canonical != "parties"
        for column in table_map.columns
    }
    roles = engine.query("SELECT DISTINCT role FROM parties")["role"].to_pylist()
    stated = {table_map.columns["role"].strip("'") for table_map in spec.parties if _is_word(table_map.columns["role"])}
    return frozenset(columns | {f"parties.{role}" for role in (*roles, *stated)})


def _is_word(expression: str) -> bool:
    return expression.startswith("'") and expression.endswith("'")


def _passing_tables(spec: DatasetSpec) -> Iterator[str]:
    for name in used_sources(spec):
        yield from (f"raw {name}", f"typed {name}")
    for at, _ in enumerate(table_maps(spec)):
        yield from (_mapped_name(at), f"late {_mapped_name(at)}")
    yield from (ACCEPTED_CLAIMS, RAW_PARTIES, HASHES)


def _verdict(
    spec: DatasetSpec,
    engine: Engine,
    *,
    raw: Mapping[str, RawTable],
    rejects: pa.Table,
    counts: Mapping[str, TableCount],
    provides: frozenset[str],
) -> Validated:
    claims = counts["claims"]
    if claims.accepted == 0:
        happened = ", ".join(f"{count} {code}" for code, count in claims.rejected.items())
        what = f"Not one of {claims.read} claims could be accepted: {happened}."
        raise SourceError(
            what, where=spec.claims.source, remedy="Correct the spec's types and expressions, or the data."
        )
    policy_attributes = spec.policies.attributes if spec.policies else ()
    book = Book(engine, spec.claims.attributes, policy_attributes, provides, spec.protected, spec.assessed_at)
    return Validated(
        book=book,
        read=claims.read,
        accepted=claims.accepted,
        rejected=claims.rejected,
        warnings=count_warnings(engine, has_policies=spec.policies is not None),
        rejects=rejects,
        fingerprint=_fingerprint(spec, raw),
        tables=counts,
    )


def _fingerprint(spec: DatasetSpec, raw: Mapping[str, RawTable]) -> str:
    content = hashlib.sha256(repr(replace(spec, folder=Path())).encode())
    for name in sorted(raw):
        content.update(f"\n{name}:{raw[name].digest}".encode())
    return content.hexdigest()
