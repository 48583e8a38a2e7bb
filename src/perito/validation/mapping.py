"""Typed sources become one canonical table's rows, each with the number of its first fault or none.

Refuses joins that multiply rows, and expressions that do not fit the columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from perito.datasets.book import CANONICAL
from perito.datasets.raw import columns_used, owner, sources_of
from perito.datasets.rows import ROW, located
from perito.datasets.spec import Join, TableMap
from perito.domain.errors import SourceError, SpecError
from perito.engine import DIALECT, Engine, quoted
from perito.validation.checks import CHECKS, SILENT, SILENT_WHERE, Check
from perito.validation.typed import TypedTable, flag

ATTRIBUTE_TYPES = {"numeric": "DOUBLE", "categorical": "VARCHAR", "date": "DATE"}
FAILURES = {"DOUBLE": "unparseable_number", "DATE": "unparseable_date", "TIMESTAMP": "unparseable_date"}


@dataclass(frozen=True)
class MappedTable:
    """Rows of one canonical table from one source, as `table`: `_row`, `columns` and `_fault`.

    `_fault` is null for sound rows, `SILENT`, or an index into `checks`.
    """

    canonical: str
    table: str
    source: str
    columns: tuple[str, ...]
    checks: tuple[Check, ...]

    def fault(self, code: str) -> int:
        """The number of the last check with this code: those that compare rows stand at the end."""
        return max(at for at, check in enumerate(self.checks) if check.code == code)


def map_table(
    canonical: str, table_map: TableMap, typed: Mapping[str, TypedTable], engine: Engine, *, name: str, silent: str = ""
) -> MappedTable:
    """Store the rows that `table_map` makes as the table `name`.

    Parameters
    ----------
    canonical
        Which of the four tables.
    table_map
        Its columns as expressions over its own source and those it joins.
    typed
        Every source, by name.
    engine
        Where they are, and where the result is stored.
    name
        The result's name.
    silent
        The predicate of silent rows, where it is not the table's usual one.

    Raises
    ------
    SourceError
        When a join would repeat rows.
    SpecError
        When an expression does not fit the columns.
    """
    for join in table_map.joins:
        _check_cardinality(table_map.source, join, typed, engine)
    types = CANONICAL[canonical] | {entry.name: ATTRIBUTE_TYPES[entry.kind] for entry in table_map.attributes}
    expressions = dict(table_map.columns) | {entry.name: entry.expression for entry in table_map.attributes}
    placed = {column: _placed(expressions[column], table_map, typed) for column in types if column in expressions}
    relation = _relation(table_map, typed)
    for column, expression in placed.items():
        engine.bind(f"SELECT CAST({expression} AS {types[column]}) {relation}", where=f"{canonical}.{column}")
    early = [*_flags(table_map, typed), *_failures(placed, types)]
    checks = (*(check for check, _ in early), *CHECKS[canonical])
    cells = [f"{_cell(placed.get(column), kind)} AS {quoted(column)}" for column, kind in types.items()]
    values = [f"{quoted(table_map.source)}.{ROW} AS {ROW}", *cells]
    values += [f'{sql} AS "_early {at}"' for at, (_, sql) in enumerate(early)]
    kept = ", ".join([ROW, *(quoted(column) for column in types)])
    fault = _fault(checks, len(early), silent or SILENT_WHERE.get(canonical, ""))
    mapped = f"WITH mapped AS MATERIALIZED (SELECT {', '.join(values)} {relation})"
    engine.create_guarded(name, f"{mapped} SELECT {kept}, {fault} AS _fault FROM mapped", where=canonical)
    return MappedTable(canonical, name, table_map.source, tuple(types), checks)


def _placed(expression: str, table_map: TableMap, typed: Mapping[str, TypedTable]) -> str:
    sources = sources_of(table_map)
    columns = {name: typed[name].columns for name in sources}

    def place(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        found = owner(f"{node.table}.{node.name}" if node.table else node.name, sources, columns)
        assert found is not None, "load_sources has checked every column"
        return exp.column(found[1], table=found[0], quoted=True)

    tree = sqlglot.parse_one(expression, read=DIALECT, into=exp.Condition)
    return tree.transform(place).sql(dialect=DIALECT)


def _cell(expression: str | None, kind: str) -> str:
    if expression is None:
        return f"CAST(NULL AS {kind})"
    value = f"TRY(CAST({expression} AS {kind}))"
    return f"NULLIF(TRIM({value}), '')" if kind == "VARCHAR" else value


def _flags(table_map: TableMap, typed: Mapping[str, TypedTable]) -> Iterator[tuple[Check, str]]:
    sources = sources_of(table_map)
    columns = {name: typed[name].columns for name in sources}
    used = {found for name in columns_used(table_map) if (found := owner(name, sources, columns))}
    for source, column in sorted(used):
        if code := typed[source].codes.get(column):
            yield Check(code, column), f"{quoted(source)}.{quoted(flag(column))}"


def _failures(placed: Mapping[str, str], types: Mapping[str, str]) -> Iterator[tuple[Check, str]]:
    for column, expression in placed.items():
        kind = types[column]
        # IS NULL answers true or false, unless what it asks about cannot be computed at all.
        failed = f"TRY(CAST({expression} AS {kind}) IS NULL) IS NULL"
        if kind == "DOUBLE":
            number = f"TRY(CAST({expression} AS DOUBLE))"
            failed = f"({failed} OR COALESCE(ISINF({number}) OR ISNAN({number}), FALSE))"
        yield Check(FAILURES.get(kind, "failed_expression"), column), failed


def _fault(checks: Sequence[Check], early: int, silent: str) -> str:
    branches = [f'WHEN "_early {at}" THEN {at}' for at in range(early)]
    if silent:
        branches.append(f"WHEN {silent} THEN {SILENT}")
    branches += [f"WHEN {check.predicate} THEN {at}" for at, check in enumerate(checks) if check.predicate]
    return f"CAST(CASE {' '.join(branches)} ELSE NULL END AS INTEGER)"


def _relation(table_map: TableMap, typed: Mapping[str, TypedTable]) -> str:
    base = f"FROM {quoted(typed[table_map.source].table)} AS {quoted(table_map.source)}"
    return " ".join([base, *(_join(table_map.source, join, typed) for join in table_map.joins)])


def _join(base: str, join: Join, typed: Mapping[str, TypedTable]) -> str:
    pairs = [
        (located(left, typed[base].columns), located(right, typed[join.source].columns)) for left, right in join.on
    ]
    matches = " AND ".join(
        f"CAST({quoted(base)}.{quoted(left or '')} AS VARCHAR) = "
        f"CAST({quoted(join.source)}.{quoted(right or '')} AS VARCHAR)"
        for left, right in pairs
    )
    return f"LEFT JOIN {quoted(typed[join.source].table)} AS {quoted(join.source)} ON {matches}"


def _check_cardinality(base: str, join: Join, typed: Mapping[str, TypedTable], engine: Engine) -> None:
    if not join.on:
        raise SpecError(f"The join of {join.source!r} names no columns.", where=f"{base} joins {join.source}")
    sides = [(join.source, [right for _, right in join.on])]
    if join.cardinality == "one_to_one":
        sides.append((base, [left for left, _ in join.on]))
    for source, keys in sides:
        repeated = _repeated_keys(typed[source], keys, engine)
        if repeated:
            what = (
                f"A join declared {join.cardinality} needs every key of {source!r} once, "
                f"but {repeated} keys of ({', '.join(keys)}) are repeated there."
            )
            remedy = "Remove the repeated rows, join on more columns, or correct the cardinality in the spec."
            raise SourceError(what, where=f"{base} joins {join.source}", remedy=remedy)


def _repeated_keys(typed: TypedTable, keys: Sequence[str], engine: Engine) -> int:
    columns = [quoted(located(key, typed.columns) or key) for key in keys]
    known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    grouped = f"SELECT 1 AS one FROM {quoted(typed.table)} WHERE {known} GROUP BY {', '.join(columns)}"
    counted = engine.query(f"SELECT COUNT(*) AS keys FROM ({grouped} HAVING COUNT(*) > 1) AS repeated")
    return int(counted["keys"][0].as_py())
