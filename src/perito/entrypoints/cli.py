"""The command line: `perito`. Parses, calls what the flow and notebooks call, prints, exits.

Refuses a traceback unless `--debug` asks for one, and a word on standard output that is no result.
"""

import os
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from perito.domain.errors import PeritoError
from perito.entrypoints.commands import (
    anomalies,
    data,
    deploy,
    doctor,
    init,
    models,
    promotion,
    rings,
    run,
    services,
    worker,
)
from perito.entrypoints.exits import EXIT_CODES, INTERRUPTED, exit_code, tell
from perito.entrypoints.settings import quiet_libraries

EPILOG = "Exit codes: 0 done; 1 a fault of Perito; " + "; ".join(
    f"{code} {meaning}" for code, meaning in sorted(set(EXIT_CODES.values()))
)

app = typer.Typer(
    name="perito",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (run, data, models, anomalies, rings, promotion, init, services, deploy, worker, doctor):
    group.add_to(app)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"perito {version('perito')}\n")
        raise typer.Exit


@app.callback(epilog=EPILOG)
def perito(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        # Eager: it is answered before a command is missed.
        typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Which insurance claims are most worth an investigator's time, and why."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit. `--debug` may stand anywhere in it."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    quiet_libraries(os.environ)
    if not debug:
        sys.excepthook = _say_it_is_our_fault
        if not sys.warnoptions:
            warnings.simplefilter("ignore")  # those of libraries; what a reader must know is in the result
    try:
        # Not `app(...)`, which would put Typer's own hook, a traceback, in the place of ours.
        typer.main.get_command(app)(args=words, prog_name="perito")
    except PeritoError as error:
        if debug:
            raise
        tell(error, as_json="--json" in words)
        sys.exit(exit_code(error))
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            sys.stderr.write("Interrupted; nothing was half-written.\n")
        raise


def run_as_main() -> None:
    """`python main.py`: the command `perito run`."""
    main(["run", *sys.argv[1:]])


def run_deployment(root: Path, *, score: str, train: str, monitor: str) -> None:
    """`python deployment.py`: the command `perito deploy` for the flows of `root`, with the schedules of that file."""
    main(["deploy", "--root", str(root), "--usual", score, train, monitor, *sys.argv[1:]])


def _say_it_is_our_fault(kind: type[BaseException], error: BaseException, trace: object) -> None:
    # The message of an unforeseen error may quote a claim, so only its kind is shown.
    sys.stderr.write(f"Error: a fault of Perito itself ({kind.__name__}). Run it again with --debug to see where.\n")
