"""Raw text becomes typed columns, as the source's `types` say. Refuses to guess a format.

Beside each typed column stands a flag that is true where the text could not be read so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from perito.datasets.raw import RawTable
from perito.datasets.rows import ROW, located
from perito.domain.errors import SpecError
from perito.engine import Engine, quoted

WHOLE = r"^[+-]?[0-9]+(\.0*)?$"
PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
NUMERIC_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER")
FLOATING_TYPES = ("FLOAT", "DOUBLE")


@dataclass(frozen=True)
class TypedTable:
    """A source with its types applied, as `table`. `codes`: typed column to the code of its flag."""

    name: str
    table: str
    columns: tuple[str, ...]
    codes: Mapping[str, str]


def flag(column: str) -> str:
    """Name of the column that says where `column` could not be read."""
    return f"_bad {column}"


def type_source(raw: RawTable, types: Mapping[str, str], engine: Engine) -> TypedTable:
    """Store `raw` as `typed <source>`.

    Blank text and the word NULL are null; text is trimmed; NaN is null. Columns outside
    `types` keep their type. A null is never flagged.
    """
    kinds = {located(name, raw.columns) or name: kind for name, kind in types.items()}
    stored = engine.columns(raw.table)
    texts, values, outs = [ROW], [ROW], [ROW]
    for at, column in enumerate(raw.columns):
        texts.append(f'{_cleaned(column, stored[column])} AS "t{at}"')
        kind = kinds.get(column, "")
        values.append(f'"t{at}", {_value(f"t{at}", stored[column], kind)} AS "v{at}"')
        outs.append(f'"v{at}" AS {quoted(column)}')
        if kind:
            outs.append(f'("t{at}" IS NOT NULL AND "v{at}" IS NULL) AS {quoted(flag(column))}')
    # Materialized, so that a text is trimmed once and a value computed once, whatever uses them next.
    steps = (
        f"cleaned AS MATERIALIZED (SELECT {', '.join(texts)} FROM {quoted(raw.table)})",
        f"valued AS MATERIALIZED (SELECT {', '.join(values)} FROM cleaned)",
    )
    table = f"typed {raw.name}"
    rows = f"WITH {', '.join(steps)} SELECT {', '.join(outs)} FROM valued"
    engine.create_guarded(table, rows, where=f"sources.{raw.name}")
    return TypedTable(raw.name, table, raw.columns, {column: _code(kind) for column, kind in kinds.items()})


def _code(kind: str) -> str:
    return "unparseable_number" if kind in {"integer", "number"} else "unparseable_date"


def _cleaned(column: str, stored: str) -> str:
    name = quoted(column)
    if stored == "VARCHAR":
        return f"CASE WHEN TRIM({name}) IN ('', 'NULL') THEN NULL ELSE TRIM({name}) END"
    return f"CASE WHEN ISNAN({name}) THEN NULL ELSE {name} END" if stored in FLOATING_TYPES else name


def _value(name: str, stored: str, kind: str) -> str:
    column = quoted(name)
    text = column if stored == "VARCHAR" else f"CAST({column} AS VARCHAR)"
    is_number = stored in NUMERIC_TYPES or stored in FLOATING_TYPES or stored.startswith("DECIMAL")
    is_time = stored == "DATE" or stored.startswith("TIMESTAMP")
    family, _, formats = kind.partition(":")
    match family:
        case "":
            return column
        case "integer" | "number":
            return column if is_number else _number(text, family)
        case "date" | "datetime":
            target = "DATE" if family == "date" else "TIMESTAMP"
            return f"CAST({column if is_time else _time(text, formats)} AS {target})"
    raise SpecError(f"{kind!r} is no type; expected integer, number, date:FORMAT or datetime:FORMAT.", where="types")


def _number(text: str, family: str) -> str:
    if family == "integer":
        whole = f"REGEXP_REPLACE({text}, '\\.0*$', '')"
        return f"CASE WHEN REGEXP_MATCHES({text}, '{WHOLE}') THEN TRY_CAST({whole} AS BIGINT) END"
    return f"CASE WHEN REGEXP_MATCHES({text}, '{PLAIN}') THEN TRY_CAST({text} AS DOUBLE) END"


def _time(text: str, formats: str) -> str:
    attempts = [f"TRY(STRPTIME({text}, '{form.replace(chr(39), chr(39) * 2)}'))" for form in formats.split("|")]
    return f"COALESCE({', '.join(attempts)}, NULL)"
