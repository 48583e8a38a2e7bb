"""`python deployment.py` behind its options: check, connect, reconcile, and tell.

Refuses to deploy what could not run: a folder without `main.py`, a dataset or data that cannot be opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perito.datasets.reader import load_spec
from perito.domain.errors import ParameterError
from perito.entrypoints.deploying.cadence import Cadence
from perito.entrypoints.deploying.plan import plan
from perito.entrypoints.deploying.reconcile import Change, Wanted, reconcile
from perito.entrypoints.deploying.zombies import NAME, crash_zombies
from perito.entrypoints.document import Document
from perito.entrypoints.open_dataset import named_folder
from perito.entrypoints.prefect_server import prefect_client, without_password
from perito.entrypoints.settings import Settings


@dataclass(frozen=True)
class Asked:
    """What was asked for. `root`: the folder of `main.py`. `dataset`, `data`: None to keep what is there."""

    root: Path
    pool: str
    score: Cadence
    train: Cadence
    monitor: Cadence
    dataset: str | None = None
    data: str | None = None


def deploy_all(asked: Asked, settings: Settings, *, dry_run: bool) -> Document:
    """Make pool, deployments and automation what was asked for; describe what changed, or would.

    Raises
    ------
    ParameterError, SpecError
        Naming the option that cannot be used.
    ServiceError
        The Prefect server does not answer, or refuses.
    """
    wanted = Wanted(
        root=_with_main(asked.root),
        pool=asked.pool,
        planned=plan(score=asked.score, train=asked.train, monitor=asked.monitor),
        parameters=_parameters(asked, settings),
    )
    with prefect_client(settings) as client:
        changes = reconcile(client, wanted, dry_run=dry_run)
        if not dry_run:
            crash_zombies(client)
        page = without_password(str(client.api_url))
    return {
        "dry_run": dry_run,
        "prefect": page,
        "pool": asked.pool,
        "automation": NAME,
        "changes": [_described(change) for change in changes],
    }


def print_changes(document: Mapping[str, Any]) -> None:
    """The table of what was and what is, on standard output, and what to do next."""
    from rich.console import Console
    from rich.table import Table

    out = Console(highlight=False)
    table = Table(title="What would change" if document["dry_run"] else "Deployments", show_lines=True)
    for heading in ("", "before", "after"):
        table.add_column(heading, overflow="fold")
    for change in document["changes"]:
        after = change["after"] if change["changes"] else "as before"
        table.add_row(change["name"], change["before"], after)
    out.print(table)
    if document["dry_run"]:
        out.print("Nothing was changed.")
        return
    out.print(f'A worker runs them: prefect worker start -p "{document["pool"]}"')
    out.print(f"Train without waiting: prefect deployment run {document['changes'][1]['name']}")
    out.print(f"Page: {document['prefect']}/deployments", soft_wrap=True)


def _with_main(root: Path) -> Path:
    if not (root / "main.py").is_file():
        raise ParameterError(
            "Expected main.py beside deployment.py; it is not there.",
            where=str(root),
            remedy="Run deployment.py from a checkout of Perito, on a path that the worker sees too.",
        )
    return root


def _parameters(asked: Asked, settings: Settings) -> dict[str, str]:
    given: dict[str, str] = {}
    if asked.dataset is not None:
        spec = load_spec(asked.dataset)
        # A worker runs flows from the folder of main.py, so that a path must not depend on where this was typed.
        path = Path(asked.dataset).expanduser()
        given["dataset"] = str(path.resolve()) if path.is_file() else asked.dataset
        named_folder(spec, asked.data, settings)
    if asked.data is not None:
        folder = settings.cwd / Path(asked.data).expanduser()
        if not folder.is_dir():
            raise ParameterError(
                "Expected an existing data folder; there is none.",
                where=f"--data ({folder})",
                remedy="Name the folder that holds the source's files.",
            )
        given["data"] = str(folder.resolve())
    return given


def _described(change: Change) -> Document:
    return {"name": change.name, "before": change.before, "after": change.after, "changes": change.changes}
