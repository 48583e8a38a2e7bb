"""Writes the pages of `docs/` that are made from code: `features.md` and `cli.md`.

`python -m scripts.generate_docs` writes them anew; with `--check` it writes nothing and fails when a
page is out of date. Refuses to touch a page that a person writes.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from perito.files import write_text
from scripts.cli_page import cli_page
from scripts.features_page import features_page

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES: Mapping[str, Callable[[], str]] = {"features.md": features_page, "cli.md": cli_page}


def out_of_date(docs: Path) -> list[str]:
    """The names of the generated pages that are missing from `docs` or say something else."""
    return [name for name, page in PAGES.items() if _said(docs / name) != page()]


def write_pages(docs: Path) -> None:
    """Write every generated page into `docs`."""
    for name, page in PAGES.items():
        write_text(docs / name, page())


def main(arguments: list[str] | None = None, docs: Path = DOCS) -> int:
    """Write the pages, or check them; the exit code is 1 when the check finds one out of date."""
    parser = argparse.ArgumentParser(prog="python -m scripts.generate_docs", description="Write the generated docs.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of date")
    if not parser.parse_args(arguments).check:
        write_pages(docs)
        return 0
    stale = out_of_date(docs)
    if stale:
        sys.stderr.write(f"Out of date: {', '.join(stale)}. Write them anew with: make docs\n")
    return 1 if stale else 0


def _said(page: Path) -> str | None:
    return page.read_text(encoding="utf-8") if page.exists() else None


if __name__ == "__main__":
    sys.exit(main())
