"""Which code made a model, and what it needs to run. Refuses to guess: no checkout, no commit."""

import importlib
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

EVERYWHERE = ("numpy", "pandas", "mlflow")
LIBRARIES = {"lightgbm": ("lightgbm",), "catboost": ("catboost",), "keras": ("keras",)}
EXTRAS = {"keras": "[tensorflow]"}


def code_version() -> str:
    """The package's version, and in a git checkout its commit: `0.1.0+g1a2b3c4d5e6f`, `.dirty` with local edits."""
    commit = _commit(Path(__file__).resolve().parents[1])
    return f"{version('perito')}+{commit}" if commit else version("perito")


def pip_requirements(kinds: Collection[str]) -> list[str]:
    """What a model made of `kinds` needs, pinned as installed here."""
    libraries = [*EVERYWHERE, *(name for kind in kinds for name in LIBRARIES.get(kind, ()))]
    extras = "".join(EXTRAS.get(kind, "") for kind in kinds)
    return [f"perito{extras}=={version('perito')}", *(f"{name}=={version(name)}" for name in libraries)]


def _commit(package: Path) -> str:
    try:
        git = importlib.import_module("git")  # comes with MLflow; refuses to import where there is no git
    except ImportError:
        return ""
    try:
        with git.Repo(package, search_parent_directories=True) as repository:
            if not repository.git.ls_files(package / "__init__.py"):
                return ""  # installed below somebody else's checkout
            dirty = ".dirty" if repository.is_dirty(path=str(package)) else ""
            return f"g{repository.head.commit.hexsha[:12]}{dirty}"
    except (git.InvalidGitRepositoryError, git.GitCommandError, ValueError):
        return ""
