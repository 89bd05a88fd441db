"""Read masks, make them 0 or 1, and bring them to a layer's size.

A mask is white where something applies. It is always resized from its
original, never from a smaller copy, and each size is made once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from network import images
from network.errors import ImageError

if TYPE_CHECKING:
    from network.images import ImageSource

__all__ = ["binarize", "layer_masks"]

THRESHOLD = 127  # luminance above it is inside the mask


def binarize(mask: Image.Image, height: int, width: int) -> np.ndarray:
    """Resize a luminance picture with BILINEAR and cut it at the threshold.

    Args:
        mask: PIL image of mode L.
        height: Rows wanted.
        width: Columns wanted.

    Returns:
        float32 (height, width) of 0 and 1.
    """
    resized = mask.resize((width, height), Image.Resampling.BILINEAR)
    return (np.asarray(resized) > THRESHOLD).astype(np.float32)


def layer_masks(source: ImageSource, sizes: Mapping[str, tuple[int, int]]) -> dict[str, np.ndarray]:
    """A mask at the size of every layer.

    Args:
        source: The mask, as ``images.open_image`` takes it.
        sizes: For every layer its (height, width).

    Returns:
        For every layer float32 (height, width) of 0 and 1; layers of one size
        share one array.

    Raises:
        ImageError: The mask is unreadable, or has nothing in it at a layer.
    """
    luminance = images.load_luminance(source)
    by_size = {size: binarize(luminance, *size) for size in set(sizes.values())}
    for layer, size in sizes.items():
        if not by_size[size].any():
            raise ImageError(
                f"{images.describe(source)}: the mask has nothing in it at layer {layer} "
                f"({size[0]} x {size[1]}); expected white where it applies, in a larger area",
                source=source,
            )
    return {layer: by_size[size] for layer, size in sizes.items()}
