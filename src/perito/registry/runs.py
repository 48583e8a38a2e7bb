"""One main job becomes one MLflow run and one registered model version.

Refuses to decide which version is champion: that is the gate's, and the ledger's.
"""

import importlib
import math
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perito.domain.learnt import LearntFrom
from perito.registry.earlier import KEY_TAG, earlier_in, end_abandoned
from perito.registry.tracking import Tracking, connected, model_name
from perito.registry.versions import code_version, pip_requirements

if TYPE_CHECKING:
    from perito.models.interface import Model
    from perito.scoring import UsualValues

CHAMPION = "champion"
GATE_TAG = "not_champion_because"
LONGEST_VALUE = 500
LONGEST_KEY = 250
BATCH = 100
UNSAFE = re.compile(r"[^\w\-./ ]", re.ASCII)
SCRIPT = Path(__file__).with_name("scorer_model.py")


@dataclass(frozen=True)
class RunRecord:
    """What one main job leaves in MLflow.

    `params` and `metrics` may be nested; keys are joined with dots. A metric that is null or
    not finite is left out. `usual`: what is usual per feature among the training claims; it
    goes with the model and makes the input example, so that no claim does.
    `not_champion_because`: why the gates do not let the model become champion; empty when
    they do. `learnt`: which claims it may have learnt from. `verdict`: the learnability
    verdict in words. `leakage`: the leakage verdict in words. `registers`: whether its model
    becomes a version; a model that learnt from too few claims is a file of its run and nothing more.
    `key`: what the run is one of a kind by; logging the same key again gives the run that is there.
    """

    dataset: str
    fingerprint: str
    model: "Model"
    usual: "UsualValues"
    params: Mapping[str, object]
    metrics: Mapping[str, object]
    not_champion_because: str
    learnt: LearntFrom
    verdict: str
    plots: Sequence[Path] = ()
    leakage: str = ""
    registers: bool = True
    key: str | None = None


@dataclass(frozen=True)
class Logged:
    """Where a run went, and the version that its model was registered as; None for one that was not registered."""

    run_id: str
    model_name: str
    model_version: str | None
    tracking_uri: str
    ui_command: str


def log_run(record: RunRecord, tracking: Tracking) -> Logged:
    """Log one run and register its model as a new version, which is not champion yet; a `key` is logged once.

    Raises
    ------
    ServiceError
        The tracking store does not answer, or refuses.
    OutputError
        The model or the store's folder cannot be written.
    """
    name = model_name(record.dataset)
    with connected(tracking) as mlflow:
        client = mlflow.MlflowClient()
        experiment_id = _experiment(client, name, tracking)
        if record.key is not None:
            end_abandoned(client, experiment_id, record.key)
            earlier = earlier_in(client, experiment_id, record.key)
            if earlier is not None and (earlier.model_version is not None or not record.registers):
                return _logged(earlier.run_id, name, earlier.model_version, tracking)
        nested = mlflow.active_run() is not None
        with mlflow.start_run(experiment_id=experiment_id, tags=_tags(record), nested=nested) as run:
            _log_figures(mlflow, record)
            _log_files(mlflow, record)
            model_uri = _log_model(mlflow, record)
        version = _register(client, name, model_uri=model_uri, run_id=run.info.run_id) if record.registers else None
    return _logged(run.info.run_id, name, version, tracking)


def attach(file: Path, run_id: str, tracking: Tracking) -> None:
    """Add a file to a run that was logged before, such as the report that names the run.

    Raises
    ------
    ServiceError
        The tracking store does not answer, or refuses.
    """
    with connected(tracking) as mlflow:
        mlflow.MlflowClient().log_artifact(run_id, str(file))


