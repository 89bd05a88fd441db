"""What the terms cost, and that parts of a picture measure to the whole's sums."""

import numpy as np
import pytest
from keras import ops

from network.losses import functional, nearest, patches, terms
from network.losses.settings import LossSettings
from network.losses.terms import Targets

LAYERS = [f"conv{block}_1" for block in range(1, 6)]


def settings(style_loss="gram", **options):
    return LossSettings("vgg16", "conv2_1", 1, style_loss, "none", **options)


@pytest.fixture
def features(random):
    names = settings("chained").layers
    return {name: random.uniform(0, 2, (1, 6, 4, 3)).astype(np.float32) for name in names}


def grams_of(features):
    return {
        layer: ops.convert_to_numpy(functional.gram_matrix(array))
        for layer, array in features.items()
    }


def strip(features, rows):
    return {layer: array[:, rows] for layer, array in features.items()}


def test_the_content_term_of_strips_adds_up_to_the_wholes(features, random):
    target = random.uniform(0, 2, (1, 6, 4, 3)).astype(np.float32)
    term = terms.content_term(settings())
    targets = Targets(target, (), size=(6, 4))
    whole = term.measure(features, term.arguments(targets, None))
    parts = [
        term.measure(strip(features, rows), term.arguments(targets, {"conv2_1": rows}))
        for rows in (slice(0, 2), slice(2, 6))
    ]
    assert float(sum(parts)) == pytest.approx(float(whole), rel=1e-5)
    assert float(whole) == pytest.approx(
        np.sum((features["conv2_1"] - target) ** 2) / (2 * (3 * 24) ** 0.5), rel=1e-5
    )
    assert float(term.cost(whole, None, 3.0)) == pytest.approx(3 * float(whole))


def test_the_style_term_of_strips_adds_up_to_the_wholes(features, random):
    mask = random.integers(0, 2, (6, 4)).astype(np.float32)
    term = terms.style_term(settings(regions=(0, 1)))
    targets = Targets(None, (), (None, dict.fromkeys(LAYERS, mask)))
    whole = term.measure(features, term.arguments(targets, None))
    parts = []
    for rows in (slice(0, 2), slice(2, 6)):
        own = term.arguments(targets, dict.fromkeys(features, rows))
        parts.append(term.measure(strip(features, rows), own))
    assert set(whole[0]) == set(LAYERS)  # the content layer among them, no other
    for region in range(2):
        for layer in LAYERS:
            total = sum(ops.convert_to_numpy(part[region][layer]) for part in parts)
            desired = ops.convert_to_numpy(whole[region][layer])
            np.testing.assert_allclose(total, desired, rtol=1e-5)


@pytest.mark.parametrize("style_loss", ["chained", "gram", "doodle", "doodle_plain"])
def test_the_style_term_weighs_layers_and_styles(style_loss, features, random):
    own = settings(style_loss, regions=(0, 0))
    term = terms.style_term(own)
    assert term.layers == tuple(own.style_layers)
    shape = dict.fromkeys(term.layers)
    targets = [{layer: random.uniform(0, 9, (1, 3, 3)) for layer in shape} for _ in range(2)]
    found = term.measure(features, (None,))
    divisor = 3**4 if style_loss.startswith("doodle") else 36 * 24**2
    desired = sum(
        weight
        * own.style_layers[layer]
        * np.sum((ops.convert_to_numpy(found[0][layer]) - target[layer]) ** 2)
        / divisor
        for target, weight in zip(targets, (0.7, 0.3), strict=True)
        for layer in term.layers
    )
    targets = tuple({k: ops.cast(v, "float32") for k, v in each.items()} for each in targets)
    assert float(term.cost(found, (targets, 24.0), (0.7, 0.3))) == pytest.approx(desired, rel=1e-4)


def test_the_picture_of_the_style_has_no_style_loss(features):
    term = terms.style_term(settings())
    cost = term.cost(term.measure(features, (None,)), ((grams_of(features),), 24.0), (1.0,))
    assert float(cost) == pytest.approx(0, abs=1e-6)


