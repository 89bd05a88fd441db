"""The loss that networks are trained by."""

import numpy as np
import pytest
from keras import ops

from network.compute import backend
from network.fast import perceptual
from network.fast.architecture import FEATURES_LAYER
from network.fast.perceptual import CONTENT_LAYER, STYLE_LAYERS
from network.features.layers import block, chained_layer_weights, channels, layer_names
from network.losses import functional
from tests.fast.conftest import eyes

pytestmark = pytest.mark.backend

VGG16 = layer_names("vgg16")


def test_both_terms_are_their_formulas_for_each_picture(random):
    pictures = random.uniform(0, 255, (2, 16, 16, 3)).astype(np.float32)
    features = eyes(ops.convert_to_tensor(pictures))
    targets = {layer: random.normal(size=(2, 3, 3)).astype(np.float32) for layer in STYLE_LAYERS}
    norms = {layer: np.array([2.0, 3.0], np.float32) for layer in (*STYLE_LAYERS, "content")}
    content = random.normal(size=features[CONTENT_LAYER].shape).astype(np.float32)
    actual = perceptual.losses(features, *backend.tensors((content, targets, norms)))
    for i in range(2):
        f = {
            layer: ops.convert_to_numpy(features[layer])[i].reshape(-1, 3) for layer in STYLE_LAYERS
        }
        error = np.square(f[CONTENT_LAYER] - content[i].reshape(-1, 3)).mean()
        desired = [error / norms["content"][i], 0.0]
        for layer in STYLE_LAYERS:
            gram = f[layer].T @ f[layer] / f[layer].size
            desired[1] += np.square(gram - targets[layer][i]).mean() / norms[layer][i] / 4
        got = [float(ops.convert_to_numpy(term)[i]) for term in actual]
        np.testing.assert_allclose(got, desired, rtol=1e-4)


