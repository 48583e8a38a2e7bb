"""The main job as a Prefect flow: the steps of `main_job`, each a task a person recognises.

A scheduled run that would do what an earlier one did is skipped; one that a crash cut short is
done again, and what it had registered or recorded is not registered or recorded twice.
"""

import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypedDict, Unpack

import pandas as pd
from prefect import State, flow, get_run_logger
from prefect.runtime import deployment, flow_run
from prefect.states import Completed

from perito.engine import Engine
from perito.entrypoints import main_job as job
from perito.entrypoints.console import show_progress
from perito.entrypoints.document import (
    Document,
    Learnt,
    describe_data,
    describe_learning,
    describe_population,
    describe_run,
    describe_test,
)
from perito.entrypoints.embedded_prefect import embedded_prefect
from perito.entrypoints.flows.artifacts import link_to_mlflow, list_markdown, show_list, show_verdicts
from perito.entrypoints.flows.steps import MAIN, begin, hush_terminal, step
from perito.entrypoints.interrupts import heeding_interrupts
from perito.entrypoints.once import training_key
from perito.entrypoints.open_dataset import read_claims
from perito.entrypoints.promoting import decide, weigh
from perito.entrypoints.request import Request, check_request
from perito.entrypoints.rings import describe_run_rings
from perito.entrypoints.settings import Settings
from perito.entrypoints.shown_claims import shown_claims
from perito.entrypoints.still_possible import still_possible
from perito.learning import (
    Material,
    Ranking,
    describe_burden,
    find_what_holds,
    gather_material,
    hold_to,
    learnt_from,
    measure,
    measure_burden,
    measure_calibration,
    measure_population,
    rank_claims,
)
from perito.models import CANDIDATES
from perito.models.interface import Model
from perito.registry import find_earlier, mark_done
from perito.rings import find_rings
from perito.study import Study, check_both_sides, open_study
from perito.validation import Validated

_history: ContextVar[str] = ContextVar("history", default="")
"""What shows this run afterwards; empty where a worker runs the flow, on a server its reader knows."""

read = step("read", "Read and validate the claims", read_claims)
split = step("split", "Keep the last period apart", open_study)
gather = step("features", "Build features and look for leaks", gather_material)
hold = step("hold", "Leave out what does not hold in a later period", find_what_holds)
train = {name: step(f"train {name}", f"Train {name}", job.train_or_skip) for name in CANDIDATES}
blend_all = step("blend", "Blend and calibrate", job.blend_all)
reach_verdicts = step("verdicts", "Ask what was learnt", job.reach_verdicts)
measure_it = step("measure", "Measure on the period kept apart", measure)
about_all = step("population", "Ask the random audits about all claims", measure_population)
rank = step("score", "Score and explain the claims", rank_claims)
burdens = step("burden", "Compare the burden on protected groups", measure_burden)
find_them = step("rings", "Find the rings", find_rings)
draw = step("plots", "Draw the plots", job.draw)
compare = step("compare", "Compare with the champion", weigh, patient=True)
register = step("register", "Log the run and model to MLflow", job.register, patient=True)
promote_it = step("promote", "Promote or refuse, and record why", decide, patient=True)
write = step("write", "Write the report and the list", job.write_results)
attach_report = step("attach", "Attach the report to the MLflow run", job.attach_report, patient=True)
mark = step("mark", "Note that all of it is done", mark_done, patient=True)
STEPS = 18 + len(train)
"""Those above, marking included, which only a scheduled run does."""


class Parameters(TypedDict):
    """The flow's parameters, as text, so that Prefect's form can show them."""

    dataset: str
    data: str | None
    out: str | None
    test_from: str | None
    test_to: str | None
    seed: int
    lang: str
    time_budget: float | None
    audit_share: float | None
    promote: bool


@flow(name="perito", validate_parameters=False)
def main_job(
    *,
    dataset: str = "simulated",
    data: str | None = None,
    out: str | None = None,
    test_from: str | None = None,
    test_to: str | None = None,
    seed: int = 0,
    lang: str = "en",
    time_budget: float | None = None,
    audit_share: float | None = None,
    promote: bool = True,
    again: bool = False,
) -> Document | State[None]:
    """From an insurer's claims to a ranked, explained list. Dates are ISO, `test_to` excluded.

    `again`: a deployment's run learns even where an earlier one did the same.
    """
    seconds = begin(STEPS)
    settings = Settings.from_environment(os.environ, Path.cwd())
    request = Request.of(
        dataset, data, out, test_from=test_from, test_to=test_to, seed=seed, lang=lang, audit_share=audit_share
    )
    request = request.within(time_budget)
    spec = check_request(request, settings)
    run = _Run(request, settings, promote=promote, seconds=seconds)
    with still_possible(dataset, data), Engine() as engine:
        opened = read(spec, data, engine, settings)
        key = _key(opened.fingerprint, request, again=again)
        earlier = find_earlier(spec.name, key, settings.tracking()) if key else None
        if earlier is not None and earlier.done:
            return Completed(name="Skipped", message=f"MLflow run {earlier.run_id} learnt from the same claims.")
        study = split(opened.book, spec, test_from=request.test_from, test_to=request.test_to, seed=seed)
        check_both_sides(study)
        document = run.learn_and_keep(study, opened, key)
        if key:
            mark(str(_mlflow(document)["run_id"]), settings.tracking())
        return document


