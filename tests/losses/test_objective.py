"""The objective on a network of 1x1 convolutions, where every term can be done by hand."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from keras import ops

from network.compute import backend
from network.losses import objective
from network.losses.settings import LossSettings, Weights
from network.losses.terms import Targets

LAYERS = [f"conv{block}_1" for block in range(1, 6)]
SIZE = 4 * 5


class StyleOf(NamedTuple):
    """A style of a hand calculation, and its weight."""

    image: Any
    weight: float
    mask: Any = None
    image_mask: Any = None


@pytest.fixture
def image(random):
    return lambda: random.uniform(-2, 2, (1, 4, 5, 3)).astype(np.float32)


def settings(regions=(0,), **options):
    given = {"content_layer": "conv3_1", "content_loss_type": 0, "mask_norm": "none", **options}
    return LossSettings(model="vgg16", style_loss="gram", regions=regions, **given)


def features_of(extractor, image, layer):
    return ops.convert_to_numpy(extractor(image)[layer]).astype(np.float64)


def gram(extractor, image, layer, mask=None):
    values = features_of(extractor, image, layer)
    if mask is not None:
        values = values * mask[layer][None, ..., None]
    flat = values.reshape(-1, 3)
    return flat.T @ flat


def style_by_hand(extractor, image, style):
    return sum(
        style.weight
        / 5
        * np.sum(
            (
                gram(extractor, image, layer, style.image_mask)
                - gram(extractor, style.image, layer, style.mask)
            )
            ** 2
        )
        / (36 * SIZE**2)
        for layer in LAYERS
    )


def loss_of(extractor, content, styles, image, own=None):
    """The loss as a run has it: targets, their tensors, weights, and the terms."""
    own = own or settings(tuple(range(len(styles))))
    targets = Targets(
        objective.measure_content(extractor, content, own),
        tuple(objective.measure_style(extractor, s.image, s.mask, own) for s in styles),
        tuple(style.image_mask for style in styles),
        (4, 5),
    )
    weights = Weights(2.0, tuple(style.weight for style in styles), 0.5).arguments()
    loss = objective.make_loss(extractor, objective.make_terms(own))
    value, terms = loss(
        ops.convert_to_tensor(image),
        objective.arguments(extractor, own, targets),
        backend.tensors(weights),
    )
    return float(value), {name: float(term) for name, term in terms.items()}


def test_the_terms_are_the_weighted_losses_and_add_up(tiny_extractor, image):
    content, generated = image(), image()
    styles = [StyleOf(image(), 0.7), StyleOf(image(), 0.3)]
    value, terms = loss_of(tiny_extractor, content, styles, generated)
    seen = [features_of(tiny_extractor, x, "conv3_1") for x in (content, generated)]
    assert terms["content"] == pytest.approx(2.0 * np.sum((seen[0] - seen[1]) ** 2), rel=1e-4)
    desired = sum(style_by_hand(tiny_extractor, generated, style) for style in styles)
    assert terms["style"] == pytest.approx(desired, rel=1e-4)
    corner = generated[0, :-1, :-1].astype(np.float64)
    steps = (corner - generated[0, 1:, :-1]) ** 2 + (corner - generated[0, :-1, 1:]) ** 2
    assert terms["tv"] == pytest.approx(0.5 * (steps**1.25).sum(), rel=1e-4)
    assert value == pytest.approx(sum(terms.values()), rel=1e-6)


def test_styles_that_look_at_the_same_part_share_its_gram_matrices(tiny_extractor, image):
    content, generated = image(), image()
    styles = [StyleOf(image(), 0.7), StyleOf(image(), 0.3)]
    _, apart = loss_of(tiny_extractor, content, styles, generated)
    shared = settings((0, 0))
    _, together = loss_of(tiny_extractor, content, styles, generated, shared)
    assert together == pytest.approx(apart)


def test_the_content_itself_has_no_content_loss(tiny_extractor, image):
    content = image()
    _, terms = loss_of(tiny_extractor, content, [StyleOf(image(), 1.0)], content)
    assert terms["content"] == 0


def test_masks_limit_the_style_and_the_image(tiny_extractor, image):
    left = np.zeros((4, 5), np.float32)
    left[:, :2] = 1
    style_mask, image_mask = (dict.fromkeys(LAYERS, m) for m in (left, 1 - left))
    style = StyleOf(image(), 1.0, style_mask, image_mask)
    generated = image()
    _, terms = loss_of(tiny_extractor, image(), [style], generated)
    desired = style_by_hand(tiny_extractor, generated, style)
    assert terms["style"] == pytest.approx(desired, rel=1e-4)


@pytest.mark.backend
def test_the_compiled_gradient_is_the_slope_of_the_loss(tiny_extractor, image, random):
    """Against differences of the loss in a few directions."""
    own = settings()
    targets = Targets(
        objective.measure_content(tiny_extractor, image(), own),
        (objective.measure_style(tiny_extractor, image(), None, own),),
        size=(4, 5),
    )
    arguments = (
        objective.arguments(tiny_extractor, own, targets),
        backend.tensors(Weights(2.0, (1.0,), 0.5).arguments()),
    )
    compiled = objective.compile_objective(tiny_extractor, own)
    vector = image().ravel().astype(np.float64)

    def evaluate(x):
        return backend.evaluate_vector(compiled, x, (1, 4, 5, 3), *arguments)

    gradient = evaluate(vector)[1]
    for direction in random.normal(0, 1e-2, (3, vector.size)):
        slope = (evaluate(vector + direction)[0] - evaluate(vector - direction)[0]) / 2
        assert slope == pytest.approx(gradient @ direction, rel=0.01, abs=1e-2)
