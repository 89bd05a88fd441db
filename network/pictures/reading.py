"""Read pictures from strangers: any format, turned upright, as uint8 sRGB; Pillow does the work."""

from __future__ import annotations

import functools
import math
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from network.errors import ImageError, StyleTransferWarning
from network.pictures.profiles import to_srgb

__all__ = [
    "ImageSource",
    "describe",
    "load",
    "load_luminance",
    "load_with_alpha",
    "open_image",
    "pixel_limit",
]

ImageSource: TypeAlias = str | os.PathLike[str] | Image.Image | np.ndarray

# What is read, by Pillow's names, where Pillow or a plugin (HEIF) has it. Not all that
# Pillow knows: it hands EPS, which is a program, to Ghostscript.
FORMATS = (
    *("PNG", "JPEG", "MPO", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF", "HEIF", "JPEG2000"),
    *("PPM", "TGA", "ICO", "PSD", "QOI"),
)
GREY_MODES = ("1", "L", "LA", "La")

_pillows_limit = threading.RLock()


def describe(source: object) -> str:
    """A picture's name in messages: its path, or what kind of object it is."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source) or "''"
    return f"<{type(source).__name__}>"


def open_image(source: ImageSource, max_pixels: int | None = None) -> Image.Image:
    """Read a picture whole and turn it upright.

    Args:
        source: A path, a PIL image, or a uint8 array (height, width),
            (height, width, 3) RGB or (height, width, 4) RGBA.
        max_pixels: A file of more is refused; None: Pillow's limit.

    Returns:
        A PIL image in its own mode, EXIF orientation applied. Of several
        pictures in a file it is the first, with a StyleTransferWarning.

    Raises:
        ImageError: The source is missing, unreadable, too large or of another kind.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if not isinstance(source, str | os.PathLike | Image.Image):
        raise ImageError(
            f"expected a picture's path, a PIL image or a uint8 array, got {source!r}",
            source=source,
        )
    several = False
    with opened(source, max_pixels) as image:
        if image is not source and image.format != "MPO":  # a phone's: the others are previews
            several = getattr(image, "is_animated", False)
        image.load()
        upright = _turn_upright(image)
    if several:
        warnings.warn(
            f"{describe(source)}: of its several pictures the first is used",
            StyleTransferWarning,
            stacklevel=2,
        )
    return upright


def load(source: ImageSource, max_pixels: int | None = None) -> np.ndarray:
    """Read a picture as uint8 (height, width, 3) sRGB.

    Args:
        source: As for ``open_image``.
        max_pixels: As for ``open_image``.

    Raises:
        ImageError: See ``load_with_alpha``.
    """
    return load_with_alpha(source, max_pixels)[0]


def load_with_alpha(
    source: ImageSource, max_pixels: int | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Read a picture's colours and its alpha channel.

    A colour profile is followed; one that cannot be is left out with a
    StyleTransferWarning. What lies hidden in pixels of alpha 0 is replaced by
    the mean of the colours that are seen.

    Args:
        source: As for ``open_image``.
        max_pixels: As for ``open_image``.

    Returns:
        uint8 (height, width, 3) sRGB, and uint8 (height, width), or None where
        the picture is opaque.

    Raises:
        ImageError: See ``open_image``; or there is no visible pixel.
    """
    image = open_image(source, max_pixels)
    profile = image.info.get("icc_profile")
    colors, alpha = _colors_and_alpha(image)
    picture = np.asarray(to_srgb(colors, profile, describe(source)))
    if alpha is None or alpha.getextrema() == (255, 255):
        return picture, None
    opacity = np.asarray(alpha)
    visible = opacity > 0
    if not visible.any():
        raise ImageError(
            f"{describe(source)}: every pixel is transparent; remove its alpha channel",
            source=source,
        )
    mean = np.average(picture[visible], axis=0, weights=opacity[visible])
    return np.where(visible[..., np.newaxis], picture, np.rint(mean).astype(np.uint8)), opacity


def load_luminance(source: ImageSource, max_pixels: int | None = None) -> Image.Image:
    """Read a picture as a PIL image of 8-bit luminance (mode L), for masks.

    What is transparent is black: not part of the mask.

    Args:
        source: As for ``open_image``.
        max_pixels: As for ``open_image``.

    Raises:
        ImageError: See ``open_image``.
    """
    colors, alpha = _colors_and_alpha(open_image(source, max_pixels))
    luminance = to_srgb(colors, None, describe(source)).convert("L")
    if alpha is not None:
        luminance = Image.composite(luminance, Image.new("L", luminance.size), alpha)
    return luminance


@contextmanager
def opened(
    source: str | os.PathLike[str] | Image.Image, max_pixels: int | None = None
) -> Iterator[Image.Image]:
    """Open a file with Pillow; what goes wrong becomes an ImageError."""
    name = describe(source)
    try:
        with warnings.catch_warnings(), _limit_pixels(max_pixels):
            warnings.simplefilter("ignore")  # Pillow's, of oddities in metadata
            # Above Pillow's limit a picture is more likely a trap than a photo.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if isinstance(source, Image.Image):
                yield source
                return
            kind = Path(source).stat().st_mode
            if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):  # a pipe would be waited for
                raise ImageError(
                    f"{name}: a pipe or device, expected a picture file", source=source
                )
            with Image.open(source, formats=_formats()) as image:
                yield image
    except ImageError:
        raise
    except FileNotFoundError:
        raise ImageError(f"{name}: no such file; check the path", source=source) from None
    except IsADirectoryError:
        raise ImageError(f"{name}: a folder, expected a picture file", source=source) from None
    except PermissionError:
        raise ImageError(f"{name}: no permission to read it", source=source) from None
    except UnidentifiedImageError:
        raise ImageError(
            f"{name}: not a picture that Pillow can read; expected a PNG, JPEG, WebP, TIFF or BMP",
            source=source,
        ) from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ImageError(
            f"{name}: more than {pixel_limit(max_pixels)} pixels; make it smaller first, "
            "or raise max_pixels",
            source=source,
        ) from None
    except MemoryError:
        raise
    except Exception as error:
        # Damaged files make Pillow raise nearly anything.
        reason = getattr(error, "strerror", None) or error
        raise ImageError(
            f"{name}: damaged or incomplete ({reason}); save it anew", source=source
        ) from None


@contextmanager
def _limit_pixels(max_pixels: int | None) -> Iterator[None]:
    """Change Pillow's limit, a global of its own, for as long as a file is read."""
    with _pillows_limit:
        before = Image.MAX_IMAGE_PIXELS
        if max_pixels is not None:
            Image.MAX_IMAGE_PIXELS = max_pixels
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def pixel_limit(max_pixels: int | None = None) -> float:
    """How many pixels a picture may have: ``max_pixels``, or Pillow's limit if it has one."""
    limit = Image.MAX_IMAGE_PIXELS if max_pixels is None else max_pixels
    return math.inf if limit is None else limit


@functools.cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _turn_upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # as anything in a damaged file; without EXIF it is still a picture
        return image.copy()


def _from_array(array: np.ndarray) -> Image.Image:
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise ImageError(
            "expected a uint8 array (height, width), (height, width, 3) or (height, width, 4), "
            f"got {array.dtype} {array.shape}",
            source=array,
        )
    if array.size == 0:
        raise ImageError(f"expected a picture, got an empty array {array.shape}", source=array)
    return Image.fromarray(array[..., 0] if array.ndim == 3 and channels == 1 else array)


def _colors_and_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """A picture's colours, mode L, RGB, CMYK or LAB, and its alpha channel, mode L, if any."""
    image = _eight_bits(image)
    alpha = None
    if image.has_transparency_data:
        image = image.convert("LA" if image.mode in GREY_MODES else "RGBA")
        alpha = image.getchannel("A")
    if image.mode not in ("CMYK", "LAB"):
        image = image.convert("L" if image.mode in GREY_MODES else "RGB")
    return image, alpha


def _eight_bits(image: Image.Image) -> Image.Image:
    """Bring pictures of more bits a pixel down to 8, which Pillow would clip."""
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        return Image.fromarray((np.asarray(image).clip(0, 65535) / 257).round().astype(np.uint8))
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))
        if values.max() <= 1:  # floats have two habits: 0..1 and 0..255
            values = values * 255
        return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))
    return image
