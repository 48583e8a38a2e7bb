"""Perito's flows, as Prefect runs them: the main job, ranking of new claims, and a look at the whole.

Refuses logic of its own, and to keep tables in Prefect: results stay in this process and on disk.
"""

from perito.entrypoints.flows.monitor import monitor
from perito.entrypoints.flows.score import score_new_claims
from perito.entrypoints.flows.train import main_job, run_main_job

__all__ = ["main_job", "monitor", "run_main_job", "score_new_claims"]
