"""Keep or match a picture's colours.

Pictures are uint8 (height, width, 3) RGB; nothing here knows of Keras.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from network.pictures import RESAMPLING, resize

__all__ = [
    "blend",
    "keep_luminance",
    "match_histograms",
    "match_mean_and_covariance",
    "match_moments",
]

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of red, green, blue (ITU-R BT.601)


def keep_luminance(
    image: np.ndarray,
    content: np.ndarray,
    mask: np.ndarray | None = None,
    method: str = "bilinear",
) -> np.ndarray:
    """The image's luminance with the content's colours.

    Args:
        image: uint8 (height, width, 3), or uint16.
        content: uint8, any size; its colours are resized, not its pixels.
        mask: float (height, width), 1 where the content's colours are taken and
            0 where the image's own stay, but for the rounding of YCbCr (3 levels
            at most); values between mix. None: everywhere.
        method: How the content is resized.

    Returns:
        (height, width, 3) of the image's dtype: Y of the image, Cb and Cr of the content.

    References:
        Gatys, Bethge, Hertzmann, Shechtman, "Preserving Color in Neural
        Artistic Style Transfer" (2016), section 5.
    """
    height, width = image.shape[:2]
    if image.dtype == np.uint16:
        return _keep_luminance_16_bits(
            image, resize(content * np.uint16(257), height, width, method), mask
        )
    own = np.asarray(Image.fromarray(image).convert("YCbCr"))
    colors = Image.fromarray(content).convert("YCbCr")
    other = np.asarray(colors.resize((width, height), RESAMPLING[method]))
    chroma = other[..., 1:] if mask is None else blend(own[..., 1:], other[..., 1:], mask)
    mixed = np.concatenate([own[..., :1], chroma], axis=-1)  # (height, width, 3)
    channels = [Image.fromarray(np.ascontiguousarray(mixed[..., i])) for i in range(3)]
    return np.asarray(Image.merge("YCbCr", channels).convert("RGB"))


def _keep_luminance_16_bits(
    image: np.ndarray, content: np.ndarray, mask: np.ndarray | None
) -> np.ndarray:
    """``keep_luminance`` for uint16 pictures of one size: the same without YCbCr's rounding.

    Y is a weighted mean of R, G and B, and colours of equal Cb and Cr differ by a grey.
    """
    own, other = image.astype(np.float32), content.astype(np.float32)
    mixed = other + (own - other) @ LUMA[:, np.newaxis]
    mixed = np.rint(mixed).clip(0, 65535).astype(np.uint16)
    return mixed if mask is None else blend(image, mixed, mask)


def blend(outside: np.ndarray, inside: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """``inside`` where the mask is 1, ``outside`` where it is 0; all (height, width, ...)."""
    weight = mask[..., np.newaxis]  # (height, width, 1)
    mixed: np.ndarray = np.rint(outside + weight * (inside.astype(np.float32) - outside))
    return mixed.astype(outside.dtype)


def match_histograms(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Give every channel of the image the distribution of the reference's.

    Args:
        image: uint8 (height, width, 3), or uint16.
        reference: Of the same dtype, any size.

    Returns:
        (height, width, 3) of that dtype.
    """
    matched = np.empty_like(image)
    for channel in range(3):
        values, share = _distribution(image[..., channel])
        reference_values, reference_share = _distribution(reference[..., channel])
        table = np.zeros(np.iinfo(image.dtype).max + 1, image.dtype)
        table[values] = np.rint(np.interp(share, reference_share, reference_values))
        matched[..., channel] = table[image[..., channel]]
    return matched


def _distribution(channel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values that occur, and the share of pixels up to each."""
    counts = np.bincount(channel.ravel())
    values = counts.nonzero()[0]
    return values, counts[values].cumsum() / channel.size


def match_mean_and_covariance(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Change the image's colours linearly so that mean and covariance are the reference's.

    Args:
        image: uint8 (height, width, 3), or uint16.
        reference: Of the same dtype, any size.

    Returns:
        (height, width, 3) of that dtype, clipped where a colour leaves its range.

    References:
        Gatys et al. (2016), section 4.1: x -> A (x - mean) + mean of the
        reference, A = S_reference^(1/2) S_image^(-1/2).
    """
    pixels = match_moments(image.reshape(-1, 3), reference.reshape(-1, 3))  # (h*w, 3)
    white = np.iinfo(image.dtype).max
    matched: np.ndarray = np.rint(pixels).clip(0, white).astype(image.dtype)
    return matched.reshape(image.shape)


def match_moments(
    values: np.ndarray, reference: np.ndarray, changed: np.ndarray | None = None
) -> np.ndarray:
    """Change values linearly so that their mean and covariance are the reference's.

    Args:
        values: (N, C).
        reference: (M, C).
        changed: What is changed thus, (..., C); None: the values.

    Returns:
        float64, of the shape of what is changed. Directions in which the values do not
        vary stay without variation.
    """
    values = values.astype(np.float64)
    mean, root = _mean_and_root(values)
    reference_mean, reference_root = _mean_and_root(reference.astype(np.float64))
    change = reference_root @ np.linalg.pinv(root, rcond=1e-3, hermitian=True)
    matched: np.ndarray = (
        (values if changed is None else changed) - mean
    ) @ change.T + reference_mean
    return matched


def _mean_and_root(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean (C,) of (N, C) values and the square root (C, C) of their covariance."""
    eigenvalues, vectors = np.linalg.eigh(np.cov(values, rowvar=False, bias=True))
    return values.mean(axis=0), (vectors * np.sqrt(np.maximum(eigenvalues, 0))) @ vectors.T
