"""The claims that the champion has not ranked yet, ranked and explained, as a Prefect flow.

Refuses to rank a claim twice with the same model, and to pile up: its deployment cancels a run
that finds another one at work.
"""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from prefect import State, flow, get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed

from perito.datasets.reader import load_spec
from perito.domain.errors import ParameterError
from perito.engine import Engine
from perito.entrypoints import new_claims as job
from perito.entrypoints.document import Document
from perito.entrypoints.flows.artifacts import list_markdown, show_list
from perito.entrypoints.flows.steps import begin, step
from perito.entrypoints.open_dataset import named_folder, read_claims
from perito.entrypoints.request import as_language
from perito.entrypoints.settings import Settings
from perito.entrypoints.shown_claims import shown_claims

read = step("read", "Read and validate the claims", read_claims)
fetch = step("champion", "Fetch the champion", job.reigning, patient=True)
choose = step("choose", "Find the claims nobody has ranked yet", job.unranked, patient=True)
rank = step("score", "Score and explain the claims", job.rank_new)
keep = step("keep", "Write the batch to the database", job.keep, patient=True)
write = step("write", "Write the list", job.write_files)
STEPS = 6


@flow(name="perito-score", validate_parameters=False)
def score_new_claims(
    *, dataset: str = "simulated", data: str | None = None, lang: str = "en", seed: int = 0, as_of: str | None = None
) -> Document | State[None]:
    """Rank the claims that nobody has decided on and the champion has not ranked.

    `as_of`: the day of the batch, ISO; default the day that the run was scheduled for, UTC.
    """
    begin(STEPS)
    settings, language = Settings.from_environment(os.environ, Path.cwd()), as_language(lang)
    spec = load_spec(dataset)
    named_folder(spec, data, settings)
    champion = fetch(spec, settings)
    if champion is None:
        return _skipped(f"{spec.name} has no champion yet: nothing can be ranked before a model was trained.")
    with Engine() as engine:
        opened = read(spec, data, engine, settings)
        claim_ids = choose(opened.book, spec, champion.model_version, settings)
        if not claim_ids:
            return _skipped(f"Version {champion.model_version} has ranked every claim that is open.")
        ranked = rank(opened.book, spec, champion, claim_ids, language, seed=seed)
        key = job.batch_key(spec, opened.fingerprint, champion, _day(as_of))
        folder = write(ranked, key, settings)
        batch = keep(ranked, key, settings)
    return _told(spec.title, ranked, batch, folder)


def _skipped(message: str) -> State[None]:
    return Completed(name="Skipped", message=message)


def _day(as_of: str | None) -> date:
    try:
        return date.fromisoformat(as_of) if as_of else (flow_run.scheduled_start_time or datetime.now(UTC)).date()
    except ValueError:
        raise ParameterError(f"Expected a day like 2026-01-31, got {as_of!r}.", where="as_of") from None


def _told(title: str, ranked: job.Ranked, batch: Any, folder: Path) -> Document:
    scores = ranked.scores
    alerts = int(scores["alert"].sum())
    line = f"{len(scores):,} claims ranked by version {batch.key.model_version}, {alerts:,} of them alerted."
    get_run_logger().info(f"{line} Batch {batch.id}, {folder}")
    rows = shown_claims(scores)
    show_list(batch.key.dataset, rows, report=list_markdown(title, [line], rows))
    return {
        "dataset": batch.key.dataset,
        "batch": str(batch.id),
        "claims": len(scores),
        "alerts": alerts,
        "model_version": batch.key.model_version,
        "as_of": f"{batch.key.as_of:%Y-%m-%d}",
        "outputs": {"folder": str(folder)},
    }
