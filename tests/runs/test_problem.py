"""The loss of a run at a size: what is compared, where, and what it weighs."""

import dataclasses

import keras
import numpy as np
import pytest
from PIL import Image

from network import ConfigError, Job, Style, StyleTransferWarning, TransferConfig, pictures
from network.compute import memory, startup
from network.features import preprocessing, weights
from network.features.layers import layer_size
from network.losses.cache import ObjectiveCache
from network.runs.inputs import load_inputs
from network.runs.job import Previous
from network.runs.problem import (
    build_problem,
    load_network,
    style_grams,
    weigh,
)
from network.runs.starts import start_image

LAYERS = [f"conv{block}_1" for block in range(1, 6)]


def read(content, styles, **options):
    config = TransferConfig(**{"image_size": 24, "model": "vgg16", **options})
    return load_inputs(Job(content, styles, config)), config


@pytest.fixture
def build(tiny_vgg):
    """From a job to its network, inputs, config and cache."""
    cache = ObjectiveCache()

    def make(content, styles, **options):
        inputs, config = read(content, styles, **options)
        network = load_network(inputs, config, weights.find("vgg16"), cache, lambda line: None)
        return network, inputs, config, cache

    return make


def problem_of(made, height=24, width=32):
    network, inputs, config, cache = made
    return build_problem(network, inputs, config, height, width, cache)


def test_changed_weights_change_the_loss_and_compile_nothing(build, traces, picture, painting):
    made = build(picture, [Style(painting), Style(255 - painting)], content_mask=HALF)
    problem = problem_of(made)
    vector = start_image(made[1], made[2], 24, 32).ravel() + 3.0
    problem.evaluate(vector)
    compiled = len(traces)
    given = problem.weights
    problem.weights = dataclasses.replace(given, content=1.0, style=(1.0, 0.0), tv=1.0)
    _, _, first = problem.evaluate(vector)
    problem.weights = dataclasses.replace(given, content=1.0, style=(0.0, 1.0), tv=1.0)
    _, _, second = problem.evaluate(vector)
    problem.weights = dataclasses.replace(given, content=0.5, style=(2.0, 3.0), tv=7.0)
    loss, gradient, actual = problem.evaluate(vector)
    assert first["style"] != pytest.approx(second["style"], rel=0.01)
    assert actual == pytest.approx(
        {
            "content": 0.5 * first["content"],
            "style": 2 * first["style"] + 3 * second["style"],
            "tv": 7 * first["tv"],
        },
        rel=1e-5,
    )
    assert loss == pytest.approx(sum(actual.values()), rel=1e-5)
    problem.weights = dataclasses.replace(given, content=0.0, style=(0.0, 0.0), tv=0.0)
    assert problem.evaluate(vector)[0] == 0
    assert np.abs(gradient).max() > 0
    assert len(traces) == compiled


def test_in_tensors_a_problem_is_what_it_is_in_arrays_also_with_changed_weights(
    build, picture, painting
):
    made = build(picture, painting)
    problem = problem_of(made)
    image = start_image(made[1], made[2], 24, 32) + 3.0
    for weight in (1.0, 0.25):
        problem.weights = dataclasses.replace(problem.weights, content=weight)
        desired, desired_gradient, desired_terms = problem.evaluate(image.ravel())
        loss, terms, gradient = problem.evaluate_tensor(keras.ops.convert_to_tensor(image))
        assert float(loss) == pytest.approx(desired, rel=1e-6)
        assert float(terms["content"]) == pytest.approx(desired_terms["content"], rel=1e-6)
        found = keras.ops.convert_to_numpy(gradient).ravel()
        np.testing.assert_allclose(found, desired_gradient, rtol=1e-4)


def gram_by_hand(extractor, picture, layer):
    features = np.asarray(extractor.see(picture)[layer], np.float64)[0]
    flat = features.reshape(-1, features.shape[-1])
    return flat.T @ flat, flat.shape[0]


def test_without_style_size_a_styles_gram_matrices_are_those_of_it_stretched(
    build, picture, painting
):
    network, inputs, config, cache = build(picture, painting, style_loss="gram")
    stretched = Image.fromarray(painting).resize((32, 24), Image.Resampling.BILINEAR)
    found = style_grams(network, inputs.styles[0], inputs, config, (24, 32), cache)
    for layer in LAYERS:
        desired, _ = gram_by_hand(network.extractor, np.asarray(stretched), layer)
        np.testing.assert_allclose(np.asarray(found[layer])[0], desired, rtol=1e-4)


