"""Times claims into and out of a PostgreSQL server, and scores into it. The server is thrown away afterwards.

It keeps its promises to the disk, unlike a test's, and has the settings it is installed with.
"""

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.measuring import Benchmark, Meter, Result, Target, of_case, print_result, run_case

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MILLION = 1_000_000
SECONDS = 60
EXPLAINED_SHARE = 0.01
URL = "PERITO_BENCHMARK_URL"
"""Passed on in the environment, because it holds the password of the server."""
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
TABLE = "claims"


def _targets(results: Sequence[Result]) -> list[Target]:
    promises = {
        "load claims": "1 million claims are loaded into PostgreSQL in at most 60 s",
        "read claims": "1 million claims are read from PostgreSQL into the engine in at most 60 s",
        "write scores": "1 million scores are written into PostgreSQL in at most 60 s",
    }
    return [_fast(results, step, promise) for step, promise in promises.items()]


def _fast(results: Sequence[Result], step: str, promise: str) -> Target:
    found = of_case(results, claims=MILLION)
    if found is None:
        return Target(promise, "not measured", None)
    seconds = found["steps"][step]["wall_seconds"]
    return Target(promise, f"{seconds:.1f} s", seconds <= SECONDS)


BENCHMARK = Benchmark(
    name="postgres",
    title="Claims and scores in PostgreSQL",
    cases=(("--claims", str(MILLION)),),
    quick=(("--claims", "2000"),),
    targets=_targets,
)


def load(folder: Path, claims: int) -> None:
    """Load the claims, each with its policy, into a table with a primary key."""
    from perito.postgres import Address, load_table

    meter, rows = Meter(), _wide(folder)
    with meter.step("load claims"):
        load_table(Address(os.environ[URL], URL), TABLE, rows, key=("claim_id",))
    print_result({}, meter.steps, columns=rows.num_columns, loaded=len(rows))


def read(folder: Path, claims: int) -> None:
    """Read every column into the engine, and take the digest, as the main job does."""
    from perito.datasets.database import open_database
    from perito.datasets.spec import Source
    from perito.engine import Engine

    meter = Meter()
    with Engine() as engine:
        with meter.step("read claims"):
            opened = open_database(Source("claims", None, f"env:{URL}", TABLE, {}), os.environ)
            rows = opened.read(opened.columns)
            engine.load(TABLE, rows.readable)
        with meter.step("digest of the claims"):
            opened.digest(rows)
        print_result({}, meter.steps, read=engine.count(TABLE))


def write(folder: Path, claims: int) -> None:
    """Write a batch of scores, and read it again."""
    from datetime import UTC, datetime

    from perito.store import BatchKey, Database
    from perito.store.scores import read_batch, write_batch

    meter, scores, database = Meter(), _scores(claims), Database.given(os.environ[URL])
    key = BatchKey("simulated", "benchmark", "blend", "1", datetime(2026, 1, 1, tzinfo=UTC))
    with meter.step("write scores"):
        batch = write_batch(database, key, scores)
    with meter.step("read scores"):
        found = read_batch(database, batch.id)
    print_result({}, meter.steps, scores=len(found), explained=round(claims * EXPLAINED_SHARE))


def _wide(folder: Path) -> "pa.Table":
    from perito.engine import Engine

    with Engine() as engine:
        return engine.run_native(
            "SELECT * FROM read_parquet($1) AS claims LEFT JOIN read_parquet($2) AS policies USING (policy_id)",
            [str(folder / "claims.parquet"), str(folder / "policies.parquet")],
        )


def _scores(claims: int) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    from perito.domain.opinions import Reason

    sentence = "The garage handled 7 other claims in the 90 days before this one"
    told = [Reason(f"feature_{at}", sentence, "7", "usually 1", 0.5 - at / 10) for at in range(5)]
    explained, rank = round(claims * EXPLAINED_SHARE), np.arange(1, claims + 1)
    alert = rank <= explained
    return pd.DataFrame(
        {
            "claim_id": [f"C{number:08d}" for number in np.random.default_rng(0).permutation(claims)],
            "score": 1 / (rank + 1),
            "rank": rank,
            "alert": alert,
            "reasons": pd.Series([told if chosen else () for chosen in alert], dtype=object),
            "selected_by": np.where(alert, "alert", None),
            "selection_probability": np.where(alert, 1.0, np.nan),
            "expected_net_money": 1000 - rank / 7,
        }
    )


STEPS: Mapping[str, Callable[[Path, int], None]] = {"load": load, "read": read, "write": write}


def measure(claims: int) -> None:
    """Simulate, start a server, and run each step in a process of its own."""
    from tests.postgres import running_postgres

    with TemporaryDirectory(prefix="perito-benchmark-") as scratch, running_postgres(*DURABLE) as server:
        folder = Path(scratch)
        run_case("simulate", ("--claims", str(claims), "--seed", "1", "--out", str(folder)))
        os.environ[URL] = server.new_database()
        [(version,)] = server.run("SHOW server_version")
        arguments = ("--folder", str(folder / "book"), "--claims", str(claims))
        done = [run_case("postgres", ("--step", name, *arguments)) for name in STEPS]
    steps = {name: step for result in done for name, step in result["steps"].items()}
    facts = {name: fact for result in done for name, fact in result["facts"].items()}
    print_result({"claims": claims}, steps, server=f"PostgreSQL {version.split()[0]}, fsync on", **facts)


def main() -> None:
    """Measure one case, or one step of it on the server that the environment names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.postgres", description=__doc__)
    parser.add_argument("--claims", type=int, default=MILLION, help="claims in the book")
    parser.add_argument("--step", choices=STEPS, help=f"only this step, on the server of {URL}")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.step:
        STEPS[options.step](options.folder, options.claims)
    else:
        measure(options.claims)


if __name__ == "__main__":
    main()
