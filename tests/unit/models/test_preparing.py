import dataclasses

import numpy as np
import pytest

from perito.domain.errors import FeatureMismatch, LearningError, ParameterError
from perito.models.preparing import check_training, watched_slice
from tests.unit.models.claims import labelled, only, training_set


def test_ordinary_claims_are_accepted() -> None:
    check_training(training_set(100))


@pytest.mark.parametrize(("claims", "positives"), [(9, 4), (400, 1), (400, 399), (400, 0)])
def test_too_few_claims_of_either_class_are_refused_with_the_counts(claims: int, positives: int) -> None:
    label = (np.arange(claims) < positives).astype(np.int64)

    with pytest.raises(LearningError, match=f"{claims} came, {positives} of them") as refusal:
        check_training(labelled(training_set(claims), label))

    assert refusal.value.remedy


def test_no_feature_is_refused() -> None:
    with pytest.raises(LearningError, match="no feature"):
        check_training(only(training_set(), []))


def test_labels_other_than_0_and_1_are_refused() -> None:
    training = training_set()

    with pytest.raises(ParameterError, match="0 otherwise"):
        check_training(labelled(training, training.label * 2))


def test_as_many_labels_as_claims_are_expected() -> None:
    training = training_set()

    with pytest.raises(ParameterError, match="400 claims and 399 labels"):
        check_training(labelled(training, training.label[1:]))


def test_a_frame_with_other_features_is_refused() -> None:
    training = training_set()

    with pytest.raises(FeatureMismatch):
        check_training(dataclasses.replace(training, frame=training.frame.drop(columns="vehicle")))


def test_the_watched_slice_is_the_last_fifth() -> None:
    watched = watched_slice(training_set(400), seed=0)

    assert watched is not None
    assert np.flatnonzero(watched.watch).tolist() == list(range(320, 400))
    assert np.flatnonzero(watched.learn).tolist() == list(range(320))


def test_a_table_without_time_gives_a_random_fifth_that_the_seed_repeats() -> None:
    timeless = dataclasses.replace(training_set(400), forward=False)
    one, same, other = (watched_slice(timeless, seed=seed) for seed in (1, 1, 2))

    assert one is not None
    assert same is not None
    assert other is not None
    assert one.watch.sum() == 80
    assert not one.watch[320:].all()
    np.testing.assert_array_equal(one.watch, same.watch)
    assert (one.watch != other.watch).any()


@pytest.mark.parametrize(("positives", "watched"), [(14, False), (15, True)])
def test_a_slice_is_watched_from_fifteen_positives_on(positives: int, watched: bool) -> None:
    label = np.zeros(400, dtype=np.int64)
    label[:40] = 1
    label[400 - positives :] = 1

    assert (watched_slice(labelled(training_set(400), label), seed=0) is not None) is watched


def test_a_slice_of_positives_only_is_not_watched() -> None:
    label = (np.arange(400) >= 300).astype(np.int64)

    assert watched_slice(labelled(training_set(400), label), seed=0) is None
