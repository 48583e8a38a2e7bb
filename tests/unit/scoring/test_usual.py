"""What is usual among the training claims, and its file in the model folder."""

import math
from pathlib import Path

import pandas as pd
import pytest

from perito.domain.errors import ModelError
from perito.features.columns import FeatureColumn, FeatureKind
from perito.scoring.usual import Usual, read_usual, usual_values, write_usual


def column(name: str, kind: FeatureKind) -> FeatureColumn:
    return FeatureColumn(name, kind, "", "{value}", "{value}")


def usual_of(values: list[float] | list[str | None], kind: FeatureKind) -> Usual:
    series = pd.Series(values, dtype="float64" if kind == "numeric" else "category")
    return usual_values(pd.DataFrame({"feature": series}), [column("feature", kind)])["feature"]


def test_a_number_is_usually_its_median() -> None:
    assert usual_of([1.0, 2.0, 90.0, math.nan], "numeric") == {"value": 2.0, "share": None}


def test_a_number_that_is_mostly_unknown_is_usually_not_known() -> None:
    assert usual_of([1.0, math.nan, math.nan], "numeric") == {"value": None, "share": None}


def test_a_category_is_usually_its_most_common_value_with_its_share() -> None:
    assert usual_of(["sedan", "sedan", "sport", None], "categorical") == {"value": "sedan", "share": 0.5}


def test_an_unknown_category_can_be_the_usual_one() -> None:
    assert usual_of(["sedan", None, None], "categorical") == {"value": None, "share": 2 / 3}


def test_equally_common_categories_are_settled_by_name_not_by_row_order() -> None:
    assert usual_of(["b", "a"], "categorical")["value"] == usual_of(["a", "b"], "categorical")["value"] == "a"


def test_no_claims_make_nothing_usual() -> None:
    assert usual_of([], "numeric") == usual_of([], "categorical") == {"value": None, "share": None}


def test_usual_values_survive_the_model_folder(tmp_path: Path) -> None:
    frame = pd.DataFrame({"days": [1.0, 2.5], "make": pd.Series(["Škoda", "Škoda"], dtype="category")})
    usual = usual_values(frame, [column("days", "numeric"), column("make", "categorical")])
    write_usual(usual, tmp_path)
    assert read_usual(tmp_path) == usual


def test_a_missing_or_damaged_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="lacks its usual values"):
        read_usual(tmp_path)
    for damaged in ("{", "[]", '{"days": 3}', '{"days": {"value": 3}}'):
        (tmp_path / "usual.json").write_text(damaged, encoding="utf-8")
        with pytest.raises(ModelError, match="cannot be read"):
            read_usual(tmp_path)
