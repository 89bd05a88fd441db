"""Each loss against the formula written out in NumPy float64."""

import numpy as np
import pytest
from keras import ops

from network.compute import backend
from network.losses import functional


@pytest.fixture
def features(random):
    return random.uniform(0, 4, (1, 5, 6, 3)).astype(np.float32)


@pytest.fixture
def other(random):
    return random.uniform(0, 4, (1, 5, 6, 3)).astype(np.float32)


@pytest.mark.parametrize("shift", [0.0, 1.0])
@pytest.mark.parametrize("masked", [False, True])
def test_gram_matrix_shifts_after_the_mask(features, shift, masked, random):
    mask = random.integers(0, 2, (1, 5, 6, 1)).astype(np.float32) if masked else None
    desired = np.zeros((3, 3))
    for row in range(5):
        for column in range(6):
            vector = features[0, row, column] * (mask[0, row, column] if masked else 1) - shift
            desired += np.outer(vector, vector)
    actual = functional.gram_matrix(features, mask, shift)
    np.testing.assert_allclose(ops.convert_to_numpy(actual), desired, rtol=1e-5)


def test_gram_matrix_with_a_share_shifts_within_a_soft_mask(features, random):
    mask = random.uniform(size=(5, 6)).astype(np.float32)
    inside = (mask[..., np.newaxis] * (features[0].astype(np.float64) - 1)).reshape(-1, 3)
    actual = functional.gram_matrix(features, mask, 1.0, share=0.5)
    np.testing.assert_allclose(ops.convert_to_numpy(actual), inside.T @ inside / 0.5, rtol=1e-5)


def test_gradient_through_the_gram_matrix_is_the_whole_one(features, random):
    target = random.uniform(0, 100, (3, 3))
    target = (target + target.T).astype(np.float32)

    def loss(image):
        value = functional.style_loss(functional.gram_matrix(image, shift=1.0), target, size=7)
        return value, {}

    actual = backend.value_and_grad(loss, features.shape)(features.ravel())[1]
    flat = features.reshape(-1, 3).astype(np.float64) - 1
    desired = 4 * flat @ (flat.T @ flat - target) / (4 * 3**2 * 7**2)
    np.testing.assert_allclose(actual, desired.ravel(), rtol=1e-4)


def test_style_loss_divides_by_36_size_squared():
    actual = functional.style_loss(np.full((2, 2), 5.0), np.full((2, 2), 3.0), size=10)
    assert float(actual) == pytest.approx(4 * 2.0**2 / (36 * 100))


def test_region_loss_is_the_mean_over_gram_matrices_divided_by_their_channels():
    first, second = np.arange(9.0).reshape(3, 3), np.full((3, 3), 2.0)
    desired = np.mean((first / 3 - second / 3) ** 2)
    assert float(functional.region_loss(first, second)) == pytest.approx(desired)


@pytest.mark.parametrize(
    ("kind", "multiplier"), [(0, 1.0), (1, 1 / (2 * 3**0.5 * 20**0.5)), (2, 1 / (3 * 20))]
)
def test_content_loss_types(features, other, kind, multiplier):
    actual = functional.content_loss(features, other, size=20, kind=kind)
    desired = multiplier * np.sum((features.astype(np.float64) - other) ** 2)
    assert float(actual) == pytest.approx(desired, rel=1e-5)


def test_total_variation_leaves_out_the_last_row_and_column(random):
    image = random.uniform(-100, 100, (1, 4, 5, 3)).astype(np.float32)
    x = image[0].astype(np.float64)
    desired = 0.0
    for row in range(3):
        for column in range(4):
            down = (x[row, column] - x[row + 1, column]) ** 2
            right = (x[row, column] - x[row, column + 1]) ** 2
            desired += ((down + right) ** 1.25).sum()
    actual = functional.total_variation_loss(ops.convert_to_tensor(image))
    assert float(actual) == pytest.approx(desired, rel=1e-5)


def test_total_variation_of_a_flat_image_has_no_gradient():
    image = np.full((1, 4, 5, 3), 7.0, np.float32)
    value, gradient, _ = backend.value_and_grad(
        lambda x: (functional.total_variation_loss(x), {}), image.shape
    )(image.ravel())
    assert value == 0
    np.testing.assert_array_equal(gradient, 0)