def test_the_chained_loss_is_in_proportion_to_inetworks(random):
    named = {layer: (16 // 2 ** (block(layer) - 1), channels(layer)) for layer in VGG16}
    photo, painting = (
        {n: random.gamma(1, size=(1, s, s, c)).astype("f") for n, (s, c) in named.items()}
        for _ in range(2)
    )
    norms = dict.fromkeys((*VGG16, "content"), np.full(1, 5, np.float32))
    aim = perceptual.grams(backend.tensors(painting), "chained")
    found = perceptual.losses(*backend.tensors((photo, photo["conv3_3"], aim, norms)), "chained")
    desired = 0.0
    for layer, weight in zip(VGG16, chained_layer_weights(len(VGG16)), strict=True):
        flat = (
            each[layer].reshape(-1, channels(layer)).astype(float) - 1 for each in (photo, painting)
        )
        grams = [f.T @ f for f in flat]
        desired += weight * functional.style_loss(*grams, 16 * 16)
    assert float(found[0][0]) == 0
    assert float(found[1][0]) * 5 * 64**4 / 36 == pytest.approx(float(desired), rel=1e-3)


def test_details_are_compared_before_and_behind_the_first_pooling(random):
    photos, made = random.uniform(0, 255, (2, 2, 16, 16, 3)).astype(np.float32)
    norms = {"content": np.array([2.0, 3.0], "f"), "detail": np.array([5.0, 7.0], "f")}
    actual = perceptual.detail_loss(eyes, *backend.tensors((photos, made, norms)))
    full, found = (eyes(ops.convert_to_tensor(each)) for each in (photos, made))
    desired = np.zeros(2)
    for name, layer in (("detail", "conv1_2"), ("content", "conv2_2")):
        error = ops.convert_to_numpy(found[layer]) - ops.convert_to_numpy(full[layer])
        desired += np.square(error).mean(axis=(1, 2, 3)) / norms[name] / 2
    np.testing.assert_allclose(ops.convert_to_numpy(actual), desired, rtol=1e-4)


def test_pictures_are_seen_from_one_pixel_aside_where_they_are_to_be(random):
    pictures = random.uniform(0, 255, (3, 4, 6, 3)).astype(np.float32)
    moved = np.array([False, True, False])
    seen = ops.convert_to_numpy(perceptual.aside(*backend.tensors((pictures, moved))))
    np.testing.assert_array_equal(seen[::2], pictures[::2])
    np.testing.assert_array_equal(seen[1, 1:, 1:], pictures[1, :-1, :-1])


def test_a_grid_is_what_repeats_with_the_period_of_the_enlarging(random):
    noise = random.normal(size=(48, 64, 3)).astype(np.float32)
    columns = np.indices(noise.shape)[1]
    stripes = np.where(columns % 2, -3, 3).astype(np.float32)
    wider = np.where(columns // 8 % 2, -3, 3).astype(np.float32)  # of another period
    residual = np.stack([noise, stripes, stripes + 7, wider])
    found = ops.convert_to_numpy(perceptual.gridded(ops.convert_to_tensor(residual)))
    desired = []
    for top, left in np.ndindex(3, 4):
        part = noise[16 * top :, 16 * left :][:16, :16]
        means = np.array([part[i::4, j::4].mean((0, 1)) for i, j in np.ndindex(4, 4)])
        desired.append(means.var(axis=0).mean())
    np.testing.assert_allclose(found, [np.mean(desired), 9, 9, 0], rtol=1e-4, atol=1e-6)


def test_roughness_is_that_of_a_ramp_and_of_grey_and_green_chessboards():
    ramp = np.arange(8, dtype=np.float32)[None, None, :, None] * np.ones((1, 5, 1, 3), "f")
    board = np.indices((5, 8)).sum(0)[None, :, :, None] % 2 * np.ones(3, "f")
    pictures = np.concatenate([3 * ramp, 10 * board, 10 * board * np.float32([0, 1, 0])])
    found = ops.convert_to_numpy(perceptual.roughness(ops.convert_to_tensor(pictures)))
    of_green = 2 * (10**2 / 9 + 2 * (2 * 10) ** 2) / 3
    np.testing.assert_allclose(found, [9 / 3, 200 / 3, of_green], rtol=1e-5)


def test_a_painting_is_at_no_distance_from_itself(random):
    painting = random.integers(0, 256, (16, 24, 3), dtype=np.uint8)
    targets = perceptual.style_targets(eyes, painting)
    features = eyes(ops.convert_to_tensor(painting[None].astype(np.float32)))
    norms = {layer: np.ones(1, np.float32) for layer in (*STYLE_LAYERS, "content")}
    batch = {layer: target[None] for layer, target in targets.items()}
    content, style = perceptual.losses(
        features, features[CONTENT_LAYER], *backend.tensors((batch, norms))
    )
    assert float(content[0]) == 0
    assert float(style[0]) == pytest.approx(0, abs=1e-10)


def test_features_are_those_of_the_feature_model(monkeypatch, random):
    from network.features import vgg, weights
    from network.features.preprocessing import preprocess

    arrays, fan_in = {}, 3
    for layer in VGG16:
        fan_out = channels(layer)
        kernel = random.normal(size=(3, 3, fan_in, fan_out)) * np.sqrt(2 / (9 * fan_in))
        arrays[layer] = kernel.astype(np.float32), np.zeros(fan_out, np.float32)
        fan_in = fan_out
    monkeypatch.setattr(weights, "load", lambda path, model: arrays)
    picture = random.integers(0, 256, (16, 24, 3), dtype=np.uint8)
    features = perceptual.feature_function()
    batch = np.stack([picture, picture[::-1]]).astype(np.float32)
    actual = features(ops.convert_to_tensor(batch))
    desired = vgg.feature_model("vgg16", STYLE_LAYERS, arrays)(preprocess(picture))
    assert set(actual) == {*STYLE_LAYERS, FEATURES_LAYER}
    for layer in STYLE_LAYERS:
        np.testing.assert_allclose(
            ops.convert_to_numpy(actual[layer])[0],
            ops.convert_to_numpy(desired[layer])[0],
            rtol=1e-3,
            atol=1e-2,
        )
    shallow = features(ops.convert_to_tensor(batch), CONTENT_LAYER)
    assert STYLE_LAYERS[-1] not in shallow
    deep = perceptual.feature_function(style_loss="chained")(ops.convert_to_tensor(batch))
    assert tuple(deep) == VGG16