def flattened(nested: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Pairs of a dotted key that MLflow takes and a value that is no mapping.

    >>> list(flattened({"auc": {"value": 0.7, "low": 0.6}, "top 10 %": 1}))
    [('auc.value', 0.7), ('auc.low', 0.6), ('top 10 _', 1)]
    """
    for key, value in nested.items():
        name = f"{prefix}{UNSAFE.sub('_', str(key))}"
        if isinstance(value, Mapping):
            yield from flattened(value, f"{name}.")
        else:
            yield name[:LONGEST_KEY], value


def _logged(run_id: str, name: str, version: str | None, tracking: Tracking) -> Logged:
    return Logged(
        run_id=run_id,
        model_name=name,
        model_version=version,
        tracking_uri=tracking.shown,
        ui_command=tracking.shown_by,
    )


def _experiment(client: Any, name: str, tracking: Tracking) -> str:
    known = client.get_experiment_by_name(name)
    if known is not None:
        return str(known.experiment_id)
    location = None if tracking.artifacts is None else (tracking.artifacts / name).as_uri()
    return str(client.create_experiment(name, artifact_location=location))


def _tags(record: RunRecord) -> dict[str, str]:
    key = {} if record.key is None else {KEY_TAG: record.key}
    return key | {
        "dataset": record.dataset,
        "data_fingerprint": record.fingerprint,
        "code_version": code_version(),
        "leakage": record.leakage[:LONGEST_VALUE],
        "learnability": record.verdict[:LONGEST_VALUE],
        GATE_TAG: record.not_champion_because[:LONGEST_VALUE],
    }


def _log_figures(mlflow: Any, record: RunRecord) -> None:
    told = {**record.params, "learnt": record.learnt.document()}
    params = [(key, str(value)[:LONGEST_VALUE]) for key, value in flattened(told)]
    for start in range(0, len(params), BATCH):
        mlflow.log_params(dict(params[start : start + BATCH]))
    mlflow.log_metrics({key: value for key, value in flattened(record.metrics) if _is_figure(value)})


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _log_files(mlflow: Any, record: RunRecord) -> None:
    for plot in record.plots:
        mlflow.log_artifact(str(plot), artifact_path="plots")


def _log_model(mlflow: Any, record: RunRecord) -> str:
    from perito.models import kinds_of, save_model
    from perito.scoring import write_usual

    with tempfile.TemporaryDirectory(prefix="perito-model-") as temporary:
        folder = Path(temporary) / "model"
        save_model(record.model, folder)
        write_usual(record.usual, folder)
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(SCRIPT),
            artifacts={"model": str(folder)},
            signature=_signature(record.model),
            input_example=_usual_claim(record),
            pip_requirements=pip_requirements(kinds_of(record.model)),
            metadata={"kind": record.model.kind, "dataset": record.dataset},
        )
    return str(logged.model_uri)


def _signature(model: "Model") -> Any:
    models, types = importlib.import_module("mlflow.models"), importlib.import_module("mlflow.types")
    sql_type = {"numeric": "double", "categorical": "string"}
    return models.ModelSignature(
        inputs=types.Schema([types.ColSpec(sql_type[column.kind], column.name) for column in model.columns]),
        outputs=types.Schema([types.ColSpec("double", "score"), types.ColSpec("double", "log_odds")]),
        params=types.ParamSchema([types.ParamSpec("reasons", "long", 0)]),
    )


def _usual_claim(record: RunRecord) -> Any:
    import pandas as pd

    values = {column.name: record.usual[column.name]["value"] for column in record.model.columns}
    kinds = {column.name: column.kind for column in record.model.columns}
    filled = {
        name: [value if value is not None else 0.0 if kinds[name] == "numeric" else ""]
        for name, value in values.items()
    }
    return pd.DataFrame(filled).astype({name: float for name, kind in kinds.items() if kind == "numeric"})


def _register(client: Any, name: str, *, model_uri: str, run_id: str) -> str:
    exceptions = importlib.import_module("mlflow.exceptions")
    try:
        client.create_registered_model(name)
    except exceptions.MlflowException as refusal:
        if refusal.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    model_id = model_uri.removeprefix("models:/")
    return str(client.create_model_version(name, model_uri, run_id=run_id, model_id=model_id).version)
