"""Neural doodle: paint the regions of a drawing in the style of a painting's regions.

A doodle is a masked style transfer. The flat colours of two maps, the painting's and
the drawing's, become one style each, with a mask on either side; ``transfer`` does
the rest. After Champandard, "Semantic Style Transfer and Turning Two-Bit Doodles into
Fine Artworks" (2016), as titu1994's improved_neural_doodle.py reads it.
"""

from __future__ import annotations

import dataclasses
import os
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageFilter

from network import pictures, session
from network.config import TransferConfig
from network.errors import ConfigError, StyleTransferWarning
from network.pictures.masks import Mask
from network.pictures.regions import Region, find_regions
from network.recipes import DOODLE_DEFAULTS, FROM_TARGET_MASK, doodle_defaults
from network.runs import metadata, sizes
from network.style import Style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from network.events import Result
    from network.pictures import ImageSource
    from network.session import Callback, Report

__all__ = ["Doodle", "doodle", "map_beside", "prepare"]

MAP_ENDING = "_sem.png"  # of a picture's map, as Champandard's doodle.py names it
STRETCH = 0.02  # by how much the shape of a map may differ from its picture's
SMOOTHNESS = 0.02  # of the start without a content picture, in its heights


@dataclass(frozen=True, eq=False)
class Doodle:
    """A doodle as ``transfer`` and ``loss_and_gradient`` take it.

    Attributes:
        content: The content picture, or what stands for it.
        styles: One for every region.
        config: The settings.
        regions: The regions, the largest first.
        entries: What saved pictures tell of it.
    """

    content: ImageSource
    styles: tuple[Style, ...]
    config: TransferConfig
    regions: tuple[Region, ...]
    entries: Mapping[str, str]

    def __str__(self) -> str:
        regions = ", ".join(map(str, self.regions))
        return f"{len(self.regions)} regions, style loss {self.config.style_loss}: {regions}"


def doodle(
    style_image: ImageSource,
    style_mask: ImageSource | None = None,
    target_mask: ImageSource | None = None,
    content_image: ImageSource | None = None,
    *,
    nlabels: int | None = None,
    style_weight: float = 1.0,
    prefix: str | os.PathLike[str] | None = None,
    callback: Callback | None = None,
    report: Report | None = None,
    **options: Any,
) -> Result:
    """Paint the regions of a drawing in the style of a painting's regions.

    Args:
        style_image: The painting: a path, a PIL image or a uint8 array (height,
            width, 3) RGB.
        style_mask: The painting's map: a flat colour for each of its regions; None:
            NAME_sem.png beside the painting.
        target_mask: The drawing: the same colours where the regions are to be; None:
            NAME_sem.png beside the content picture.
        content_image: A picture whose layout is kept; None: the drawing alone.
        nlabels: How many colours to find, near ones taken together; None: the
            exact colours.
        style_weight: How much every region counts, 0 or more.
        prefix: As for ``transfer``.
        callback: As for ``transfer``.
        report: As for ``transfer``.
        options: Fields of ``TransferConfig``; ``recipes.doodle_defaults`` has those
            whose default is another here, some by ``style_loss``. ``image_size`` -1:
            the rows of the drawing. Without a content picture the drawing stands for it,
            each region in the mean colour of the painting's, and ``content_weight`` is 0.

    Returns:
        As ``transfer``.

    Raises:
        ConfigError: A setting does not fit the pictures or the machine.
        ImageError: A picture cannot be used, or a map lacks a colour of the other.
        OutputError: The prefix cannot be written to.
        WeightsError: No weights for the model.
        StyleTransferError: The loss is not finite.

    Example:
        >>> from network import doodle
        >>> doodle("painting.jpg", "map.png", "drawing.png", num_iter=1).image.shape
        (48, 64, 3)
    """
    drawn = style_image, style_mask, target_mask, content_image
    prepared = prepare(*drawn, nlabels=nlabels, style_weight=style_weight, **options)
    if report is not None:
        report(f"{prepared}")
    return session.transfer(
        *(prepared.content, prepared.styles, prepared.config, prefix, callback, report),
        entries=prepared.entries,
    )


