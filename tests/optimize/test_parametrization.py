import keras
import numpy as np
import pytest
import scipy.fft

from network.compute import backend
from network.features.preprocessing import PIXEL_BOUNDS
from network.optimize.parametrization import COLORS, Frequencies, cosines, waves

SIZES = [(8, 8), (7, 11), (1, 5)]


def start(random, size):
    """Some of it at the bounds and out of them, as where a picture is black or white."""
    return random.uniform(-140, 170, (1, *size, 3)).astype(np.float32)


def frequencies(random, size, **settings):
    return Frequencies(start(random, size), PIXEL_BOUNDS, **settings)


def coefficients(random, size):
    return random.normal(size=3 * size[0] * size[1]) * 20 / (3 * size[0] * size[1]) ** 0.5


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
    weighed = actual.weights * vector.reshape(1, *size, 3) @ COLORS.T
    change = np.einsum("ih,jw,bijc->bhwc", *map(cosines, size), weighed)
    desired = np.clip(actual.start + change, *PIXEL_BOUNDS)
    np.testing.assert_allclose(actual.picture(vector), desired, atol=1e-3)


@pytest.mark.parametrize("length", [1, 2, 7, 64])
def test_waves_are_orthonormal_and_go_on_across_the_edges(length):
    matrix = waves(length)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(length), atol=1e-5)
    spectrum = np.abs(np.fft.rfft(matrix, axis=1)) ** 2
    for row, own in enumerate(spectrum):  # a shift of it is made of the same frequency
        assert own[min(row, length - row)] == pytest.approx(own.sum(), rel=1e-4)


@pytest.mark.parametrize("size", SIZES)
def test_a_seamless_picture_is_its_start_plus_a_sum_of_waves(size, random):
    actual = frequencies(random, size, penalty=0.0, seamless=True)
    vector = coefficients(random, size)
    weighed = actual.weights * vector.reshape(1, *size, 3) @ COLORS.T
    change = np.einsum("ih,jw,bijc->bhwc", *map(waves, size), weighed)
    desired = np.clip(actual.start + change, *PIXEL_BOUNDS)
    np.testing.assert_allclose(actual.picture(vector), desired, atol=1e-3)


def test_a_seamless_picture_and_its_shift_are_as_far_to_go(random):
    """A change of the picture is as long, as the optimiser sees it, wherever the seam is."""
    space = frequencies(random, (8, 12), seamless=True)
    change = random.normal(size=(1, 8, 12, 3))
    lengths = [
        np.linalg.norm(np.repeat(1 / space.weights, 3, -1) * space._transform(moved))
        for moved in (change, np.roll(change, (3, 5), (1, 2)))
    ]
    assert lengths[0] == pytest.approx(lengths[1], rel=1e-5)


