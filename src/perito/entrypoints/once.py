"""What makes a scheduled run one of a kind: the same data, parameters and code are not learnt from twice.

Refuses to guess: any change of a file of the package or of `main.py` makes another key.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import perito


def training_key(fingerprint: str, parameters: Mapping[str, object], main: Path) -> str:
    """SHA-256 of the data's fingerprint, the flow's parameters and the code that would run; `main` is `main.py`."""
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