@pytest.mark.parametrize(("scale", "size"), [(1.0, (72, 56)), (0.5, (36, 28))])
def test_a_style_of_its_own_size_keeps_its_shape_and_counts_per_position(
    scale, size, build, picture, painting
):
    """Its Gram matrices are those at its own size, times the ratio of the positions."""
    height, width = round(24 * scale), round(32 * scale)
    network, inputs, config, cache = build(picture, painting, style_loss="gram", style_size=72)
    shaped = Image.fromarray(painting).resize(size[::-1], Image.Resampling.BILINEAR)
    found = style_grams(network, inputs.styles[0], inputs, config, (height, width), cache)
    for layer in LAYERS:
        gram, positions = gram_by_hand(network.extractor, np.asarray(shaped), layer)
        desired = gram * np.prod(layer_size(layer, height, width)) / positions
        np.testing.assert_allclose(np.asarray(found[layer])[0], desired, rtol=1e-4)


def test_a_style_size_that_is_the_stretched_size_changes_nothing(tiny_loss, random, picture):
    style = random.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    assert tiny_loss(picture, style, style_size=32)[0] == tiny_loss(picture, style)[0]


def test_gray_start_has_no_content_loss(tiny_loss, picture, painting):
    """The target is gray as well, so that only style and smoothness are left."""
    losses = [
        tiny_loss(picture, painting, init_image="gray", content_weight=weight)[0]
        for weight in (0.0, 1.0)
    ]
    assert losses[0] == losses[1]


def test_a_seed_repeats_a_noise_start_and_another_does_not(tiny_loss, picture, painting):
    def start(seed):
        return tiny_loss(picture, painting, init_image="noise", seed=seed)[0]

    assert start(3) == start(3) != start(4)


HALF = np.zeros((24, 32), np.uint8)
HALF[:, 16:] = 255


def test_a_mask_of_ones_equals_no_mask(tiny_loss, picture, painting):
    ones = np.full((5, 7), 255, np.uint8)
    plain = tiny_loss(picture, painting)[0]
    # The masked loss is another compiled function, which may round otherwise.
    for style, options in [
        (Style(painting, mask=ones), {}),
        (Style(painting), {"content_mask": ones}),
        (Style(painting, mask=ones), {"mask_norm": "area"}),
    ]:
        assert tiny_loss(picture, style, **options)[0] == pytest.approx(plain, rel=1e-6)


def test_an_image_mask_goes_before_the_content_mask_and_the_styles_own(
    tiny_loss, picture, painting
):
    def loss(content_mask=None, **masks):
        style, options = Style(painting, **masks), {"image_size": 48, "style_loss": "gram"}
        return tiny_loss(picture, style, content_mask=content_mask, **options)[0]

    left, top = np.zeros((2, 24, 32), np.uint8)
    left[:, :16] = 255
    top[:12] = 255
    desired = loss(mask=left, content_mask=top)
    assert loss(mask=left, image_mask=top) == desired
    assert loss(mask=left, image_mask=top, content_mask=left) == desired
    assert loss(mask=left) != desired


def test_mask_norm_area_makes_the_style_loss_independent_of_the_regions_size(tiny_loss):
    """A flat picture and a flat style: each pixel of a region is like the next."""
    content = np.full((64, 64, 3), 90, np.uint8)
    style = np.full((64, 64, 3), 200, np.uint8)

    def loss(columns, mask_norm):
        mask = np.zeros((64, 64), np.uint8)
        mask[:, :columns] = 255
        options = {"image_size": 64, "style_loss": "gram", "mask_norm": mask_norm}
        return tiny_loss(content, Style(style, mask=mask), **options)[0]

    assert loss(32, "area") == pytest.approx(loss(64, "area"), rel=1e-5)
    assert loss(32, "none") == pytest.approx(loss(64, "none") / 4, rel=1e-5)


@pytest.mark.parametrize(("kind", "power"), [(0, 1.0), (1, 0.5), (2, 0.0)])
def test_a_coarse_scale_weighs_its_pixels_up(kind, power, picture, painting):
    inputs, config = read(picture, painting, content_loss_type=kind)
    weighed = weigh(config, inputs, 12, 16)
    assert weighed.content == pytest.approx(config.content_weight * 4**power)
    assert weighed.tv == pytest.approx(config.total_variation_weight * 4)
    assert weighed.style == (1.0,)
    full = weigh(config, inputs, 24, 32)
    assert (full.content, full.tv) == (config.content_weight, config.total_variation_weight)


