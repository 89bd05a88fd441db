"""Texts kept inside a picture: in PNG as text, elsewhere as JSON in EXIF's UserComment."""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Mapping

from PIL import ExifTags
from PIL.PngImagePlugin import PngImageFile

from network.errors import StyleTransferWarning
from network.pictures.reading import opened

__all__ = ["exif_entries", "read_metadata"]

PLAIN_COMMENT = b"ASCII\0\0\0"  # how EXIF marks a UserComment's encoding
LONGEST_COMMENT = {"JPEG": 65000}  # a JPEG segment holds 65533 bytes


def read_metadata(path: str | os.PathLike[str], max_pixels: int | None = None) -> dict[str, str]:
    """The texts that ``save`` kept inside a picture, and a PNG's other texts.

    Args:
        path: The picture.
        max_pixels: As for ``open_image``.

    Returns:
        The texts by name; empty where there are none.

    Raises:
        ImageError: The picture cannot be read.
    """
    with opened(path, max_pixels) as image:
        texts = dict(image.text) if isinstance(image, PngImageFile) else {}
        comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if isinstance(comment, bytes) and comment.startswith(PLAIN_COMMENT):
        try:
            own = json.loads(comment.removeprefix(PLAIN_COMMENT))
        except (ValueError, RecursionError):  # another program's remark
            own = None
        if isinstance(own, dict):
            texts |= own
    return {name: str(text) for name, text in texts.items()}


def exif_entries(metadata: Mapping[str, str], kind: str) -> dict[int, bytes]:
    """The EXIF entries that hold the texts.

    Args:
        metadata: The texts by name. Where they are too long for the format the longest
            are left out, each with a StyleTransferWarning.
        kind: The format, by Pillow's name.
    """
    texts = dict(metadata)
    while len(comment := json.dumps(texts)) > LONGEST_COMMENT.get(kind, math.inf):
        longest = max(texts, key=lambda name: len(texts[name]))
        del texts[longest]
        warnings.warn(
            f"{longest}: too long for the metadata of a {kind}, left out; PNG has no such limit",
            StyleTransferWarning,
            stacklevel=2,
        )
    return {ExifTags.Base.UserComment: PLAIN_COMMENT + comment.encode("ascii")}
