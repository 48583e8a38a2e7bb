"""`perito run`: the main job."""

from typing import Annotated

import typer

from perito.entrypoints.commands.options import AsJson, AuditShare, Data, Lang, Seed, TestFrom, TestTo, TimeBudget
from perito.entrypoints.console import print_json


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(run)


def run(
    dataset: Annotated[str, typer.Argument(help="A built-in dataset or the path of a spec.")] = "simulated",
    *,
    named: Annotated[str | None, typer.Option("--dataset", hidden=True)] = None,
    data: Data = None,
    out: Annotated[
        str | None, typer.Option(help="Folder of the results; default perito-results/DATASET.", show_default=False)
    ] = None,
    test_from: TestFrom = None,
    test_to: TestTo = None,
    seed: Seed = 0,
    lang: Lang = "en",
    time_budget: TimeBudget = None,
    audit_share: AuditShare = None,
    promote: Annotated[
        bool, typer.Option("--promote/--no-promote", help="Let the gate decide on the model, and record it.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Run the main job: from a table of claims to a ranked, explained list.

    Reads and validates, keeps the last period apart, builds features, leaves out what leaks and
    what does not hold in a later period, trains and blends the candidates, says what can be
    learnt, measures, ranks, explains, and logs to MLflow. The model becomes champion only if it
    surely earns more than the one that is.

    Example: perito run vehicle-claims --data ../claims --test-from 1996-01-01
    """
    import os
    from pathlib import Path

    from perito.entrypoints.request import Request, check_request
    from perito.entrypoints.settings import Settings

    settings = Settings.from_environment(os.environ, Path.cwd())
    name = named or dataset
    request = Request.of(
        name, data, out, test_from=test_from, test_to=test_to, seed=seed, lang=lang, audit_share=audit_share
    )
    request = request.within(time_budget)
    check_request(request, settings)
    from perito.entrypoints.flows import run_main_job
    from perito.entrypoints.summary import print_summary

    document = run_main_job(
        settings,
        dataset=name,
        data=data,
        out=out,
        test_from=test_from,
        test_to=test_to,
        seed=seed,
        lang=lang,
        time_budget=time_budget,
        audit_share=audit_share,
        promote=promote,
    )
    if as_json:
        print_json(document)
    else:
        print_summary(document)
