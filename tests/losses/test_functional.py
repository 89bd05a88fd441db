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


def gram_by_hand(features, mask=None, shift=0.0):
    """Pixel by pixel, of one picture's (h, w, C)."""
    desired = np.zeros((features.shape[-1],) * 2)
    for row, column in np.ndindex(features.shape[:2]):
        vector = features[row, column].astype(np.float64)
        vector = vector * (1 if mask is None else mask[row, column]) - shift
        desired += np.outer(vector, vector)
    return desired


@pytest.mark.parametrize("shift", [0.0, 1.0])
@pytest.mark.parametrize("masked", [False, True])
def test_gram_matrix_shifts_after_the_mask(features, shift, masked, random):
    mask = random.integers(0, 2, (5, 6)).astype(np.float32) if masked else None
    layer_mask = functional.layer_mask(mask) if masked else None
    actual = functional.gram_matrix(features, layer_mask, shift)
    desired = gram_by_hand(features[0], mask, shift)
    np.testing.assert_allclose(ops.convert_to_numpy(actual)[0], desired, rtol=1e-5)


def test_gram_matrix_divided_by_the_area_shifts_within_a_soft_mask(features, random):
    mask = random.uniform(size=(5, 6)).astype(np.float32)
    inside = (mask[..., np.newaxis] * (features[0].astype(np.float64) - 1)).reshape(-1, 3)
    actual = functional.gram_matrix(features, functional.layer_mask(mask), 1.0, "area")
    desired = inside.T @ inside / mask.mean(dtype=np.float64)
    np.testing.assert_allclose(ops.convert_to_numpy(actual)[0], desired, rtol=1e-5)


def test_gram_matrix_divided_by_the_mean_shifts_everywhere(features, random):
    mask = random.integers(0, 2, (5, 6)).astype(np.float32)
    actual = functional.gram_matrix(features, functional.layer_mask(mask), 1.0, "mean")
    desired = gram_by_hand(features[0], mask, 1.0) / mask.mean()
    np.testing.assert_allclose(ops.convert_to_numpy(actual)[0], desired, rtol=1e-5)


@pytest.mark.backend
@pytest.mark.parametrize("norm", ["none", "area", "mean"])
@pytest.mark.parametrize("masked", [False, True])
def test_every_picture_of_a_batch_has_its_own_gram_matrix(norm, masked, random):
    features = random.uniform(0, 4, (4, 5, 6, 3)).astype(np.float32)
    mask = functional.layer_mask(random.integers(0, 2, (5, 6)).astype(np.float32))
    mask = backend.tensors(mask) if masked else None
    actual = functional.gram_matrix(ops.convert_to_tensor(features), mask, 1.0, norm)
    assert tuple(actual.shape) == (4, 3, 3)
    for picture, gram in zip(features, ops.convert_to_numpy(actual), strict=True):
        alone = functional.gram_matrix(ops.convert_to_tensor(picture[np.newaxis]), mask, 1.0, norm)
        np.testing.assert_allclose(gram, ops.convert_to_numpy(alone)[0], rtol=1e-5)


def test_losses_of_a_batch_are_the_sums_of_its_pictures(random):
    features = random.uniform(0, 4, (3, 5, 6, 2)).astype(np.float32)
    grams = functional.gram_matrix(features)
    for loss, target in [
        (lambda x, y: functional.style_loss(functional.gram_matrix(x), y, 7), grams[:1]),
        (lambda x, y: functional.region_loss(functional.gram_matrix(x), y), grams[:1]),
        (lambda x, y: functional.content_loss(x, y, 7), features[:1]),
        (lambda x, y: functional.total_variation_loss(ops.convert_to_tensor(x)), None),
    ]:
        alone = sum(float(loss(picture[np.newaxis], target)) for picture in features)
        assert float(loss(features, target)) == pytest.approx(alone, rel=1e-5)


@pytest.mark.parametrize("shift", [0.0, 1.0])
@pytest.mark.parametrize("norm", ["none", "area", "mean"])
def test_the_gram_matrices_of_strips_add_up_to_the_wholes(norm, shift, features, random):
    mask = (random.uniform(size=(5, 6)) * random.integers(0, 2, (5, 6))).astype(np.float32)
    whole = functional.gram_matrix(features, functional.layer_mask(mask), shift, norm)
    strips = [slice(0, 2), slice(2, 5)]
    parts = sum(
        functional.gram_matrix(features[:, rows], functional.layer_mask(mask, rows), shift, norm)
        for rows in strips
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(parts), ops.convert_to_numpy(whole), rtol=1e-5, atol=1e-4
    )


def test_a_layer_mask_has_the_positions_the_values_and_the_share():
    mask = np.float32([[0, 0.5, 0], [1, 0, 0]])
    whole = functional.layer_mask(mask)
    assert whole.positions.dtype == np.int32
    assert whole.positions.tolist() == [1, 3]
    assert whole.values.tolist() == [[0.5], [1.0]]
    assert whole.share == pytest.approx(1.5 / 6)
    lower = functional.layer_mask(mask, slice(1, 2))
    assert (lower.positions.tolist(), lower.values.tolist()) == ([0], [[1.0]])
    assert lower.share == whole.share  # of the layer, not of the rows


