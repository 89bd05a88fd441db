"""The loss strip by strip, against the loss of the whole picture at once."""

import numpy as np
import pytest

from network import TransferConfig
from network.features import layers, vgg
from network.losses import objective, strips

HEIGHT, WIDTH = 101, 37  # odd at every block


@pytest.fixture
def arrays(random):
    found, fan_in = {}, 3
    for layer in layers.layer_names("vgg16"):
        fan_out = layers.channels(layer)
        kernel = random.normal(0, (2 / 9 / fan_in) ** 0.5, (3, 3, fan_in, fan_out))
        found[layer] = kernel.astype(np.float32), random.normal(0, 0.1, fan_out).astype(np.float32)
        fan_in = fan_out
    return found


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
    ],
    ids=str,
)
def test_strips_give_the_loss_and_the_gradient_of_the_whole(
    options, arrays, image, random, monkeypatch
):
    monkeypatch.setattr(strips, "STRIP_VALUES", 1)  # as many strips as there can be
    config = TransferConfig(model="vgg16", **{k: v for k, v in options.items() if k != "masks"})
    weights = layers.style_layer_weights("vgg16", config.style_loss)
    features = vgg.feature_model(
        "vgg16", list(dict.fromkeys([*weights, config.content_layer])), arrays, config.pool_type
    )
    kind = options.get("masks")
    masks = {name: mask(random, name, kind) for name in weights} if kind else None
    styles = [
        objective.StyleInput(image(), 0.7, masks, masks),
        objective.StyleInput(image(), 0.3),
    ]
    content, generated = image(), image()
    values, gradients = [], []
    for way in (strips, objective):
        targets = way.compute_targets(features, content, styles, "vgg16", config)
        evaluate = way.value_and_grad(features, targets, styles, "vgg16", config, content.shape)
        loss, gradient, terms = evaluate(generated.ravel())
        values.append([loss, *(terms[name] for name in ("content", "style", "tv"))])
        gradients.append(gradient)
    np.testing.assert_allclose(*values, rtol=1e-5)
    np.testing.assert_allclose(*gradients, atol=1e-5 * np.abs(gradients[1]).max())


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
