"""Enlarging by a network: from a photo and settings to a finished picture.

As a transfer's, its mistakes are told before Keras is loaded, which takes seconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from network import pictures
from network.fast.architecture import UPSCALER
from network.fast.names import ENLARGE
from network.fast.painting import UpscaleSettings
from network.methods.paint import Painters, as_deep, check_output, check_room, enlarged_alpha
from network.options import by_name
from network.pictures import color
from network.pictures.files import prepare_output
from network.runs import metadata

if TYPE_CHECKING:
    import numpy as np

    from network.pictures import ImageSource

__all__ = ["upscale", "upscale_photo"]


def upscale(
    photo: ImageSource,
    factor: int = UPSCALER.factor,
    output: str | os.PathLike[str] | None = None,
    on_progress: Callable[[float], object] | None = None,
    **settings: Any,
) -> np.ndarray:
    """Enlarge a photo, by a network that has learnt what small photos look like in large.

    Args:
        photo: A path, a PIL image or a uint8 array (height, width, 3) RGB, of any size.
        factor: 4 or 2.
        output: Where to save the picture, with the photo's transparency and what it was
            made of; its folder is made where it is missing. None: nowhere.
        on_progress: Told the share of the work done.
        settings: Fields of ``UpscaleSettings``: match_histogram, network (a file),
            precision, quality, bit_depth, max_pixels.

    Returns:
        uint8 RGB, factor times as high and wide; uint16 for a bit_depth of 16.

    Raises:
        ConfigError: A setting is wrong.
        ImageError: The photo cannot be used, or there is no memory for what it becomes.
        OutputError: The picture cannot be written.
        WeightsError: The network's file cannot be used, or there is none.

    Example:
        >>> import network
        >>> network.upscale("photo.jpg", factor=2, network="upscale.npz").shape
        (96, 128, 3)
    """
    chosen = by_name(UpscaleSettings, {"factor": factor, **settings})
    return upscale_photo(Painters(), photo, chosen, output, on_progress)


def upscale_photo(
    kept: Painters,
    photo: ImageSource,
    settings: UpscaleSettings,
    output: str | os.PathLike[str] | None = None,
    on_progress: Callable[[float], object] | None = None,
) -> np.ndarray:
    """As ``upscale``, with networks that are kept."""
    _, network = kept.styles(settings.network, ENLARGE)
    pixels, alpha = pictures.load_with_alpha(photo, settings.max_pixels)
    height, width = (side * settings.factor for side in pixels.shape[:2])
    check_room(photo, height, width, settings.bit_depth)
    if output is not None:
        check_output(output, settings.bit_depth, max(height, width))
        prepare_output(output)
    enlarged = kept.upscaler(settings.network, settings.precision).upscale(
        pixels, settings.factor, settings.bit_depth, on_progress
    )
    if settings.match_histogram:
        enlarged = color.match_histograms(enlarged, as_deep(pixels, enlarged))
    if output is not None:
        texts = metadata.paint_texts(photo, (), None, settings, output, network)
        pictures.save(enlarged, output, texts, enlarged_alpha(alpha, enlarged), settings.quality)
    return enlarged
