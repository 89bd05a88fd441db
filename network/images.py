"""Load, turn upright, resize and save pictures as uint8 (height, width, 3) sRGB arrays.

Pillow does the work; nothing here knows of Keras.
"""

from __future__ import annotations

import functools
import io
import json
import math
import os
import stat
import struct
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile, PngInfo

from network import encoders
from network.errors import ImageError, StyleTransferWarning
from network.files import output_errors, temporary_sibling

if TYPE_CHECKING:
    ImageSource: TypeAlias = str | os.PathLike[str] | Image.Image | np.ndarray

__all__ = [
    "KEEPS_ALPHA",
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

RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "cubic": Image.Resampling.BICUBIC,
}

# What is read, by Pillow's names, where Pillow or a plugin (HEIF) has it. Not all that
# Pillow knows: it hands EPS, which is a program, to Ghostscript.
FORMATS = (
    *("PNG", "JPEG", "MPO", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF", "HEIF", "JPEG2000"),
    *("PPM", "TGA", "ICO", "PSD", "QOI"),
)
KEEPS_ALPHA = ("PNG", "WEBP", "TIFF", "AVIF")
QUALITY = 90
NO_OPTIMIZATION = 0x0100  # LittleCMS's cmsFLAGS_NOOPTIMIZE
GREY_MODES = ("1", "L", "LA", "La")
PLAIN_COMMENT = b"ASCII\0\0\0"  # how EXIF marks a UserComment's encoding
LONGEST_COMMENT = {"JPEG": 65000}  # a JPEG segment holds 65533 bytes

_pillows_limit = threading.RLock()


def describe(source: ImageSource) -> str:
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
    with _reading(source, max_pixels) as image:
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
    picture = np.asarray(_to_srgb(colors, profile, describe(source)))
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
    luminance = _to_srgb(colors, None, describe(source)).convert("L")
    if alpha is not None:
        luminance = Image.composite(luminance, Image.new("L", luminance.size), alpha)
    return luminance


def gray(image: np.ndarray) -> np.ndarray:
    """The luminance of uint8 (height, width, 3) RGB, in all three channels."""
    return np.asarray(Image.fromarray(image).convert("L").convert("RGB"))


def resize(image: np.ndarray, height: int, width: int, method: str = "bilinear") -> np.ndarray:
    """Resize a picture.

    Args:
        image: uint8 (rows, columns) or (rows, columns, 3), or uint16 (rows, columns, 3).
        height: Rows wanted.
        width: Columns wanted.
        method: nearest, bilinear, bicubic or cubic.

    Returns:
        The picture with (height, width), of its dtype; ``image`` itself where
        nothing changes.
    """
    if image.shape[:2] == (height, width):
        return image
    size, resampling = (width, height), RESAMPLING[method]
    if image.dtype == np.uint8:
        return np.asarray(Image.fromarray(image).resize(size, resampling))
    # Beyond 8 bits Pillow resizes one channel at a time, of floats.
    channels = [
        np.asarray(Image.fromarray(image[..., index].astype(np.float32)).resize(size, resampling))
        for index in range(image.shape[2])
    ]
    resized: np.ndarray = np.rint(np.stack(channels, axis=-1))
    return resized.clip(0, 65535).astype(np.uint16)


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
        deep = image.dtype == np.uint16
        image = np.dstack([image, alpha * np.uint16(257) if deep else alpha])
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
    with _reading(path, max_pixels) as image:
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


@contextmanager
def _reading(
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


def _to_srgb(colors: Image.Image, profile: bytes | None, name: str) -> Image.Image:
    """Follow a colour profile; mode RGB."""
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
def _srgb_profile() -> bytes:
    """sRGB's profile, without the date of its making: equal pictures are equal files."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + profile[36:]


def _options(kind: str, metadata: Mapping[str, str], quality: int) -> dict[str, Any]:
    """What Pillow is told about a file of a format."""
    if kind == "PNG":
        return {"pnginfo": _png_info(metadata)}
    if kind not in ("JPEG", "WEBP", "TIFF", "AVIF"):
        return {}
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = _exif(metadata, kind)
    options: dict[str, Any] = {"icc_profile": _srgb_profile(), "exif": exif.tobytes()}
    if kind != "TIFF":
        options |= {"quality": quality}
    if kind == "JPEG":
        options |= {"subsampling": "4:4:4"}  # paintings have fine strokes of strong colour
    return options


def _encode_16_bits(image: np.ndarray, kind: str, metadata: Mapping[str, str]) -> bytes:
    if kind == "PNG":
        return encoders.png(image, [chunk[:2] for chunk in _png_info(metadata).chunks])
    if kind == "TIFF":
        exif, profile = ExifTags.IFD.Exif, ExifTags.Base.InterColorProfile
        return encoders.tiff(image, {exif: _exif(metadata, kind), profile: _srgb_profile()})
    raise ValueError(f"16 bits a channel need PNG or TIFF, not {kind or 'another format'}")


def _png_info(metadata: Mapping[str, str]) -> PngInfo:
    info = PngInfo()
    info.add(b"sRGB", b"\0")
    for key, text in metadata.items():
        info.add_itxt(key, text)
    return info


def _exif(metadata: Mapping[str, str], kind: str) -> dict[int, bytes]:
    """The EXIF entries that hold the texts."""
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
