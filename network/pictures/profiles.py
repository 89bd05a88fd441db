"""Colour profiles: from any to sRGB, by LittleCMS."""

from __future__ import annotations

import functools
import io
import struct
import warnings
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from network.errors import StyleTransferWarning

__all__ = ["srgb_profile", "to_srgb"]

NO_OPTIMIZATION = 0x0100  # LittleCMS's cmsFLAGS_NOOPTIMIZE


def to_srgb(colors: Image.Image, profile: bytes | None, name: str) -> Image.Image:
    """Follow a colour profile.

    Args:
        colors: A picture of mode L, RGB, CMYK or LAB.
        profile: Its ICC profile, if it has one. One that cannot be followed is left
            out with a StyleTransferWarning.
        name: The picture's, for that warning.

    Returns:
        The picture in sRGB, mode RGB.
    """
    if colors.mode == "LAB":  # says itself what its colours are
        return _convert_colors(colors, ImageCms.createProfile("LAB"))
    if not profile:
        return colors.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if colors.mode == "L" and source.profile.xcolor_space == "RGB ":
            colors = colors.convert("RGB")
        return _convert_colors(colors, source)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError) as error:
        warnings.warn(
            f"{name}: its colour profile is left out ({error}); its colours are taken as sRGB",
            StyleTransferWarning,
            stacklevel=2,
        )
    return colors.convert("RGB")


def _convert_colors(colors: Image.Image, source: Any) -> Image.Image:
    if colors.mode == "L":  # LittleCMS's shortcut through a grey's curve is coarse: do without
        greys = Image.fromarray(np.arange(256, dtype=np.uint8)[np.newaxis])
        table = np.asarray(_transform(greys, source, NO_OPTIMIZATION))[0]  # (256, 3)
        return Image.fromarray(table[np.asarray(colors)])
    return _transform(colors, source)


def _transform(colors: Image.Image, source: Any, flags: Any = 0) -> Image.Image:
    target = ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(colors, source, target, outputMode="RGB", flags=flags)
    assert converted is not None  # as it is for conversions in place
    return converted


@functools.cache
def srgb_profile() -> bytes:
    """sRGB's profile, without the date of its making: equal pictures are equal files."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + profile[36:]
