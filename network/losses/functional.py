"""The losses of neural style transfer: pure functions on ``keras.ops``.

Features have shape (N, height, width, channels), and what is made of them keeps the N;
a loss of several pictures is the sum of theirs. ``size`` is the number of pixels of one
*working image* at every layer, as in INetwork.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import keras
import numpy as np
from keras import ops

from network.features import torus

__all__ = [
    "LayerMask",
    "content_loss",
    "gram_matrix",
    "layer_mask",
    "region_loss",
    "style_loss",
    "temporal_loss",
    "total_variation_loss",
]

Tensor: TypeAlias = Any


class LayerMask(NamedTuple):
    """A mask at the size of a layer, or some rows of it, as ``gram_matrix`` takes it.

    Attributes:
        positions: int32 (n,), where it is not 0, counted row by row; None: everywhere.
        values: float32 (n, 1), its values there.
        share: float32 scalar, its mean over the whole layer.
    """

    positions: Tensor | None
    values: Tensor
    share: Tensor


def layer_mask(mask: np.ndarray, rows: slice | None = None) -> LayerMask:
    """Prepare a mask for ``gram_matrix``.

    Args:
        mask: float32 (height, width), 0 to 1.
        rows: The rows of it that the features are of; None: all.
    """
    share = np.float32(mask.mean() or 1.0)  # an empty mask has an empty Gram matrix
    values = (mask if rows is None else mask[rows]).reshape(-1, 1)  # (h*w, 1)
    positions = np.flatnonzero(values)  # the rest adds nothing but the shift
    if positions.size == values.size:
        return LayerMask(None, values, share)
    return LayerMask(positions.astype(np.int32), values[positions], share)


def gram_matrix(
    features: Tensor, mask: LayerMask | None = None, shift: float = 0.0, norm: str = "none"
) -> Tensor:
    """Correlations between channels, G = (F m - shift)^T (F m - shift).

    Args:
        features: float32 or bfloat16 (N, height, width, C); bfloat16's products are in
            bfloat16 (but for ``area``), and as exact.
        mask: Where to look, in every picture; None: everywhere.
        shift: Subtracted after the mask. Chained style loss: 1 ("activation
            shift" of Novak and Nikulin).
        norm: none; mean: divided by the mask's share of the picture; area: the shift
            is subtracted inside the mask alone, too, G = (m (F - shift))^T
            (m (F - shift)) / share, so that the Gram matrix does not depend on the
            region's size.

    Returns:
        float32 (N, C, C). The Gram matrices of parts of a picture add up to the whole's.

    References:
        Gatys, Ecker, Bethge, "Image Style Transfer Using Convolutional Neural
        Networks" (2016), equation 3. Novak, Nikulin, "Improving the Neural
        Algorithm of Artistic Style" (2016), section 3.3.
    """
    num_pictures, height, width, num_channels = ops.shape(features)  # tensors, of any size
    flat = ops.reshape(features, (num_pictures, -1, num_channels))  # (N, h*w, C)
    inside: Tensor = ops.cast(height * width, "float32")  # where the shift is subtracted
    if norm == "area":
        flat = ops.cast(flat, "float32")
    seen_by_shift = flat
    if mask is not None:
        if mask.positions is not None:
            flat = ops.take(flat, mask.positions, axis=1)
        flat = seen_by_shift = flat * ops.cast(
            mask.values, flat.dtype
        )  # (N, pixels in the mask, C)
        if norm == "area":
            seen_by_shift, inside = flat * mask.values, ops.sum(ops.square(mask.values))
    # (F - s)^T (F - s) multiplied out: no shifted copy of the features.
    if keras.backend.standardize_dtype(flat.dtype) == "bfloat16":
        gram = _bfloat16_gram(shift)(flat)
    else:
        gram = _float32_gram(flat, seen_by_shift, shift)
    if shift:
        gram = gram + shift**2 * inside
    return gram if mask is None or norm == "none" else gram / mask.share


def _float32_gram(flat: Tensor, seen_by_shift: Tensor, shift: float) -> Tensor:
    """F^T F - shift (s 1^T + 1 s^T), s the sums of what the shift sees, (N, h*w, C)."""
    gram = ops.matmul(_transposed(ops.stop_gradient(flat)), flat)  # (N, C, C)
    # A loss of a Gram matrix has a symmetric gradient, so both factors of the
    # product give the image the same gradient: take one and double it, which
    # saves a third of the Gram matrices' cost.
    gram = 2 * gram - ops.stop_gradient(gram)
    if not shift:
        return gram
    sums = ops.sum(seen_by_shift, axis=1, keepdims=True)  # (N, 1, C)
    return gram - shift * (sums + _transposed(sums))


def _bfloat16_gram(shift: float) -> Callable[[Tensor], Tensor]:
    """The same, float32, of bfloat16 F alone, by products in bfloat16.

    Those are rounded, though their sums are float32, and a loss of small differences needs
    what is lost. A second product finds it: with R the rounded F^T F, (F, -R)^T (F, 1) is
    F^T F - R, so small that its own rounding does not matter.
    """

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def gram(flat: Tensor) -> Tensor:
        num_pictures, positions, num_channels = ops.shape(flat)
        one = ops.eye(num_channels, dtype="bfloat16")
        one = ops.broadcast_to(one, (num_pictures, num_channels, num_channels))
        flat_and_one = ops.concatenate([flat, one], axis=1)  # (N, h*w + C, C)

        def product(columns: Tensor) -> Tensor:
            """columns^T F, float32, of columns (N, h*w, n)."""
            rounded = ops.matmul(_transposed(columns), flat)  # (N, n, C)
            with_rounded = ops.concatenate([columns, -_transposed(rounded)], axis=1)
            lost = ops.matmul(_transposed(with_rounded), flat_and_one)
            return ops.cast(rounded, "float32") + ops.cast(lost, "float32")

        found = product(flat)  # (N, C, C)
        if shift:
            sums = product(ops.ones((num_pictures, positions, 1), "bfloat16"))  # (N, 1, C)
            found = found - shift * (sums + _transposed(sums))

        def gradient(*arguments: Tensor, upstream: Tensor = None) -> Tensor:
            # Symmetric, as above: 2 F U - 2 shift 1 (1^T U); the next to take it is bfloat16.
            outer = 2 * (arguments[-1] if upstream is None else upstream)  # (N, C, C)
            inner = ops.matmul(flat, ops.cast(outer, "bfloat16"))  # (N, h*w, C)
            if not shift:
                return inner
            of_sums = shift * ops.sum(outer, axis=1, keepdims=True)  # (N, 1, C)
            return inner - ops.cast(of_sums, "bfloat16")

        return found, gradient

    found: Callable[[Tensor], Tensor] = gram
    return found


def _transposed(matrices: Tensor) -> Tensor:
    """(N, n, m) to (N, m, n)."""
    return ops.transpose(matrices, (0, 2, 1))


def style_loss(gram: Tensor, target: Tensor, size: Tensor | float) -> Tensor:
    """sum((G - G_style)^2) / (4 * 3^2 * size^2), after Gatys et al., equation 4.

    INetwork puts the picture's 3 channels where the paper has the layer's.

    Args:
        gram: float32 (N, C, C) of the generated image.
        target: float32 (N or 1, C, C) of the style image.
        size: Pixels of the working image.

    Returns:
        A scalar.
    """
    return ops.sum(ops.square(gram - target)) / (4.0 * 3**2 * size**2)


def region_loss(gram: Tensor, target: Tensor) -> Tensor:
    """mean((G - G_style)^2) / C^2, the style loss of neural doodles.

    Args:
        gram: float32 (N, C, C) of the generated image.
        target: float32 (N or 1, C, C) of the style image.

    Returns:
        A scalar.

    References:
        Champandard, "Semantic Style Transfer and Turning Two-Bit Doodles into Fine
        Artworks" (2016); the formula is neural_doodle.py's.
    """
    channels = gram.shape[-1]
    return ops.sum(ops.square((gram - target) / channels)) / channels**2


def content_loss(features: Tensor, target: Tensor, size: Tensor | float, kind: int = 0) -> Tensor:
    """m * sum((F - F_content)^2), after Gatys et al., equation 1.

    Args:
        features: float32 or bfloat16 (N, height, width, C) of the generated image.
        target: float32, the same of the content image.
        size: Pixels of the working image.
        kind: 0: m = 1; 1: m = 1 / (2 sqrt(C) sqrt(size)); 2: m = 1 / (C size).

    Returns:
        A scalar.
    """
    channels = features.shape[-1]
    multiplier = (1.0, 0.5 / (channels * size) ** 0.5, 1.0 / (channels * size))[kind]
    return multiplier * ops.sum(ops.square(ops.cast(features, "float32") - target))


def total_variation_loss(image: Tensor, seamless: bool = False) -> Tensor:
    """sum((a + b)^1.25), a and b the squared steps to the next row and column.

    Args:
        image: float32 (N, height, width, 3).
        seamless: Whether the first row and column are next to the last ones.

    Returns:
        A scalar; a last row and column that have no next one do not count.

    References:
        Mahendran, Vedaldi, "Understanding Deep Image Representations by
        Inverting Them" (2015), section 3.2, with beta = 2.5.
    """
    if seamless:
        image = torus.wrap(image, 0, 1)
    corner = image[:, :-1, :-1]
    down = ops.square(corner - image[:, 1:, :-1])
    right = ops.square(corner - image[:, :-1, 1:])
    return ops.sum(ops.power(down + right, 1.25))


def temporal_loss(picture: Tensor, previous: Tensor, reliability: Tensor) -> Tensor:
    """How far a frame is from the one before it, sum of c (x - w)^2.

    Args:
        picture: x, float32 (N, height, width, 3).
        previous: w, the last frame's result moved to where things are now; of that shape.
        reliability: c, float32 (N, height, width, 1), 0 to 1.

    References:
        Ruder, Dosovitskiy, Brox, "Artistic Style Transfer for Videos" (2016), equation 7,
        whose mean over the picture is a sum here, as the content's is.
    """
    return ops.sum(reliability * ops.square(picture - previous))
