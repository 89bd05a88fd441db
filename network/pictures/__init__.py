"""Pictures in and out, as uint8 (height, width, 3) sRGB arrays; nothing here knows of Keras."""

from network.pictures.exif import read_metadata
from network.pictures.reading import (
    ImageSource,
    describe,
    load,
    load_luminance,
    load_with_alpha,
    open_image,
    pixel_limit,
)
from network.pictures.resizing import RESAMPLING, gray, resize
from network.pictures.writing import KEEPS_ALPHA, save

__all__ = [
    "KEEPS_ALPHA",
    "RESAMPLING",
    "ImageSource",
    "describe",
    "gray",
    "load",
    "load_luminance",
    "load_with_alpha",
    "open_image",
    "pixel_limit",
    "read_metadata",
    "resize",
    "save",
]
