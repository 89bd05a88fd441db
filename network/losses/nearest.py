"""Columns of features: what all layers see at a place, and a loss of what it should be instead.

A column holds what the first four blocks of the network see around one of every four by four
pixels. Which of a style's columns each of a picture's is most like is what ``patches.match``
finds, with patches of one position; the loss compares directions, not lengths, so that how
strong a feature is does not count.

References:
    Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich, "Neural Neighbor Style Transfer"
    (2022).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from network.features.layers import block

__all__ = ["SIZED_AS", "at_one_size", "centered", "nearest_loss"]

Tensor: TypeAlias = Any

SIZED_AS = "conv3_1"  # the layer whose size columns have
LEAST = 1e-20  # the squared lengths of two columns; below it they have no direction


def at_one_size(features: Mapping[str, Tensor], layers: Iterable[str]) -> dict[str, Tensor]:
    """Layers at a quarter of the picture's size: by averages, or bilinear.

    Args:
        features: float32 or bfloat16 (1, h, w, C) of every layer, of blocks 1 to 4.
        layers: Those wanted; ``SIZED_AS`` is among the features.

    Returns:
        {layer: float32 (1, height // 4, width // 4, C)}, divided by its channels, so that
        in a column of all layers those of many do not outweigh the others.
    """
    rows, across = ops.shape(features[SIZED_AS])[1:3]
    found = {}
    for layer in layers:
        part = ops.cast(features[layer], "float32")
        part = part / part.shape[-1]
        factor = 2 ** (block(SIZED_AS) - block(layer))
        if factor > 1:
            part = ops.average_pool(part, factor, strides=factor, padding="valid")
        elif factor < 1:
            part = _twice(_twice(part, 1), 2)
        found[layer] = part[:, :rows, :across]
    return found


def _twice(part: Tensor, axis: int) -> Tensor:
    """Bilinear, twice as many rows or columns and one more; the last is there twice."""
    near = ops.repeat(part, 2, axis=axis)
    first, last = (slice(0, 1), slice(-1, None))

    def cut(array: Tensor, where: slice) -> Tensor:
        return array[:, where] if axis == 1 else array[:, :, where]

    padded = ops.concatenate([cut(near, first), near, cut(near, last)], axis=axis)
    before, after = cut(padded, slice(None, -2)), cut(padded, slice(2, None))
    smooth = 0.5 * near + 0.25 * (before + after)
    return ops.concatenate([smooth, cut(smooth, last)], axis=axis)


def centered(columns: Tensor, inside: np.ndarray) -> Tensor:
    """Columns less their mean over some positions.

    Args:
        columns: float32 (1, h, w, C).
        inside: bool (h, w), at least one of them true.
    """
    weight = ops.convert_to_tensor((inside / inside.sum())[None, ..., None].astype(np.float32))
    return columns - ops.sum(weight * columns, axis=(1, 2), keepdims=True)


def nearest_loss(columns: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean over positions of 1 - cos(F, T).

    Args:
        columns: F, float32 (1, h, w, C).
        target: T, the same.
        weight: float32 (1, h, w, 1), what each position counts.

    Returns:
        A scalar. Where one of them is 0 the cosine is.
    """
    products = ops.sum(columns * target, axis=-1, keepdims=True)
    squares = ops.sum(ops.square(columns), axis=-1, keepdims=True)
    squares = squares * ops.sum(ops.square(target), axis=-1, keepdims=True)
    there = squares > LEAST
    cosine = ops.where(there, products * ops.rsqrt(ops.where(there, squares, 1.0)), 0.0)
    return ops.sum(weight * (1.0 - cosine))
