import json

import numpy as np
import pandas as pd
import pytest

from perito.models.keras_inputs import FURTHEST_DEVIATIONS, Inputs, learn_inputs
from tests.unit.models.claims import COLUMNS, feature, training_set


def numeric_inputs(values: list[float]) -> tuple[Inputs, pd.DataFrame]:
    frame = pd.DataFrame({"hours": values})
    return learn_inputs(frame, (feature("hours"),)), frame


def test_training_numbers_are_read_with_mean_0_and_deviation_1() -> None:
    inputs, frame = numeric_inputs(np.random.default_rng(0).lognormal(size=500).tolist())
    read = inputs.numbers(frame)

    assert read.shape == (500, 1)
    assert read.mean() == pytest.approx(0, abs=0.01)
    assert read.std() == pytest.approx(1, abs=0.05)


def test_a_missing_number_reads_as_the_mean_and_is_marked() -> None:
    inputs, _ = numeric_inputs([1.0, 2.0, 3.0, np.nan])

    assert inputs.numbers(pd.DataFrame({"hours": [np.nan]})).tolist() == [[0.0, 1.0]]


def test_a_number_that_was_never_missing_has_no_mark() -> None:
    inputs, _ = numeric_inputs([1.0, 2.0, 3.0])

    assert inputs.numbers(pd.DataFrame({"hours": [np.nan]})).tolist() == [[0.0]]


@pytest.mark.parametrize("values", [[5.0, 5.0, 5.0], [np.nan, np.nan, np.nan]])
def test_a_number_that_never_changed_reads_0_whatever_comes(values: list[float]) -> None:
    inputs, _ = numeric_inputs(values)

    assert inputs.numbers(pd.DataFrame({"hours": [1e9]})).tolist() == [[0.0]]


def test_a_mostly_equal_number_is_still_read() -> None:
    inputs, frame = numeric_inputs([0.0] * 90 + [3.0] * 10)

    assert len(np.unique(inputs.numbers(frame))) == 2


def test_an_absurd_number_goes_no_further_than_four_deviations() -> None:
    inputs, _ = numeric_inputs([1.0, 2.0, 3.0])

    assert inputs.numbers(pd.DataFrame({"hours": [1e300]})).tolist() == [[FURTHEST_DEVIATIONS]]


def test_every_feature_has_its_own_block_of_vectors_and_its_own_inputs() -> None:
    frame = training_set().frame
    inputs = learn_inputs(frame, COLUMNS)
    table = np.arange(9, dtype=np.float32)[:, None]

    assert inputs.blocks == {"vehicle": slice(0, 5), "currency": slice(5, 8)}
    assert inputs.places(frame)[:, 1].tolist() == [7] * len(frame)
    assert inputs.joined(frame, table).shape == (len(frame), len(inputs.owners(1)))
    assert inputs.owners(2).tolist() == [0, 1, 4, 4, 5, 2, 2, 3, 3]


def test_what_json_keeps_reads_claims_the_same() -> None:
    frame = training_set().frame
    inputs = learn_inputs(frame, COLUMNS)

    assert Inputs.of(json.loads(json.dumps(inputs.document())), COLUMNS) == inputs
