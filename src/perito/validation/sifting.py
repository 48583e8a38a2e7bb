"""Faults that show only between rows: repeated ids, and rows whose claim is absent. Refuses to reorder.

The first row of an id is the one with the lowest `_row`; it is kept.
"""

from collections.abc import Sequence

from perito.datasets.rows import ROW
from perito.engine import Engine, quoted
from perito.validation.mapping import MappedTable

ACCEPTED_CLAIMS = "accepted claims"
"""`_row` and `claim_id` of the claims that were accepted, and of rows that repeat one of them exactly."""


def late_table(mapped: MappedTable) -> str:
    """Name of the table of faults found by comparing rows: `_row` and `_fault`."""
    return f"late {mapped.table}"


def store_late_faults(mapped: MappedTable, selects: Sequence[str], engine: Engine) -> None:
    """Store the first late fault of each row; `selects` return `_row` and `_fault`."""
    found = " UNION ALL ".join(selects) or f"SELECT 0 AS {ROW}, 0 AS _fault WHERE FALSE"
    engine.create(late_table(mapped), f"SELECT {ROW}, MIN(_fault) AS _fault FROM ({found}) AS found GROUP BY {ROW}")


def repeats(mapped: MappedTable, key: str, clash: str, *, may_repeat: bool = False) -> str:
    """Rows after the first of their `key`: `clash`, or `duplicate_row` if they say the same and must not."""
    same = " AND ".join(f"later.{column} IS NOT DISTINCT FROM kept.{column}" for column in map(quoted, mapped.columns))
    sound = f"SELECT * FROM {quoted(mapped.table)} WHERE _fault IS NULL"
    first = f"SELECT {key}, MIN({ROW}) AS {ROW} FROM ({sound}) AS sound GROUP BY {key} HAVING COUNT(*) > 1"
    return (
        f"SELECT later.{ROW}, "
        f"CASE WHEN {same} THEN {mapped.fault('duplicate_row')} ELSE {mapped.fault(clash)} END AS _fault "
        f"FROM ({sound}) AS later JOIN ({first}) AS first ON later.{key} = first.{key} AND later.{ROW} > first.{ROW} "
        f"JOIN {quoted(mapped.table)} AS kept ON kept.{ROW} = first.{ROW}"
        + (f" WHERE NOT ({same})" if may_repeat else "")
    )


def same_again(mapped: MappedTable) -> str:
    """Rows that repeat an earlier row in every column."""
    columns = ", ".join(map(quoted, mapped.columns))
    order = f"ROW_NUMBER() OVER (PARTITION BY {columns} ORDER BY {ROW})"
    sound = f"SELECT {ROW}, {order} AS place FROM {quoted(mapped.table)} WHERE _fault IS NULL"
    return f"SELECT {ROW}, {mapped.fault('duplicate_row')} AS _fault FROM ({sound}) AS placed WHERE place > 1"


def orphans(mapped: MappedTable, code: str, *, same_source: bool) -> str:
    """Rows whose claim is not accepted. In the claims' own source it must be the same raw row."""
    row_matches = f" AND claims.{ROW} = own.{ROW}" if same_source else ""
    return (
        f"SELECT own.{ROW}, {mapped.fault(code)} AS _fault FROM {quoted(mapped.table)} AS own "
        f"LEFT JOIN {quoted(ACCEPTED_CLAIMS)} AS claims ON claims.claim_id = own.claim_id{row_matches} "
        f"WHERE own._fault IS NULL AND claims.claim_id IS NULL"
    )


def claim_rows(claims: MappedTable) -> str:
    """A SELECT of the raw rows that speak of an accepted claim: what else they say is worth reading."""
    return (
        f"SELECT own.{ROW}, own.claim_id FROM {quoted(claims.table)} AS own "
        f"LEFT JOIN {quoted(late_table(claims))} AS late ON late.{ROW} = own.{ROW} "
        f"WHERE own._fault IS NULL AND (late._fault IS NULL OR late._fault = {claims.fault('duplicate_row')})"
    )


def accepted(mapped: MappedTable, columns: Sequence[str]) -> str:
    """A SELECT of the rows without any fault."""
    chosen = ", ".join(f"own.{quoted(column)}" for column in columns)
    return (
        f"SELECT {chosen} FROM {quoted(mapped.table)} AS own "
        f"LEFT JOIN {quoted(late_table(mapped))} AS late ON late.{ROW} = own.{ROW} "
        f"WHERE own._fault IS NULL AND late._fault IS NULL"
    )
