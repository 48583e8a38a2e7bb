"""Every source of a spec as a raw table in the engine: the columns the spec uses, and `_row`.

Text stays text, and nothing is judged here but whether a row can be read at all.
Refuses files outside the data folder and sources that lack a column.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType

import pyarrow as pa

from perito.datasets.database import open_database
from perito.datasets.delimited import open_delimited
from perito.datasets.expressions import referenced
from perito.datasets.parquet import open_parquet
from perito.datasets.rows import ROW, OpenSource, located, missing_column
from perito.datasets.spec import DatasetSpec, Source, TableMap
from perito.domain.errors import SourceError
from perito.engine import Engine

NO_SECRETS: Mapping[str, str] = MappingProxyType({})
PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})


@dataclass(frozen=True)
class RawTable:
    """One source in the engine, as `table`: the columns the spec uses and `_row`, numbered from 1.

    `read` counts all rows; those that could not be read are in `unreadable` (row, code).
    `digest` is the SHA-256 of what the source held.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    read: int
    unreadable: pa.Table
    digest: str


def load_sources(
    spec: DatasetSpec, data_folder: Path, engine: Engine, *, secrets: Mapping[str, str] = NO_SECRETS
) -> dict[str, RawTable]:
    """Load every source that the spec's tables use.

    Parameters
    ----------
    spec
        The dataset spec.
    data_folder
        Where the sources' files lie; no file outside it is read.
    engine
        Where the raw tables are stored, each as `raw <source>`.
    secrets
        Database URLs for sources that say `env:NAME`.

    Raises
    ------
    SourceError
        When a source is missing, empty, damaged, no text, or lacks a column.
    ServiceError
        When a database does not answer.
    """
    expected = {name: tuple(sorted(_expected(spec, name))) for name in used_sources(spec)}
    opened = {
        name: _open(spec.sources[name], data_folder, secrets=secrets, expected=names)
        for name, names in expected.items()
    }
    wanted = _wanted_columns(spec, opened)
    tables = {name: _load(name, source, wanted[name], engine) for name, source in opened.items()}
    if tables[spec.claims.source].read == 0:
        what = "Expected claims, but there is a header and not one row."
        raise SourceError(what, where=opened[spec.claims.source].where, remedy="Export the table again, with its rows.")
    return tables


def table_maps(spec: DatasetSpec) -> Iterator[tuple[str, TableMap]]:
    """Canonical table and map, for every map of the spec."""
    yield "claims", spec.claims
    if spec.policies is not None:
        yield "policies", spec.policies
    for parties in spec.parties:
        yield "parties", parties
    if spec.dispositions is not None:
        yield "dispositions", spec.dispositions


def used_sources(spec: DatasetSpec) -> tuple[str, ...]:
    """Names of the sources that some table reads, in name order."""
    return tuple(sorted({name for _, table_map in table_maps(spec) for name in sources_of(table_map)}))


def sources_of(table_map: TableMap) -> tuple[str, ...]:
    """The table's own source, then those it joins."""
    return (table_map.source, *(join.source for join in table_map.joins))


def columns_used(table_map: TableMap) -> dict[str, str]:
    """Column that an expression names, as `column` or `source.column`, to the first target that names it."""
    places: dict[str, str] = {}
    expressions = [*table_map.columns.items(), *((entry.name, entry.expression) for entry in table_map.attributes)]
    for target, expression in expressions:
        for column in sorted(referenced(expression)):
            places.setdefault(column, target)
    return places


