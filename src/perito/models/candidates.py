"""The models that compete, by name, and the one way to keep a trained one in a folder.

Refuses to load what it did not write: every file is checked against its fingerprint, and
only native formats are read. No learning library is imported before a model needs it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from perito.domain.errors import ModelError
from perito.features.columns import FeatureColumn
from perito.files import atomic_path
from perito.models.baseline import fit_scorecard
from perito.models.blend import BLEND_FILE, Blend
from perito.models.catboost_trees import CODES_FILE, TREES_FILE, CatBoost, fit_catboost
from perito.models.gbm import BOOSTER_FILE, CATEGORIES_FILE, LightGBM, fit_lightgbm
from perito.models.interface import NO_OPTIONS, Model, Options, TrainingSet
from perito.models.keras_net import fit_keras
from perito.models.linear import LINEAR_FILE, Linear, fit_linear
from perito.models.network import INPUTS_FILE, NETWORK_FILE, KerasNet
from perito.models.scorecard import SCORECARD_FILE, Scorecard

MODEL_FILE = "model.json"
MODEL_FILES = frozenset(
    {
        *(MODEL_FILE, LINEAR_FILE, SCORECARD_FILE, BOOSTER_FILE, CATEGORIES_FILE, TREES_FILE, CODES_FILE),
        *(NETWORK_FILE, INPUTS_FILE, BLEND_FILE),
        *(Linear.kind, Scorecard.kind, LightGBM.kind, CatBoost.kind, KerasNet.kind),
    }
)
"""Every name that a model folder may hold: files, and the folders of a blend's members."""
FORMAT = 1


class Fit(Protocol):
    """Learns a model; the same claims, seed and options give the same model."""

    def __call__(self, training: TrainingSet, *, seed: int, options: Options = NO_OPTIONS) -> Model:
        """Learn from labelled claims."""
        ...


CANDIDATES: Mapping[str, Fit] = MappingProxyType(
    {
        Linear.kind: fit_linear,
        Scorecard.kind: fit_scorecard,
        LightGBM.kind: fit_lightgbm,
        CatBoost.kind: fit_catboost,
        KerasNet.kind: fit_keras,
    }
)
"""How each candidate learns, simplest first."""

_LOADERS: Mapping[str, Callable[[Path, tuple[FeatureColumn, ...]], Model]] = MappingProxyType(
    {model.kind: model.load for model in (Linear, Scorecard, LightGBM, CatBoost, KerasNet)}
)
_KINDS = (*_LOADERS, Blend.kind)


def save_model(model: Model, folder: Path) -> None:
    """Write a model into `folder`, whole or not at all.

    A model that was there before is replaced; any other folder that is not empty is left
    as it is. `model.json` names the kind, the ordered features and every file's SHA-256.

    Raises
    ------
    OutputError
        When the folder cannot be written, or holds something else than a model.
    """
    with atomic_path(folder) as unfinished:
        unfinished.mkdir()
        model.save(unfinished)
        document = {
            "kind": model.kind,
            "format": FORMAT,
            "columns": [asdict(column) for column in model.columns],
            "files": {name: _fingerprint(path) for name, path in _files_below(unfinished).items()},
        }
        (unfinished / MODEL_FILE).write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
        if (folder / MODEL_FILE).is_file():
            folder.replace(unfinished.with_name("replaced"))


def load_model(folder: Path) -> Model:
    """Read the model that `save_model` wrote; other files in the folder are left alone.

    Raises
    ------
    ModelError
        When the folder is missing, damaged, or of a kind or format this version does not know.
    MissingExtra
        When the model needs a library that is not installed.
    """
    document = _document(folder)
    _check_files(folder, document)
    try:
        columns = tuple(FeatureColumn(**entry) for entry in document["columns"])
        model = _load(document["kind"], folder, columns)
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise _damaged(folder, f"its content cannot be read ({type(failure).__name__})") from failure
    return model


def kinds_of(model: Model) -> tuple[str, ...]:
    """The kinds a model is made of: its own, or those of a blend's members."""
    return tuple(model.members) if isinstance(model, Blend) else (model.kind,)


def _load(kind: str, folder: Path, columns: tuple[FeatureColumn, ...]) -> Model:
    return Blend.load(folder, columns, _LOADERS) if kind == Blend.kind else _LOADERS[kind](folder, columns)


def _document(folder: Path) -> dict[str, Any]:
    path = folder / MODEL_FILE
    if not path.is_file():
        raise ModelError(
            f"Expected a model folder with {MODEL_FILE}; there is none.",
            where=str(folder),
            remedy="Give the folder a training run wrote, or train a model first.",
        )
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as failure:
        raise _damaged(folder, f"{MODEL_FILE} is not JSON") from failure
    if not isinstance(document, dict) or not {"kind", "format", "columns", "files"} <= document.keys():
        raise _damaged(folder, f"{MODEL_FILE} lacks kind, format, columns or files")
    if document["format"] != FORMAT or document["kind"] not in _KINDS:
        raise ModelError(
            f"Expected format {FORMAT} and one of {', '.join(_KINDS)}; "
            f"format {document['format']} and kind {document['kind']} came.",
            where=str(folder),
            remedy="Use the version of Perito that wrote it, or train again.",
        )
    return document


def _check_files(folder: Path, document: Mapping[str, Any]) -> None:
    present = _files_below(folder)
    for name, fingerprint in document["files"].items():
        if name not in present:
            raise _damaged(folder, f"{name} is missing")
        if _fingerprint(present[name]) != fingerprint:
            raise _damaged(folder, f"{name} was changed after it was written")


def _files_below(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _damaged(folder: Path, how: str) -> ModelError:
    return ModelError(
        f"The model is damaged: {how}.", where=str(folder), remedy="Fetch it again from the registry, or train again."
    )


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
