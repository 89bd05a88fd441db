"""Read masks, make them 0 or 1, and bring them to a picture's or a layer's size.

A mask is white where something applies. It is resized from its original, never from
a smaller copy, and each size is made once; or it follows the picture through the
network, averaged where that is convolved or pooled.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from network import pictures
from network.errors import ImageError, StyleTransferWarning
from network.features.layers import block, layer_names

if TYPE_CHECKING:
    from network.pictures import ImageSource

__all__ = [
    "THRESHOLD",
    "Mask",
    "averaged_layer_masks",
    "describe",
    "layer_masks",
    "read",
    "soft_mask",
]

THRESHOLD = 127  # luminance above it is inside the mask


@dataclass(frozen=True)
class Mask:
    """A mask as read: its luminance, a PIL image of mode L, and its name for messages.

    Resized with BILINEAR; NEAREST suits masks that divide a picture among them.
    """

    luminance: Image.Image
    name: str
    resampling: Image.Resampling = Image.Resampling.BILINEAR

    def at(self, height: int, width: int) -> np.ndarray:
        """The mask at a size: resized, then cut; float32 (height, width) of 0 and 1."""
        resized = self.luminance.resize((width, height), self.resampling)
        return (np.asarray(resized) > THRESHOLD).astype(np.float32)


def describe(source: ImageSource | Mask) -> str:
    """A mask's name in messages, as ``pictures.describe`` has it."""
    return source.name if isinstance(source, Mask) else pictures.describe(source)


def read(
    source: ImageSource | Mask, height: int, width: int, max_pixels: int | None = None
) -> Mask:
    """Read a mask of any size and mode.

    Args:
        source: The mask, as ``pictures.open_image`` takes it, or as read before.
        height: Rows of the working image.
        width: Columns of the working image.
        max_pixels: As for ``pictures.open_image``.

    Returns:
        The mask at its own size.

    Raises:
        ImageError: The mask is unreadable, or has nothing in it at that size.
    """
    mask = (
        source
        if isinstance(source, Mask)
        else Mask(pictures.load_luminance(source, max_pixels), pictures.describe(source))
    )
    if not mask.at(height, width).any():
        raise ImageError(
            f"{mask.name}: the mask has nothing in it at the working size {height} x {width}; "
            f"expected white (above {THRESHOLD}) where it applies",
            source=source,
        )
    return mask


def layer_masks(mask: Mask, sizes: Mapping[str, tuple[int, int]]) -> dict[str, np.ndarray]:
    """A mask at the size of every layer.

    Args:
        mask: The mask.
        sizes: For every layer its (height, width), in the network's order.

    Returns:
        For every layer float32 (height, width) of 0 and 1; layers of one size
        share one array. A StyleTransferWarning names the first layer at which
        nothing is left of the mask.
    """
    by_size = {size: mask.at(*size) for size in set(sizes.values())}
    for layer, (height, width) in sizes.items():
        if not by_size[height, width].any():
            warnings.warn(
                f"{mask.name}: nothing is left of the mask from layer {layer} "
                f"({height} x {width}) on, which weakens its style; make its area larger, "
                "or raise image_size",
                StyleTransferWarning,
                stacklevel=2,
            )
            break
    return {layer: by_size[size] for layer, size in sizes.items()}


def averaged_layer_masks(mask: Mask, model: str, height: int, width: int) -> dict[str, np.ndarray]:
    """A mask taken through the network: each value is the mask's share of what a feature sees.

    Args:
        mask: The mask.
        model: vgg16 or vgg19.
        height: Rows of the image.
        width: Columns of the image.

    Returns:
        For every layer float32 (h, w) of 0 to 1: after each convolution a 3 x 3
        average, at a border that of the neighbours there are; at each pooling a 2 x 2
        average. A StyleTransferWarning tells of a mask with nothing left at this size.
    """
    values = mask.at(height, width)
    if not values.any():
        warnings.warn(
            f"{mask.name}: nothing is left of the mask at {height} x {width}, where its style "
            "is not seen; make its area larger, or use fewer scales",
            StyleTransferWarning,
            stacklevel=2,
        )
    found = {}
    for layer in layer_names(model):
        if block(layer) > 1 and layer.endswith("_1"):
            rows, columns = (side // 2 for side in values.shape)
            cells = values[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2)
            values = cells.mean(axis=(1, 3))  # (rows, columns)
        found[layer] = values = _sum_3_by_3(values) / _sum_3_by_3(np.ones_like(values))
    return found


def _sum_3_by_3(values: np.ndarray) -> np.ndarray:
    """The sum of every value and its neighbours, (h, w)."""
    padded = np.pad(values, 1)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    total: np.ndarray = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return total


def soft_mask(
    source: ImageSource,
    height: int,
    width: int,
    soft: int = 0,
    threshold: int = THRESHOLD,
    max_pixels: int | None = None,
) -> np.ndarray:
    """A mask for mixing finished pictures.

    Args:
        source: The mask; resized with BICUBIC.
        height: Rows of the picture.
        width: Columns of the picture.
        soft: How many pixels wide the edge is; 0: hard.
        threshold: Luminance above it is inside.
        max_pixels: As for ``pictures.open_image``.

    Returns:
        float32 (height, width), 0 to 1. Farther than ``soft`` from an edge it
        is exactly 0 or 1.

    Raises:
        ImageError: The mask is unreadable. A StyleTransferWarning says that it
            has nothing in it.
    """
    luminance = pictures.load_luminance(source, max_pixels)
    luminance = luminance.resize((width, height), Image.Resampling.BICUBIC)
    if not (np.asarray(luminance) > threshold).any():
        warnings.warn(
            f"{pictures.describe(source)}: the mask has nothing in it; "
            f"expected white (above {threshold}) somewhere",
            StyleTransferWarning,
            stacklevel=2,
        )
    hard = luminance.point([255 if value > threshold else 0 for value in range(256)])
    # A box blur turns an edge into a straight ramp of 2 * radius + 1 pixels.
    blurred = hard.filter(ImageFilter.BoxBlur(soft / 2)) if soft else hard
    return np.asarray(blurred, dtype=np.float32) / 255
