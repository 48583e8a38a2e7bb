"""Model versions of a dataset: load one, and move the alias `champion`. Refuses to fall back on another version.

Which version ought to hold the alias is decided above, and recorded in the ledger.
"""

import importlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perito.domain.errors import ModelError
from perito.domain.learnt import LearntFrom
from perito.registry.runs import CHAMPION, GATE_TAG
from perito.registry.tracking import Tracking, connected, model_name

if TYPE_CHECKING:
    from perito.models.interface import Model
    from perito.scoring import UsualValues

ABSENT = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})


@dataclass(frozen=True)
class Champion:
    """One version of a dataset's model, what is usual for its features, and where both came from.

    `learnt`: which claims it may have learnt from; None where its run does not say.
    """

    model: "Model"
    usual: "UsualValues"
    model_version: str
    run_id: str
    learnt: LearntFrom | None = None


@dataclass(frozen=True)
class Registered:
    """One registered version, not loaded. `not_champion_because` is what the gates of its run said; empty for nothing.

    None where its run does not say what the gates found.
    """

    model_version: str
    run_id: str
    fingerprint: str | None
    not_champion_because: str | None


def load_champion(dataset: str, tracking: Tracking) -> Champion:
    """The model that holds the alias `champion` of `dataset`.

    Raises
    ------
    ModelError
        There is no champion, or its folder is damaged.
    ServiceError
        The tracking store does not answer, or refuses.
    """
    version = champion_version(dataset, tracking)
    if version is None:
        raise ModelError(
            f"{model_name(dataset)} has no champion yet.",
            where=tracking.shown,
            remedy="Train on this dataset until a model beats chance, or promote one by hand with perito promote.",
        )
    return load_version(dataset, version, tracking)


def load_version(dataset: str, version: str, tracking: Tracking) -> Champion:
    """One version of the model of `dataset`, champion or not.

    Raises
    ------
    ModelError
        There is no such version, or its folder is damaged.
    MissingExtra
        It needs a library that is not installed.
    ServiceError
        The tracking store does not answer, or refuses.
    """
    from perito.models import load_model
    from perito.scoring import read_usual

    with connected(tracking) as mlflow, tempfile.TemporaryDirectory(prefix="perito-model-") as temporary:
        client = mlflow.MlflowClient()
        with _absent_is(f"{model_name(dataset)} has no version {version}.", tracking):
            found = client.get_model_version(model_name(dataset), version)
            params = client.get_run(found.run_id).data.params
            uri = f"models:/{found.name}/{found.version}"
            downloaded = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=temporary)
        folder = Path(downloaded) / "artifacts" / "model"
        model, usual = load_model(folder), read_usual(folder)
        return Champion(model, usual, str(found.version), str(found.run_id), _learnt(params))


def champion_version(dataset: str, tracking: Tracking) -> str | None:
    """The version that holds the alias `champion`; None where none does.

    Raises
    ------
    ServiceError
        The tracking store does not answer, or refuses.
    """
    exceptions = importlib.import_module("mlflow.exceptions")
    with connected(tracking) as mlflow:
        try:
            found = mlflow.MlflowClient().get_model_version_by_alias(model_name(dataset), CHAMPION)
        except exceptions.MlflowException as refusal:
            if refusal.error_code not in ABSENT:
                raise
            return None
        return str(found.version)


def set_champion(dataset: str, version: str, tracking: Tracking) -> None:
    """Move the alias `champion` to `version`; doing it again changes nothing.

    Raises
    ------
    ModelError
        There is no such version.
    ServiceError
        The tracking store does not answer, or refuses.
    """
    with connected(tracking) as mlflow, _absent_is(f"{model_name(dataset)} has no version {version}.", tracking):
        mlflow.MlflowClient().set_registered_model_alias(model_name(dataset), CHAMPION, version)


def registered(dataset: str, version: str | None, tracking: Tracking) -> Registered:
    """One registered version, or the latest.

    Raises
    ------
    ModelError
        There is no such version, or none at all.
    ServiceError
        The tracking store does not answer, or refuses.
    """
    name = model_name(dataset)
    with connected(tracking) as mlflow, _absent_is(f"{name} has no version {version or 'yet'}.", tracking):
        client = mlflow.MlflowClient()
        found = _latest(client, name, tracking) if version is None else client.get_model_version(name, version)
        tags = client.get_run(found.run_id).data.tags
        return Registered(str(found.version), str(found.run_id), tags.get("data_fingerprint"), tags.get(GATE_TAG))


def _latest(client: Any, name: str, tracking: Tracking) -> Any:
    versions = client.search_model_versions(f"name='{name}'", order_by=["version_number DESC"], max_results=1)
    if not versions:
        raise _no_such(f"{name} has no version yet.", tracking)
    return versions[0]


@contextmanager
def _absent_is(what: str, tracking: Tracking) -> Iterator[None]:
    exceptions = importlib.import_module("mlflow.exceptions")
    try:
        yield
    except exceptions.MlflowException as refusal:
        if refusal.error_code not in ABSENT:
            raise
        raise _no_such(what, tracking) from None


def _no_such(what: str, tracking: Tracking) -> ModelError:
    return ModelError(what, where=tracking.shown, remedy="Look at MLflow for the versions there are, or train first.")


def _learnt(params: Any) -> LearntFrom | None:
    before, kept_apart = params.get("learnt.before"), params.get("learnt.kept_apart")
    # MLflow may keep an empty parameter or none, so the hash alone says whether there is a record.
    return LearntFrom.read(before or "", kept_apart) if kept_apart else None
