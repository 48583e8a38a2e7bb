"""Perito's flows, as `deployment.py` deploys them; `python main.py` runs the main job. Importing it only defines them.

An edit here, or in any module that this imports, counts from the next run on.
"""

from perito.entrypoints.flows import main_job as pipeline
from perito.entrypoints.flows import monitor, score_new_claims

__all__ = ["monitor", "pipeline", "score_new_claims"]

if __name__ == "__main__":
    from perito.entrypoints.cli import run_as_main

    run_as_main()
