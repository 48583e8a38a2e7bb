"""Results appear whole or not at all."""

from pathlib import Path

import pytest

from perito.domain.errors import OutputError
from perito.files import atomic_path, write_text


def test_a_written_file_appears_under_its_name_and_nothing_else_stays(tmp_path: Path) -> None:
    write_text(tmp_path / "deep" / "run.json", "{}\n")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run.json"]
    assert (tmp_path / "deep" / "run.json").read_text(encoding="utf-8") == "{}\n"


def test_a_failure_halfway_leaves_the_older_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "scores.csv"
    target.write_text("older", encoding="utf-8")
    with pytest.raises(RuntimeError, match="halfway"):
        write_and_fail(target)
    assert target.read_text(encoding="utf-8") == "older"
    assert list(tmp_path.iterdir()) == [target]


def write_and_fail(target: Path) -> None:
    with atomic_path(target) as unfinished:
        unfinished.write_text("newer, but", encoding="utf-8")
        raise RuntimeError("halfway")


def test_a_folder_in_the_way_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    (tmp_path / "report.html" / "inside").touch()
    with pytest.raises(OutputError, match=r"report\.html") as failure:
        write_text(tmp_path / "report.html", "page")
    assert failure.value.remedy


def test_a_file_where_a_folder_is_needed_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match="could not be written"):
        write_text(tmp_path / "out" / "run.json", "{}")