def test_the_patch_term_of_strips_adds_up_to_the_mean_over_patches(features, random):
    own = settings("patch", patch_layers=("conv1_1", "conv3_1"))
    term = terms.patch_term(own)
    asked = tuple(
        {
            layer: patches.Votes(
                random.uniform(0, 2, (1, 6, 4, 3)).astype(np.float32),
                random.uniform(0, 1, (1, 6, 4, 1)).astype(np.float32),
                np.float32(random.uniform()),
            )
            for layer in term.layers
        }
        for _ in range(2)
    )
    targets = Targets(None, (), size=(12, 8), votes=asked)
    whole = term.measure(features, term.arguments(targets, None))
    for style in range(2):
        for layer in term.layers:
            parts = [
                term.measure(strip(features, rows), term.arguments(targets, {layer: rows}))
                for rows in (slice(0, 2), slice(2, 6))
            ]
            total = sum(float(part[style][layer]) for part in parts)
            assert total == pytest.approx(float(whole[style][layer]), rel=1e-5)
    desired = sum(
        weight * (np.sum(votes.weight * (features[layer] - votes.target) ** 2) + votes.spread)
        for weight, of_style in zip((0.7, 0.3), asked, strict=True)
        for layer, votes in of_style.items()
    )
    actual = term.cost(whole, term.targets(targets), (0.7, 0.3))
    assert float(actual) == pytest.approx(terms.PATCH_SCALE * 96 / 2 * desired, rel=1e-4)


def test_total_variation_looks_at_the_picture_whole(random):
    term = terms.total_variation_term()
    assert term.layers == ()
    picture = random.uniform(0, 255, (1, 6, 4, 3)).astype(np.float32)
    found = term.measure(ops.convert_to_tensor(picture), term.arguments(Targets(None, ()), None))
    desired = functional.total_variation_loss(ops.convert_to_tensor(picture))
    assert float(term.cost(found, (), 0.5)) == pytest.approx(0.5 * float(desired))


def test_the_temporal_term_weighs_the_distance_to_the_frame_before(random):
    picture, previous = random.uniform(-9, 9, (2, 1, 6, 4, 3)).astype(np.float32)
    trusted = np.zeros((1, 6, 4, 1), np.float32)
    trusted[:, :3] = 1
    term = terms.temporal_term()
    targets = Targets(None, (), size=(6, 4), previous=(previous, trusted))
    sums = term.measure(picture, term.arguments(targets, None))
    desired = 0.5 * np.sum((picture[:, :3].astype(np.float64) - previous[:, :3]) ** 2)
    assert float(term.cost(sums, term.targets(targets), 0.5)) == pytest.approx(desired, rel=1e-5)


def test_the_term_of_nearest_columns_weighs_styles_and_is_the_layers_mean(random):
    own = settings("nearest")
    term = terms.patch_term(own)
    features, asked = {}, ({}, {})
    for layer in term.layers:
        side = 16 >> (int(layer[4]) - 1)
        features[layer] = random.uniform(0, 2, (1, side, side, 3)).astype(np.float32)
        for votes in asked:
            votes[layer] = patches.Votes(
                random.uniform(0, 2, (1, 4, 4, 3)).astype(np.float32),
                random.uniform(0, 1, (1, 4, 4, 1)).astype(np.float32),
                np.float32(0),
            )
    targets = Targets(None, (), size=(16, 16), votes=asked)
    features = {layer: ops.convert_to_tensor(array) for layer, array in features.items()}
    seen = nearest.at_one_size(features, term.layers)
    desired = sum(
        weight * float(nearest.nearest_loss(seen[layer], *map(ops.convert_to_tensor, votes[:2])))
        for weight, of_style in zip((0.7, 0.3), asked, strict=True)
        for layer, votes in of_style.items()
    )
    found = term.measure(features, term.arguments(targets, None))
    actual = term.cost(found, term.targets(targets), (0.7, 0.3))
    assert float(actual) == pytest.approx(terms.NEAREST_SCALE * 256 / 10 * desired, rel=1e-4)
