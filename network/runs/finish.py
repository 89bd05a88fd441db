"""From the optimiser's image to the picture that is saved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from network import pictures
from network.config import TransferConfig
from network.features import preprocessing
from network.pictures import color
from network.runs import sizes

if TYPE_CHECKING:
    import numpy as np

    from network.pictures.masks import Mask
    from network.runs.inputs import Inputs

__all__ = ["complete", "output_path", "paint", "save"]


def paint(
    inputs: Inputs, config: TransferConfig, image: np.ndarray, bit_depth: int = 8
) -> np.ndarray:
    """The picture to save for an image at any scale: (height, width, 3) RGB, uint8 or uint16.

    Args:
        inputs: The pictures of the run.
        config: The settings.
        image: Float (1, rows, columns, 3), BGR less the mean.
        bit_depth: 8 or 16.
    """
    picture = preprocessing.deprocess(image, bit_depth)
    picture = pictures.resize(picture, inputs.height, inputs.width)  # from a coarser scale
    return complete(picture, inputs.content, inputs.color_mask, config)


def complete(
    picture: np.ndarray,
    content: np.ndarray,
    color_mask: Mask | None,
    config: TransferConfig,
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """A picture of the working size with the content's colours, and as large, as asked for.

    ``size``: the (height, width) that the settings led to where the content was at hand.
    """
    rows, columns = picture.shape[:2]
    if config.preserve_color == "luminance":
        mask = None if color_mask is None else color_mask.at(rows, columns)
        picture = color.keep_luminance(picture, content, mask)
    height, width = size or sizes.finished_size(content, rows, columns, config)
    return pictures.resize(picture, height, width, config.rescale_method)


def save(
    inputs: Inputs,
    config: TransferConfig,
    image: np.ndarray,
    picture: np.ndarray,
    path: Path,
    texts: Mapping[str, str],
) -> None:
    """Save an image, of which ``picture`` is the 8 bits.

    Raises:
        OutputError: It cannot be written.
    """
    if config.bit_depth == 16:
        picture = paint(inputs, config, image, 16)
    height, width = picture.shape[:2]
    alpha = inputs.alpha
    if alpha is not None:
        alpha = pictures.resize(alpha, height, width, config.rescale_method)
    pictures.save(picture, path, texts, alpha, config.quality)


def output_path(prefix: str | os.PathLike[str], iteration: int, config: TransferConfig) -> Path:
    """Where the picture of an iteration is saved."""
    return Path(f"{prefix}_at_iteration_{iteration}.{config.output_format}")
