"""Creates or updates Perito's scheduled deployments: `python deployment.py --help`. Run it again after a change.

Each value is an interval (`90s`, `15m`, `2h`, `1d`) or a cron line in UTC.
"""

from pathlib import Path

from perito.entrypoints.cli import run_deployment

SCORE = "10m"
"""When claims that nobody has ranked yet are ranked."""
TRAIN = "0 3 * * *"
"""When a model is trained on what investigators have found by then."""
MONITOR = "0 6 * * *"
"""When somebody looks after it all."""

if __name__ == "__main__":
    run_deployment(Path(__file__).resolve().parent, score=SCORE, train=TRAIN, monitor=MONITOR)
