import keras
import numpy as np
import pytest
import scipy.fft
import scipy.ndimage

from network.compute import backend
from network.features.preprocessing import PIXEL_BOUNDS
from network.optimize.parametrization import Frequencies, cosines, pad

SIZES = [(8, 8), (7, 11), (1, 5)]


def start(random, size):
    """Some of it at the bounds and out of them, as where a picture is black or white."""
    return random.uniform(-140, 170, (1, *size, 3)).astype(np.float32)


def frequencies(random, size, **settings):
    return Frequencies(start(random, size), PIXEL_BOUNDS, **settings)


def coefficients(random, size):
    return random.normal(size=3 * size[0] * size[1]) * 20


def evaluate(vector):
    """A smooth function of a picture whose gradient is plain."""
    steepness = np.linspace(1, 3, vector.size)
    return float(steepness @ vector**2), 2 * steepness * vector, {"bowl": 1.0}


@pytest.mark.parametrize("length", [1, 2, 7, 64])
def test_the_matrix_of_cosines_is_the_transform_and_its_transpose_the_inverse(length, random):
    values = random.normal(size=length)
    matrix = cosines(length)
    np.testing.assert_allclose(matrix @ values, scipy.fft.dct(values, norm="ortho"), atol=1e-5)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(length), atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_is_its_start_plus_a_sum_of_cosines(size, random):
    actual = frequencies(random, size, penalty=0.0)
    vector = coefficients(random, size)
    weighed = actual.weights * vector.reshape(1, *size, 3)
    change = np.einsum("ih,jw,bijc->bhwc", *map(cosines, size), weighed)
    desired = np.clip(actual.start + change, *PIXEL_BOUNDS)
    np.testing.assert_allclose(actual.picture(vector), desired, atol=1e-3)


@pytest.mark.parametrize("size", SIZES)
def test_the_gradient_is_that_of_finite_differences(size, random):
    wrapped = frequencies(random, size).wrap(evaluate)
    vector, way = coefficients(random, size), coefficients(random, size)
    step = 1e-3
    ahead, behind = wrapped(vector + step * way)[0], wrapped(vector - step * way)[0]
    np.testing.assert_allclose(wrapped(vector)[1] @ way, (ahead - behind) / (2 * step), rtol=2e-3)


def test_gradients_are_carried_back_by_the_transpose(random):
    """Where nothing is out of range the picture is linear in z: <J z, g> = <z, J^T g>."""
    size = (6, 9)
    start = np.zeros((1, *size, 3), np.float32)
    parametrization = Frequencies(start, PIXEL_BOUNDS)
    vector, gradient = coefficients(random, size) / 10, random.normal(size=start.size)
    penalty, pulled = parametrization.pull_back(vector, gradient)
    assert penalty == 0
    change = parametrization.picture(vector).ravel()
    np.testing.assert_allclose(pulled @ vector, gradient @ change, rtol=1e-4)


def test_pictures_keep_to_the_range(random):
    picture = frequencies(random, (7, 11)).picture(1e4 * coefficients(random, (7, 11)))
    assert np.all(picture >= PIXEL_BOUNDS[0].astype(np.float32))
    assert np.all(picture <= PIXEL_BOUNDS[1].astype(np.float32))


def test_what_is_out_of_range_costs_its_square():
    start = np.zeros((1, 2, 2, 3), np.float32)
    start[0, 0, 0] = PIXEL_BOUNDS[1] + 3
    wrapped = Frequencies(start, PIXEL_BOUNDS, penalty=2.0).wrap(
        lambda vector: (5.0, np.zeros(12), {})
    )
    assert wrapped(np.zeros(12))[0] == pytest.approx(5 + 2 * 3 * 9)


def test_no_exponent_leaves_every_frequency_alike(random):
    np.testing.assert_allclose(frequencies(random, (7, 11), exponent=0).weights, 1)


def test_weights_fall_with_frequency_and_have_a_mean_of_one(random):
    weights = frequencies(random, (7, 11)).weights[0, ..., 0]
    assert np.all(np.diff(weights, axis=0) < 0)
    assert np.all(np.diff(weights, axis=1) < 0)
    assert weights.mean() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("size", [(16, 16), (15, 23), (16, 31)])
def test_padded_coefficients_make_the_same_change_at_a_finer_scale(size, random):
    """A smooth change: rows of the coarse one lie between two of the fine one."""
    fine_size = 32, 62
    coarse, fine = (
        Frequencies(np.zeros((1, *shape, 3)), PIXEL_BOUNDS, full_size=fine_size)
        for shape in (size, fine_size)
    )
    vector = np.zeros((*size, 3))
    vector[:3, :3] = random.normal(size=(3, 3, 3)) * 10
    change = fine.picture(pad(vector.ravel(), size, fine_size))
    places = [
        (np.arange(count) + 0.5) * whole / count - 0.5
        for count, whole in zip(size, fine_size, strict=True)
    ]
    desired = coarse.picture(vector.ravel())[0]
    actual = scipy.ndimage.map_coordinates(
        change[0, ..., 0], np.meshgrid(*places, indexing="ij"), mode="nearest"
    )
    np.testing.assert_allclose(actual, desired[..., 0], atol=0.02 * np.abs(desired).max())


def test_padding_keeps_the_type_and_the_coarse_coefficients():
    vector = np.arange(2 * 3 * 3, dtype=np.float32)
    padded = pad(vector, (2, 3), (4, 5))
    assert padded.dtype == np.float32
    np.testing.assert_array_equal(padded.reshape(4, 5, 3)[:2, :3].ravel(), vector)
    assert padded.sum() == vector.sum()


@pytest.mark.backend
@pytest.mark.parametrize("size", SIZES)
def test_in_the_graph_it_is_what_it_is_outside(size, random):
    parametrization = frequencies(random, size)
    vector = coefficients(random, size)
    steepness = np.linspace(1, 3, vector.size, dtype=np.float32).reshape(1, *size, 3)

    def loss(picture):
        value = keras.ops.sum(keras.ops.convert_to_tensor(steepness) * keras.ops.square(picture))
        return value, {"bowl": value}

    composed = backend.value_and_grad(parametrization.compose(loss))
    value, gradient, _ = backend.evaluate_vector(composed, vector, (1, *size, 3))
    desired_value, desired_gradient, _ = parametrization.wrap(evaluate)(vector)
    assert value == pytest.approx(desired_value, rel=1e-5)
    tolerance = 1e-4 * np.abs(desired_gradient).max()
    np.testing.assert_allclose(gradient, desired_gradient, atol=tolerance)
