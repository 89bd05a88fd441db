"""The one-pass network against what its parts have to be."""

import numpy as np
import pytest
from keras import ops

from network.fast import model
from network.fast.architecture import RECONSTRUCTOR, Convolution, initial_trunk, plain_row

pytestmark = pytest.mark.backend


def numpy(x):
    return ops.convert_to_numpy(x)


def test_a_convolution_is_the_sum_over_reflected_neighbours(random):
    x = random.normal(size=(1, 4, 6, 2)).astype(np.float32)
    kernel = random.normal(size=(3, 3, 2, 5)).astype(np.float32)
    c = Convolution("k", 3, 2, 5, stride=2)
    actual = numpy(model.convolve(ops.convert_to_tensor(x), {"k": kernel}, c))
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    desired = np.einsum("nhwcij,ijco->nhwo", windows, kernel)[:, ::2, ::2]
    np.testing.assert_allclose(actual, desired, rtol=1e-4, atol=1e-5)


def test_enlarging_repeats_each_pixel(random):
    x = random.normal(size=(1, 3, 5, 1)).astype(np.float32)
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[1, 1] = 1
    c = Convolution("k", 3, 1, 1, enlarge=2)
    actual = numpy(model.convolve(ops.convert_to_tensor(x), {"k": kernel}, c))
    np.testing.assert_array_equal(actual, x.repeat(2, axis=1).repeat(2, axis=2))


def test_a_normalised_channel_has_its_rows_mean_and_deviation(random):
    x = random.normal(1000, 0.5, size=(2, 9, 7, 3)).astype(np.float32)  # E[x^2]-E[x]^2 fails here
    rows = random.normal(size=(2, 2, 5)).astype(np.float32)
    c = Convolution("k", 3, 1, 3, offset=1)
    actual = numpy(model.normalise(ops.convert_to_tensor(x), ops.convert_to_tensor(rows), c))
    np.testing.assert_allclose(actual.mean(axis=(1, 2)), rows[:, 1, 1:4], atol=1e-3)
    np.testing.assert_allclose(actual.std(axis=(1, 2)), np.abs(rows[:, 0, 1:4]), rtol=1e-2)


@pytest.mark.parametrize("level", [0, 1, 128, 255])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_flat_picture_stays_flat_and_finite(tiny, level, precision):
    flat = np.full((1, 24, 32, 3), level, np.float32)
    actual = numpy(model.paint(tiny.architecture, tiny.trunk, tiny.table[1:2], flat, precision))
    assert np.isfinite(actual).all()
    # No grid, no border, no dot: a pixel looks like all others.
    np.testing.assert_allclose(actual, np.broadcast_to(actual[:, :1, :1], actual.shape), atol=0.6)


def test_pictures_of_a_batch_do_not_see_each_other(tiny, random):
    pictures = random.uniform(0, 255, (2, 16, 12, 3)).astype(np.float32)
    together = numpy(model.paint(tiny.architecture, tiny.trunk, tiny.table[1:3], pictures))
    for i in range(2):
        rows, picture = tiny.table[1 + i : 2 + i], pictures[i : i + 1]
        alone = numpy(model.paint(tiny.architecture, tiny.trunk, rows, picture))
        np.testing.assert_allclose(together[i : i + 1], alone, atol=1e-2)


def test_all_edges_are_treated_alike(tiny, random):
    c = tiny.architecture.blocks[0][0]
    x = random.normal(size=(1, 6, 8, c.fan_in)).astype(np.float32)
    kernel = tiny.trunk["block_1_1"]
    plain = numpy(model.convolve(ops.convert_to_tensor(x), {c.name: kernel}, c))
    mirrored = numpy(
        model.convolve(
            ops.convert_to_tensor(x[:, :, ::-1].copy()), {c.name: kernel[:, ::-1].copy()}, c
        )
    )
    np.testing.assert_allclose(mirrored[:, :, ::-1], plain, rtol=1e-4, atol=1e-4)


def test_pixels_lose_nothing_in_bfloat16():
    levels = np.arange(256, dtype=np.float32).reshape(1, 16, 16, 1)
    encoded = numpy(ops.cast(model.encode(ops.convert_to_tensor(levels), "bfloat16"), "float32"))
    np.testing.assert_array_equal(encoded * 128 + 128, levels)


def test_a_picture_is_never_out_of_range(tiny, random):
    wild = {name: array * 50 for name, array in tiny.trunk.items()}
    picture = random.uniform(0, 255, (1, 16, 16, 3)).astype(np.float32)
    actual = numpy(model.paint(tiny.architecture, wild, tiny.table[1:2], picture))
    assert actual.min() >= 0
    assert actual.max() <= 255


def test_what_makes_pictures_of_features_begins_with_grey(random):
    features = np.abs(random.normal(0, 500, (1, 8, 8, 256))).astype(np.float32)
    trunk, row = initial_trunk(RECONSTRUCTOR, 0), plain_row(RECONSTRUCTOR)[np.newaxis]
    made = ops.convert_to_numpy(model.paint(RECONSTRUCTOR, trunk, row, features))
    assert made.shape == (1, 32, 32, 3)
    np.testing.assert_allclose(made, 127.5, atol=40)
