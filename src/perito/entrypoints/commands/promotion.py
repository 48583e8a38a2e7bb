"""`perito promote`, `rollback`, `champion`, `ledger`: which model is live, who decided it and why."""

from typing import Annotated

import typer

from perito.entrypoints.commands.options import AsJson, Data, DatasetName, Seed, TestFrom, TestTo, from_environment
from perito.entrypoints.console import print_json

Why = Annotated[str, typer.Option(help="The reason, in a sentence. It goes into the ledger.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (promote, rollback, champion, ledger):
        app.command()(command)


def promote(
    dataset: DatasetName,
    *,
    why: Why,
    version: Annotated[str | None, typer.Option(help="Version of the model; default: the latest.")] = None,
    override: Annotated[bool, typer.Option("--override", help="Promote it even if the gate refuses.")] = False,
    data: Data = None,
    test_from: TestFrom = None,
    test_to: TestTo = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Promote a registered version by hand, after the gate has spoken.

    Scores it and the champion anew on the claims kept for reporting. What the gate refuses is
    recorded as refused, or with --override as promoted against the gate.

    Example: perito promote vehicle-claims --data ../claims --version 3 --why "Approved by the model board."
    """
    from perito.entrypoints import by_hand
    from perito.entrypoints.ledger_summary import print_promotion
    from perito.entrypoints.request import Request

    request = Request.of(dataset, data, None, test_from=test_from, test_to=test_to, seed=seed, lang="en")
    document = by_hand.promote(request, version=version, why=why, override=override, settings=from_environment())
    if as_json:
        print_json(document)
    else:
        print_promotion(document)


def rollback(
    dataset: DatasetName,
    *,
    why: Why,
    to: Annotated[str | None, typer.Option(help="An earlier champion; default: the one before.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give the title back to the champion before, at once and without scoring anything.

    Example: perito rollback vehicle-claims --why "Alerts doubled overnight."
    """
    from perito.entrypoints import by_hand
    from perito.entrypoints.ledger_summary import print_promotion

    document = by_hand.roll_back(dataset, to=to, why=why, settings=from_environment())
    if as_json:
        print_json(document)
    else:
        print_promotion(document)


def champion(
    dataset: DatasetName,
    *,
    at: Annotated[
        str | None,
        typer.Option(help="A day like 2025-01-31, to its end in UTC, or an instant; default: now.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which version of a dataset's model is live, or was on a day.

    Example: perito champion vehicle-claims --at 2026-01-31
    """
    from perito.entrypoints import by_hand
    from perito.entrypoints.ledger_summary import print_champion

    document = by_hand.champion(dataset, at=at, settings=from_environment())
    if as_json:
        print_json(document)
    else:
        print_champion(document)


def ledger(
    dataset: Annotated[str | None, typer.Argument(help="A built-in dataset or a spec; default: all.")] = None,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Check that no row was changed or removed.")] = False,
    as_json: AsJson = False,
) -> None:
    """List every promotion, refusal and rollback, or check that nobody changed one.

    Example: perito ledger --verify
    """
    from perito.entrypoints import by_hand
    from perito.entrypoints.ledger_summary import print_ledger, print_verified

    document = (
        by_hand.verify(settings=from_environment())
        if verify
        else by_hand.ledger_rows(dataset, settings=from_environment())
    )
    if as_json:
        print_json(document)
    elif verify:
        print_verified(document)
    else:
        print_ledger(document)
