"""Features that help in the past and not in the next period are left out, with the evidence."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perito.engine import Engine
from perito.features.columns import FeatureColumn
from perito.learning import Material, find_what_holds, gather_material, hold_to, train_candidate
from perito.learning.holding import FEWEST_FOLDS
from tests.unit.decided import AT_RANDOM, claims, decided, spec, study


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def material(engine: Engine) -> Material:
    made = gather_material(study(engine, [decided(one) for one in claims()], spec()))
    return with_columns(made, habit=fading(made), steady=steady(made))


def fading(material: Material) -> pd.Series:
    """A number that tells the outcome until the first fold begins, and from then on says a little of the opposite."""
    label = material.study.claims["label"].reindex(material.frame.index)
    early = material.study.claims["reported_at"].reindex(material.frame.index) < pd.Timestamp(
        material.folds[0].validate_from
    )
    return np.where(early, 3.0, -0.7) * label.fillna(0.0) + np.random.default_rng(0).normal(0, 1, len(label))


def steady(material: Material) -> pd.Series:
    label = material.study.claims["label"].reindex(material.frame.index)
    return label.fillna(0.0) + np.random.default_rng(1).normal(0, 0.8, len(label))


def with_columns(material: Material, **more: pd.Series) -> Material:
    columns = tuple(FeatureColumn(name, "numeric", "", f"{name}: {{value}}", f"{name}: {{value}}") for name in more)
    frame = material.frame.assign(**more)
    frames = (frame,) * len(material.folds)
    return replace(material, frame=frame, fold_frames=frames, columns=(*material.columns, *columns))


def test_what_helps_in_the_next_period_stays_and_what_fades_is_left_out(material: Material) -> None:
    held = find_what_holds(material)
    told = {entry.feature: entry for entry in held.evidence}

    assert told["steady"].kept
    assert told["steady"].following > 0
    assert not told["habit"].kept
    assert told["habit"].past > 0 > told["habit"].following
    assert "habit" not in [column.name for column in held.columns]


def test_every_feature_has_its_evidence_most_helpful_first(material: Material) -> None:
    held = find_what_holds(material)

    assert {entry.feature for entry in held.evidence} == {column.name for column in material.columns}
    worth = [entry.following for entry in held.evidence]
    assert worth == sorted(worth, reverse=True)
    assert [column.name for column in held.columns] == [
        column.name for column in material.columns if {e.feature: e for e in held.evidence}[column.name].kept
    ]


def test_a_fold_is_held_to_what_the_folds_before_it_showed(material: Material) -> None:
    held = find_what_holds(material)
    assert held.fold_columns[0] == material.columns, "nothing was known before the first fold"

    last = material.study.learning.index[material.folds[-1].validate]
    learning = material.study.learning.copy()
    learning.loc[last, "label"] = 1 - learning.loc[last, "label"]
    other = find_what_holds(replace(material, study=replace(material.study, learning=learning)))
    assert other.fold_columns == held.fold_columns, "the last fold's outcomes say nothing about earlier choices"
    assert other.evidence != held.evidence


def test_one_fold_alone_leaves_nothing_out(material: Material) -> None:
    few = FEWEST_FOLDS - 1
    short = replace(material, folds=material.folds[:few], fold_frames=material.fold_frames[:few])

    assert find_what_holds(short).columns == material.columns


def test_candidates_learn_from_what_holds_alone(material: Material) -> None:
    held = find_what_holds(material)
    candidate = train_candidate(hold_to(material, held), "linear", tuning_seconds=0)

    assert candidate.model.columns == held.columns


def test_without_an_order_in_time_a_fold_is_held_to_all_the_others(engine: Engine) -> None:
    made = gather_material(study(engine, [decided(one) for one in claims()], spec(AT_RANDOM)))
    held = find_what_holds(made)

    assert len(held.fold_columns) == len(made.folds)