def test_a_doodles_style_is_weighed_by_the_square_of_the_size(picture, painting):
    """Its loss, unlike a transfer's, is not divided by the number of pixels."""
    inputs, config = read(picture, [Style(painting, weight=3.0)], style_loss="doodle")
    assert weigh(config, inputs, 12, 16).style == (3.0 * 4**2,)
    scaled = dataclasses.replace(config, style_scale=0.5)
    assert weigh(scaled, inputs, 24, 32).style == (1.5,)


def test_size_invariance_weighs_by_the_size_at_400_rows(picture, painting):
    inputs, config = read(picture, painting, size_invariant=True, image_size=40)
    weighed = weigh(config, inputs, inputs.height, inputs.width)
    assert weighed.content == pytest.approx(config.content_weight * 100, rel=0.02)


def test_bfloat16_warns_where_it_is_slower(tiny_loss, picture, painting, monkeypatch):
    from network.compute import devices

    monkeypatch.setattr(devices, "bfloat16_speed_up", lambda: 0.5)
    with pytest.warns(StyleTransferWarning, match="bfloat16 is 2.0 times slower than float32"):
        tiny_loss(picture, painting, precision="bfloat16")


def test_bfloat16_is_close_to_float32(session, picture, painting, monkeypatch):
    """Its loss is within two percent, its gradient points the same way."""
    from network.compute import devices

    monkeypatch.setattr(devices, "bfloat16_speed_up", lambda: 2.0)
    (exact, gradient), (rough, rough_gradient) = (
        session.loss_and_gradient(
            session.job(picture, painting, image_size=24, precision=precision)
        )
        for precision in ("float32", "bfloat16")
    )
    assert rough != exact
    assert rough == pytest.approx(exact, rel=0.02)
    cosine = (gradient * rough_gradient).sum() / (
        np.linalg.norm(gradient) * np.linalg.norm(rough_gradient)
    )
    assert cosine > 0.99


@pytest.mark.parametrize("style_loss", ["chained", "gram"])
def test_a_masked_style_reaches_no_farther_than_the_receptive_field(style_loss, session, random):
    """Half a receptive field of conv5_3 is 98 pixels, and a mask's edge may shift by 16."""
    content, style = random.integers(0, 256, (2, 16, 320, 3), dtype=np.uint8)
    mask = np.zeros((16, 320), np.uint8)
    mask[:, :80] = 255
    job = session.job(
        content,
        Style(style, mask=mask),
        image_size=16,
        content_weight=0.0,
        total_variation_weight=0.0,
        style_loss=style_loss,
    )
    _, gradient = session.loss_and_gradient(job)
    reach = np.abs(gradient).max(axis=(0, 1, 3)).nonzero()[0].max()
    assert 80 < reach < 80 + 98 + 16


def test_a_frame_starts_from_the_one_before_and_is_compared_with_it(build, picture, painting):
    network, inputs, config, cache = build(picture, painting)
    last = pictures.resize(painting, 24, 32)
    previous = Previous(last, np.ones((24, 32), np.float32), 3.0, 5)
    inputs = dataclasses.replace(inputs, previous=previous)
    problem = problem_of((network, inputs, config, cache))
    start = start_image(inputs, config, 24, 32)
    np.testing.assert_array_equal(start, preprocessing.preprocess(last))
    assert problem.evaluate(start)[2]["temporal"] == 0
    assert problem.evaluate(start + 2)[2]["temporal"] == pytest.approx(3 * 4 * start.size)
    assert weigh(config, inputs, 12, 16).temporal == 3 * 4


@pytest.mark.parametrize("settings", [{"memory_limit": "500MB"}, {"device": "cpu"}])
def test_too_little_memory_is_told_before_keras_is_loaded(settings, monkeypatch, picture, painting):
    monkeypatch.setattr(memory, "available", lambda: 5e8)
    monkeypatch.setattr(startup, "import_keras", lambda: pytest.fail("Keras is loaded"))
    inputs, config = read(picture, [Style(painting)], **settings)
    with pytest.raises(ConfigError, match="0.5 GiB are free"):
        load_network(inputs, config, weights.find("vgg16"), ObjectiveCache(), lambda line: None)
