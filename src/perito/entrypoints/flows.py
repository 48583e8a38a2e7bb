"""The main job as a Prefect flow: the steps of `main_job`, each a task a person recognises.

Refuses logic of its own, and to keep tables in Prefect: results stay in this process and on disk.
"""

import os
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypedDict, TypeVar, Unpack

import pandas as pd
from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import deployment, flow_run

from perito.engine import Engine
from perito.entrypoints import main_job as job
from perito.entrypoints.console import working_on
from perito.entrypoints.document import (
    Document,
    Learnt,
    describe_data,
    describe_learning,
    describe_population,
    describe_run,
    describe_test,
    verdicts_markdown,
)
from perito.entrypoints.embedded_prefect import embedded_prefect
from perito.entrypoints.interrupts import heeding_interrupts, stop_if_interrupted
from perito.entrypoints.open_dataset import read_claims
from perito.entrypoints.promoting import decide, weigh
from perito.entrypoints.request import Request, check_request
from perito.entrypoints.rings import describe_run_rings
from perito.entrypoints.settings import Settings
from perito.entrypoints.still_possible import still_possible
from perito.learning import (
    Material,
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
from perito.rings import find_rings
from perito.study import Study, check_both_sides, open_study

P = ParamSpec("P")
R = TypeVar("R")


_history: ContextVar[str] = ContextVar("history", default="")
"""What shows this run afterwards; empty where a worker runs the flow, on a server its reader knows."""
_seconds: ContextVar[dict[str, float]] = ContextVar("seconds")
"""How long each step of this run took, by its key in the document."""


def step(key: str, name: str, work: Callable[P, R]) -> Callable[P, R]:
    """`work` as a Prefect task that also shows itself on the terminal. Nothing is cached or persisted."""

    @wraps(work)
    def shown(*args: P.args, **kwargs: P.kwargs) -> R:
        started = time.monotonic()
        with working_on(name):
            done = work(*args, **kwargs)
        stop_if_interrupted()
        _seconds.get()[key] = round(time.monotonic() - started, 2)
        return done

    return task(name=name, cache_policy=NO_CACHE, persist_result=False)(shown)


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
compare = step("compare", "Compare with the champion", weigh)
register = step("register", "Log the run and model to MLflow", job.register)
promote_it = step("promote", "Promote or refuse, and record why", decide)
write = step("write", "Write the report and the list", job.write_results)
attach_report = step("attach", "Attach the report to the MLflow run", job.attach_report)


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
) -> Document:
    """From an insurer's claims to a ranked, explained list. Dates are ISO, `test_to` excluded."""
    settings = Settings.from_environment(os.environ, Path.cwd())
    request = Request.of(
        dataset, data, out, test_from=test_from, test_to=test_to, seed=seed, lang=lang, audit_share=audit_share
    )
    request = request.within(time_budget)
    spec = check_request(request, settings)
    seconds: dict[str, float] = {}
    _seconds.set(seconds)
    with still_possible(dataset, data), Engine() as engine, TemporaryDirectory(prefix="perito-plots-") as scratch:
        opened = read(spec, data, engine, settings)
        study = split(opened.book, spec, test_from=request.test_from, test_to=request.test_to, seed=seed)
        check_both_sides(study)
        material, learnt = _learn(study, request)
        verdicts = reach_verdicts(material, learnt, request.language)
        document = describe_data(study, opened, request.language)
        document |= describe_learning(learnt, verdicts, request.language)
        create_markdown_artifact(verdicts_markdown(document), key="verdicts", description="Leakage and learnability")
        chosen = learnt.blended.candidate
        document |= _measure(study, material.frame, chosen.model, request)
        ranking = rank(material, chosen, request.language, str(document["currency"]))
        borne = burdens(study, ranking.scores)
        document |= {"burden": describe_burden(borne, study, request.language)}
        document |= describe_run_rings(find_them(opened.book), request.language)
        plots = draw(material, chosen, Path(scratch), request.language)
        parts = job.Parts(chosen, learnt_from(study), plots, job.claim_facts(study))
        ruling = compare(study, material.frame, chosen.model, document, settings, promote=promote)
        document |= describe_run(register(document, ranking, parts, settings))
        document |= promote_it(ruling, document, settings, who=_who(settings), promote=promote, burdens=borne)
        document |= {"prefect": {"flow_run_id": str(flow_run.id), "ui_command": _history.get()}, "seconds": {**seconds}}
        document = write(request, document, opened, ranking, parts)
        attach_report(document, settings)
        return document


def _learn(study: Study, request: Request) -> tuple[Material, Learnt]:
    material = gather(study, language=request.language)
    held = hold(material)
    material = hold_to(material, held)
    trained = {name: train[name](material, name, *job.tuning(name, request.time_budget)) for name in CANDIDATES}
    candidates, skipped = job.sort_out(trained)
    return material, Learnt(held, candidates, skipped, blend_all(material, candidates))


def _measure(study: Study, frame: pd.DataFrame, model: Model, request: Request) -> Document:
    test = describe_test(measure_it(study, frame, model), measure_calibration(study, frame, model))
    return test | describe_population(about_all(study, frame, model), request.language)


def _who(settings: Settings) -> str:
    scheduled = settings.given_user is None and deployment.id
    return "schedule" if scheduled else settings.user()


def run_main_job(settings: Settings, **parameters: Unpack[Parameters]) -> Document:
    """Run the flow on the configured Prefect server, or on a private one that ends with the run."""
    with heeding_interrupts(), embedded_prefect(settings) as server:
        _history.set(server.ui_command)
        return main_job(**parameters)
