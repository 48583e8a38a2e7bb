import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

from perito.domain.errors import ParameterError
from perito.simulate.kaggle_policies import COLUMNS, FILE, RISK_SHARES, simulate_kaggle_policies, write_kaggle_policies

DATES = ("Purchase History", "Policy Start Date", "Policy Renewal Date")


@pytest.fixture(scope="module")
def twin() -> pa.Table:
    return simulate_kaggle_policies(20_000, seed=1)


def correlation_with_risk(dependence: float) -> float:
    drawn = simulate_kaggle_policies(20_000, seed=1, dependence=dependence)
    return float(np.corrcoef(drawn["Risk Profile"].to_numpy(), drawn["Credit Score"].to_numpy())[0, 1])


def test_the_twin_has_thirty_columns_without_nulls(twin: pa.Table) -> None:
    assert (twin.num_columns, twin.num_rows) == (30, 20_000)
    assert [twin.column_names[at] for at in (0, 10, 24, 29)] == [
        "Customer ID",
        "Purchase History",
        "Risk Profile",
        "Segmentation Group",
    ]
    assert not any(column.null_count for column in twin.columns)


def test_risk_profile_has_the_published_shares(twin: pa.Table) -> None:
    shares = np.bincount(twin["Risk Profile"].to_numpy(), minlength=4) / twin.num_rows
    assert shares == pytest.approx(RISK_SHARES, abs=0.015)


def test_customer_ids_repeat_and_have_at_most_five_digits(twin: pa.Table) -> None:
    drawn = twin["Customer ID"].to_numpy()
    assert len(np.unique(drawn)) < len(drawn)
    assert drawn.min() >= 1
    assert drawn.max() <= 99_999


@pytest.mark.parametrize("name", DATES)
def test_dates_are_written_in_two_notations_both_month_first(twin: pa.Table, name: str) -> None:
    for text in map(str, twin[name].to_pylist()):
        hyphened = re.fullmatch(r"(\d\d)-(\d\d)-20\d\d", text)
        slashed = re.fullmatch(r"([1-9]\d?)/(\d\d)/20\d\d", text)
        match = hyphened or slashed
        assert match, "neither notation"
        month, day = int(match[1]), int(match[2])
        assert 1 <= month <= 12
        assert (day <= 12) == bool(hyphened)


def test_every_category_occurs(twin: pa.Table) -> None:
    for name, content in COLUMNS.items():
        if isinstance(content, tuple) and isinstance(content[0], str):
            assert set(twin[name].to_pylist()) == set(content)


def test_the_target_leans_on_the_columns_only_as_far_as_dependence_says() -> None:
    assert correlation_with_risk(0.0) == pytest.approx(0, abs=0.02)
    assert -0.15 < correlation_with_risk(0.12) < -0.03
    assert correlation_with_risk(1.0) < -0.3


def test_the_same_seed_gives_the_same_twin_and_another_another() -> None:
    assert simulate_kaggle_policies(500, seed=4) == simulate_kaggle_policies(500, seed=4)
    assert simulate_kaggle_policies(500, seed=4) != simulate_kaggle_policies(500, seed=5)


@pytest.mark.parametrize(("rows", "seed"), [(0, 1), (-5, 1), (10, -1)])
def test_no_rows_or_a_negative_seed_are_refused(rows: int, seed: int) -> None:
    with pytest.raises(ParameterError, match="or more"):
        simulate_kaggle_policies(rows, seed=seed)


def test_the_file_reads_back_as_it_was_drawn(tmp_path: Path) -> None:
    summary = write_kaggle_policies(300, tmp_path / "twin", seed=2)
    assert summary.truth is None
    assert (tmp_path / "twin" / FILE).read_text().startswith("Customer ID,Age,Gender,Marital Status,")
    assert '"' not in (tmp_path / "twin" / FILE).read_text()
    assert csv.read_csv(tmp_path / "twin" / FILE) == simulate_kaggle_policies(300, seed=2)
