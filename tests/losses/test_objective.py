"""The objective on a network of 1x1 convolutions, where every term can be done by hand."""

import keras
import numpy as np
import pytest

from network import TransferConfig
from network.losses import objective


@pytest.fixture
def features(random):
    """Five layers of 1x1 convolutions under the names of Network's style layers."""
    x = image = keras.Input((None, None, 3), batch_size=1)
    outputs = {}
    for name in ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"):
        x = keras.layers.Conv2D(3, 1, name=name)(x)
        outputs[name] = x
    model = keras.Model(image, outputs)
    for layer in model.layers[1:]:
        layer.set_weights([random.normal(0, 1, (1, 1, 3, 3)), random.normal(0, 1, 3)])
    return model


@pytest.fixture
def image(random):
    return lambda: random.uniform(-2, 2, (1, 4, 5, 3)).astype(np.float32)


CONFIG = TransferConfig(
    content_layer="conv3_1", style_loss="gram", content_weight=2.0, total_variation_weight=0.5
)


def gram(features, image, layer, mask=None):
    values = np.asarray(features(image)[layer], np.float64)
    if mask is not None:
        values = values * mask[layer][None, ..., None]
    flat = values.reshape(-1, 3)
    return flat.T @ flat


def loss_of(features, content, styles, image):
    targets = objective.compute_targets(features, content, styles, "vgg16", CONFIG)
    value, terms = objective.make_loss(features, targets, styles, "vgg16", CONFIG)(image)
    return float(value), {name: float(term) for name, term in terms.items()}


def test_the_terms_are_the_weighted_losses_and_add_up(features, image):
    content, generated = image(), image()
    styles = [objective.StyleInput(image(), 0.7), objective.StyleInput(image(), 0.3)]
    value, terms = loss_of(features, content, styles, generated)
    content_features = [np.asarray(features(x)["conv3_1"]) for x in (content, generated)]
    desired = {
        "content": 2.0 * np.sum((content_features[0] - content_features[1]) ** 2),
        "style": sum(
            style.weight
            / 5
            * np.sum((gram(features, generated, layer) - gram(features, style.image, layer)) ** 2)
            / (36 * 20**2)
            for style in styles
            for layer in (f"conv{block}_1" for block in range(1, 6))
        ),
    }
    assert terms["content"] == pytest.approx(desired["content"], rel=1e-4)
    assert terms["style"] == pytest.approx(desired["style"], rel=1e-4)
    assert value == pytest.approx(sum(terms.values()), rel=1e-6)


def test_the_content_itself_has_no_content_loss(features, image):
    content = image()
    _, terms = loss_of(features, content, [objective.StyleInput(image(), 1.0)], content)
    assert terms["content"] == 0


def test_masks_limit_the_style_and_the_image(features, image, random):
    layers = [f"conv{block}_1" for block in range(1, 6)]
    left = np.zeros((4, 5), np.float32)
    left[:, :2] = 1
    style_mask, image_mask = (dict.fromkeys(layers, m) for m in (left, 1 - left))
    style = objective.StyleInput(image(), 1.0, style_mask, image_mask)
    generated = image()
    _, terms = loss_of(features, image(), [style], generated)
    desired = sum(
        np.sum(
            (
                gram(features, generated, layer, image_mask)
                - gram(features, style.image, layer, style_mask)
            )
            ** 2
        )
        / (5 * 36 * 20**2)
        for layer in layers
    )
    assert terms["style"] == pytest.approx(desired, rel=1e-4)
