"""A tiny network, and eyes that cost nothing."""

import functools

import numpy as np
import pytest

from network.fast.architecture import FEATURES_LAYER, Architecture, initial_trunk, plain_row
from network.fast.perceptual import CONTENT_LAYER, STYLE_LAYERS
from network.fast.styles import Row, Styles
from network.fast.training import TrainingSettings
from network.features.layers import block, channels, layer_names

TINY = Architecture(width=4, num_blocks=2)
TINY_RECONSTRUCTOR = Architecture(width=2, num_blocks=1, task="reconstruct")
TINY_UPSCALER = Architecture(width=2, num_blocks=2, task="enlarge")


@pytest.fixture
def tiny():
    """As ``tiny_styles`` makes it."""
    return tiny_styles()


def tiny_styles():
    """A network of random values: the photo's row, and two styles, one in two strokes."""
    random = np.random.default_rng(1)
    rows = (
        Row("photo"),
        Row("waves", "medium", "Waves", "Nobody", 400, 8.0, 3),
        Row("waves", "large"),
        Row("dots", "small"),
    )
    table = plain_row(TINY) + random.normal(0, 0.3, (len(rows), *TINY.row_shape))
    trunk = initial_trunk(TINY, seed=0)
    return Styles(TINY, trunk, table.astype(np.float32), rows, {"hours": 1.5})


@pytest.fixture
def enlarging():
    """As ``tiny_upscaler`` makes it."""
    return tiny_upscaler()


def tiny_upscaler():
    """A network of random values that enlarges."""
    random = np.random.default_rng(2)
    row = plain_row(TINY_UPSCALER)
    row += random.normal(0, 0.1, row.shape).astype(np.float32)
    trunk = initial_trunk(TINY_UPSCALER, seed=0)
    return Styles(TINY_UPSCALER, trunk, row[np.newaxis], (Row("photo", steps=3),))


def tiny_reconstructor():
    """A network of random values that makes pictures of features."""
    trunk = initial_trunk(TINY_RECONSTRUCTOR, seed=0)
    table = plain_row(TINY_RECONSTRUCTOR)[np.newaxis]
    return Styles(TINY_RECONSTRUCTOR, trunk, table, (Row("photo", steps=3),))


def compiled_once(architecture, features, precision, settings):
    """As ``compiled_step``; what is compiled serves every training of the same kind."""
    chosen = settings.rows_alone, settings.style_loss
    return _compiled(architecture, features, precision, *chosen)


@functools.cache
def _compiled(architecture, features, precision, rows_alone, style_loss):
    from network.fast.steps import compiled_step

    settings = TrainingSettings(rows_alone=rows_alone, style_loss=style_loss)
    return compiled_step(architecture, features, precision, settings)


def eyes(pictures, deepest=STYLE_LAYERS[-1]):
    """Stands in for VGG: the pixels, halved at each layer."""
    from keras import ops

    x, found = pictures / 255.0, {}
    for layer in STYLE_LAYERS:
        if layer == CONTENT_LAYER:  # of the same size as the features that pictures are made of
            found[FEATURES_LAYER] = ops.tile(x, (1, 1, 1, 86))[..., : channels(FEATURES_LAYER)]
        if deepest in found:
            break
        found[layer] = x
        if layer == deepest:
            break
        x = ops.average_pool(x, 2, 2)
    return found


def every_eye(pictures, deepest=""):
    """As ``eyes``, with all layers of VGG16; the pixels, brighter or darker, at each."""
    from keras import ops

    x, found, before = pictures / 100.0, {}, 1
    for number, layer in enumerate(layer_names("vgg16")):
        if block(layer) > before:
            x, before = ops.average_pool(x, 2, 2), block(layer)
        found[layer] = x * (1.0 + number % 3)
        if layer == deepest:
            break
    return found