@pytest.mark.parametrize("size", [(8, 15), (7, 11)])
def test_a_finer_seamless_scale_goes_on_with_the_same_waves(size, random):
    settings = {"full_size": (16, 31), "seamless": True}
    coarse, fine = (
        Frequencies(np.zeros((1, *shape, 3)), PIXEL_BOUNDS, **settings)
        for shape in (size, (16, 31))
    )
    vector = random.normal(size=coarse.start.size) / 30
    if size[0] % 2 == 0:
        vector.reshape(*size, 3)[size[0] // 2] = 0  # of which the coarse scale has one wave
    carried = fine.picture(fine.carry(coarse, vector))
    # The trigonometric interpolation of the coarse picture, half a pixel in.
    places = [
        (np.arange(new) + 0.5) / new * old - 0.5 for new, old in zip((16, 31), size, strict=True)
    ]
    spectrum = np.fft.fft2(coarse.picture(vector)[0], axes=(0, 1))
    bases = [
        np.exp(2j * np.pi * np.outer(place, np.fft.fftfreq(old)))
        for place, old in zip(places, size, strict=True)
    ]
    desired = np.einsum("hi,wj,ijc->hwc", *bases, spectrum).real / np.prod(size)
    np.testing.assert_allclose(carried[0], desired, atol=1e-3)


@pytest.mark.parametrize("seamless", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_the_gradient_is_that_of_finite_differences(size, seamless, random):
    wrapped = frequencies(random, size, seamless=seamless).wrap(evaluate)
    vector, way = coefficients(random, size), coefficients(random, size)
    step = 3e-4  # small, or a value crosses a bound, where the slope jumps
    ahead, behind = wrapped(vector + step * way)[0], wrapped(vector - step * way)[0]
    np.testing.assert_allclose(wrapped(vector)[1] @ way, (ahead - behind) / (2 * step), rtol=5e-3)


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
    np.testing.assert_allclose(
        frequencies(random, (7, 11), exponent=0).weights, (3 * 7 * 11) ** 0.5, rtol=1e-6
    )


def test_weights_fall_with_frequency_and_have_a_mean_by_size(random):
    weights = frequencies(random, (7, 11)).weights[0, ..., 0]
    assert np.all(np.diff(weights, axis=0) < 0)
    assert np.all(np.diff(weights, axis=1) < 0)
    assert weights.mean() == pytest.approx((3 * 7 * 11) ** 0.5, rel=1e-5)


def enlarged(coarse, fine_size):
    """Samples of the cosines of a picture at other places, by their definition."""
    _, height, width, _ = coarse.shape
    coefficients = scipy.fft.dctn(coarse[0], axes=(0, 1), norm="ortho")

    def waves(count, length):
        places = (np.arange(length) + 0.5) / length
        waves = np.cos(np.pi * np.arange(count)[:, np.newaxis] * places) * np.sqrt(2 / count)
        waves[0] = np.sqrt(1 / count)
        return waves

    rows, columns = waves(height, fine_size[0]), waves(width, fine_size[1])
    return np.einsum("ih,jw,ijc->hwc", rows, columns, coefficients)[np.newaxis]


@pytest.mark.parametrize("size", [(8, 8), (7, 11), (8, 15)])
def test_a_finer_scale_goes_on_with_the_same_change_of_its_own_start(size, random):
    fine_size = 16, 31
    coarse, fine = (
        Frequencies(random.normal(size=(1, *shape, 3)), PIXEL_BOUNDS, full_size=fine_size)
        for shape in (size, fine_size)
    )
    vector = random.normal(size=coarse.start.size) / 30
    desired = fine.start + enlarged(coarse.picture(vector) - coarse.start, fine_size)
    actual = fine.picture(fine.carry(coarse, vector))
    np.testing.assert_allclose(actual, desired, atol=1e-4)


def test_of_noise_nothing_but_the_coarse_picture_is_kept(random):
    settings = {"full_size": (16, 31), "keep_detail": False}
    coarse, fine = (
        Frequencies(random.normal(size=(1, *shape, 3)), PIXEL_BOUNDS, **settings)
        for shape in ((8, 15), (16, 31))
    )
    vector = random.normal(size=coarse.start.size) / 30
    actual = fine.picture(fine.carry(coarse, vector))
    np.testing.assert_allclose(actual, enlarged(coarse.picture(vector), (16, 31)), atol=1e-4)


def test_the_axes_of_colors_are_orthonormal_and_the_first_is_gray():
    np.testing.assert_allclose(COLORS.T @ COLORS, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(COLORS[:, 0], 3**-0.5, rtol=1e-6)


@pytest.mark.parametrize("size", [(100, 178), (50, 89)])
def test_a_frequency_is_in_one_band_the_same_at_every_scale(size, random):
    full = frequencies(random, (100, 178))
    scale = frequencies(random, size, full_size=(100, 178))
    for side, band, whole in zip(size, scale.bands, full.bands, strict=True):
        np.testing.assert_array_equal(band.sum(axis=0), 1)
        np.testing.assert_array_equal(band, whole[:, :side])
        assert np.all(np.diff(band.argmax(axis=0)) >= 0)


def test_padding_keeps_type_and_products(random):
    coarse, fine = (frequencies(random, size) for size in ((2, 3), (4, 5)))
    first, second = random.normal(size=(2, 18)).astype(np.float32)
    padded = fine.pad(coarse, first)
    assert padded.dtype == np.float32
    np.testing.assert_array_equal(padded.reshape(4, 5, 3)[:2, :3].ravel(), first)
    assert padded @ fine.pad(coarse, second) == pytest.approx(first @ second)


@pytest.mark.backend
@pytest.mark.parametrize("seamless", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_in_tensors_it_is_what_it_is_in_arrays(size, seamless, random):
    parametrization = frequencies(random, size, seamless=seamless)
    shape = 1, *size, 3
    vector = coefficients(random, size)
    steepness = keras.ops.convert_to_tensor(
        np.linspace(1, 3, vector.size).reshape(shape), "float32"
    )

    def loss(picture):
        value = keras.ops.sum(steepness * keras.ops.square(picture))
        return value, {"bowl": value}

    wrapped = parametrization.wrap_tensors(backend.value_and_grad(loss))
    value, _, gradient = wrapped(keras.ops.convert_to_tensor(vector.reshape(shape), "float32"))
    desired_value, desired_gradient, _ = parametrization.wrap(evaluate)(vector)
    assert float(value) == pytest.approx(desired_value, rel=1e-5)
    tolerance = 1e-4 * np.abs(desired_gradient).max()
    actual = keras.ops.convert_to_numpy(gradient).ravel()
    np.testing.assert_allclose(actual, desired_gradient, atol=tolerance)


@pytest.mark.backend
@pytest.mark.parametrize("seamless", [False, True])
def test_tensors_of_a_coarser_scale_are_padded_as_arrays_are(seamless, random):
    settings = {"full_size": (16, 31), "seamless": seamless}
    coarse, fine = (frequencies(random, size, **settings) for size in ((8, 15), (16, 31)))
    vector = random.normal(size=coarse.start.size).astype(np.float32)
    padded = fine.pad(coarse, keras.ops.convert_to_tensor(vector.reshape(coarse.start.shape)))
    actual = keras.ops.convert_to_numpy(padded)
    assert actual.shape == fine.start.shape
    np.testing.assert_array_equal(actual.ravel(), fine.pad(coarse, vector))
