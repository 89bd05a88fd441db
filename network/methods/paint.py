"""Painting in one pass: from a photo, the names of styles and settings to a finished picture.

As a transfer's, its mistakes are told before Keras is loaded, which takes seconds.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from PIL import Image

from network import pictures
from network.compute import free, startup
from network.config import LONGEST_SIDE
from network.errors import ConfigError, ImageError, OutputError
from network.fast import styles as styles_file
from network.fast.mixing import mixed_row
from network.fast.names import ENLARGE, REPAINT
from network.fast.painting import BLEND, PaintSettings
from network.features.weights.releases import digest_of
from network.options import by_name
from network.pictures import ImageSource, color, masks
from network.pictures.files import prepare_output
from network.runs import metadata

if TYPE_CHECKING:
    from network.fast.apply import Painter
    from network.fast.first_look import FirstLook
    from network.fast.kept import KeptNetwork
    from network.fast.styles import Styles
    from network.fast.upscaling import Upscaler

__all__ = [
    "Painters",
    "as_deep",
    "check_output",
    "check_room",
    "enlarged_alpha",
    "paint",
    "paint_photo",
]

Kept = TypeVar("Kept", bound="KeptNetwork")

DEEP = ("PNG", "TIFF")  # formats of 16 bits a channel
STRIP = 256  # rows that are mixed at a time
NOTHING: Mapping[str, str] = {}


class Painters:
    """Networks kept for the next photo; a file that has changed is read anew."""

    def __init__(self) -> None:
        self._styles: dict[object, tuple[Styles, str]] = {}
        self._painters: dict[object, Any] = {}

    def styles(
        self, path: str | os.PathLike[str] | None = None, task: str = REPAINT
    ) -> tuple[Styles, str]:
        """What a file has, and the file in words; None: that of the program.

        Args:
            path: The file.
            task: What its network is for.

        Raises:
            WeightsError: The file cannot be used.
        """
        found = styles_file.find(path, task=task)
        key = _state(found), task
        if key not in self._styles:
            read = styles_file.load(found, task)
            steps = max(row.steps for row in read.rows)
            words = f"{found}, {steps} steps, sha256 {digest_of(found, 'sha256')}"
            self._styles[key] = read, words
        return self._styles[key]

    def painter(self, path: str | os.PathLike[str] | None, precision: str) -> Painter:
        """A network that is ready to paint; Keras is loaded for it.

        Raises:
            ConfigError: Keras has no backend.
            WeightsError: The file cannot be used.
        """
        startup.import_keras()
        from network.fast.apply import Painter

        return self._kept(Painter, path, precision)

    def upscaler(self, path: str | os.PathLike[str] | None, precision: str) -> Upscaler:
        """A network that is ready to enlarge; else as ``painter``."""
        startup.import_keras()
        from network.fast.upscaling import Upscaler

        return self._kept(Upscaler, path, precision)

    def first_look(self, path: str | os.PathLike[str] | None, precision: str) -> FirstLook:
        """Networks that are ready for a first look; else as ``painter``."""
        startup.import_keras()
        from network.fast.first_look import FirstLook

        return self._kept(FirstLook, path, precision)

    def _kept(self, kind: type[Kept], path: str | os.PathLike[str] | None, precision: str) -> Kept:
        network, words = self.styles(path, kind.task)
        key = words, precision
        if key not in self._painters:
            self._painters[key] = kind(network, precision)
        found: Kept = self._painters[key]
        return found

    def clear(self) -> None:
        """Let go of everything."""
        self._styles.clear()
        self._painters.clear()


def paint(
    photo: ImageSource,
    style: str | Sequence[str],
    blend: Sequence[float] | None = None,
    output: str | os.PathLike[str] | None = None,
    on_progress: Callable[[float], object] | None = None,
    **settings: Any,
) -> np.ndarray:
    """Paint a photo in one pass, by a network that has learnt the style.

    Args:
        photo: A path, a PIL image or a uint8 array (height, width, 3) RGB, of any size.
        style: A style's name, or several.
        blend: The share of each, 0 or more; None: equal ones.
        output: Where to save the picture, with the photo's transparency and what it was
            made of; its folder is made where it is missing. None: nowhere.
        on_progress: Told the share of the work done, of large pictures.
        settings: Fields of ``PaintSettings``: styles (a file), strength, stroke,
            preserve_color, content_mask, soft, upscale, precision, quality, bit_depth,
            max_pixels.

    Returns:
        uint8 RGB of the photo's height and width, upscale times as large; uint16 for a
        bit_depth of 16.

    Raises:
        ConfigError: A setting is wrong, or a style is not in the file; near names are told.
        ImageError: The photo or the mask cannot be used, or there is no memory for what the
            photo is enlarged to.
        OutputError: The picture cannot be written.
        WeightsError: The styles' file cannot be used, or there is none.

    Example:
        >>> import network
        >>> network.paint("photo.jpg", "waves", styles="styles.npz", strength=0.8).shape
        (48, 64, 3)
    """
    return paint_photo(
        Painters(), photo, style, blend, by_name(PaintSettings, settings), output, on_progress
    )


def paint_photo(
    kept: Painters,
    photo: ImageSource,
    style: str | Sequence[str],
    blend: Sequence[float] | None,
    settings: PaintSettings,
    output: str | os.PathLike[str] | None = None,
    on_progress: Callable[[float], object] | None = None,
    entries: Mapping[str, str] = NOTHING,
) -> np.ndarray:
    """As ``paint``, with networks that are kept; ``entries`` as of a ``Job``."""
    names = [style] if isinstance(style, str) else list(style)
    shares = None if blend is None else [BLEND.check(share) for share in blend]
    styles, network = kept.styles(settings.styles)
    mixed_row(styles, names, shares, settings.strength, settings.stroke)
    if settings.upscale is not None:
        kept.styles(task=ENLARGE)
    pixels, alpha = pictures.load_with_alpha(photo, settings.max_pixels)
    height, width = pixels.shape[:2]
    factor = settings.upscale or 1
    if factor > 1:
        check_room(photo, height * factor, width * factor, settings.bit_depth)
    if output is not None:
        check_output(output, settings.bit_depth, max(height, width) * factor)
        prepare_output(output)
    mask = None
    if settings.content_mask is not None:
        mask = masks.soft_mask(
            settings.content_mask, height, width, settings.soft, max_pixels=settings.max_pixels
        )
    painted = kept.painter(settings.styles, settings.precision).paint(
        pixels,
        names,
        shares,
        settings.strength,
        settings.stroke,
        settings.bit_depth,
        None if settings.upscale else on_progress,  # which is then the enlarging's, the longer work
    )
    painted = _with_colors(painted, pixels, settings)
    if mask is not None:
        painted = _within(mask, painted, pixels)
    if settings.upscale is not None:
        upscaler = kept.upscaler(None, settings.precision)
        painted = upscaler.upscale(painted, settings.upscale, settings.bit_depth, on_progress)
    if output is not None:
        texts = metadata.paint_texts(photo, names, shares, settings, output, network)
        alpha = enlarged_alpha(alpha, painted)
        pictures.save(painted, output, {**texts, **entries}, alpha, settings.quality)
    return painted


def check_output(output: str | os.PathLike[str], bit_depth: int, longest: int = 0) -> None:
    """Check that a file's format can hold the picture.

    Args:
        output: The file's name.
        bit_depth: 8 or 16.
        longest: The picture's longer side.

    Raises:
        ConfigError: No format has the name's ending, or the format has no 16 bits.
        OutputError: The picture is too large for the format.
    """
    kind = Image.registered_extensions().get(Path(output).suffix.lower(), "")
    if kind not in Image.SAVE:
        raise ConfigError(
            f"output: {os.fspath(output)}: no format has that ending; expected .png, .jpg, .webp "
            "or .tif, or a folder's name with a slash at its end",
            option="output",
        )
    if bit_depth == 16 and kind not in DEEP:
        raise ConfigError(
            f"bit_depth: expected 8 for a {kind}, got 16; use an output of .png or .tif",
            option="bit_depth",
        )
    most = LONGEST_SIDE.get(kind.lower(), math.inf)
    if longest > most:
        raise OutputError(
            f"{os.fspath(output)}: a {kind} has sides of at most {most} pixels, the picture has "
            f"{longest}; use .png",
            path=output,
        )


def check_room(photo: ImageSource, height: int, width: int, bit_depth: int) -> None:
    """Check that memory has room for a picture that a photo is enlarged to.

    Raises:
        ImageError: It has not; of many photos this one alone is too large.
    """
    needed, there = height * width * 3 * bit_depth // 8, free.available()
    if there is not None and needed > there:
        raise ImageError(
            f"{pictures.describe(photo)}: enlarged to {height} x {width} it needs "
            f"{needed / 2**30:.1f} GiB, and {there / 2**30:.1f} are free; use a smaller factor or "
            "photo, or a bit_depth of 8",
            source=photo,
        )


def as_deep(photo: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """The photo in as many bits a channel as the painted picture has."""
    return photo if painted.dtype == np.uint8 else photo * np.uint16(257)


def enlarged_alpha(alpha: np.ndarray | None, picture: np.ndarray) -> np.ndarray | None:
    """A photo's opacity for what was made of it, of any size."""
    height, width = picture.shape[:2]
    return None if alpha is None else pictures.resize(alpha, height, width, "bicubic")


def _with_colors(painted: np.ndarray, photo: np.ndarray, settings: PaintSettings) -> np.ndarray:
    """The painted picture with the photo's colours, as ``preserve_color`` says."""
    if settings.preserve_color == "luminance":
        return color.keep_luminance(painted, photo)
    match = {
        "histogram": color.match_histograms,
        "matched": color.match_mean_and_covariance,
    }.get(str(settings.preserve_color))
    return painted if match is None else match(painted, as_deep(photo, painted))


def _within(mask: np.ndarray, painted: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """The painted picture where the mask is 1, the photo where it is 0; a strip at a time."""
    mixed = np.empty_like(painted)
    for first in range(0, len(painted), STRIP):
        rows = slice(first, first + STRIP)
        mixed[rows] = color.blend(as_deep(photo[rows], painted), painted[rows], mask[rows])
    return mixed


def _state(path: Path) -> object:
    """What tells a file from the one that was there before."""
    try:
        status = path.stat()
    except OSError:
        return path
    return path, status.st_mtime_ns, status.st_size
