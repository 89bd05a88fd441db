"""Pictures of 16 bits a channel as PNG and TIFF, which Pillow cannot write.

References:
    "Portable Network Graphics (PNG) Specification (Third Edition)" (W3C);
    "TIFF Revision 6.0" (Adobe, 1992).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from PIL.TiffImagePlugin import ImageFileDirectory_v2

__all__ = ["png", "tiff"]

LITTLE_ENDIAN_TIFF = b"II*\0\x08\0\0\0"  # its directory follows at byte 8


def png(image: np.ndarray, chunks: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """Encode a picture as PNG.

    Args:
        image: uint16 (height, width, 3) RGB or (height, width, 4) RGBA.
        chunks: The names and contents of further chunks, placed before the pixels.

    Returns:
        The bytes of the file.
    """
    height, width, channels = image.shape
    rows = image.astype(">u2").view(np.uint8).reshape(height, -1)  # (height, width*channels*2)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2  # "up": every row less the one above, modulo 256
    filtered[0, 1:] = rows[0]
    filtered[1:, 1:] = rows[1:] - rows[:-1]
    color_type = {3: 2, 4: 6}[channels]
    header = struct.pack(">2I5B", width, height, 16, color_type, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, content in (
        (b"IHDR", header),
        *chunks,
        (b"IDAT", zlib.compress(filtered.tobytes())),
        (b"IEND", b""),
    ):
        checksum = zlib.crc32(name + content)
        parts += [struct.pack(">I", len(content)), name, content, struct.pack(">I", checksum)]
    return b"".join(parts)


def tiff(image: np.ndarray, tags: Mapping[int, Any]) -> bytes:
    """Encode a picture as TIFF, uncompressed.

    Args:
        image: uint16 (height, width, 3) RGB or (height, width, 4) RGBA.
        tags: Further entries of the directory.

    Returns:
        The bytes of the file.
    """
    height, width, channels = image.shape
    pixels = image.astype("<u2").tobytes()
    directory = ImageFileDirectory_v2(LITTLE_ENDIAN_TIFF)
    entries = {
        256: width,
        257: height,
        258: (16,) * channels,  # bits per sample
        259: 1,  # no compression
        262: 2,  # RGB
        273: 0,  # where the pixels begin: Pillow adds the directory's length
        277: channels,
        278: height,  # one strip
        279: len(pixels),
        284: 1,  # pixel by pixel
        **({338: 2} if channels == 4 else {}),  # the fourth is alpha, not multiplied in
        **tags,
    }
    for tag, value in entries.items():
        directory[tag] = value
    return LITTLE_ENDIAN_TIFF + directory.tobytes(len(LITTLE_ENDIAN_TIFF)) + pixels
