"""Resize pictures, and make them grey."""

from __future__ import annotations

import numpy as np
from PIL import Image

__all__ = ["RESAMPLING", "gray", "resize"]

RESAMPLING = {  # by the names that options have
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "cubic": Image.Resampling.BICUBIC,
}


def gray(image: np.ndarray) -> np.ndarray:
    """The luminance of uint8 (height, width, 3) RGB, in all three channels."""
    return np.asarray(Image.fromarray(image).convert("L").convert("RGB"))


def resize(image: np.ndarray, height: int, width: int, method: str = "bilinear") -> np.ndarray:
    """Resize a picture.

    Args:
        image: uint8 (rows, columns) or (rows, columns, 3), or uint16 (rows, columns, 3).
        height: Rows wanted.
        width: Columns wanted.
        method: nearest, bilinear, bicubic or cubic.

    Returns:
        The picture with (height, width), of its dtype; ``image`` itself where
        nothing changes.
    """
    if image.shape[:2] == (height, width):
        return image
    size, resampling = (width, height), RESAMPLING[method]
    if image.dtype == np.uint8:
        return np.asarray(Image.fromarray(image).resize(size, resampling))
    # Beyond 8 bits Pillow resizes one channel at a time, of floats.
    channels = [
        np.asarray(Image.fromarray(image[..., index].astype(np.float32)).resize(size, resampling))
        for index in range(image.shape[2])
    ]
    resized: np.ndarray = np.rint(np.stack(channels, axis=-1))
    return resized.clip(0, 65535).astype(np.uint16)