def prepare(
    style_image: ImageSource,
    style_mask: ImageSource | None = None,
    target_mask: ImageSource | None = None,
    content_image: ImageSource | None = None,
    *,
    nlabels: int | None = None,
    style_weight: float = 1.0,
    **options: Any,
) -> Doodle:
    """Make a doodle's pictures the content, styles and config of a transfer.

    Args and Raises: as for ``doodle``.
    """
    style_loss = options.get("style_loss", DOODLE_DEFAULTS["style_loss"])
    settings = {**doodle_defaults(style_loss), **options}
    of_target = settings["image_size"] == FROM_TARGET_MASK
    if of_target:
        settings["image_size"] = TransferConfig.image_size  # until the map is read
    config = TransferConfig(**settings)
    _check_settings(config, content_image)
    if style_mask is None:
        style_mask = map_beside(style_image, "style_mask")
    if target_mask is None:
        target_mask = map_beside(content_image, "target_mask")
    load = partial(pictures.load, max_pixels=config.max_pixels)
    painting, style_map, target_map = load(style_image), load(style_mask), load(target_mask)
    if of_target:
        config = dataclasses.replace(config, image_size=target_map.shape[0])
    files = {"style_image": style_image, "style_mask": style_mask, "target_mask": target_mask}
    style_name, map_name, target_name = (pictures.describe(source) for source in files.values())
    regions = find_regions(style_map, target_map, nlabels, (map_name, target_name))
    _warn_of_stretching(map_name, style_map, style_name, painting)
    content: ImageSource
    if content_image is None:
        config = dataclasses.replace(config, content_weight=0.0)
        content = shown = _in_mean_colors(regions, painting)
    else:
        content, shown = content_image, load(content_image)
        files["content_image"] = content_image
        _warn_of_stretching(target_name, target_map, pictures.describe(content_image), shown)
    sizes.warn_of_scales(shown, config)
    styles = tuple(
        Style(
            style_image,
            style_weight,
            _mask(region.in_style, f"{map_name}, {region.name}"),
            _mask(region.in_target, f"{target_name}, {region.name}"),
        )
        for region in regions
    )
    entries = metadata.doodle_texts(files, nlabels, style_weight)
    return Doodle(content, styles, config, regions, entries)


def map_beside(source: ImageSource | None, name: str) -> str:
    """The map of a picture, NAME_sem.png beside it.

    Args:
        source: The picture.
        name: The option that names another map.

    Raises:
        ConfigError: There is none.
    """
    if not isinstance(source, str | os.PathLike):
        raise ConfigError(
            f"{name}: expected a map, as there is no picture's file that one could lie beside; "
            "give it",
            option=name,
        )
    beside = Path(source).with_suffix("")
    beside = beside.with_name(f"{beside.name}{MAP_ENDING}")
    if not beside.is_file():
        raise ConfigError(
            f"{name}: expected a map, {beside} or another, got none; draw it there, or give {name}",
            option=name,
        )
    return str(beside)


def _check_settings(config: TransferConfig, content_image: ImageSource | None) -> None:
    """Raise ConfigError for what a doodle has no use for."""
    if config.content_mask is not None:
        raise ConfigError(
            "content_mask: the maps of a doodle say what is painted where; leave it out",
            option="content_mask",
        )
    if config.preserve_color != "none" and content_image is None:
        raise ConfigError(
            f"preserve_color: {config.preserve_color} needs a content picture whose colours are "
            "kept; give content_image, or none",
            option="preserve_color",
        )


def _in_mean_colors(regions: Sequence[Region], painting: np.ndarray) -> np.ndarray:
    """The drawing with each region in the mean colour of the painting's region.

    A start without the noise that the original's has, which the loss, as it hardly
    looks at single pixels, would leave in the picture. It is smooth, as the finer
    scales would leave sharp edges in the picture, too.
    """
    drawn = np.zeros((*regions[0].in_target.shape, 3), np.uint8)
    for region in regions:
        resized = pictures.resize(painting, *region.in_style.shape)
        drawn[region.in_target] = np.rint(resized[region.in_style].mean(axis=0))
    blur = ImageFilter.GaussianBlur(SMOOTHNESS * drawn.shape[0])
    return np.asarray(Image.fromarray(drawn).filter(blur))


def _mask(inside: np.ndarray, name: str) -> Mask:
    """A region's mask; resized with NEAREST every pixel stays in one region."""
    luminance = Image.fromarray(inside.astype(np.uint8) * 255)
    return Mask(luminance, name, Image.Resampling.NEAREST)


def _warn_of_stretching(name: str, drawn: np.ndarray, over: str, picture: np.ndarray) -> None:
    rows, columns = picture.shape[:2]
    if abs(drawn.shape[1] / drawn.shape[0] / (columns / rows) - 1) > STRETCH:
        warnings.warn(
            f"{name}: a map of {drawn.shape[0]} x {drawn.shape[1]} is stretched over {over} of "
            f"{rows} x {columns}; draw it in that picture's shape",
            StyleTransferWarning,
            stacklevel=4,
        )
