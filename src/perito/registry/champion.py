"""Load the model that an insurer relies on. Refuses to fall back on another one."""

import importlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perito.domain.errors import ModelError
from perito.registry.runs import CHAMPION
from perito.registry.tracking import Tracking, connected, model_name

if TYPE_CHECKING:
    from perito.models.interface import Model
    from perito.scoring import UsualValues


@dataclass(frozen=True)
class Champion:
    """The model in use for one dataset, what is usual for its features, and where both came from."""

    model: "Model"
    usual: "UsualValues"
    model_version: str
    run_id: str


def load_champion(dataset: str, tracking: Tracking) -> Champion:
    """The model that holds the alias `champion` of `dataset`.

    Raises
    ------
    ModelError
        There is no champion, or its folder is damaged.
    ServiceError
        The tracking store does not answer, or refuses.
    """
    from perito.models import load_model
    from perito.scoring import read_usual

    with connected(tracking) as mlflow, tempfile.TemporaryDirectory(prefix="perito-model-") as temporary:
        version = _champion_version(mlflow.MlflowClient(), dataset, tracking)
        uri = f"models:/{version.name}/{version.version}"
        downloaded = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=temporary)
        folder = Path(downloaded) / "artifacts" / "model"
        return Champion(load_model(folder), read_usual(folder), str(version.version), str(version.run_id))


def _champion_version(client: Any, dataset: str, tracking: Tracking) -> Any:
    exceptions = importlib.import_module("mlflow.exceptions")
    try:
        return client.get_model_version_by_alias(model_name(dataset), CHAMPION)
    except exceptions.MlflowException as refusal:
        if refusal.error_code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            raise
        raise ModelError(
            f"{model_name(dataset)} has no champion yet.",
            where=tracking.shown,
            remedy="Train on this dataset until a model beats chance, or give one the alias by hand.",
        ) from None
