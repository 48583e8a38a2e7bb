"""The only door to MLflow: runs, models and the alias `champion`.

Refuses pickle (a model is its native files and a script) and a server that does not answer.
MLflow itself is imported only when a run is logged or a champion loaded.
"""

from perito.registry.champion import (
    Champion,
    Registered,
    champion_version,
    load_champion,
    load_version,
    registered,
    set_champion,
)
from perito.registry.earlier import Earlier, find_earlier, mark_done
from perito.registry.runs import Logged, RunRecord, attach, log_run
from perito.registry.tracking import Tracking, check_store, model_name

__all__ = [
    "Champion",
    "Earlier",
    "Logged",
    "Registered",
    "RunRecord",
    "Tracking",
    "attach",
    "champion_version",
    "check_store",
    "find_earlier",
    "load_champion",
    "load_version",
    "log_run",
    "mark_done",
    "model_name",
    "registered",
    "set_champion",
]
