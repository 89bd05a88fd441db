import keras
import numpy as np
import pytest

from network.optimize.history import MOST, History

SIZE = 4, 5, 3
ROWS = np.array([[1, 1, 0, 0], [0, 0, 1, 1]], np.float32)
COLUMNS = np.array([[1, 0, 0, 0, 0], [0, 1, 1, 1, 1]], np.float32)


def test_a_direction_is_minus_the_gradient_by_the_bfgs_matrix(random):
    """Against the inverse updated as a matrix, Nocedal and Wright's equation 7.16."""
    history, size = History(3), 6
    curvature = random.normal(size=(size, size))
    curvature = curvature @ curvature.T + np.eye(size)
    inverse = None
    pairs = [(step, curvature @ step) for step in random.normal(size=(5, size))]
    for step, change in pairs:
        history.add(step, change)
    for step, change in pairs[-3:]:
        if inverse is None:
            newest_step, newest = pairs[-1]
            inverse = np.eye(size) * (newest_step @ newest) / (newest @ newest)
        left = np.eye(size) - np.outer(step, change) / (step @ change)
        inverse = left @ inverse @ left.T + np.outer(step, step) / (step @ change)
    gradient = random.normal(size=size)
    np.testing.assert_allclose(history.direction(gradient), -inverse @ gradient)


def curved(vector):
    """A curvature of its own in each of the eight bands and channels, (4, 5, 3)."""
    steep = np.ones(SIZE)
    steep[2:] *= 3
    steep[:, 1:] *= 2
    steep[..., 1] *= 0.5
    return (steep * vector.reshape(SIZE)).astype(np.float32)


def test_bands_learn_a_curvature_each(random):
    """With as many bands as the function has curvatures, one step tells where the minimum is."""
    history = History(3, (ROWS, COLUMNS))
    step = random.normal(size=SIZE).astype(np.float32)
    history.add(step, curved(step))
    desired = random.normal(size=SIZE).astype(np.float32)
    actual = history.direction(-curved(desired))
    np.testing.assert_allclose(actual, desired, rtol=1e-4, atol=1e-4)
    flat = History(3, (ROWS, COLUMNS))
    flat.add(step.ravel(), curved(step).ravel())
    np.testing.assert_allclose(flat.direction(-curved(desired).ravel()), actual.ravel(), rtol=1e-5)


def test_without_bands_one_step_does_not_tell(random):
    history = History(3)
    step = random.normal(size=SIZE).astype(np.float32)
    history.add(step, curved(step))
    desired = random.normal(size=SIZE).astype(np.float32)
    assert np.abs(history.direction(-curved(desired)) - desired).max() > 0.5


def test_a_band_that_no_step_has_met_is_taken_for_the_whole(random):
    """And one that hardly changed for at most so many times as flat."""
    history = History(3, (ROWS, COLUMNS))
    step = np.ones(SIZE, np.float32)
    step[:2] = 0
    history.add(step, step * 2)
    direction = history.direction(np.ones(SIZE, np.float32))
    np.testing.assert_allclose(direction, -0.5, rtol=1e-3)
    flat = step * 2
    flat[:, 0] = 1e-9
    history = History(3, (ROWS, COLUMNS))
    history.add(step, flat)
    direction = history.direction(np.append(np.ones((2, 5, 3)), np.zeros((2, 5, 3)), 0))
    assert np.abs(direction).max() <= MOST


@pytest.mark.backend
def test_tensors_have_the_directions_that_arrays_have(random):
    arrays, tensors = History(4, (ROWS, COLUMNS)), History(4, (ROWS, COLUMNS))
    convert = keras.ops.convert_to_tensor
    gradient = random.normal(size=SIZE).astype(np.float32)
    for _ in range(6):
        step = random.normal(size=SIZE).astype(np.float32)
        arrays.add(step, curved(step))
        tensors.add(convert(step), convert(curved(step)))
        actual = keras.ops.convert_to_numpy(tensors.direction(convert(gradient)))
        np.testing.assert_allclose(actual, arrays.direction(gradient), rtol=1e-3, atol=1e-4)


def test_bands_go_on_to_a_finer_scale(random):
    """The new rows and columns are in bands that there were."""
    history = History(3, (ROWS, COLUMNS))
    step = random.normal(size=SIZE).astype(np.float32)
    history.add(step, curved(step))
    before = history.direction(curved(step))

    def pad(vector):
        return np.pad(vector, ((0, 2), (0, 1), (0, 0)))

    rows, columns = np.pad(ROWS, ((0, 0), (0, 2))), np.pad(COLUMNS, ((0, 0), (0, 1)))
    rows[1, 4:] = columns[1, 5:] = 1
    history.pad(pad, (rows, columns))
    after = history.direction(pad(curved(step)))
    np.testing.assert_allclose(after, pad(before), rtol=1e-5, atol=1e-6)
