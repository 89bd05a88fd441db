"""Between pictures and the network's input: BGR less ImageNet's mean, as the weights expect it."""

from __future__ import annotations

import numpy as np

__all__ = ["deprocess", "preprocess"]

MEAN = np.array([103.939, 116.779, 123.68], dtype=np.float32)  # blue, green, red
PIXEL_BOUNDS = (0.0 - MEAN, 255.0 - MEAN)  # what a picture can hold, per channel


def preprocess(image: np.ndarray) -> np.ndarray:
    """uint8 (height, width, 3) RGB to float32 (1, height, width, 3) BGR less the mean."""
    return (image[..., ::-1].astype(np.float32) - MEAN)[np.newaxis]


def deprocess(image: np.ndarray, bit_depth: int = 8) -> np.ndarray:
    """(1, height, width, 3) BGR less the mean to (height, width, 3) RGB, rounded.

    It is uint8, or for a ``bit_depth`` of 16 uint16, 0 to 65535.
    """
    white, dtype = (255, np.uint8) if bit_depth == 8 else (65535, np.uint16)
    pixels: np.ndarray = np.rint((image[0, ..., ::-1] + MEAN[::-1]) * (white / 255))
    return pixels.clip(0, white).astype(dtype)
