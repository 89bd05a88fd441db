"""The loss strip by strip, against the loss of the whole picture at once."""

import keras
import numpy as np
import pytest

from network.compute import backend
from network.features import layers, vgg
from network.features.extractor import Extractor
from network.losses import objective, strips
from network.losses.settings import LossSettings, Weights
from network.losses.terms import Targets

HEIGHT, WIDTH = 67, 37  # odd at the first blocks, which have several strips
CHANNELS = 4


@pytest.fixture
def arrays(random, monkeypatch):
    """Weights of a VGG16 of few channels."""
    monkeypatch.setattr(vgg, "channels", lambda layer: CHANNELS)
    found, fan_in = {}, 3
    for layer in layers.layer_names("vgg16"):
        kernel = random.normal(0, (2 / 9 / fan_in) ** 0.5, (3, 3, fan_in, CHANNELS))
        found[layer] = kernel.astype(np.float32), random.normal(0, 1, CHANNELS).astype(np.float32)
        fan_in = CHANNELS
    return found


@pytest.fixture
def eager():
    """TensorFlow compiles nothing, which takes most of these tests' time."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def image(random):
    return lambda: random.uniform(-100, 100, (1, HEIGHT, WIDTH, 3)).astype(np.float32)


def mask(random, name, kind):
    values = random.uniform(size=layers.layer_size(name, HEIGHT, WIDTH))
    return (values if kind == "soft" else values > 0.5).astype(np.float32)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"style_loss": "gram", "content_layer": "conv2_1", "pool_type": "ave"},
        {"masks": "hard", "content_layer": "conv1_2"},
        {"masks": "hard", "mask_norm": "area", "content_layer": "conv4_3"},
        {"masks": "soft", "mask_norm": "mean", "style_loss": "doodle"},
        {"dtype": "bfloat16", "masks": "soft"},
        {"seamless": True, "style_loss": "gram"},
    ],
    ids=str,
)
def test_strips_give_the_loss_and_the_gradient_of_the_whole(
    options, arrays, image, random, monkeypatch, request
):
    if "masks" in options:
        request.getfixturevalue("eager")
    monkeypatch.setattr(strips, "STRIP_VALUES", 1)  # as many strips as there can be
    settings = LossSettings(
        "vgg16",
        options.get("content_layer", "conv5_2"),
        0,
        options.get("style_loss", "chained"),
        options.get("mask_norm", "none"),
        (0, 1),
        temporal=True,
        seamless="seamless" in options,
    )
    network = vgg.feature_model("vgg16", settings.layers, arrays, options.get("pool_type", "max"))
    dtype = options.get("dtype", "float32")
    extractor = Extractor(network, None, settings.layers, dtype=dtype)
    extractor = extractor.wrapped if settings.seamless else extractor
    kind = options.get("masks")
    masks = {name: mask(random, name, kind) for name in settings.style_layers} if kind else None
    content, generated, *styles = (image() for _ in range(4))
    weights = backend.tensors(Weights(0.025, (0.7, 0.3), 8.5e-5, 2.0).arguments())
    previous = image(), random.uniform(0, 1, (1, HEIGHT, WIDTH, 1)).astype(np.float32)
    values, gradients = [], []
    for way in (strips, objective):
        targets = Targets(
            way.measure_content(extractor, content, settings),
            tuple(
                way.measure_style(extractor, style, own, settings)
                for style, own in zip(styles, (masks, None), strict=True)
            ),
            (masks, None),
            (HEIGHT, WIDTH),
            previous=previous,
        )
        loss, gradient, terms = backend.evaluate_vector(
            way.compile_objective(extractor, settings, (HEIGHT, WIDTH)),
            generated.ravel(),
            generated.shape,
            way.arguments(extractor, settings, targets),
            weights,
        )
        values.append([loss, *(terms[name] for name in ("content", "style", "tv", "temporal"))])
        gradients.append(gradient)
    of_values, rounding = {"float32": (1e-5, 1e-5), "bfloat16": (1e-4, 1e-2)}[dtype]
    np.testing.assert_allclose(*values, rtol=of_values)
    np.testing.assert_allclose(*gradients, atol=rounding * np.abs(gradients[1]).max())


def test_the_strips_cover_every_row_once_and_see_what_the_convolutions_see(monkeypatch):
    monkeypatch.setattr(strips, "STRIP_VALUES", 1)
    block = vgg.Block(None, ("conv3_1", "conv3_2", "conv3_3"), None)
    for height in (1, 16, 17, 33, 100):
        found = strips._strips(block, height, 10)
        rows = [row for strip in found for row in range(height)[strip.rows]]
        assert rows == list(range(height))
        for strip in found:
            assert strip.rows.start % 2 == 0  # poolings begin where a strip does
            assert strip.seen.start == max(strip.rows.start - 3, 0)
            assert strip.seen.stop == min(strip.rows.stop + 3, height)