@dataclass(frozen=True)
class _Run:
    """One main job after its claims were read: what it was asked for, and the seconds its steps take."""

    request: Request
    settings: Settings
    promote: bool
    seconds: Mapping[str, float]

    def learn_and_keep(self, study: Study, opened: Validated, key: str | None) -> Document:
        """Learn, measure, rank, log, decide and write."""
        request, settings = self.request, self.settings
        material, learnt = _learn(study, request)
        verdicts = reach_verdicts(material, learnt, request.language)
        document = describe_data(study, opened, request.language)
        document |= describe_learning(learnt, verdicts, request.language)
        show_verdicts(document)
        chosen = learnt.blended.candidate
        document |= _measure(study, material.frame, chosen.model, request)
        ranking = rank(material, chosen, request.language, str(document["currency"]), progress=show_progress)
        borne = burdens(study, ranking.scores)
        document |= {"burden": describe_burden(borne, study, request.language)}
        document |= describe_run_rings(find_them(opened.book), request.language)
        ruling = compare(study, material.frame, chosen.model, document, settings, promote=self.promote)
        with TemporaryDirectory(prefix="perito-plots-") as scratch:
            plots = draw(material, chosen, Path(scratch), request.language)
            parts = job.Parts(chosen, learnt_from(study), plots, job.claim_facts(study))
            document |= describe_run(register(document, ranking, parts, settings, key=key))
            document |= promote_it(ruling, document, settings, who=_who(settings), promote=self.promote, burdens=borne)
            prefect = {"flow_run_id": str(flow_run.id), "ui_command": _history.get()}
            document |= {"prefect": prefect, "seconds": {**self.seconds}}
            out = request.results(str(document["dataset"]), settings)
            document = write(out, document, opened, ranking, parts, language=request.language)
        attach_report(document, settings)
        _show(document, ranking, settings)
        return document


def _key(fingerprint: str, request: Request, *, again: bool) -> str | None:
    """What a deployment's run is one of a kind by; None for a run that a person started, which is always done."""
    if again or not deployment.id:
        return None
    return training_key(fingerprint, asdict(request), Path.cwd() / MAIN)


def _show(document: Document, ranking: Ranking, settings: Settings) -> None:
    """The list, its reasons and a link to MLflow, where Prefect shows this run; the main sentences in its log."""
    facts: Any = document
    sentences = (
        facts["verdicts"]["leakage_sentence"],
        facts["verdicts"]["learnability"]["sentence"],
        facts["mlflow"]["alias_reason"],
    )
    for sentence in sentences:
        get_run_logger().info(sentence)
    rows = shown_claims(ranking.scores)
    show_list(facts["dataset"], rows, report=list_markdown(facts["title"], sentences, rows))
    link_to_mlflow(settings.tracking().shown_by, facts["mlflow"])


def _mlflow(document: Document) -> Mapping[str, object]:
    logged = document["mlflow"]
    assert isinstance(logged, dict)
    return logged


def _learn(study: Study, request: Request) -> tuple[Material, Learnt]:
    material = gather(study, language=request.language)
    held = hold(material)
    material = hold_to(material, held)
    trained = {name: train[name](material, name, *job.tuning(name, request.time_budget)) for name in CANDIDATES}
    candidates, skipped = job.sort_out(trained)
    return material, Learnt(held, candidates, skipped, blend_all(material, candidates, skipped))


def _measure(study: Study, frame: pd.DataFrame, model: Model, request: Request) -> Document:
    test = describe_test(measure_it(study, frame, model), measure_calibration(study, frame, model))
    return test | describe_population(about_all(study, frame, model), request.language)


def _who(settings: Settings) -> str:
    scheduled = settings.given_user is None and deployment.id
    return "schedule" if scheduled else settings.user()


def run_main_job(settings: Settings, **parameters: Unpack[Parameters]) -> Document:
    """Run the flow on the configured Prefect server, or on a private one that ends with the run."""
    hush_terminal()
    with heeding_interrupts(), embedded_prefect(settings) as server:
        _history.set(server.ui_command)
        document = main_job(**parameters)
    assert isinstance(document, dict), "only a deployment's run is skipped"
    return document
