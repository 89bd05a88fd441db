"""Bicubic enlarging as a convolution: the same on every backend, and of any part of a picture."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from keras import ops

__all__ = ["enlarge"]

Tensor: TypeAlias = Any

RADIUS = 2  # pixels on either side that count
SHARPNESS = -0.5  # as Pillow has it


def enlarge(pictures: Tensor, factor: int) -> Tensor:
    """Enlarge pictures, reflected at their edges.

    Args:
        pictures: float32 (N, height, width, 3); sides of 3 or more.
        factor: How often, along either side.

    Returns:
        float32 (N, factor height, factor width, 3).

    References:
        Keys, "Cubic Convolution Interpolation for Digital Image Processing" (1981).
    """
    _, height, width, channels = pictures.shape
    weights = _weights(factor)  # (factor, taps)
    square = np.einsum("ay,bx->yxab", weights, weights)  # (taps, taps, factor, factor)
    apart = np.eye(channels, dtype=np.float32)
    kernel = np.einsum("yxab,cd->yxcabd", square, apart)  # (taps, taps, 3, factor, factor, 3)
    kernel = kernel.reshape(*kernel.shape[:3], -1)  # (taps, taps, 3, factor*factor*3)
    edge = (RADIUS, RADIUS)
    padded = ops.pad(pictures, ((0, 0), edge, edge, (0, 0)), mode="reflect")
    x = ops.conv(padded, ops.convert_to_tensor(kernel), padding="valid")
    x = ops.reshape(x, (-1, height, width, factor, factor, channels))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))  # (N, h, factor, w, factor, 3)
    return ops.reshape(x, (-1, height * factor, width * factor, channels))


def _weights(factor: int) -> np.ndarray:
    """What each new pixel takes of the old ones around its own, float32 (factor, taps)."""
    places = (np.arange(factor) + 0.5) / factor - 0.5
    distance = np.abs(places[:, np.newaxis] - np.arange(-RADIUS, RADIUS + 1))
    near = (SHARPNESS + 2) * distance**3 - (SHARPNESS + 3) * distance**2 + 1
    far = SHARPNESS * (distance**3 - 5 * distance**2 + 8 * distance - 4)
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    return weights.astype(np.float32)
