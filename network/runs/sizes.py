"""The sizes of a run: of the working image, the styles and the saved picture."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

from network import pictures
from network.config import LONGEST_SIDE, TransferConfig
from network.errors import ConfigError, StyleTransferWarning
from network.optimize import scales
from network.rules import least_side

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "check_sizes",
    "describe_size",
    "finished_size",
    "style_size",
    "warn_of_scales",
    "working_size",
]


def working_size(content: np.ndarray, config: TransferConfig) -> tuple[int, int]:
    """The (height, width) of the working image for a content picture."""
    rows, columns = content.shape[:2]
    if not config.maintain_aspect_ratio:
        return config.image_size, config.image_size
    return config.image_size, int(config.image_size * columns / rows)


def finished_size(
    content: np.ndarray, height: int, width: int, config: TransferConfig
) -> tuple[int, int]:
    """The (height, width) of the saved picture for a working image's."""
    rows, columns = content.shape[:2]
    if config.rescale_image:
        return rows, columns
    if not config.maintain_aspect_ratio:
        width = max(int(height * columns / rows), 1)
    return height, width


def style_size(
    picture: np.ndarray, config: TransferConfig, height: int, width: int, scale: float = 1.0
) -> tuple[int, int]:
    """The (height, width) at which a style is looked at.

    Args:
        picture: The style, (rows, columns, 3).
        config: The settings. Without ``style_size`` it is stretched to the working
            image, as INetwork does.
        height: Rows of the working image at a scale.
        width: Its columns.
        scale: The scale, 1 at full size.
    """
    if config.style_size is None:
        return height, width
    rows, columns = picture.shape[:2]
    factor = config.style_size * scale / max(rows, columns)
    least = least_side(config)
    return max(round(rows * factor), least), max(round(columns * factor), least)


def check_sizes(content: np.ndarray, height: int, width: int, config: TransferConfig) -> None:
    """Raise ConfigError where the working or the saved picture is too small or too large.

    Args:
        content: The content as read, (rows, columns, 3).
        height: Rows of the working image.
        width: Its columns.
        config: The settings.
    """
    least = least_side(config)
    if min(height, width) < least:
        rows = least
        needed = "the network's five blocks need"
        if config.style_loss == "patch":
            needed = f"patches of {config.patch_size} positions at {config.patch_layers} need"
        if config.maintain_aspect_ratio:  # columns are rows * columns / rows of the content
            rows = max(rows, math.ceil(rows * content.shape[0] / content.shape[1]))
        raise ConfigError(
            f"image_size: {config.image_size} rows make a working image of {height} x {width}; "
            f"{needed} {least} x {least}: use {rows} or more",
            option="image_size",
        )
    limit = pictures.pixel_limit(config.max_pixels)
    saved = finished_size(content, height, width, config)
    for name, (rows, columns) in (("working image", (height, width)), ("saved picture", saved)):
        if rows * columns > limit:
            raise ConfigError(
                f"image_size: {config.image_size} rows of a {describe_size(*content.shape[:2])} "
                f"picture make a {name} of {describe_size(rows, columns)}, more than {limit:.0f} "
                "pixels: use fewer rows, crop the picture, or raise max_pixels",
                option="image_size",
            )
    longest = LONGEST_SIDE.get(config.output_format, math.inf)
    if max(saved) > longest:
        raise ConfigError(
            f"output_format: a {config.output_format} has sides of at most {longest} pixels, the "
            f"saved picture would have {describe_size(*saved)}; use png",
            option="output_format",
        )


def warn_of_scales(content: np.ndarray, config: TransferConfig) -> None:
    """Tell by a StyleTransferWarning of more scales than the working image has room for."""
    size = working_size(content, config)
    there = len(scales.plan(*size, config))
    if config.scales != "auto" and there < int(config.scales):
        warnings.warn(
            f"scales: {config.scales} are too many for {describe_size(*size)}, where the coarsest "
            f"would be too small for the network; {there} are used",
            StyleTransferWarning,
            stacklevel=4,
        )


def describe_size(height: int, width: int) -> str:
    """A size in words."""
    return f"{height} x {width}"
