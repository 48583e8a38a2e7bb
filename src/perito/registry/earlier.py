"""A run that did the same before: same data, parameters and code. Refuses to count one that did not end well."""

from dataclasses import dataclass
from typing import Any

from perito.registry.tracking import Tracking, connected, model_name

KEY_TAG = "training_key"
DONE_TAG = "training_done"


@dataclass(frozen=True)
class Earlier:
    """A logged run with the key that was asked for, and its version; `done` once everything after it was done too."""

    run_id: str
    model_version: str | None
    done: bool


def find_earlier(dataset: str, key: str, tracking: Tracking) -> Earlier | None:
    """The run of `dataset` that has `key` and ended well; None where there is none.

    Raises
    ------
    ServiceError
        The tracking store does not answer, or refuses.
    """
    with connected(tracking) as mlflow:
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name(model_name(dataset))
        return None if experiment is None else earlier_in(client, str(experiment.experiment_id), key)


def earlier_in(client: Any, experiment_id: str, key: str) -> Earlier | None:
    """The latest finished run of an experiment that has `key`."""
    found = _with_key(client, experiment_id, key, "FINISHED")
    if not found:
        return None
    run = found[0]
    versions = client.search_model_versions(f"run_id='{run.info.run_id}'")
    version = str(versions[0].version) if versions else None
    return Earlier(str(run.info.run_id), version, DONE_TAG in run.data.tags)


def end_abandoned(client: Any, experiment_id: str, key: str) -> None:
    """Mark runs that a killed process left behind as killed; called when the same work begins again."""
    for run in _with_key(client, experiment_id, key, "RUNNING"):
        client.set_terminated(run.info.run_id, status="KILLED")


def mark_done(run_id: str, tracking: Tracking) -> None:
    """Say that everything after logging was done too: decided, recorded, written.

    Raises
    ------
    ServiceError
        The tracking store does not answer, or refuses.
    """
    with connected(tracking) as mlflow:
        mlflow.MlflowClient().set_tag(run_id, DONE_TAG, "true")


def _with_key(client: Any, experiment_id: str, key: str, status: str) -> list[Any]:
    wanted = f"tags.{KEY_TAG} = '{key}' and attributes.status = '{status}'"
    return list(client.search_runs([experiment_id], filter_string=wanted, order_by=["attributes.start_time DESC"]))
