"""The code of a scheduled run: settled when it begins, and part of what makes the run one of a kind.

An edit while a run is in flight must not reach it, so every module is loaded at its start.
Refuses to guess: any change of a file of the package or of `main.py` makes another run.
"""

import hashlib
import importlib
import json
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import perito

NO_MODULES = ("perito.registry.scorer_model", "perito.store.migrations")
"""Scripts that other programs run; to import them is to run them."""


def settle_code(main: Path) -> None:
    """Load every module of the package, and read the code's digest, before an edit can come between."""
    code_digest(main)
    for module in pkgutil.walk_packages(perito.__path__, "perito."):
        if not module.name.startswith(NO_MODULES):
            importlib.import_module(module.name)


def training_key(fingerprint: str, parameters: Mapping[str, object], main: Path) -> str:
    """SHA-256 of the data's fingerprint, the flow's parameters and the code that runs; `main` is `main.py`."""
    told = {"fingerprint": fingerprint, "code": code_digest(main), **parameters}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


@cache
def code_digest(main: Path) -> str:
    """SHA-256 of `main` and of every Python file of the package, in the order of their names; read once a process."""
    package = Path(perito.__file__).parent
    digest = hashlib.sha256()
    for file in (main, *sorted(package.rglob("*.py"))):
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
