"""How alike two pictures of one size are, without a network.

Pictures are uint8 (height, width, 3) RGB; NumPy and SciPy, nothing else.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import gaussian_filter

__all__ = ["histogram_distance", "psnr", "ssim"]

LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)
RANGE = 255.0
SIGMA, RADIUS = 1.5, 5  # the Gaussian window of 11 x 11
BINS = 8  # per channel


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity of the luminance, the mean over all whole windows.

    With means m, variances v and covariance c under a Gaussian window of 11 x 11
    (sigma 1.5), c1 = (0.01 * 255)^2 and c2 = (0.03 * 255)^2:

        (2 m_a m_b + c1) (2 c_ab + c2) / ((m_a^2 + m_b^2 + c1) (v_a + v_b + c2))

    Args:
        a: uint8 (height, width, 3), 11 x 11 or larger.
        b: Of the same shape.

    Returns:
        -1 to 1; 1 for the same picture, near 0 where no structure is shared.

    References:
        Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment: From Error
        Visibility to Structural Similarity" (2004), equation 13.
    """
    x, y = (image.astype(np.float64) @ LUMINANCE for image in (a, b))  # (height, width)
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    variances = _window_mean(x * x) - mean_x**2 + _window_mean(y * y) - mean_y**2
    covariance = _window_mean(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * RANGE) ** 2, (0.03 * RANGE) ** 2
    likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return float((likeness / ((mean_x**2 + mean_y**2 + c1) * (variances + c2))).mean())


def _window_mean(values: np.ndarray) -> np.ndarray:
    """The weighted mean under every window that lies inside, (height - 10, width - 10)."""
    means: np.ndarray = gaussian_filter(values, SIGMA, radius=RADIUS)
    return means[RADIUS:-RADIUS, RADIUS:-RADIUS]


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / mean((a - b)^2)).

    Args:
        a: uint8 (height, width, 3).
        b: Of the same shape.

    Returns:
        0 or more; infinite for the same picture.
    """
    error = float(np.square(a.astype(np.float64) - b).mean())
    return 10 * math.log10(RANGE**2 / error) if error else math.inf


def histogram_distance(a: np.ndarray, b: np.ndarray) -> float:
    """The share of pixels whose colour has no counterpart in the other picture.

    One less the histogram intersection, 1 - sum(min(h_a, h_b)), of the joint
    histograms of red, green and blue with 8 x 8 x 8 bins.

    Args:
        a: uint8 (height, width, 3).
        b: uint8, any size.

    Returns:
        0 (the same colours in the same amounts) to 1 (no colour in common).

    References:
        Swain, Ballard, "Color Indexing" (1991), section 3.
    """
    # Half the sum of differences is the same, and exactly 0 for the same picture.
    return float(np.abs(_color_histogram(a) - _color_histogram(b)).sum() / 2)


def _color_histogram(image: np.ndarray) -> np.ndarray:
    """The share of pixels in every colour bin, (BINS^3,)."""
    bins = (image // (256 // BINS)).astype(np.int64) @ (BINS**2, BINS, 1)  # (height, width)
    return np.bincount(bins.ravel(), minlength=BINS**3) / bins.size
