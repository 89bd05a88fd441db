"""Pictures whose edges meet, against NumPy's and SciPy's."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import signal

from network.features import torus

pytestmark = pytest.mark.backend


@pytest.fixture
def x(random):
    return random.normal(size=(1, 6, 5, 2)).astype(np.float32)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (0, 2), (0, 0)])
def test_beyond_an_edge_lies_the_other_side(before, after, x):
    sides = [(0, 0), (before, after), (before, after), (0, 0)]
    actual = torus.wrap(ops.convert_to_tensor(x), before, after)
    np.testing.assert_array_equal(ops.convert_to_numpy(actual), np.pad(x, sides, mode="wrap"))


def test_a_convolution_sees_across_the_edges(x, random):
    layer = keras.layers.Conv2D(1, 3, padding="same")
    layer.build(x.shape)
    kernel = random.normal(size=(3, 3, 2, 1)).astype(np.float32)
    layer.set_weights([kernel, np.zeros(1)])
    actual = ops.convert_to_numpy(torus.around(layer, ops.convert_to_tensor(x)))[0, ..., 0]
    desired = sum(
        signal.correlate2d(x[0, ..., i], kernel[..., i, 0], mode="same", boundary="wrap")
        for i in range(2)
    )
    np.testing.assert_allclose(actual, desired, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("margin", [0, 2, 3])
def test_unwrapping_rows_is_the_transpose_of_wrapping_them(margin, x, random):
    gradient = random.normal(size=(1, 6 + 2 * margin, 5, 2)).astype(np.float32)
    wrapped = ops.convert_to_numpy(torus.wrap_rows(ops.convert_to_tensor(x), margin))
    unwrapped = ops.convert_to_numpy(torus.unwrap_rows(ops.convert_to_tensor(gradient), margin))
    assert (wrapped * gradient).sum() == pytest.approx((x * unwrapped).sum(), rel=1e-4)
