"""Installed packages against the bounds that Perito declares. Some break servers without a word."""

from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from perito.entrypoints.doctor.findings import Fault, Finding


def check_versions(bounds: Sequence[str] | None = None, installed: Callable[[str], str] = version) -> list[Finding]:
    """One finding for each package outside its bounds, or one that says that all are inside."""
    wanted = [Requirement(text) for text in (requires("perito") or [] if bounds is None else bounds)]
    applicable = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    found = [finding for one in applicable if (finding := _outside(one, installed)) is not None]
    return found or [Finding("versions", f"{len(applicable)} packages are within their bounds")]


def _outside(wanted: Requirement, installed: Callable[[str], str]) -> Finding | None:
    try:
        have = installed(wanted.name)
    except PackageNotFoundError:
        have = "nothing"
    if have != "nothing" and wanted.specifier.contains(have, prereleases=True):
        return None
    return Finding(
        "versions",
        f"{wanted.name}: {have} is installed; Perito needs {wanted.specifier}.",
        Fault.VERSIONS,
        "Install the locked packages again: make setup.",
    )
