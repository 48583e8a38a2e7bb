"""Results appear whole or not at all: written beside their place, then renamed into it.

Stands beside `domain`, on the standard library alone. Refuses to leave half a file behind.
"""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from perito.domain.errors import OutputError


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it becomes `path` when the block ends well.

    The yielded path has the same file name, in a private folder on the same disk, which is
    removed whatever happens. Parent folders are made. An older file at `path` stays as it
    was unless the block ends well. Do nothing but write inside the block.

    Raises
    ------
    OutputError
        When anything about the writing fails: no room, no permission, a folder in the way.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unfinished-") as folder:
            unfinished = Path(folder) / path.name
            yield unfinished
            unfinished.replace(path)
    except OSError as failure:
        raise OutputError(
            f"The file could not be written: {failure.strerror or type(failure).__name__}.",
            where=str(path),
            remedy="Check that the folder exists, is writable and has room, or choose another with --out.",
        ) from failure


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    with atomic_path(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def atomic_folder(folder: Path, *, ours: Collection[str]) -> Iterator[Path]:
    """Lend an empty folder; when the block ends well it becomes `folder`, whole.

    An earlier result, a folder that holds nothing but names of `ours`, is replaced.

    Raises
    ------
    OutputError
        When `folder` is a file or holds anything else, or the disk refuses.
    """
    check_folder(folder, ours=ours)
    place = folder.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}-") as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir()
            yield fresh
            if place.exists():
                place.rename(Path(scratch) / "earlier")
            fresh.rename(place)
    except OSError as failure:
        raise _refused(folder, failure) from failure


def check_folder(folder: Path, *, ours: Collection[str]) -> None:
    """Refuse a folder that `atomic_folder` could not replace, before the work whose results go there.

    Raises
    ------
    OutputError
        When `folder` is a file, a disk of its own or holds anything but names of `ours`, or
        when nothing can be written beside it.
    """
    if folder.exists() and not (folder.is_dir() and all(path.name in ours for path in folder.iterdir())):
        raise OutputError(
            "Expected a new or empty folder, or one with earlier results and nothing else.",
            where=str(folder),
            remedy="Choose another folder with --out, or move what lies there.",
        )
    place = folder.resolve()
    if place.is_mount():
        raise OutputError(
            "Expected a folder that can be replaced as a whole; a disk is mounted there.",
            where=str(folder),
            remedy="Choose a folder below it with --out.",
        )
    nearest = next(above for above in place.parents if above.exists())
    try:
        tempfile.TemporaryDirectory(dir=nearest, prefix=f".{place.name}-").cleanup()
    except OSError as failure:
        raise _refused(folder, failure) from failure


def _refused(folder: Path, failure: OSError) -> OutputError:
    return OutputError(
        f"The results could not be written: {failure.strerror or type(failure).__name__}.",
        where=str(folder),
        remedy="Check that the folder is writable and has room, or choose another with --out.",
    )
