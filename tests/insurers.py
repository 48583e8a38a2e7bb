"""Simulated insurers as books in an engine, for tests that plant something in them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from perito.datasets.book import CANONICAL, Book
from perito.datasets.reader import load_spec
from perito.datasets.spec import Attribute, AttributeKind, DatasetSpec
from perito.engine import Engine, quoted
from perito.simulate.insurer import SimulatedBook, simulate_insurer
from perito.simulate.parameters import Parameters

SPEC = load_spec("simulated")
SQL_TYPES = {"numeric": "DOUBLE", "categorical": "VARCHAR", "date": "DATE"}


def simulated(claims: int = 2000, *, seed: int = 0, **changes: Any) -> SimulatedBook:
    """A small insurer that investigates many of its claims, so that there are labels to judge by."""
    return simulate_insurer(replace(Parameters.of_size(claims), **({"investigated_share": 0.3} | changes)), seed=seed)


def book_of(engine: Engine, insurer: SimulatedBook) -> Book:
    """The four tables of a simulated insurer as the built-in spec reads them."""
    assert SPEC.policies is not None
    own = {"claims": SPEC.claims.attributes, "policies": SPEC.policies.attributes}
    for table, types in CANONICAL.items():
        columns = types | {one.name: SQL_TYPES[one.kind] for one in own.get(table, ())}
        engine.load("raw", getattr(insurer, table))
        chosen = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in columns.items())
        engine.create(table, f"SELECT {chosen} FROM raw")
    engine.drop(("raw",))
    roles = engine.query("SELECT DISTINCT role FROM parties")["role"].to_pylist()
    provides = {f"{table}.{column}" for table, columns in CANONICAL.items() for column in columns}
    provides |= {f"parties.{role}" for role in roles}
    return Book(engine, own["claims"], own["policies"], frozenset(provides), SPEC.protected)


def claims_of(book: Book) -> pd.DataFrame:
    """The book's claims, oldest first, with what the whole book knows: `label` and `known_at`, null where undecided."""
    sql = "SELECT claim_id, policy_id, reported_at, claimed_amount FROM claims ORDER BY reported_at, claim_id"
    known = "SELECT claim_id, outcome, known_at FROM dispositions"
    rows = book.engine.query(sql).to_pandas().set_index("claim_id")
    decided = book.engine.query(known).to_pandas().set_index("claim_id")
    label = decided["outcome"].map({"SUBSTANTIATED": 1.0, "NOT_SUBSTANTIATED": 0.0})
    return rows.join(pd.DataFrame({"label": label, "known_at": decided["known_at"]}))


def planted(book: Book, kind: AttributeKind, values: pd.Series, *, name: str = "planted") -> Book:
    """The book with one more attribute of its claims."""
    told = pa.array(list(values.index), pa.string())
    numbers = pa.array(values.to_numpy(dtype=np.float64), from_pandas=True) if kind == "numeric" else pa.array(values)
    book.engine.load("planted", pa.table({"claim_id": told, name: numbers}))
    kept = ", ".join(f"c.{quoted(one)}" for one in book.engine.columns("claims") if one != name)
    book.engine.create(
        "claims", f"SELECT {kept}, p.{name} FROM claims AS c JOIN planted AS p ON p.claim_id = c.claim_id"
    )
    book.engine.drop(("planted",))
    return replace(book, claim_attributes=(*book.claim_attributes, Attribute(name, kind, name, name, name)))


def outcomes_shuffled(book: Book, seed: int) -> Book:
    """The book with the outcomes of its decided claims dealt anew: nothing can be learnt from them but by luck."""
    rows = book.engine.query("SELECT * FROM dispositions ORDER BY claim_id, known_at")
    dealt = np.random.default_rng(seed).permutation(np.array(rows["outcome"].to_pylist(), dtype=object))
    at = rows.column_names.index("outcome")
    book.engine.load("dispositions", rows.set_column(at, "outcome", pa.array(list(dealt), pa.string())))
    return book


def asking(change: Callable[[DatasetSpec], DatasetSpec] = lambda spec: spec) -> DatasetSpec:
    """The built-in spec of simulated insurers, changed."""
    return change(SPEC)
