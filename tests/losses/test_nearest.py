"""Columns of features and their loss against NumPy."""

import numpy as np
import pytest
from keras import ops

from network.compute import backend
from network.losses import nearest

pytestmark = pytest.mark.backend

LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1")


def features_of(random, height, width):
    """Layers of a network of few channels, as large as poolings leave them."""
    shapes = {layer: (height >> step, width >> step) for step, layer in enumerate(LAYERS)}
    return {
        layer: random.uniform(0, 2, (1, *shape, 2 + index)).astype(np.float32)
        for index, (layer, shape) in enumerate(shapes.items())
    }


def averaged(array, factor):
    rows, across = (side // factor for side in array.shape[:2])
    cut = array[: rows * factor, : across * factor]
    return cut.reshape(rows, factor, across, factor, -1).mean(axis=(1, 3))


def interpolated(array, rows, across):
    """Bilinear: a position's middle lies in that of the half as large array."""
    for axis, wanted in enumerate((rows, across)):
        # Where there is one more than twice as many, the last is there twice.
        at = (np.minimum(np.arange(wanted), 2 * array.shape[axis] - 1) + 0.5) / 2 - 0.5
        at = np.clip(at, 0, array.shape[axis] - 1)
        below = np.minimum(at.astype(int), max(array.shape[axis] - 2, 0))
        above = np.minimum(below + 1, array.shape[axis] - 1)
        part = np.expand_dims(at - below, tuple(i for i in range(array.ndim) if i != axis))
        array = (1 - part) * array.take(below, axis) + part * array.take(above, axis)
    return array


def column_of(features):
    return ops.concatenate(list(nearest.at_one_size(features, LAYERS).values()), axis=-1)


def columns_by_numpy(features):
    rows, across = features["conv3_1"].shape[1:3]
    full, half, own, deep = (
        features[layer][0].astype(float) / features[layer].shape[-1] for layer in LAYERS
    )
    parts = [averaged(full, 4), averaged(half, 2), own, interpolated(deep, rows, across)]
    return np.concatenate([part[:rows, :across] for part in parts], axis=-1)


def loss_of(*arrays):
    return float(nearest.nearest_loss(*backend.tensors(arrays)))


def loss_by_numpy(columns, target, weight):
    lengths = np.linalg.norm(columns, axis=-1) * np.linalg.norm(target, axis=-1)
    return np.sum(weight * (1 - np.sum(columns * target, axis=-1) / lengths))


@pytest.mark.parametrize("size", [(16, 24), (19, 30), (29, 23)], ids=str)
def test_a_column_holds_all_layers_at_a_quarter_of_the_size(size, random):
    features = features_of(random, *size)
    actual = ops.convert_to_numpy(column_of(backend.tensors(features)))
    assert actual.shape == (1, size[0] // 4, size[1] // 4, 2 + 3 + 4 + 5)
    np.testing.assert_allclose(actual[0], columns_by_numpy(features), rtol=1e-5, atol=1e-6)


def test_the_loss_is_one_less_the_cosine_and_knows_no_lengths(random):
    columns, target = random.normal(size=(2, 1, 3, 4, 5)).astype(np.float32)
    weight = random.uniform(size=(1, 3, 4, 1)).astype(np.float32)
    actual = loss_of(columns, target, weight)
    assert actual == pytest.approx(loss_by_numpy(columns, target, weight[..., 0]), rel=1e-5)
    longer = loss_of(3 * columns, 0.5 * target, weight)
    assert longer == pytest.approx(actual, rel=1e-5)
    assert loss_of(target, target, weight) == pytest.approx(0, abs=1e-5)


def test_the_gradient_is_that_of_small_steps(random):
    features = features_of(random, 9, 10)
    size = features["conv3_1"].shape[1:3]
    target = random.normal(size=(1, *size, 14)).astype(np.float32)
    weight = random.uniform(size=(1, *size, 1)).astype(np.float32)

    def loss(features, target, weight):
        return nearest.nearest_loss(column_of(features), target, weight), {}

    value, _, gradient = backend.value_and_grad(loss, any_size=True)(
        *backend.tensors((features, target, weight))
    )

    def by_numpy(layer, direction, step):
        moved = {**features, layer: features[layer] + step * direction}
        return loss_by_numpy(columns_by_numpy(moved), target[0], weight[0, ..., 0])

    assert float(value) == pytest.approx(by_numpy("conv1_1", 0, 0), rel=1e-5)
    for layer, array in features.items():
        direction = random.normal(size=array.shape)
        slope = (by_numpy(layer, direction, 1e-4) - by_numpy(layer, direction, -1e-4)) / 2e-4
        actual = np.sum(ops.convert_to_numpy(gradient[layer]) * direction)
        assert actual == pytest.approx(slope, rel=1e-3, abs=1e-5)


def test_a_column_of_nothing_is_like_nothing_and_has_no_gradient(random):
    columns = random.normal(size=(1, 2, 2, 3)).astype(np.float32)
    columns[0, 0, 0] = 0
    target = np.ones((1, 2, 2, 3), np.float32)
    weight = np.zeros((1, 2, 2, 1), np.float32)
    weight[0, 0, 0] = 0.5

    def loss(columns, target, weight):
        return nearest.nearest_loss(columns, target, weight), {}

    value, _, gradient = backend.value_and_grad(loss)(*backend.tensors((columns, target, weight)))
    assert float(value) == 0.5
    assert np.isfinite(ops.convert_to_numpy(gradient)).all()


def test_columns_are_centred_over_what_may_be_taken(random):
    columns = random.normal(5, 1, (1, 4, 3, 2)).astype(np.float32)
    inside = np.zeros((4, 3), bool)
    inside[1:, 0] = True
    actual = ops.convert_to_numpy(nearest.centered(ops.convert_to_tensor(columns), inside))
    desired = columns - columns[0, inside].mean(axis=0)
    np.testing.assert_allclose(actual, desired, rtol=1e-5, atol=1e-6)
