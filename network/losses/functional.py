"""The losses of neural style transfer: pure functions on ``keras.ops``.

Features have shape (1, height, width, channels); ``size`` is the number of
pixels of the *working image* at every layer, as in INetwork.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from keras import ops

__all__ = [
    "content_loss",
    "gram_matrix",
    "region_loss",
    "style_loss",
    "total_variation_loss",
]

Tensor: TypeAlias = Any


def gram_matrix(
    features: Tensor,
    mask: np.ndarray | None = None,
    shift: float = 0.0,
    share: float | None = None,
) -> Tensor:
    """Correlations between channels, G = (F m - shift)^T (F m - shift).

    Args:
        features: float32 (1, height, width, C).
        mask: 0 to 1, (height, width); None: everywhere.
        shift: Subtracted after the mask. Chained style loss: 1 ("activation
            shift" of Novak and Nikulin).
        share: Subtract the shift inside the mask alone, and divide by this, the
            mask's share of the picture: G = (m (F - shift))^T (m (F - shift)) /
            share. So the Gram matrix does not depend on the region's size.

    Returns:
        float32 (C, C). The Gram matrices of parts of a picture add up to the whole's.

    References:
        Gatys, Ecker, Bethge, "Image Style Transfer Using Convolutional Neural
        Networks" (2016), equation 3. Novak, Nikulin, "Improving the Neural
        Algorithm of Artistic Style" (2016), section 3.3.
    """
    flat = ops.reshape(features, (-1, features.shape[-1]))  # (h*w, C)
    inside = float(flat.shape[0])  # pixels that the shift is subtracted from
    seen_by_shift = flat
    if mask is not None:
        weights = mask.reshape(-1, 1)
        seen = np.flatnonzero(weights)  # the rest adds nothing but the shift
        if seen.size < weights.size:
            flat, weights = ops.take(flat, seen.astype(np.int32), axis=0), weights[seen]
        column = ops.convert_to_tensor(weights, "float32")
        flat = seen_by_shift = flat * column  # (pixels in the mask, C)
        if share is not None:
            seen_by_shift, inside = flat * column, float(np.square(mask).sum())
    gram = ops.matmul(ops.transpose(ops.stop_gradient(flat)), flat)  # (C, C)
    # A loss of a Gram matrix has a symmetric gradient, so both factors of the
    # product give the image the same gradient: take one and double it, which
    # saves a third of the Gram matrices' cost.
    gram = 2 * gram - ops.stop_gradient(gram)
    if shift:
        # (F - s)^T (F - s) multiplied out: no shifted copy of the features.
        sums = ops.sum(seen_by_shift, axis=0)  # (C,)
        gram = gram - shift * (sums[:, None] + sums[None, :]) + shift**2 * inside
    return gram if share is None else gram / share


def style_loss(gram: Tensor, target: Tensor, size: int) -> Tensor:
    """sum((G - G_style)^2) / (4 * 3^2 * size^2), after Gatys et al., equation 4.

    INetwork puts the picture's 3 channels where the paper has the layer's.

    Args:
        gram: float32 (C, C) of the generated image.
        target: float32 (C, C) of the style image.
        size: Pixels of the working image.

    Returns:
        A scalar.
    """
    return ops.sum(ops.square(gram - target)) / (4.0 * 3**2 * size**2)


def region_loss(gram: Tensor, target: Tensor) -> Tensor:
    """mean((G - G_style)^2) / C^2, the style loss of neural doodles.

    Args:
        gram: float32 (C, C) of the generated image.
        target: float32 (C, C) of the style image.

    Returns:
        A scalar.

    References:
        Champandard, "Semantic Style Transfer and Turning Two-Bit Doodles into Fine
        Artworks" (2016); the formula is neural_doodle.py's.
    """
    return ops.mean(ops.square((gram - target) / gram.shape[0]))


def content_loss(features: Tensor, target: Tensor, size: int, kind: int = 0) -> Tensor:
    """m * sum((F - F_content)^2), after Gatys et al., equation 1.

    Args:
        features: float32 (1, height, width, C) of the generated image.
        target: The same of the content image.
        size: Pixels of the working image.
        kind: 0: m = 1; 1: m = 1 / (2 sqrt(C) sqrt(size)); 2: m = 1 / (C size).

    Returns:
        A scalar.
    """
    channels = features.shape[-1]
    multiplier = (1.0, 0.5 / (channels * size) ** 0.5, 1.0 / (channels * size))[kind]
    return multiplier * ops.sum(ops.square(features - target))


def total_variation_loss(image: Tensor) -> Tensor:
    """sum((a + b)^1.25), a and b the squared steps to the next row and column.

    Args:
        image: float32 (1, height, width, 3).

    Returns:
        A scalar; the last row and column have no next one and do not count.

    References:
        Mahendran, Vedaldi, "Understanding Deep Image Representations by
        Inverting Them" (2015), section 3.2, with beta = 2.5.
    """
    corner = image[:, :-1, :-1]
    down = ops.square(corner - image[:, 1:, :-1])
    right = ops.square(corner - image[:, :-1, 1:])
    return ops.sum(ops.power(down + right, 1.25))
