"""A first look at a photo in a style: from two pictures and settings to a finished picture.

As a transfer's, its mistakes are told before Keras is loaded, which takes seconds.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from network import pictures
from network.fast.names import RECONSTRUCT
from network.fast.painting import PreviewSettings
from network.methods.paint import Painters, check_output, enlarged_alpha
from network.options import by_name
from network.pictures.files import prepare_output
from network.runs import metadata

if TYPE_CHECKING:
    import numpy as np

    from network.pictures import ImageSource

__all__ = ["preview", "preview_photo"]


def preview(
    photo: ImageSource,
    style: ImageSource,
    output: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> np.ndarray:
    """A first look at a photo in any style: its colours and small forms, in about a second.

    Args:
        photo: A path, a PIL image or a uint8 array (height, width, 3) RGB.
        style: A picture, in the same ways.
        output: Where to save the picture, with the photo's transparency and what it was
            made of; its folder is made where it is missing. None: nowhere.
        settings: Fields of ``PreviewSettings``: image_size, style_size, strength, network
            (a file), precision, quality, max_pixels.

    Returns:
        uint8 (image_size, width, 3) RGB.

    Raises:
        ConfigError: A setting is wrong.
        ImageError: A picture cannot be used.
        OutputError: The picture cannot be written.
        WeightsError: A network's file cannot be used, or there is none.

    Example:
        >>> import network
        >>> network.preview("photo.jpg", "painting.jpg", network="preview.npz").shape
        (400, 533, 3)
    """
    chosen = by_name(PreviewSettings, settings)
    return preview_photo(Painters(), photo, style, chosen, output)


def preview_photo(
    kept: Painters,
    photo: ImageSource,
    style: ImageSource,
    settings: PreviewSettings,
    output: str | os.PathLike[str] | None = None,
) -> np.ndarray:
    """As ``preview``, with networks that are kept."""
    _, network = kept.styles(settings.network, RECONSTRUCT)
    pixels, alpha = pictures.load_with_alpha(photo, settings.max_pixels)
    painting = pictures.load(style, settings.max_pixels)
    if output is not None:
        check_output(output, 8, pixels.shape[1] * settings.image_size // pixels.shape[0])
        prepare_output(output)
    made: np.ndarray = kept.first_look(settings.network, settings.precision).paint(
        *(pixels, painting, settings.image_size, settings.style_size, settings.strength),
        settings.max_pixels,
    )
    if output is not None:
        names = [pictures.describe(style)]
        texts = metadata.paint_texts(photo, names, None, settings, output, network)
        pictures.save(made, output, texts, enlarged_alpha(alpha, made), settings.quality)
    return made
