"""Reads what a README tells people to type: commands in blocks marked `sh`, Python in those marked `python`.

Blocks marked `sh not-run` are read too: their commands must parse, but need what a test does not have.
"""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

_FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_RECIPE = r"^{target}:.*\n((?:\t.*\n)*)"


@dataclass(frozen=True)
class Command:
    """One line of a block. `calls` are its programs with their arguments, parted where the shell parts them."""

    line: str
    run: bool

    @property
    def calls(self) -> tuple[tuple[str, ...], ...]:
        calls: list[list[str]] = [[]]
        tokens = shlex.shlex(self.line, posix=True, punctuation_chars="|&;<>")
        tokens.whitespace_split = True
        for token in tokens:
            if token and set(token) <= set("<>"):
                next(tokens, None)
            elif token and set(token) <= set("|&;"):
                calls.append([])
            elif calls[-1] or not _ASSIGNMENT.match(token):
                calls[-1].append(token)
        return tuple(tuple(call) for call in calls if call)


def commands(text: str) -> tuple[Command, ...]:
    """The commands of a README, in order. Comments and empty lines are none; `\\` continues a line."""
    found = []
    for marks, block in _FENCED.findall(text):
        if marks.strip() in {"sh", "sh not-run"}:
            lines = block.replace("\\\n", " ").splitlines()
            told = (re.sub(r"(^|\s)#.*", "", line).strip() for line in lines)
            found += [Command(line, run=marks.strip() == "sh") for line in told if line]
    return tuple(found)


def snippets(text: str) -> tuple[str, ...]:
    """The Python of a README's blocks marked `python`, as parsed: without comments, which differ by language."""
    return tuple(ast.unparse(ast.parse(block)) for marks, block in _FENCED.findall(text) if marks.strip() == "python")


def targets(makefile: str) -> frozenset[str]:
    """What `make` can be asked for."""
    return frozenset(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def recipe(makefile: str, target: str) -> tuple[Command, ...]:
    """The commands of a target, its variables filled in."""
    [body] = re.findall(_RECIPE.format(target=re.escape(target)), makefile, re.MULTILINE)
    values = dict(re.findall(r"^(\w+) := (.*)$", makefile, re.MULTILINE))
    return tuple(Command(_filled(line.strip().lstrip("@"), values), run=True) for line in body.splitlines())


def without_folder(call: tuple[str, ...]) -> tuple[str, ...]:
    """A call with its program's bare name: `.venv/bin/perito run` is `perito run`."""
    return (call[0].rpartition("/")[2], *call[1:])


def _filled(line: str, values: dict[str, str]) -> str:
    def steps() -> Iterator[str]:
        text = line
        while (filled := re.sub(r"\$\((\w+)\)", lambda name: values[name[1]], text)) != text:
            text = filled
            yield text

    return [line, *steps()][-1]
