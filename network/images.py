"""Load, orient, resize and save pictures as uint8 (height, width, 3) RGB arrays.

Pillow does the work; nothing here knows of Keras.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from network.errors import ImageError, OutputError

if TYPE_CHECKING:
    ImageSource: TypeAlias = str | os.PathLike[str] | Image.Image | np.ndarray

__all__ = [
    "describe",
    "gray",
    "load",
    "load_luminance",
    "open_image",
    "prepare_output",
    "read_metadata",
    "resize",
    "save",
    "temporary_sibling",
]

RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "cubic": Image.Resampling.BICUBIC,
}


def describe(source: ImageSource) -> str:
    """A picture's name in messages: its path, or what kind of object it is."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source) or "''"
    return f"<{type(source).__name__}>"


def open_image(source: ImageSource) -> Image.Image:
    """Read a picture whole and turn it upright.

    Args:
        source: A path, a PIL image, or a uint8 array (height, width),
            (height, width, 3) RGB or (height, width, 4) RGBA.

    Returns:
        A PIL image in its own mode, EXIF orientation applied.

    Raises:
        ImageError: The source is missing, unreadable or of another kind.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if not isinstance(source, str | os.PathLike | Image.Image):
        raise ImageError(
            f"expected a picture's path, a PIL image or a uint8 array, got {source!r}",
            source=source,
        )
    name = describe(source)
    try:
        with warnings.catch_warnings():
            # Above Pillow's limit a picture is more likely a trap than a photo.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if isinstance(source, Image.Image):
                return ImageOps.exif_transpose(source)
            with Image.open(source) as image:
                return ImageOps.exif_transpose(image)
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
            f"{name}: more than {Image.MAX_IMAGE_PIXELS} pixels; make it smaller first",
            source=source,
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # Pillow raises all of these on damaged files.
        raise ImageError(
            f"{name}: damaged or incomplete ({error}); save it anew", source=source
        ) from None


def load(source: ImageSource) -> np.ndarray:
    """Read a picture as uint8 (height, width, 3) RGB.

    Raises:
        ImageError: See ``open_image``.
    """
    return np.asarray(_eight_bits(open_image(source)).convert("RGB"))


def gray(image: np.ndarray) -> np.ndarray:
    """The luminance of uint8 (height, width, 3) RGB, in all three channels."""
    return np.asarray(Image.fromarray(image).convert("L").convert("RGB"))


def load_luminance(source: ImageSource) -> Image.Image:
    """Read a picture as a PIL image of 8-bit luminance (mode L), for masks.

    Raises:
        ImageError: See ``open_image``.
    """
    return _eight_bits(open_image(source)).convert("L")


def resize(image: np.ndarray, height: int, width: int, method: str = "bilinear") -> np.ndarray:
    """Resize a picture.

    Args:
        image: uint8 (rows, columns, 3).
        height: Rows wanted.
        width: Columns wanted.
        method: nearest, bilinear, bicubic or cubic.

    Returns:
        uint8 (height, width, 3); ``image`` itself where nothing changes.
    """
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), RESAMPLING[method]))


def prepare_output(path: str | os.PathLike[str]) -> None:
    """Make the folder of ``path`` and try that a file can be written there.

    Raises:
        OutputError: The folder cannot be made or written to.
    """
    path = Path(path)
    with _output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError("a folder of that name is in the way")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if not path.exists():  # try the name itself: it may be too long
            path.touch()
            path.unlink()


def save(
    image: np.ndarray, path: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
) -> None:
    """Write a picture whole or not at all, in the format its name ends in.

    Args:
        image: uint8 (height, width, 3) RGB.
        path: Where to; the folder must exist.
        metadata: Texts kept inside a PNG file.

    Raises:
        OutputError: The file cannot be written.
    """
    path = Path(path)
    info = PngInfo()
    for key, text in (metadata or {}).items():
        info.add_itxt(key, text)
    with _output_errors(path), temporary_sibling(path) as temporary:
        options: dict[str, Any] = {"pnginfo": info} if path.suffix.lower() == ".png" else {}
        Image.fromarray(image).save(temporary, **options)


@contextmanager
def temporary_sibling(path: Path) -> Iterator[Path]:
    """A new name beside ``path``, moved there when the block ends well."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".inetwork-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; a result is an ordinary file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"cannot write {path}: {reason}; choose another place or name", path=path
        ) from None


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


def _eight_bits(image: Image.Image) -> Image.Image:
    """Bring pictures of 16 bits a pixel down to 8, which Pillow would clip."""
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        return Image.fromarray((np.asarray(image).clip(0, 65535) / 257).round().astype(np.uint8))
    if image.mode == "P" and "transparency" in image.info:
        return image.convert("RGBA")  # else Pillow warns of what it drops
    return image


def read_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """The texts that ``save`` kept inside a picture.

    Raises:
        ImageError: See ``open_image``.
    """
    return {str(key): text for key, text in open_image(path).info.items() if isinstance(text, str)}