def test_a_layer_mask_without_zeros_takes_no_positions_out():
    mask = functional.layer_mask(np.full((2, 3), 0.5, np.float32))
    assert mask.positions is None
    assert mask.values.shape == (6, 1)


@pytest.mark.parametrize("norm", ["none", "area", "mean"])
def test_an_empty_mask_has_a_finite_gram_matrix(norm, features):
    mask = functional.layer_mask(np.zeros((5, 6), np.float32))
    assert np.isfinite(
        ops.convert_to_numpy(functional.gram_matrix(features, mask, 1.0, norm))
    ).all()


def test_gradient_through_the_gram_matrix_is_the_whole_one(features, random):
    target = random.uniform(0, 100, (3, 3))
    target = (target + target.T).astype(np.float32)

    def loss(image):
        value = functional.style_loss(functional.gram_matrix(image, shift=1.0), target, size=7)
        return value, {}

    objective = backend.value_and_grad(loss)
    actual = backend.evaluate_vector(objective, features.ravel(), features.shape)[1]
    flat = features.reshape(-1, 3).astype(np.float64) - 1
    desired = 4 * flat @ (flat.T @ flat - target) / (4 * 3**2 * 7**2)
    np.testing.assert_allclose(actual, desired.ravel(), rtol=1e-4)


@pytest.mark.backend
@pytest.mark.parametrize("shift", [0.0, 1.0])
@pytest.mark.parametrize("masked", [False, True])
def test_a_gram_matrix_in_bfloat16_loses_nothing_of_its_products(shift, masked, random):
    features = ops.cast(random.uniform(0, 300, (2, 40, 30, 8)).astype(np.float32), "bfloat16")
    mask = random.integers(0, 2, (40, 30)).astype(np.float32) if masked else None
    layer_mask = functional.layer_mask(mask) if masked else None
    actual = ops.convert_to_numpy(functional.gram_matrix(features, layer_mask, shift))
    exact = ops.convert_to_numpy(ops.cast(features, "float32"))
    desired = [gram_by_hand(picture, mask, shift) for picture in exact]
    np.testing.assert_allclose(actual, desired, rtol=5e-5)  # bfloat16 itself: 4e-3


@pytest.mark.backend
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_a_gram_matrix_in_bfloat16_has_the_gradient_of_float32(shift, random):
    features = random.integers(0, 100, (1, 20, 30, 8)).astype(np.float32)  # exact in bfloat16
    target = ops.convert_to_tensor(random.uniform(0, 1e6, (1, 8, 8)).astype(np.float32))
    symmetric = target + ops.transpose(target, (0, 2, 1))

    def gradient(dtype):
        def loss(features):
            gram = functional.gram_matrix(ops.cast(features, dtype), None, shift)
            return functional.style_loss(gram, symmetric, 600.0), {}

        found = backend.value_and_grad(loss)(ops.convert_to_tensor(features))[2]
        return ops.convert_to_numpy(found)

    actual, desired = gradient("bfloat16"), gradient("float32")
    assert np.linalg.norm(actual - desired) < 0.01 * np.linalg.norm(desired)


def test_style_loss_divides_by_36_size_squared():
    actual = functional.style_loss(np.full((1, 2, 2), 5.0), np.full((1, 2, 2), 3.0), size=10)
    assert float(actual) == pytest.approx(4 * 2.0**2 / (36 * 100))


def test_region_loss_is_the_mean_over_gram_matrices_divided_by_their_channels():
    first, second = np.arange(9.0).reshape(1, 3, 3), np.full((1, 3, 3), 2.0)
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


def test_a_seamless_pictures_total_variation_goes_on_across_its_edges(random):
    image = random.uniform(-100, 100, (1, 4, 5, 3)).astype(np.float32)
    down, right = (np.square(image - np.roll(image, -1, axis), dtype=float) for axis in (1, 2))
    actual = functional.total_variation_loss(ops.convert_to_tensor(image), seamless=True)
    assert float(actual) == pytest.approx(((down + right) ** 1.25).sum(), rel=1e-5)


def test_total_variation_of_a_flat_image_has_no_gradient():
    image = np.full((1, 4, 5, 3), 7.0, np.float32)
    objective = backend.value_and_grad(lambda x: (functional.total_variation_loss(x), {}))
    value, gradient, _ = backend.evaluate_vector(objective, image.ravel(), image.shape)
    assert value == 0
    np.testing.assert_array_equal(gradient, 0)


def test_temporal_loss_counts_what_can_be_relied_on(features, other, random):
    reliability = random.uniform(0, 1, (1, 5, 6, 1)).astype(np.float32)
    desired = np.sum(reliability * (features.astype(np.float64) - other) ** 2)
    actual = functional.temporal_loss(features, other, reliability)
    assert float(actual) == pytest.approx(desired, rel=1e-5)
