"""A simulated insurer's book on disk and in an engine, without validation: for timing what comes after it."""

from pathlib import Path

from perito.datasets.book import CANONICAL, Book
from perito.datasets.reader import load_spec
from perito.engine import Engine, quoted

SQL_TYPES = {"numeric": "DOUBLE", "categorical": "VARCHAR", "date": "DATE"}


def load(folder: Path, engine: Engine) -> Book:
    """Read the four simulated tables into the engine as they lie on disk."""
    spec = load_spec("simulated")
    assert spec.policies is not None, "the simulated insurer has policies"
    attributes = {"claims": spec.claims.attributes, "policies": spec.policies.attributes}
    for table, types in CANONICAL.items():
        own = {a.name: SQL_TYPES[a.kind] for a in attributes.get(table, ())}
        columns = ", ".join(f"CAST({quoted(c)} AS {kind}) AS {quoted(c)}" for c, kind in (types | own).items())
        path = str(folder / f"{table}.parquet")
        engine.run_native(f"CREATE TABLE {table} AS SELECT {columns} FROM read_parquet($1)", [path])
    provides = {f"{table}.{column}" for table, columns in CANONICAL.items() for column in columns}
    roles = engine.query("SELECT DISTINCT role FROM parties")["role"].to_pylist()
    return Book(
        engine,
        attributes["claims"],
        attributes["policies"],
        frozenset(provides | {f"parties.{role}" for role in roles}),
        spec.protected,
    )
