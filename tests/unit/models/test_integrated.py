import numpy as np

from perito.models.integrated import Points, closed, integrated_gradients

BASELINE = np.array([0.5, -1.0], dtype=np.float32)
POINTS = np.array([[2.0, 1.0], [0.5, 3.0], [0.5, -1.0]], dtype=np.float32)


def curve(points: Points) -> Points:
    return np.tanh(points[:, 0]) * points[:, 1] + points[:, 1] ** 2


def slopes(points: Points) -> Points:
    return np.column_stack([points[:, 1] / np.cosh(points[:, 0]) ** 2, np.tanh(points[:, 0]) + 2 * points[:, 1]])


def test_parts_add_up_to_the_difference_from_the_baseline() -> None:
    parts = integrated_gradients(slopes, POINTS, BASELINE)

    np.testing.assert_allclose(parts.sum(axis=1), curve(POINTS) - curve(BASELINE[None, :]), atol=1e-5)


def test_an_input_at_its_baseline_has_no_part() -> None:
    parts = integrated_gradients(slopes, POINTS, BASELINE)

    assert parts[1, 0] == 0
    assert parts[2].tolist() == [0, 0]


def test_a_straight_function_gives_coefficient_times_distance() -> None:
    coefficients = np.array([3.0, -2.0], dtype=np.float32)

    parts = integrated_gradients(lambda points: np.tile(coefficients, (len(points), 1)), POINTS, BASELINE)

    np.testing.assert_allclose(parts, coefficients * (POINTS - BASELINE), rtol=1e-6)


def test_what_is_lacking_is_shared_out_by_the_size_of_the_parts() -> None:
    shared = closed(np.array([[3.0, -1.0]]), np.array([2.4]))

    np.testing.assert_allclose(shared, [[3.3, -0.9]])


def test_a_row_without_parts_stays_without() -> None:
    assert closed(np.zeros((1, 2)), np.array([1e-7])).tolist() == [[0.0, 0.0]]
