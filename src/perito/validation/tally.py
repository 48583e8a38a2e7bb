"""Counts and lists what became of every raw row. Refuses counts that do not add up."""

from collections import Counter
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from perito.datasets.raw import RawTable
from perito.datasets.rows import ROW
from perito.engine import Engine, quoted
from perito.validation.checks import SILENT, Check
from perito.validation.mapping import MappedTable
from perito.validation.reasons import REASONS
from perito.validation.sifting import late_table
from perito.validation.verdict import REJECTS, TableCount


def unreadable_rejects(table: str, raw: RawTable) -> pa.Table:
    """The rows of `raw` that could not be read, as rejects of `table`."""
    codes = [str(code) for code in raw.unreadable["code"].to_pylist()]
    return _rejects(table, raw.name, raw.unreadable["row"].to_pylist(), columns=[""] * len(codes), codes=codes)


def fault_rejects(mapped: MappedTable, engine: Engine) -> pa.Table:
    """The rows of `mapped` that have a fault, by their first one."""
    early = f"SELECT {ROW}, _fault FROM {quoted(mapped.table)} WHERE _fault >= 0"
    late = f"SELECT {ROW}, _fault FROM {quoted(late_table(mapped))}"
    found = engine.query(f"SELECT {ROW}, _fault FROM ({early} UNION ALL {late}) AS faults ORDER BY {ROW}")
    checks: list[Check] = [mapped.checks[at] for at in found["_fault"].to_numpy()]
    columns, codes = [check.column for check in checks], [check.code for check in checks]
    return _rejects(mapped.canonical, mapped.source, found[ROW].to_pylist(), columns=columns, codes=codes)


def count_silent(mapped: MappedTable, engine: Engine) -> int:
    """Rows of `mapped` that say nothing, by right."""
    counted = engine.query(f"SELECT COUNT(*) AS rows FROM {quoted(mapped.table)} WHERE _fault = {SILENT}")
    return int(counted["rows"][0].as_py())


def count_rows(table: str, read: int, silent: int, rejects: pa.Table) -> TableCount:
    """The counts of one table: what was read and is neither silent nor among the rejects is accepted."""
    counts = Counter(rejects.filter(pc.equal(rejects["table"], pa.scalar(table)))["code"].to_pylist())
    rejected = {code: counts[code] for code in REASONS if counts[code]}
    return TableCount(read, read - silent - counts.total(), silent, rejected)


def together(parts: Iterable[pa.Table]) -> pa.Table:
    """Several lists of rejects as one."""
    return pa.concat_tables([REJECTS.empty_table(), *parts])


def _rejects(
    table: str, source: str, rows: Sequence[object], *, columns: Sequence[str], codes: Sequence[str]
) -> pa.Table:
    count = len(codes)
    values = {
        "table": [table] * count,
        "source": [source] * count,
        "row": rows,
        "column": columns,
        "code": codes,
        "sentence": [REASONS[code] for code in codes],
    }
    return pa.table(values, schema=REJECTS)
