"""SQL scalar expressions of a dataset spec: parsed and allow-listed before anything runs them.

An expression may look at the columns of its own row and at nothing else: no other row, no file,
no clock, no environment. What is not listed here is refused, known to be harmful or not.
Refuses to say whether a column exists in a file: `columns` is given, or not known yet.
"""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from perito.domain.errors import SpecError

DIALECT = "duckdb"
LONGEST = 4_000
"""Characters in one expression; more is a program, not an expression."""

FUNCTIONS: dict[str, type[exp.Expr]] = {
    "abs": exp.Abs,
    "ceil": exp.Ceil,
    "coalesce": exp.Coalesce,
    "concat": exp.Concat,
    "concat_ws": exp.ConcatWs,
    "date_diff": exp.DateDiff,
    "date_trunc": exp.TimestampTrunc,
    "day": exp.Day,
    "dayofweek": exp.DayOfWeek,
    "extract": exp.Extract,
    "floor": exp.Floor,
    "greatest": exp.Greatest,
    "hour": exp.Hour,
    "least": exp.Least,
    "left": exp.Left,
    "length": exp.Length,
    "lower": exp.Lower,
    "lpad": exp.Pad,
    "make_date": exp.DateFromParts,
    "month": exp.Month,
    "nullif": exp.Nullif,
    "regexp_replace": exp.RegexpReplace,
    "replace": exp.Replace,
    "right": exp.Right,
    "round": exp.Round,
    "split_part": exp.SplitPart,
    "strptime": exp.StrToTime,
    "substring": exp.Substring,
    "trim": exp.Trim,
    "upper": exp.Upper,
    "year": exp.Year,
}
"""The functions an expression may call. Every one reads only its arguments."""

OPERATORS: tuple[type[exp.Expr], ...] = (
    *(exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe),
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ),
    *(exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.Escape),
    *(exp.Case, exp.If, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam),
    *(exp.Interval, exp.Var, exp.DateAdd, exp.DateTrunc),
)

TYPES = frozenset(
    {
        *(exp.DType.BOOLEAN, exp.DType.DATE, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ),
        *(exp.DType.INT, exp.DType.BIGINT, exp.DType.DOUBLE, exp.DType.DECIMAL),
        *(exp.DType.TEXT, exp.DType.VARCHAR),
    }
)
"""The types an expression may cast to."""

GRAMMAR = (
    "columns of its own row, literals, + - * / // % ||, comparisons, AND OR NOT, CASE, IN, BETWEEN, IS NULL, LIKE, "
    "INTERVAL, CAST and TRY_CAST to BOOLEAN, DATE, TIMESTAMP, INTEGER, BIGINT, DOUBLE, DECIMAL or VARCHAR, "
    "and the functions " + ", ".join(FUNCTIONS)
)
_ALLOWED = frozenset({*OPERATORS, *FUNCTIONS.values()})


def checked(expression: str, *, columns: Collection[str] | None, where: str) -> str:
    """Return `expression` in the engine's SQL, every column quoted and every comment gone.

    Parameters
    ----------
    expression
        One SQL scalar expression, DuckDB dialect.
    columns
        The columns it may name, `source.column` where it qualifies one; None while they
        are not known.
    where
        File and key, for the message.

    Raises
    ------
    SpecError
        If it is no single scalar expression, holds anything outside `GRAMMAR`, or names a
        column outside `columns`.

    Examples
    --------
    >>> checked("nullif(Age, 0)", columns=None, where="spec.toml: claims.attributes.age")
    'NULLIF("Age", 0)'
    """
    tree = _parsed(expression, where)
    for node in tree.walk():
        _check_node(node, where)
    if columns is not None:
        _check_columns(tree, columns, where)
    try:
        return tree.sql(dialect=DIALECT, identify=True, comments=False)
    except RecursionError:
        raise _unreadable(expression, where) from None


def referenced(expression: str) -> frozenset[str]:
    """The columns that a checked expression names, as `column` or `source.column`.

    Examples
    --------
    >>> sorted(referenced("coalesce(customers.age, Age)"))
    ['Age', 'customers.age']
    """
    return frozenset(_names(_parsed(expression, "")))


def qualifiers(expression: str) -> frozenset[str]:
    """The sources that a checked expression names in front of a column."""
    return frozenset(column.table for column in _parsed(expression, "").find_all(exp.Column) if column.table)


def _parsed(expression: str, where: str) -> exp.Expr:
    if len(expression) > LONGEST:
        raise SpecError(f"an expression may have {LONGEST} characters, this one has {len(expression)}.", where=where)
    try:
        trees = sqlglot.Dialect.get_or_raise(DIALECT).parse_into(exp.Condition, expression)
    except (SqlglotError, RecursionError):
        trees = []
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        raise _unreadable(expression, where)
    return tree


def _unreadable(expression: str, where: str) -> SpecError:
    shown = expression if len(expression) <= 80 else expression[:80] + "..."
    return SpecError(
        f"expected one SQL scalar expression, came {shown!r}, which cannot be read as one.",
        where=where,
        remedy='Check quotes and brackets; a column name with a blank or a dot is written "Customer ID".',
    )


def _check_node(node: exp.Expr, where: str) -> None:
    if type(node) not in _ALLOWED:
        raise _refusal(_spoken(node), where)
    if isinstance(node, exp.Column) and node.args.get("db"):
        raise _refusal(f"the path {node.sql(dialect=DIALECT)}", where)
    if isinstance(node, exp.DataType) and (node.this not in TYPES or node.args.get("nested")):
        raise _refusal(f"the type {node.sql(dialect=DIALECT)}", where)


def _spoken(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        close = get_close_matches(node.name.lower(), FUNCTIONS, n=1, cutoff=0.75)
        return f"the function {node.name}()" + (f" (did you mean {close[0]}?)" if close else "")
    if isinstance(node, exp.Func):
        return f"the function {node.sql_name().lower()}()"
    return f"{node.key.upper()} in {node.sql(dialect=DIALECT)!r}"


def _refusal(found: str, where: str) -> SpecError:
    return SpecError(f"an expression may not hold {found}.", where=where, remedy=f"It may hold {GRAMMAR}.")


def _check_columns(tree: exp.Expr, columns: Collection[str], where: str) -> None:
    known = {column.casefold() for column in columns}
    for name in _names(tree):
        if name.casefold() not in known:
            close = get_close_matches(name, columns, n=1)
            meant = f"Did you mean {close[0]}? " if close else ""
            raise SpecError(
                f"expected a column of the source, came {name}.",
                where=where,
                remedy=f"{meant}The source has: {', '.join(columns)}.",
            )


def _names(tree: exp.Expr) -> Iterator[str]:
    for column in tree.find_all(exp.Column):
        yield f"{column.table}.{column.name}" if column.table else column.name
