"""The steps of the main job as plain functions. Refuses Prefect: `flows` turns them into tasks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from perito.domain.errors import LearningError, MissingExtra
from perito.domain.learnt import LearntFrom
from perito.domain.words import Language
from perito.entrypoints.console import show_progress
from perito.entrypoints.document import Document, Learnt, Verdicts
from perito.entrypoints.promoting import why_stopped
from perito.entrypoints.request import OURS, OUTPUTS
from perito.entrypoints.settings import Settings
from perito.evaluation.enough import Enough
from perito.evaluation.plots import draw_plots
from perito.files import atomic_folder
from perito.learning import (
    BLEND,
    Blended,
    Candidate,
    Material,
    Ranking,
    blend,
    compare_random_split,
    inputs_to_score,
    judge,
    train_candidate,
)
from perito.learning.tuning import RANGES, Tried
from perito.models import save_model
from perito.registry import Logged, RunRecord, attach, log_run
from perito.report import render_report
from perito.scoring import write_scores, write_usual
from perito.study import Study
from perito.validation import Validated

FLATTERED = "lightgbm"
"""The kind of model that a random split flatters most: it has the most to memorise with."""
EXPLAINED_IN_PLOTS = 5_000
"""Claims, drawn by the seed, whose contributions the plot of features is made of."""


@dataclass(frozen=True)
class Parts:
    """What else a run leaves: the candidate and where its learning ended, its plots, plain facts of the claims."""

    candidate: Candidate
    learnt: LearntFrom
    plots: Mapping[str, Path]
    facts: pd.DataFrame


def train_or_skip(
    material: Material, name: str, tuning_seconds: float | None = None, tried: Tried = lambda done, of: None
) -> Candidate | str:
    """Train one candidate, or say which optional package it lacks, or why it cannot learn from some fold."""
    try:
        return train_candidate(material, name, tuning_seconds=tuning_seconds, tried=tried)
    except (MissingExtra, LearningError) as lacking:
        return str(lacking)


def tuning(name: str, time_budget: float | None) -> tuple[float | None, Tried]:
    """How long settings of this kind of model may be tried, and who is told: the budget is shared out evenly."""
    share = None if time_budget is None else time_budget / len(RANGES) * (name in RANGES)
    return share, show_progress


def sort_out(trained: Mapping[str, Candidate | str]) -> tuple[dict[str, Candidate], dict[str, str]]:
    """Part what was trained from what was skipped, and why."""
    candidates = {name: one for name, one in trained.items() if isinstance(one, Candidate)}
    return candidates, {name: one for name, one in trained.items() if isinstance(one, str)}


def blend_all(material: Material, candidates: Mapping[str, Candidate], skipped: Mapping[str, str]) -> Blended:
    """Blend and calibrate what could be trained; `skipped` says why each other kind could not."""
    if not candidates:
        raise LearningError(
            f"No kind of model could be trained. {' '.join(dict.fromkeys(skipped.values()))}",
            remedy="Mend what is said of one kind; the others are not needed.",
        )
    return blend(material, candidates)


def reach_verdicts(material: Material, learnt: Learnt, language: Language) -> Verdicts:
    """Ask whether the blend learnt anything, and whether a random split would have flattered."""
    learnable = judge(learnt.blended.candidate, seed=material.study.seed)
    compared = FLATTERED if FLATTERED in learnt.candidates else next(iter(learnt.candidates))
    forward = judge(learnt.candidates[compared], seed=material.study.seed)
    gap = compare_random_split(material, compared, forward, language=language)
    enough = Enough(int(material.study.learning["label"].sum()))
    return Verdicts(BLEND, (*material.leakage, *gap), learnable, checked=material.frame.shape[1], enough=enough)


def draw(material: Material, candidate: Candidate, folder: Path, language: Language) -> dict[str, Path]:
    """Draw the plots of the labelled claims of the test side into `folder`; none where no label is known."""
    study, rows = material.study, material.study.reported_on
    if rows.empty:
        return {}
    inputs = inputs_to_score(material).loc[rows.index]
    explained = inputs.sample(min(len(inputs), EXPLAINED_IN_PLOTS), random_state=study.seed)
    parts = np.abs(candidate.model.contributions(explained).values).mean(axis=0)
    names = [column.name for column in candidate.model.columns]
    plots = draw_plots(
        1 / (1 + np.exp(-candidate.model.log_odds(inputs))),
        rows["label"],
        rows["claimed_amount"] if rows["claimed_amount"].notna().any() else None,
        dict(zip(names, parts.tolist(), strict=True)),
        folder,
        capacity_share=study.spec.desk.capacity_share,
        language=language,
    )
    return dict(plots)


def claim_facts(study: Study) -> pd.DataFrame:
    """What the report shows beside a claim, indexed by `claim_id`."""
    sql = "SELECT claim_id, claimed_amount, reported_at, loss_date, line_of_business, policy_id FROM claims"
    return study.book.engine.query(sql).to_pandas().set_index("claim_id").loc[pd.Index(study.plan.test)]


def register(
    document: Document, ranking: Ranking, parts: Parts, settings: Settings, *, key: str | None = None
) -> Logged:
    """Log the run and its model to MLflow, as a version that is not champion yet; with a `key` only once."""
    verdict = document["verdicts"]
    assert isinstance(verdict, dict)
    record = RunRecord(
        dataset=str(document["dataset"]),
        fingerprint=str(document["fingerprint"]),
        model=parts.candidate.model,
        usual=ranking.usual,
        params={key: document[key] for key in ("dataset", "seed", "split", "labels", "capacity", "chosen")},
        metrics={"test": document["test"], "folds": document["models"], "rows": document["rows"]},
        not_champion_because=why_stopped(document),
        learnt=parts.learnt,
        verdict=str(verdict["learnability"]["sentence"]),
        leakage=str(verdict["leakage_sentence"]),
        registers=verdict["learnability"]["verdict"] != "too_few",
        plots=tuple(parts.plots.values()),
        key=key,
    )
    return log_run(record, settings.tracking())


def write_results(
    out: Path, document: Document, opened: Validated, ranking: Ranking, parts: Parts, *, language: Language
) -> Document:
    """Write everything into the results folder, which appears whole or not at all; return the full document."""
    with atomic_folder(out, ours=OURS) as fresh:
        save_model(parts.candidate.model, fresh / OUTPUTS["model"])
        write_usual(ranking.usual, fresh / OUTPUTS["model"])
        write_scores(ranking.scores, fresh)
        pq.write_table(opened.rejects, fresh / OUTPUTS["rejects"])
        (fresh / "plots").mkdir()
        # Copied, not moved: the folder of temporary files is often on another disk, and the step may be tried again.
        plots = {name: Path(copyfile(path, fresh / "plots" / path.name)) for name, path in parts.plots.items()}
        full = document | {"outputs": _outputs(out, plots)}
        money = ranking.scores.set_index("claim_id")["expected_net_money"]
        facts = parts.facts.join(money)
        page = render_report(full, ranking.scores, plots, language=language, claim_facts=facts)
        (fresh / OUTPUTS["report"]).write_text(page, encoding="utf-8")
        (fresh / OUTPUTS["run"]).write_text(json.dumps(full, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return full


def attach_report(document: Mapping[str, Any], settings: Settings) -> None:
    """Add the finished report to the MLflow run that it names."""
    attach(Path(document["outputs"]["report"]), document["mlflow"]["run_id"], settings.tracking())


def _outputs(out: Path, plots: Mapping[str, Path]) -> dict[str, object]:
    folder = out.resolve()
    return {name: str(folder / file) for name, file in OUTPUTS.items()} | {
        "plots": {name: str(folder / "plots" / path.name) for name, path in plots.items()}
    }
