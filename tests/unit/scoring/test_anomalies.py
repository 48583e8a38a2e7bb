"""Unusual claims are ranked, told by counts that anybody can check, and never called suspicious."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from perito.domain.words import Language
from perito.features.columns import FeatureColumn
from perito.models.anomaly import fit_anomaly_forest
from perito.scoring.anomalies import UNVALIDATED, Oddity, rank_anomalies
from perito.scoring.anomaly_files import SCHEMA, write_anomalies

COLUMNS = (
    FeatureColumn("amount", "numeric", "amount", "The amount is {value}", "El importe es {value}"),
    FeatureColumn("city", "categorical", "", "City: {value}", "Ciudad: {value}"),
    FeatureColumn("lawyer", "numeric", "count", "Claims of the lawyer: {value}", "Siniestros del abogado: {value}"),
)
CLAIMS = 200


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "amount": rng.normal(1000, 100, CLAIMS),
            "city": pd.Categorical(rng.choice(["Madrid", "Vigo"], CLAIMS)),
            "lawyer": np.full(CLAIMS, np.nan),
        },
        index=pd.Index([f"K{number:03d}" for number in range(CLAIMS)], name="claim_id"),
    )
    table.loc["K005", "amount"] = 90_000
    table.loc["K017", "amount"] = -90_000
    table.loc["K042", "lawyer"] = 3
    return table


@cache
def ranked(language: Language = Language.ENGLISH, *, capacity: int = 10) -> pd.DataFrame:
    given = frame()
    forest = fit_anomaly_forest(given, COLUMNS, seed=0)
    return rank_anomalies(forest, given, capacity=capacity, language=language, currency="EUR")


def oddities(table: pd.DataFrame, claim_id: str) -> list[Oddity]:
    return list(table.set_index("claim_id").loc[claim_id, "oddities"])


def test_every_claim_is_ranked_once_and_those_within_capacity_are_told() -> None:
    table = ranked()
    assert sorted(table["claim_id"]) == sorted(frame().index)
    assert table["rank"].tolist() == list(range(1, CLAIMS + 1))
    assert table["within_capacity"].sum() == 10
    assert table["unusualness"].is_monotonic_decreasing
    assert [len(told) > 0 for told in table["oddities"]] == [True] * 10 + [False] * (CLAIMS - 10)
    assert set(table["claim_id"][:3]) == {"K005", "K017", "K042"}


@pytest.mark.parametrize(
    ("claim_id", "feature", "rarity", "english", "spanish"),
    [
        ("K005", "amount", 1 / CLAIMS, "as high or higher in 0.5", "igual o mayor en el 0,5"),
        ("K017", "amount", 1 / CLAIMS, "as low or lower in 0.5", "igual o menor en el 0,5"),
        ("K042", "lawyer", 1 / CLAIMS, "known in 0.5", "consta en el 0,5"),
    ],
)
def test_what_is_unusual_is_told_with_a_count_of_claims(
    claim_id: str, feature: str, rarity: float, english: str, spanish: str
) -> None:
    first = oddities(ranked(), claim_id)[0]
    assert (first.feature, first.rarity) == (feature, rarity)
    assert english in first.usual
    assert spanish in oddities(ranked(Language.SPANISH), claim_id)[0].usual
    assert first.contribution > 0


def test_a_category_is_told_by_its_own_share() -> None:
    given = frame()
    shares = given["city"].value_counts(normalize=True)
    for claim_id in ranked()["claim_id"][:10]:
        for one in oddities(ranked(), claim_id):
            if one.feature == "city":
                assert one.rarity == shares[given.loc[claim_id, "city"]]


def test_the_order_of_the_claims_changes_nothing_in_the_ranking_of_the_same_forest() -> None:
    given = frame()
    forest = fit_anomaly_forest(given, COLUMNS, seed=0)
    one = rank_anomalies(forest, given, capacity=5)
    other = rank_anomalies(forest, given.sample(frac=1, random_state=1), capacity=5)
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("language", list(Language))
def test_every_row_of_every_file_says_that_nobody_checked_the_order(tmp_path: Path, language: Language) -> None:
    parquet, readable = write_anomalies(ranked(language), tmp_path)
    table = pq.read_table(parquet)
    assert table.schema.equals(SCHEMA)
    assert set(table["note"].to_pylist()) == {UNVALIDATED[language]}
    with readable.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["note"] for row in rows} == {UNVALIDATED[language]}
    assert [row["claim_id"] for row in rows] == table["claim_id"].to_pylist()


def test_the_files_never_say_suspicious_but_to_deny_it(tmp_path: Path) -> None:
    _, readable = write_anomalies(ranked(), tmp_path)
    text = readable.read_text(encoding="utf-8").replace(UNVALIDATED[Language.ENGLISH], "")
    assert "suspicious" not in text
    assert "alert" not in text
