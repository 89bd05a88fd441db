"""The two small tools for finished pictures: colour transfer and mask transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from network import pictures
from network.pictures import color, masks

if TYPE_CHECKING:
    from network.pictures import ImageSource

__all__ = ["color_transfer", "mask_transfer"]

# INetwork's colour transfer counts a luminance of 128 as outside its mask, unlike
# its other masks; kept, so that its results are.
COLOR_THRESHOLD = 128


def color_transfer(
    content: ImageSource,
    image: ImageSource,
    mask: ImageSource | None = None,
    *,
    hist_match: bool = False,
    soft: int = 0,
    max_pixels: int | None = None,
) -> np.ndarray:
    """Give a finished picture the content's colours.

    Args:
        content: Whose colours; resized to the image with BICUBIC.
        image: The finished picture.
        mask: White where the colours are to change; None: everywhere.
        hist_match: Match the histogram of each channel, red, green and blue,
            instead of taking the content's Cb and Cr.
        soft: How many pixels wide the mask's edge is.
        max_pixels: Pictures of more are refused; None: Pillow's limit.

    Returns:
        uint8 (height, width, 3) RGB, of the image's size.

    Raises:
        ImageError: A picture cannot be used.

    Example:
        >>> import network
        >>> network.color_transfer("photo.jpg", "painting.jpg").shape
        (60, 45, 3)
    """
    picture, source = pictures.load(image, max_pixels), pictures.load(content, max_pixels)
    height, width = picture.shape[:2]
    weight = None
    if mask is not None:
        weight = masks.soft_mask(mask, height, width, soft, COLOR_THRESHOLD, max_pixels)
    if not hist_match:
        return color.keep_luminance(picture, source, weight, "bicubic")
    matched = color.match_histograms(picture, pictures.resize(source, height, width, "bicubic"))
    return matched if weight is None else color.blend(picture, matched, weight)


def mask_transfer(
    content: ImageSource,
    image: ImageSource,
    mask: ImageSource,
    *,
    soft: int = 0,
    max_pixels: int | None = None,
) -> np.ndarray:
    """Put the content's own pixels into a finished picture where a mask is black.

    Args:
        content: Whose pixels; resized to the image with BICUBIC.
        image: The finished picture.
        mask: White where the picture stays.
        soft: How many pixels wide the mask's edge is.
        max_pixels: Pictures of more are refused; None: Pillow's limit.

    Returns:
        uint8 (height, width, 3) RGB, of the image's size.

    Raises:
        ImageError: A picture cannot be used.

    Example:
        >>> import network
        >>> network.mask_transfer("photo.jpg", "painting.jpg", "mask.png").shape
        (60, 45, 3)
    """
    picture = pictures.load(image, max_pixels)
    height, width = picture.shape[:2]
    original = pictures.resize(pictures.load(content, max_pixels), height, width, "bicubic")
    weight = masks.soft_mask(mask, height, width, soft, max_pixels=max_pixels)
    return color.blend(original, picture, weight)
