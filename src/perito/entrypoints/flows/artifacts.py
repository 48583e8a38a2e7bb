"""What a run leaves in Prefect's page besides its log: bars, tables, reports and links. Refuses personal data.

A claim is named by its id; reasons are the sentences of the report.
"""

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from perito.entrypoints.document import Document, verdicts_markdown

SECONDS_BETWEEN = 2.0
MOST_ROWS = 50
REASONS_TOLD = 3


class ProgressBar:
    """A bar in Prefect's page; made at the first move, moved every two seconds at most."""

    def __init__(self, key: str, description: str) -> None:
        self._key, self._description = artifact_key(f"progress-{key}"), description
        self._made: UUID | None = None
        self._moved_at = 0.0

    def move(self, done: int, of: int) -> None:
        """Show that `done` of `of` is done; where nobody knows how much there will be, show nothing."""
        if of <= 0 or (done < of and time.monotonic() - self._moved_at < SECONDS_BETWEEN):
            return
        share = min(100.0, 100.0 * done / of)
        if self._made is None:
            made = create_progress_artifact(progress=share, key=self._key, description=self._description)
            assert isinstance(made, UUID)
            self._made = made
        else:
            update_progress_artifact(artifact_id=self._made, progress=share)
        self._moved_at = time.monotonic()


def artifact_key(text: str) -> str:
    """`text` as Prefect takes it for a key: lower-case letters, digits and dashes.

    Examples
    --------
    >>> artifact_key("Claims to open: my_claims")
    'claims-to-open-my-claims'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def show_verdicts(document: Document) -> None:
    """Leakage and learnability, as soon as they are known."""
    create_markdown_artifact(verdicts_markdown(document), key="verdicts", description="Leakage and learnability")


def show_list(dataset: str, rows: Sequence[Mapping[str, Any]], *, report: str) -> None:
    """The claims most worth opening as a table, and again as a Markdown report that tells why."""
    told = [{**row, "reasons": "; ".join(row["reasons"][:REASONS_TOLD])} for row in rows[:MOST_ROWS]]
    name = artifact_key(f"claims-to-open-{dataset}")
    create_table_artifact(table=told, key=name, description="The claims most worth opening, first ones first")
    create_markdown_artifact(report, key=artifact_key(f"report-{dataset}"), description="The list and its reasons")


def link_to_mlflow(page: str, document: Mapping[str, Any]) -> None:
    """A link to the run in MLflow's page; none where MLflow has no page."""
    if not page.startswith(("http://", "https://")):
        return
    link = f"{page.rstrip('/')}/#/runs/{document['run_id']}"
    create_link_artifact(link=link, link_text=f"MLflow run {document['run_id']}", key="mlflow-run")


def list_markdown(title: str, lines: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """A list of claims with their reasons in Markdown, below a heading and what is to be said first."""
    told = "".join(
        f"\n{row['rank']}. **{row['claim_id']}**, score {row['score']:.2f}\n"
        + "".join(f"    - {reason}\n" for reason in row["reasons"][:REASONS_TOLD])
        for row in rows[:MOST_ROWS]
    )
    said = "\n\n".join(line for line in lines if line)
    return f"# {title}\n\n{said}\n{told}"


def show_state(document: Mapping[str, Any]) -> None:
    """What a look at the whole found, and the latest batches as a table."""
    champion, ledger = document["champion"], document["ledger"]
    version = "none" if champion["version"] is None else f"version {champion['version']}"
    since = "" if champion["since_days"] is None else f", live for {champion['since_days']} days"
    agrees = "" if champion["alias_agrees"] else " MLflow's alias stands elsewhere."
    whole = "whole" if ledger["whole"] else f"**changed after it was written** ({ledger['flaw']})"
    text = f"# {document['dataset']}\n\nChampion: {version}{since}.{agrees}\n\nLedger: {whole}.\n"
    name = artifact_key(f"state-{document['dataset']}")
    create_markdown_artifact(text, key=name, description="Champion and ledger")
    create_table_artifact(table=document["batches"], key=f"{name}-batches", description="The latest ranked batches")
