"""Results appear whole or not at all."""

from pathlib import Path

import pytest

from perito.domain.errors import OutputError
from perito.files import atomic_folder, atomic_path, check_folder, write_text


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


def results_of(folder: Path, text: str, *, fail: bool = False) -> None:
    with atomic_folder(folder, ours={"run.json"}) as fresh:
        (fresh / "run.json").write_text(text, encoding="utf-8")
        if fail:
            raise RuntimeError("halfway")


def test_earlier_results_are_replaced_as_a_whole(tmp_path: Path) -> None:
    for text in ("first", "second"):
        results_of(tmp_path / "deep" / "results", text)
    assert (tmp_path / "deep" / "results" / "run.json").read_text(encoding="utf-8") == "second"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["results"]


def test_a_failure_halfway_leaves_the_earlier_results_as_they_were(tmp_path: Path) -> None:
    results_of(tmp_path / "results", "first")
    with pytest.raises(RuntimeError, match="halfway"):
        results_of(tmp_path / "results", "newer, but", fail=True)
    assert (tmp_path / "results" / "run.json").read_text(encoding="utf-8") == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_a_folder_with_anything_else_in_it_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("mine", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="nothing else"):
        results_of(tmp_path, "new")
    assert (tmp_path / "run.json").read_text(encoding="utf-8") == "mine"


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "big disk").mkdir()
    (tmp_path / "results").symlink_to(tmp_path / "big disk")
    results_of(tmp_path / "results", "text")
    assert (tmp_path / "results").is_symlink()
    assert (tmp_path / "big disk" / "run.json").read_text(encoding="utf-8") == "text"


@pytest.mark.parametrize("place", ["file", "file/below", "file/below/that"])
def test_a_folder_that_cannot_be_made_is_refused_before_the_work(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError) as refusal:
        check_folder(tmp_path / place, ours=())
    assert refusal.value.where == str(tmp_path / place)


def test_a_disk_of_its_own_cannot_be_replaced(tmp_path: Path) -> None:
    mounted = next(Path(place) for place in ("/dev/pts", "/proc", "/dev") if Path(place).is_mount())
    with pytest.raises(OutputError, match="mounted"):
        check_folder(mounted, ours={path.name for path in mounted.iterdir()})


def test_checking_a_folder_leaves_no_trace(tmp_path: Path) -> None:
    check_folder(tmp_path / "deep" / "results", ours=())
    assert list(tmp_path.iterdir()) == []
