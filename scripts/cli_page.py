"""The page `docs/cli.md`, made from the Typer application and the table of exit codes.

Refuses the help as a terminal shows it: that depends on the terminal's width.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import typer

from perito.entrypoints.cli import app
from perito.entrypoints.exits import EXIT_CODES

KINDS = {str: "TEXT", int: "WHOLE NUMBER", float: "NUMBER", Path: "PATH"}
OTHER_EXITS = {0: "done", 1: "a fault of Perito itself", 2: "a misspelt command", 130: "interrupted"}
"""Exit codes that no error of the table stands for."""

OPENING = """\
# The command line

Made by `make docs` from `src/perito/entrypoints/`. Do not edit this page.

`perito COMMAND --help` says the same on the terminal. Results go to standard output, progress and errors to standard
error. With `--json` a command prints one JSON document and nothing else. `python main.py` is `perito run`; there
the dataset may also be given as `--dataset`.
"""
CLOSING = "An error is one sentence on standard error, and what to do about it. `--debug` adds the traceback."


def cli_page() -> str:
    """The whole page: every command with its arguments, options and example, then the exit codes."""
    root: Any = typer.main.get_command(app)
    parts = [OPENING, "## For every command", _parameters("option", root.params, {})]
    for name, command, hints in _commands(app):
        parts += _section(name, command, hints)
    return "\n\n".join(part.strip() for part in (*parts, "## Exit codes", _exit_codes(), CLOSING) if part) + "\n"


def _commands(of: typer.Typer, before: str = "") -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Each command as it is typed, with the types of its parameters; those of a group follow each other."""
    built: Any = typer.main.get_group(of)
    types = {info.callback.__name__: get_type_hints(info.callback) for info in of.registered_commands if info.callback}
    groups = {info.name: info.typer_instance for info in of.registered_groups}
    for name, command in built.commands.items():
        inside = groups.get(name)
        if inside is None:
            yield before + name, command, types[command.callback.__name__]
        else:
            yield from _commands(inside, f"{before}{name} ")


def _section(name: str, command: Any, hints: dict[str, Any]) -> list[str]:
    paragraphs = [" ".join(paragraph.split()) for paragraph in command.help.split("\n\n")]
    examples = [text.removeprefix("Example: ") for text in paragraphs if text.startswith("Example: ")]
    shown = [parameter for parameter in command.params if not parameter.hidden and parameter.name != "help"]
    arguments = [parameter for parameter in shown if parameter.param_type_name == "argument"]
    options = [parameter for parameter in shown if parameter.param_type_name == "option"]
    usage = [p.name.upper() if p.required else f"[{p.name.upper()}]" for p in arguments]
    return [
        f"## `perito {name}`",
        *(text for text in paragraphs if not text.startswith("Example: ")),
        f"```\n{' '.join(('perito', name, *usage, '[OPTIONS]'))}\n```",
        _parameters("argument", arguments, hints),
        _parameters("option", options, hints),
        *(f"Example:\n\n```sh\n{example}\n```" for example in examples),
    ]


def _parameters(what: str, parameters: Iterable[Any], hints: dict[str, Any]) -> str:
    rows = [(_spelt(one), _value(one, hints), _default(one), one.help) for one in parameters if one.name != "help"]
    return _table((what, "value", "default", "meaning"), rows)


def _spelt(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name.upper()}`"
    return ", ".join(f"`{word}`" for word in parameter.opts)


def _value(parameter: Any, hints: dict[str, Any]) -> str:
    return "" if _is_flag(parameter) else _kind(hints[parameter.name])


def _kind(hint: Any) -> str:
    """The word for a value of this type; `...` when the option may be given again."""
    if get_origin(hint) is list:
        return f"{_kind(get_args(hint)[0])} ..."
    return KINDS[hint] if hint in KINDS else _kind(next(part for part in get_args(hint) if part is not NoneType))


def _is_flag(parameter: Any) -> bool:
    return bool(getattr(parameter, "is_flag", False))


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    return "" if _is_flag(parameter) or parameter.default is None else f"`{parameter.default}`"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |".replace("  ", " ") for cells in (head, *rows)]
    return "\n".join((lines[0], f"|{'---|' * len(head)}", *lines[1:])) if rows else ""


def _exit_codes() -> str:
    meanings: dict[int, list[str]] = defaultdict(list)
    for code, meaning in (*OTHER_EXITS.items(), *EXIT_CODES.values()):
        meanings[code].append(meaning)
    return _table(("code", "meaning"), [(str(code), "; ".join(said)) for code, said in sorted(meanings.items())])
