"""What every test shares: libraries behave as they do under the command line."""

import os

import pytest

from perito.entrypoints.settings import quiet_libraries

ONE_THREAD = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
"""Tests side by side share the cores; threads that wait for those of another test take many times as long."""

if "PYTEST_XDIST_WORKER" in os.environ:
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
quiet_libraries(os.environ)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for servers goes first, so that side by side the others fill the time."""
    items.sort(key=lambda item: "test_in_service" not in item.nodeid)
