"""What the READMEs tell people to type exists, parses, and works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from perito.entrypoints.cli import app
from tests.docs.readme import Command, commands, recipe, snippets, targets, without_folder
from tests.e2e.shell import SOURCES

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROGRAMS = Path(sys.executable).parent
COPIED = ("main.py", "docs", "data")
"""What commands may read of the repository: they run in a copy of it."""
SETS_UP = frozenset({"git", "cd"})
SERVERS = (("prefect", "server", "start"), ("mlflow", "ui"), ("prefect", "deployment", "run"))
CONTAINERS = frozenset({"up", "exec"})
"""What the README says of `docker compose`; tests/e2e/test_docker.py runs it where there is an engine."""
ROWS = 4000
"""Claims of a simulated insurer that learning still works with."""
SECONDS = 600


def told(name: str) -> tuple[Command, ...]:
    return commands((ROOT / name).read_text(encoding="utf-8"))


def perito_words(call: tuple[str, ...]) -> list[str] | None:
    """What the command line of Perito gets from a call, or None when it is another program's."""
    match without_folder(call):
        case ("perito", *words):
            return words
        case ("python", "main.py", *words):
            return ["run", *words]
        case ("python", "deployment.py", *words):
            return ["deploy", *words]
        case ("docker", "compose", "exec", "worker", *inside):
            return perito_words(tuple(inside))
        case ("eval", line):
            return perito_words(Command(line.removeprefix("$(").removesuffix(")"), run=False).calls[0])
        case _:
            return None


def check_perito(words: list[str]) -> None:
    """Parse the words as `perito` would, and run nothing."""
    root: Any = typer.main.get_command(app)
    known = {option for parameter in root.params for option in parameter.opts} | {"--help", "-h"}
    own = [word for word in words if word not in known]
    assert not own or own[0] in root.commands, f"perito has no command {own[0]}"
    if known & set(words):
        return
    command, rest = root.commands[own[0]], own[1:]
    if hasattr(command, "commands"):
        assert rest[0] in command.commands, f"perito {own[0]} has no command {rest[0]}"
        command, rest = command.commands[rest[0]], rest[1:]
    command.make_context(own[0], rest)


def check(call: tuple[str, ...]) -> None:
    """Fail unless a call names something that exists and that this test knows how to judge."""
    words = perito_words(call)
    program, *rest = without_folder(call)
    if words is not None:
        check_perito(words)
    elif program == "make":
        assert set(rest) <= targets(MAKEFILE), f"the Makefile has no such target: {rest}"
    elif program == "docker":
        assert rest[0] == "compose"
        assert rest[1] in CONTAINERS
    elif any((program, *rest)[: len(server)] == server for server in SERVERS):
        assert (PROGRAMS / program).exists(), f"{program} is not installed beside Python"
    else:
        assert program in SETS_UP, f"no test knows what {program} does: mark the block otherwise than sh"


def to_run(command: Command) -> tuple[Command, ...]:
    """The commands to run for one that a README tells: the recipe of `make demo`, nothing that sets up or serves."""
    if not command.run:
        return ()
    if command.calls == (("make", "demo"),):
        return recipe(MAKEFILE, "demo")
    return (command,) if all(perito_words(call) is not None for call in command.calls) else ()


def smaller(line: str) -> str:
    return f"{line} --rows {ROWS}" if " simulate " in line else line


def run(line: str, folder: Path) -> None:
    """Run one line as a newcomer would, who has an empty home and has set nothing."""
    environment = {
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        **SOURCES,
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", smaller(line).replace(".venv/bin/", f"{PROGRAMS}/")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{line}\nended with {done.returncode} and said:\n{done.stderr}"
    assert "Traceback" not in done.stderr, f"{line}\nsaid:\n{done.stderr}"


def newcomers_folder(folder: Path) -> None:
    """What a newcomer has after a clone, and a small simulated insurer."""
    (folder / "home").mkdir()
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name)
        elif place.exists():
            shutil.copy(place, folder / name)
    run("perito simulate simulated --out demo/insurer --seed 1", folder)


