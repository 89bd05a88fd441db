"""Borders between the regions of a picture: how what lies along them differs from the inside.

Regions are int (height, width), a number of 0 or more for each, and below 0 where there is
none. The picture's own edges are no borders. NumPy and SciPy, nothing else.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter

__all__ = ["along_to_inside", "chroma", "contrast"]

SIGMA = 2.0  # pixels, of the window that contrast is seen under


def chroma(picture: np.ndarray) -> np.ndarray:
    """How colourful every pixel is: the root of (Cb - 128)^2 + (Cr - 128)^2, float (h, w).

    Args:
        picture: uint8 (height, width, 3) RGB.
    """
    colors = np.asarray(Image.fromarray(picture).convert("YCbCr"))[..., 1:].astype(np.float64)
    found: np.ndarray = np.linalg.norm(colors - 128, axis=-1)
    return found


def contrast(picture: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """How much the luminance varies around every pixel: its standard deviation, float (h, w).

    The window is a Gaussian of two pixels that ends where another region begins, so
    that the step between two regions is no contrast.

    Args:
        picture: uint8 (height, width, 3) RGB.
        regions: int (height, width).
    """
    luminance = np.asarray(Image.fromarray(picture).convert("L")).astype(np.float64)
    found = np.zeros(regions.shape)
    for region in np.unique(regions[regions >= 0]):
        inside = regions == region
        shares = np.maximum(gaussian_filter(inside.astype(float), SIGMA), 1e-6)
        mean, squares = (
            gaussian_filter(inside * luminance**power, SIGMA) / shares for power in (1, 2)
        )
        found[inside] = np.sqrt((squares - mean**2).clip(0))[inside]
    return found


def along_to_inside(values: np.ndarray, regions: np.ndarray, width: float) -> float | None:
    """What values come to along the borders of regions, over what they come to inside them.

    Args:
        values: float (height, width), 0 or more.
        regions: int (height, width).
        width: How many pixels from a border still are along it, on either side; inside
            is what is more than twice as far from it.

    Returns:
        The mean along a region's borders over the mean inside it, 1 where there is no
        difference, and of all regions the mean by what lies along each one's borders.
        None: there is no border, or nothing inside to compare it with.
    """
    total = weight = 0.0
    for region in np.unique(regions[regions >= 0]):
        own = regions == region
        if own.all():
            continue
        away = distance_transform_edt(own) - 0.5  # of a pixel's middle, from the border
        along, inside = own & (away < width), own & (away > 2 * width)
        if inside.any() and values[inside].any():
            total += values[along].mean() / values[inside].mean() * along.sum()
            weight += along.sum()
    return float(total / weight) if weight else None
