import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from perito.domain.errors import OutputError
from perito.simulate.insurer import SimulatedBook, simulate_insurer
from perito.simulate.parameters import Parameters
from perito.simulate.writing import MARKER, write_book

TABLES = ["claims.parquet", "dispositions.parquet", "parties.parquet", "policies.parquet"]


def small_book(*, seed: int = 1) -> SimulatedBook:
    return simulate_insurer(Parameters.of_size(200), seed=seed)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_holds_the_four_tables_and_the_truth_lies_outside(tmp_path: Path) -> None:
    summary = write_book(small_book(), tmp_path / "book")
    assert names(tmp_path / "book") == [*TABLES, MARKER]
    assert summary.truth == tmp_path / "book-truth.parquet"
    assert pq.read_table(summary.truth).equals(small_book().truth)
    assert names(tmp_path) == ["book", "book-truth.parquet"]


def test_what_is_written_is_what_was_drawn(tmp_path: Path) -> None:
    book = small_book()
    summary = write_book(book, tmp_path / "book")
    assert pq.read_table(tmp_path / "book" / "claims.parquet").equals(book.claims)
    assert summary.rows == {
        "claims": 200,
        "policies": book.policies.num_rows,
        "parties": book.parties.num_rows,
        "dispositions": book.dispositions.num_rows,
    }


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    write_book(small_book(), tmp_path / "a")
    write_book(small_book(), tmp_path / "b")
    for name in [*TABLES, MARKER]:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_truth_may_be_put_elsewhere_but_never_inside_the_folder(tmp_path: Path) -> None:
    assert write_book(small_book(), tmp_path / "book", truth_path=tmp_path / "hidden" / "t.parquet").truth is not None
    assert (tmp_path / "hidden" / "t.parquet").is_file()
    with pytest.raises(OutputError, match="truth"):
        write_book(small_book(), tmp_path / "other", truth_path=tmp_path / "other" / "sub" / "t.parquet")
    assert not (tmp_path / "other").exists()


def test_a_link_does_not_bring_the_truth_into_the_folder(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "door").symlink_to(tmp_path / "book")
    with pytest.raises(OutputError, match="truth"):
        write_book(small_book(), tmp_path / "book", truth_path=tmp_path / "door" / "t.parquet")


def test_an_earlier_simulation_is_replaced(tmp_path: Path) -> None:
    write_book(small_book(seed=1), tmp_path / "book")
    write_book(small_book(seed=2), tmp_path / "book")
    assert pq.read_table(tmp_path / "book" / "claims.parquet").equals(small_book(seed=2).claims)
    assert json.loads((tmp_path / "book" / MARKER).read_text())["seed"] == 2
    assert names(tmp_path) == ["book", "book-truth.parquet"]


@pytest.mark.parametrize("marker", [None, "[]", "not json", '{"other": 1}'])
def test_a_folder_with_other_things_is_left_alone(tmp_path: Path, marker: str | None) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    if marker is not None:
        (tmp_path / MARKER).write_text(marker)
    before = names(tmp_path)
    with pytest.raises(OutputError, match="earlier simulation"):
        write_book(small_book(), tmp_path, truth_path=tmp_path.parent / f"{tmp_path.name}-t.parquet")
    assert names(tmp_path) == before


def test_a_simulation_to_which_something_was_added_is_left_alone(tmp_path: Path) -> None:
    write_book(small_book(), tmp_path / "book")
    (tmp_path / "book" / "scores.parquet").write_text("mine")
    with pytest.raises(OutputError, match="earlier simulation"):
        write_book(small_book(seed=2), tmp_path / "book")
    assert json.loads((tmp_path / "book" / MARKER).read_text())["seed"] == 1


def test_overwriting_keeps_the_files_of_others(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "claims.parquet").write_text("old")
    write_book(small_book(), folder, overwrite=True)
    assert (folder / "notes.txt").read_text() == "mine"
    assert pq.read_table(folder / "claims.parquet").num_rows == 200


def test_a_file_where_the_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "book").write_text("a file")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="book"):
            write_book(small_book(), tmp_path / "book", overwrite=overwrite)
    assert (tmp_path / "book").read_text() == "a file"


def test_a_truth_file_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "book-truth.parquet").write_text("mine")
    with pytest.raises(OutputError, match="found one"):
        write_book(small_book(), tmp_path / "book")
    assert names(tmp_path) == ["book-truth.parquet"]
