"""Says which machine a benchmark ran on, so that stored numbers can be compared. Refuses to name it."""

import os
import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "adbc-driver-postgresql",
    "catboost",
    "duckdb",
    "lightgbm",
    "numpy",
    "pandas",
    "psycopg",
    "pyarrow",
    "scikit-learn",
    "sqlglot",
)


def describe() -> dict[str, object]:
    """Processor, cores, memory, Python and the versions of the packages that do the work."""
    return {
        "cpus": os.cpu_count(),
        "model": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def peak_memory_gb(*, of: int = resource.RUSAGE_SELF) -> float:
    """The most memory this process, or the largest of its children, has held so far, in gigabytes."""
    peak = resource.getrusage(of).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e9, 2)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
