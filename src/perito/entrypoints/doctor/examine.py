"""All checks, side by side, so that three servers that do not answer take no longer than one."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from perito.domain.errors import PeritoError
from perito.entrypoints.doctor.database import check_database
from perito.entrypoints.doctor.findings import Fault, Finding
from perito.entrypoints.doctor.machine import check_disk
from perito.entrypoints.doctor.mlflow_server import check_mlflow
from perito.entrypoints.doctor.prefect_server import check_prefect
from perito.entrypoints.doctor.versions import check_versions
from perito.entrypoints.settings import Settings


def examine(environ: Mapping[str, str], cwd: Path, pool: str) -> list[Finding]:
    """Every finding, checks in the order of mending. Nothing is changed."""
    try:
        settings = Settings.from_environment(environ, cwd)
    except PeritoError as error:
        return [Finding("settings", f"{error.where}: {error.what}", Fault.SETTINGS, error.remedy)]
    checks: tuple[Callable[[], list[Finding]], ...] = (
        check_versions,
        lambda: check_disk(settings),
        lambda: check_database(settings),
        lambda: check_mlflow(settings),
        lambda: check_prefect(settings, pool),
    )
    with ThreadPoolExecutor(len(checks)) as at_once:
        return [finding for found in at_once.map(lambda check: check(), checks) for finding in found]
