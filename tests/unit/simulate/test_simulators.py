from pathlib import Path

import pytest

from perito.domain.errors import OutputError, ParameterError
from perito.simulate.catalogue import SIMULATORS, simulate


@pytest.mark.parametrize("name", SIMULATORS)
def test_every_simulator_writes_files_that_exist_and_says_how_many_rows(name: str, tmp_path: Path) -> None:
    summary = simulate(name, folder=tmp_path / "out", rows=150, seed=1)
    assert summary.name == name
    assert summary.files
    assert all(path.is_file() and path.parent == tmp_path / "out" for path in summary.files)
    assert next(iter(summary.rows.values())) == 150


def test_only_the_insurer_has_a_truth_to_hide(tmp_path: Path) -> None:
    assert simulate("simulated", folder=tmp_path / "a", rows=150).truth == tmp_path / "a-truth.parquet"
    assert simulate("kaggle-policies", folder=tmp_path / "b", rows=150).truth is None


def test_one_simulation_replaces_another_whole(tmp_path: Path) -> None:
    simulate("simulated", folder=tmp_path / "out", rows=150)
    simulate("kaggle-policies", folder=tmp_path / "out", rows=150)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["data_synthetic.csv", "simulation.json"]


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="simulated, kaggle-policies"):
        simulate("nonsense", folder=tmp_path / "out")


def test_too_few_rows_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="claims"):
        simulate("simulated", folder=tmp_path / "out", rows=5)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_things_is_refused_unless_overwriting_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="other things"):
        simulate("kaggle-policies", folder=tmp_path / "out", rows=10)
    simulate("kaggle-policies", folder=tmp_path / "out", rows=10, overwrite=True)
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
