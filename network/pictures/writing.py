"""Write pictures whole or not at all, tagged as sRGB, with texts inside."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from network.errors import StyleTransferWarning
from network.pictures import deep
from network.pictures.exif import exif_entries
from network.pictures.files import output_errors, temporary_sibling
from network.pictures.profiles import srgb_profile

__all__ = ["KEEPS_ALPHA", "save"]

KEEPS_ALPHA = ("PNG", "WEBP", "TIFF", "AVIF")
QUALITY = 90


def save(
    image: np.ndarray,
    path: str | os.PathLike[str],
    metadata: Mapping[str, str] | None = None,
    alpha: np.ndarray | None = None,
    quality: int = QUALITY,
) -> None:
    """Write a picture whole or not at all, in the format its name ends in.

    It is tagged as sRGB.

    Args:
        image: uint8 (height, width, 3) RGB; or uint16, for PNG and TIFF.
        path: Where to; the folder must exist.
        metadata: Texts kept inside a PNG (as text), JPEG, WebP, TIFF or AVIF (as
            JSON in EXIF's UserComment); ``read_metadata`` reads them.
        alpha: uint8 (height, width), kept in PNG, WebP, TIFF and AVIF; lost in
            others with a StyleTransferWarning.
        quality: 1 to 100, for formats that lose something.

    Raises:
        OutputError: The file cannot be written.
    """
    path = Path(path)
    kind = Image.registered_extensions().get(path.suffix.lower(), "")
    if alpha is not None and kind in KEEPS_ALPHA:
        opacity = alpha * np.uint16(257) if image.dtype == np.uint16 else alpha
        image = np.dstack([image, opacity])
    elif alpha is not None:
        warnings.warn(
            f"{path}: {kind or 'the format'} has no alpha channel; the transparency is lost",
            StyleTransferWarning,
            stacklevel=2,
        )
    with output_errors(path), temporary_sibling(path) as temporary:
        if image.dtype == np.uint16:
            temporary.write_bytes(_encode_16_bits(image, kind, metadata or {}))
        else:
            options = _options(kind, metadata or {}, quality)
            Image.fromarray(image).save(temporary, **options)


def _options(kind: str, metadata: Mapping[str, str], quality: int) -> dict[str, Any]:
    """What Pillow is told about a file of a format."""
    if kind == "PNG":
        return {"pnginfo": _png_info(metadata)}
    if kind not in ("JPEG", "WEBP", "TIFF", "AVIF"):
        return {}
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = exif_entries(metadata, kind)
    options: dict[str, Any] = {"icc_profile": srgb_profile(), "exif": exif.tobytes()}
    if kind != "TIFF":
        options |= {"quality": quality}
    if kind == "JPEG":
        options |= {"subsampling": "4:4:4"}  # paintings have fine strokes of strong colour
    return options


def _encode_16_bits(image: np.ndarray, kind: str, metadata: Mapping[str, str]) -> bytes:
    if kind == "PNG":
        return deep.png(image, [chunk[:2] for chunk in _png_info(metadata).chunks])
    if kind == "TIFF":
        exif, profile = ExifTags.IFD.Exif, ExifTags.Base.InterColorProfile
        return deep.tiff(image, {exif: exif_entries(metadata, kind), profile: srgb_profile()})
    raise ValueError(f"16 bits a channel need PNG or TIFF, not {kind or 'another format'}")


def _png_info(metadata: Mapping[str, str]) -> PngInfo:
    info = PngInfo()
    info.add(b"sRGB", b"\0")
    for key, text in metadata.items():
        info.add_itxt(key, text)
    return info