def test_both_languages_tell_the_same_commands():
    assert told("README.md")
    assert told("README.md") == told("README.es.md")


@pytest.mark.parametrize("name", ["README.md", "README.es.md"])
def test_every_command_of_a_readme_exists_and_parses(name):
    for command in told(name):
        for call in command.calls:
            check(call)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_command_of_the_readme_works_in_order(tmp_path):
    newcomers_folder(tmp_path)
    for command in told("README.md"):
        for one in to_run(command):
            run(one.line, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS)
def test_what_a_readme_shows_for_a_notebook_works(tmp_path):
    newcomers_folder(tmp_path)
    for number, snippet in enumerate(snippets((ROOT / "README.md").read_text(encoding="utf-8"))):
        (tmp_path / f"cell{number}.py").write_text(snippet, encoding="utf-8")
        run(f"python cell{number}.py", tmp_path)


def test_both_languages_show_the_same_notebook():
    english, spanish = (snippets((ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "README.es.md"))
    assert english
    assert english == spanish


def test_commands_are_read_from_sh_blocks_alone():
    text = """
```sh
# first
git clone URL && cd perito
make demo   # two minutes

KEY=1 .venv/bin/perito run simulated \\
  --data demo/insurer > run.json
```
```console
$ not read
```
```sh not-run
perito run mine.toml
```
"""
    read = commands(text)
    assert [command.calls for command in read] == [
        (("git", "clone", "URL"), ("cd", "perito")),
        (("make", "demo"),),
        ((".venv/bin/perito", "run", "simulated", "--data", "demo/insurer"),),
        (("perito", "run", "mine.toml"),),
    ]
    assert [command.run for command in read] == [True, True, True, False]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("perito run simulated --colour red", "No such option"),
        ("perito foretell", "no command foretell"),
        ("perito validate", "Missing parameter"),
        ("python main.py --dataset simulated --sed 1", "No such option"),
        ("make coffee", "no such target"),
        ("curl http://example.org", "no test knows"),
        ("python deployment.py --evry 15m", "No such option"),
        ("docker compose exec worker python deployment.py --evry 15m", "No such option"),
        ('eval "$(perito services surroundings)"', "no command"),
        ("docker run hello", "compose"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line, complaint):
    [call] = Command(line, run=True).calls
    with pytest.raises(Exception, match=complaint):
        check(call)


@pytest.mark.parametrize(
    "line",
    [
        "make demo",
        "git clone URL",
        ".venv/bin/perito run vehicle-claims --data ../claims --test-from 1996-01-01 --json",
        ".venv/bin/python main.py --dataset simulated --data demo/insurer",
        "perito --help",
        "perito --version",
        "perito run --help",
        ".venv/bin/prefect server start",
        ".venv/bin/mlflow ui --backend-store-uri sqlite:///.perito/mlflow.db",
    ],
)
def test_a_command_that_exists_is_accepted(line):
    for call in Command(line, run=True).calls:
        check(call)


def test_the_recipe_of_the_demo_simulates_and_runs_the_main_job():
    lines = [command.line for command in to_run(Command("make demo", run=True))]
    assert [perito_words(Command(line, run=True).calls[0])[0] for line in lines] == ["simulate", "run"]
    assert not any("$(" in line for line in lines)


@pytest.mark.parametrize("line", ["make test", "git clone URL", "mlflow ui", "cd perito && make setup"])
def test_what_sets_up_or_serves_is_not_run(line):
    assert to_run(Command(line, run=True)) == ()


def test_a_command_that_fails_is_noticed(tmp_path):
    (tmp_path / "home").mkdir()
    with pytest.raises(AssertionError, match="ended with 3"):
        run("exit 3", tmp_path)
    with pytest.raises(AssertionError, match="Traceback"):
        run("echo Traceback >&2", tmp_path)
