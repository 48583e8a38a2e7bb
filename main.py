"""The main job, as Prefect deploys it and as `python main.py` runs it. Importing it only defines the flow."""

from perito.entrypoints.flows import main_job as pipeline

__all__ = ["pipeline"]

if __name__ == "__main__":
    from perito.entrypoints.cli import run_as_main

    run_as_main()
