"""The main job as a Prefect flow: the steps of `main_job`, each a task a person recognises.

Refuses logic of its own, and to keep tables in Prefect: results stay in this process and on disk.
"""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypedDict, TypeVar, Unpack

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from perito.engine import Engine
from perito.entrypoints import main_job as job
from perito.entrypoints.console import working_on
from perito.entrypoints.document import (
    Document,
    describe_data,
    describe_learning,
    describe_run,
    describe_test,
)
from perito.entrypoints.embedded_prefect import embedded_prefect
from perito.entrypoints.open_dataset import read_claims
from perito.entrypoints.request import Request, check_request
from perito.entrypoints.settings import Settings
from perito.learning import gather_material, measure, rank_claims
from perito.models import CANDIDATES
from perito.study import open_study

P = ParamSpec("P")
R = TypeVar("R")


def step(work: Callable[P, R], name: str) -> Callable[P, R]:
    """`work` as a Prefect task that also shows itself on the terminal. Nothing is cached or persisted."""

    @wraps(work)
    def shown(*args: P.args, **kwargs: P.kwargs) -> R:
        with working_on(name):
            return work(*args, **kwargs)

    return task(name=name, cache_policy=NO_CACHE, persist_result=False)(shown)


read = step(read_claims, "Read and validate the claims")
split = step(open_study, "Keep the last period apart")
gather = step(gather_material, "Build features and look for leaks")
train = {name: step(job.train_or_skip, f"Train {name}") for name in CANDIDATES}
reach_verdicts = step(job.reach_verdicts, "Choose by the folds, and ask what was learnt")
measure_it = step(measure, "Measure on the period kept apart")
rank = step(rank_claims, "Score and explain the claims")
draw = step(job.draw, "Draw the plots")
register = step(job.register, "Log the run and model to MLflow")
write = step(job.write_results, "Write the report and the list")
attach_report = step(job.attach_report, "Attach the report to the MLflow run")


class Parameters(TypedDict):
    """The flow's parameters, as text, so that Prefect's form can show them."""

    dataset: str
    data: str | None
    out: str | None
    test_from: str | None
    test_to: str | None
    seed: int
    lang: str


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
) -> Document:
    """From an insurer's claims to a ranked, explained list. Dates are ISO, `test_to` excluded."""
    settings = Settings.from_environment(os.environ, Path.cwd())
    request = Request.of(dataset, data, out, test_from=test_from, test_to=test_to, seed=seed, lang=lang)
    spec = check_request(request, settings)
    with Engine() as engine, TemporaryDirectory(prefix="perito-plots-") as scratch:
        opened = read(spec, data, engine, settings)
        study = split(opened.book, spec, test_from=request.test_from, test_to=request.test_to, seed=seed)
        material = gather(study, language=request.language)
        candidates, skipped = job.sort_out({name: train[name](material, name) for name in CANDIDATES})
        verdicts = reach_verdicts(material, candidates, request.language)
        chosen = candidates[verdicts.chosen]
        document = describe_data(study, opened, request.language)
        document |= describe_learning(candidates, skipped, verdicts, request.language)
        document |= describe_test(measure_it(study, material.frame, chosen.model))
        ranking = rank(material, chosen, request.language, str(document["currency"]))
        plots = draw(material, chosen, Path(scratch), request.language)
        parts = job.Parts(chosen, plots, job.claim_facts(study))
        document |= describe_run(register(document, ranking, parts, settings))
        document |= {"prefect": {"flow_run_id": str(flow_run.id)}}
        document = write(request, document, opened, ranking, parts)
        attach_report(document, settings)
        return document


def run_main_job(settings: Settings, **parameters: Unpack[Parameters]) -> tuple[Document, str]:
    """Run the flow on the configured Prefect server, or on a private one; also return what shows its history."""
    with embedded_prefect(settings) as server:
        return main_job(**parameters), server.ui_command