def owner(name: str, sources: Sequence[str], columns: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """The source and column that `name` means: the source it says, else the first of `sources` that has it.

    Every source has `_row`, which is ours whatever its own columns are called.
    """
    known = {source: [ROW, *(column for column in columns[source] if column != ROW)] for source in sources}
    source, _, column = name.partition(".")
    if source in known and (found := located(column, known[source])):
        return source, found
    owners = ((candidate, located(name, own)) for candidate, own in known.items())
    return next(((candidate, found) for candidate, found in owners if found is not None), None)


def _expected(spec: DatasetSpec, source: str) -> set[str]:
    maps = [table_map for _, table_map in table_maps(spec) if table_map.source == source]
    return _own(spec, source) | {column for table_map in maps for column in columns_used(table_map)}


def _open(source: Source, data_folder: Path, *, secrets: Mapping[str, str], expected: tuple[str, ...]) -> OpenSource:
    if source.file is None:
        return open_database(source, secrets)
    path = find_file(source.file, data_folder)
    return open_parquet(path) if path.suffix.lower() in PARQUET_SUFFIXES else open_delimited(path, expected=expected)


def find_file(pattern: str, data_folder: Path) -> Path:
    """The one file below `data_folder` that `pattern` names; it may be a glob.

    A pattern with folders, such as `motor/claims.csv`, also finds `claims.csv` when the
    data folder is the inner one.

    Raises
    ------
    SourceError
        When it leaves the folder, or when not exactly one file matches.
    """
    if ".." in PurePosixPath(pattern.replace("\\", "/")).parts or PureWindowsPath(pattern).anchor:
        what = f"A source's file must lie below the data folder, but the spec says {pattern!r}."
        raise SourceError(what, where="sources", remedy="Write a path relative to the data folder, without '..'.")
    if not data_folder.is_dir():
        what = f"Expected a data folder at {str(data_folder)!r}, but there is none."
        raise SourceError(what, where=pattern, remedy="Name the folder that holds the files.")
    matches = _matches(pattern, data_folder) or _matches(PurePosixPath(pattern).name, data_folder)
    if len(matches) == 1:
        return matches[0]
    if matches:
        found = ", ".join(path.relative_to(data_folder).as_posix() for path in matches)
        what = f"Expected one file that matches {pattern!r}, but {len(matches)} do: {found}."
        raise SourceError(what, where=str(data_folder), remedy="Write the pattern so that it names one of them.")
    held = ", ".join(sorted(path.name + "/" * path.is_dir() for path in data_folder.iterdir())) or "nothing"
    what = f"Expected a file {pattern!r}, but there is none. The folder holds: {held}."
    raise SourceError(what, where=str(data_folder), remedy="Name another data folder, or correct the file's name.")


def _matches(pattern: str, data_folder: Path) -> list[Path]:
    exact = data_folder / pattern
    return [exact] if exact.is_file() else sorted(path for path in data_folder.glob(pattern) if path.is_file())


def _wanted_columns(spec: DatasetSpec, opened: Mapping[str, OpenSource]) -> dict[str, tuple[str, ...]]:
    wanted = {name: {_present(column, name, spec, opened) for column in _own(spec, name)} for name in opened}
    for table, table_map in table_maps(spec):
        for source, column in _found(table, table_map, opened):
            wanted[source].add(column)
    return {
        name: tuple(column for column in source.columns if column in wanted[name] and column != ROW)
        for name, source in opened.items()
    }


def _own(spec: DatasetSpec, name: str) -> set[str]:
    names = set(spec.sources[name].types)
    for _, table_map in table_maps(spec):
        for join in table_map.joins:
            names.update(left for left, _ in join.on if table_map.source == name)
            names.update(right for _, right in join.on if join.source == name)
    return names


def _present(column: str, name: str, spec: DatasetSpec, opened: Mapping[str, OpenSource]) -> str:
    source = opened[name]
    found = located(column, source.columns)
    if found is None:
        raise missing_column(column, source.columns, where=source.where, expected=_expected(spec, name))
    return found


def _found(table: str, table_map: TableMap, opened: Mapping[str, OpenSource]) -> Iterator[tuple[str, str]]:
    sources = sources_of(table_map)
    columns = {name: opened[name].columns for name in sources}
    used = columns_used(table_map)
    for name, target in used.items():
        found = owner(name, sources, columns)
        if found is None:
            present = tuple(column for names in columns.values() for column in names)
            where = f"{' and '.join(opened[source].where for source in sources)}, for {table}.{target}"
            raise missing_column(name, present, where=where, expected=tuple(used))
        yield found


def _load(name: str, source: OpenSource, wanted: tuple[str, ...], engine: Engine) -> RawTable:
    rows = source.read(wanted)
    table = f"raw {name}"
    engine.load(table, rows.readable)
    read = rows.readable.num_rows + rows.unreadable.num_rows
    return RawTable(name, table, wanted, read, rows.unreadable, source.digest(rows))
