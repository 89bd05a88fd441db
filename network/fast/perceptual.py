"""The loss that one-pass networks are trained by: VGG16's features, several pictures at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from network.fast.architecture import FEATURES_LAYER, MULTIPLE
from network.fast.names import CHAINED, GRAM
from network.features import vgg, weights
from network.features.layers import block, style_layer_weights
from network.features.preprocessing import MEAN
from network.losses.functional import gram_matrix

__all__ = [
    "CONTENT_LAYER",
    "DETAIL_LAYERS",
    "STYLE_LAYERS",
    "STYLE_LOSSES",
    "Features",
    "StyleLoss",
    "aside",
    "detail_loss",
    "distances",
    "feature_function",
    "grams",
    "gridded",
    "losses",
    "roughness",
    "style_targets",
]

WINDOW = 4  # periods of a grid in which it is looked for, of rows and of columns
COLOR = 2.0  # how much steps in colour count beside those in light

Tensor: TypeAlias = Any
Features: TypeAlias = Callable[..., dict[str, Tensor]]

# Johnson, Alahi, Fei-Fei (2016), sections 4.1 and 4.2.
STYLE_LAYERS = ("conv1_2", "conv2_2", "conv3_3", "conv4_3")
CONTENT_LAYER = "conv3_3"
# What an enlarged picture is compared by, as the terms are called. To conv2_2 alone, which
# lies behind a pooling, a fine grid can look like nothing.
DETAIL_LAYERS = {"content": "conv2_2", "detail": "conv1_2"}


@dataclass(frozen=True)
class StyleLoss:
    """A style loss to train by.

    Attributes:
        layers: Those it looks at, and the weight of each.
        shift: Subtracted from activations before their Gram matrix.
        jointly: Whether one norm serves all layers, whose distances are to stay in proportion.
    """

    layers: Mapping[str, float]
    shift: float = 0.0
    jointly: bool = False

    @property
    def least_side(self) -> int:
        """Pixels along a side that leave one at the deepest layer."""
        return 1 << (max(map(block, self.layers)) - 1)


# INetwork's chain sums squares of Gram matrices that are not divided by anything: C^4 / 16^block
# times, but for a factor of all layers, the mean of squares here. That is one number for the
# first four blocks, and a sixteenth of it for the fifth.
STYLE_LOSSES = {
    GRAM: StyleLoss(dict.fromkeys(STYLE_LAYERS, 1 / len(STYLE_LAYERS))),
    CHAINED: StyleLoss(
        {
            layer: weight / (16 if block(layer) == 5 else 1)
            for layer, weight in style_layer_weights("vgg16", "chained").items()
        },
        shift=1.0,
        jointly=True,
    ),
}


def feature_function(
    precision: str = "float32", path: str | None = None, style_loss: str = GRAM
) -> Features:
    """VGG16 as a function of pictures.

    Args:
        precision: float32 or bfloat16.
        path: A weights file; None: the one at hand.
        style_loss: Which of ``STYLE_LOSSES`` it is to look for.

    Returns:
        From pictures (float32 (N, height, width, 3) RGB, 0 to 255), and the deepest
        layer wanted, to {layer: float32 (N, h, w, C)} of the layers that losses look at and
        of ``FEATURES_LAYER``.
    """
    arrays = weights.load(weights.find("vgg16", path).path, "vgg16")
    layers = tuple(STYLE_LOSSES[style_loss].layers)
    model = vgg.feature_model("vgg16", layers, arrays, precision=precision)

    def features(pictures: Tensor, deepest: str = layers[-1]) -> dict[str, Tensor]:
        x = ops.flip(pictures, axis=-1) - ops.convert_to_tensor(MEAN)  # BGR
        found = {}
        for layer in model.layers[1:]:
            x = layer(x)
            if layer.name in (*layers, FEATURES_LAYER):
                found[layer.name] = ops.cast(x, "float32")
            if layer.name == deepest:
                break
        return found

    return features


def grams(features: Mapping[str, Tensor], style_loss: str = GRAM) -> dict[str, Tensor]:
    """Gram matrices of every picture, F^T F / (h w C), of F less the loss's shift.

    Returns:
        {layer: float32 (N, C, C)}.
    """
    loss, found = STYLE_LOSSES[style_loss], {}
    for layer in loss.layers:
        _, height, width, channels = features[layer].shape
        gram = gram_matrix(features[layer], shift=loss.shift)
        found[layer] = gram / (height * width * channels)
    return found


def losses(
    features: Mapping[str, Tensor],
    content: Tensor,
    targets: Mapping[str, Tensor],
    norms: Mapping[str, Tensor],
    style_loss: str = GRAM,
) -> tuple[Tensor, Tensor]:
    """Both terms for every picture, each 1 where about nothing has been done for it.

    content = mean((F - F_photo)^2) / norm at conv3_3; style = the sum over the layers of
    weight * mean((G - G_style)^2) / norm, where a style's norms are the distances that photos
    have from it: so one weight suits styles of any contrast.

    Args:
        features: Of the painted pictures.
        content: Of the photos, at ``CONTENT_LAYER``.
        targets: {layer: float32 (N, C, C)}, Gram matrices of the paintings.
        norms: {layer: float32 (N,)}, and (N,) under "content".
        style_loss: One of ``STYLE_LOSSES``.

    Returns:
        The content's and the style's, float32 (N,).

    References:
        Johnson, Alahi, Fei-Fei (2016), equations 2 to 4. The chained loss: see
        ``features.layers.chained_layer_weights``.
    """
    content_loss = distances(features[CONTENT_LAYER], content)
    loss, found = 0.0, grams(features, style_loss)
    for layer, weight in STYLE_LOSSES[style_loss].layers.items():
        distance = ops.mean(ops.square(found[layer] - targets[layer]), axis=(1, 2))
        loss += weight * distance / norms[layer]
    return content_loss / norms["content"], loss


def detail_loss(
    features: Features, photos: Tensor, made: Tensor, norms: Mapping[str, Tensor]
) -> Tensor:
    """The mean over ``DETAIL_LAYERS`` of mean((F - F_photo)^2) / norm, for every picture.

    Args:
        features: The function of pictures.
        photos: float32 (N, height, width, 3) RGB, 0 to 255.
        made: What is to be like them, of the same shape.
        norms: For every term float32 (N,).

    Returns:
        float32 (N,).
    """
    full, found = (features(each, DETAIL_LAYERS["content"]) for each in (photos, made))
    terms = [
        distances(found[layer], full[layer]) / norms[name] for name, layer in DETAIL_LAYERS.items()
    ]
    return sum(terms) / len(terms)


def aside(pictures: Tensor, moved: Tensor) -> Tensor:
    """Pictures, (N, height, width, C), those that are to be, bool (N,), moved by one pixel.

    A painting network enlarges by 2 twice, and VGG reduces by 2: where both always met at
    the same pixels, a grid or dots there would look like nothing.
    """
    rolled = ops.roll(pictures, (1, 1), (1, 2))
    return ops.where(ops.reshape(moved, (-1, 1, 1, 1)), rolled, pictures)


def gridded(residual: Tensor) -> Tensor:
    """How much of what is wrong with pictures is a grid, to which features are nearly blind.

    A network that enlarges flat colours can but repeat itself every ``MULTIPLE`` pixels, and
    features of a picture that is too smooth grow liker the photo's by any fine grid. So the
    mean of the residual at each place of such a period is found, in windows of ``WINDOW``
    periods, where anything else averages out.

    Args:
        residual: What was made less what it should be, float32 (N, height, width, C), whose
            sides are multiples of ``MULTIPLE``.

    Returns:
        The mean square of those means about theirs, float32 (N,).
    """
    count, height, width, channels = residual.shape
    rows, columns, places = height // MULTIPLE, width // MULTIPLE, MULTIPLE**2
    periods = ops.reshape(residual, (count, rows, MULTIPLE, columns, MULTIPLE * channels))
    periods = ops.reshape(ops.swapaxes(periods, 2, 3), (count, rows, columns, places * channels))
    window = min(WINDOW, rows, columns)
    means = ops.average_pool(periods, window, strides=window)  # (N, h, w, places x C)
    means = ops.reshape(means, (count, -1, places, channels))
    means = means - ops.mean(means, axis=2, keepdims=True)
    return ops.mean(ops.square(means), axis=(1, 2, 3))


def roughness(pictures: Tensor) -> Tensor:
    """The mean squared step from pixel to pixel, (N, height, width, 3) RGB to float32 (N,).

    Steps of the mean of the channels, and ``COLOR`` times those of red less green and of
    blue less green: strokes may be of light and dark, but fine dots of a colour that the
    painting has not are what Gram matrices hardly look at.
    """
    red, green, blue = (pictures[..., channel] for channel in range(3))
    mean = (red + green + blue) / 3
    pictures = ops.stack([mean, COLOR * (red - green), COLOR * (blue - green)], axis=-1)
    steps = pictures[:, 1:] - pictures[:, :-1], pictures[:, :, 1:] - pictures[:, :, :-1]
    return sum(ops.mean(ops.square(each), axis=(1, 2, 3)) for each in steps)


def distances(features: Tensor, others: Tensor) -> Tensor:
    """The mean squared difference of every picture's features, (N, h, w, C) to float32 (N,)."""
    return ops.mean(ops.square(features - others), axis=(1, 2, 3))


def style_targets(
    features: Features, painting: np.ndarray, style_loss: str = GRAM
) -> dict[str, np.ndarray]:
    """A painting's Gram matrices, {layer: float32 (C, C)}, of uint8 (height, width, 3)."""
    picture = ops.convert_to_tensor(painting[np.newaxis].astype(np.float32))
    found = grams(features(picture), style_loss)
    return {layer: ops.convert_to_numpy(gram)[0] for layer, gram in found.items()}
