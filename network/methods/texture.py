"""Texture: a picture of any size out of noise, in the manner of another.

A texture is a transfer without content; ``transfer`` does the rest. After Gatys, Ecker,
Bethge, "Texture Synthesis Using Convolutional Neural Networks" (2015).
"""

from __future__ import annotations

import dataclasses
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import ndimage

from network import pictures, session
from network.config import LONGEST_SIDE, TransferConfig
from network.errors import ConfigError
from network.losses.targets import StyleTargets, opened
from network.options import by_name, refuse
from network.pictures.files import output_errors
from network.recipes import NOT_OF_TEXTURES, TEXTURE_DEFAULTS
from network.rules import least_side
from network.runs import metadata
from network.runs.sizes import describe_size

if TYPE_CHECKING:
    from network.events import Result
    from network.pictures import ImageSource
    from network.session import Callback, Report

__all__ = ["Texture", "prepare", "texture"]

# What a file's name may end in, and the output_format that it stands for.
ENDINGS = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
    ".tif": "tiff",
    ".tiff": "tiff",
}

SMOOTHNESS = 2.0  # of the noise at the start, in pixels
GRAY = 128.0, 50.0  # mean and contrast of the start where the style's are not known

Size: TypeAlias = int | str | tuple[int, int]


@dataclass(frozen=True, eq=False)
class Texture:
    """A texture as ``transfer`` and ``loss_and_gradient`` take it.

    Attributes:
        content: Noise, of the texture's size: where it starts.
        style: As given.
        config: The settings.
        output: As given.
        entries: What saved pictures tell of it.
    """

    content: np.ndarray
    style: ImageSource | StyleTargets
    config: TransferConfig
    output: Path | None
    entries: Mapping[str, str]

    @property
    def prefix(self) -> Path | None:
        """What the names of the run's own files begin with."""
        return self.output and self.output.with_suffix("")

    def __str__(self) -> str:
        seamless = "seamless " if self.config.seamless else ""
        size = describe_size(*self.content.shape[:2])
        return f"{seamless}texture of {size}, style loss {self.config.style_loss}"

    def move(self, result: Result) -> Result:
        """Move the last picture of its run to ``output``, unless that had to be saved elsewhere.

        Raises:
            OutputError: It cannot be moved.
        """
        if self.output is None or not result.paths:
            return result
        *others, last = result.paths
        if last.parent != self.output.parent:
            return result
        with output_errors(self.output):
            last.replace(self.output)
        return dataclasses.replace(result, paths=(*others, self.output))


def texture(
    style: ImageSource | StyleTargets,
    size: Size = 512,
    output: str | os.PathLike[str] | None = None,
    *,
    callback: Callback | None = None,
    report: Report | None = None,
    **options: Any,
) -> Result:
    """Make a picture of any size out of noise, in the manner of another.

    Args:
        style: The picture to be like: a path, a PIL image or a uint8 array (height,
            width, 3) RGB; or measured targets, as for ``Style``.
        size: Rows and columns, as (512, 768) or "512x768"; one number: both.
        output: The file that the last picture is saved as; beside it the run keeps its
            checkpoint, and ``save_every`` its pictures, under the same name's beginning.
            None: nothing is written.
        callback: As for ``transfer``.
        report: As for ``transfer``.
        options: Fields of ``TransferConfig`` but ``recipes.NOT_OF_TEXTURES``; with
            ``seamless`` copies of the picture fit side by side.
            ``recipes.TEXTURE_DEFAULTS`` has those whose default is another here;
            ``style_size`` None: the style's own size.

    Returns:
        As ``transfer``.

    Raises:
        ConfigError: A setting does not fit the picture or the machine.
        ImageError: The style cannot be used.
        OutputError: The file cannot be written.
        WeightsError: No weights for the model.
        StyleTransferError: The loss is not finite.

    Example:
        >>> from network import texture
        >>> texture("painting.jpg", (32, 48), seamless=True, model="vgg16", num_iter=1).image.shape
        (32, 48, 3)
    """
    prepared = prepare(style, size, output, **options)
    if report is not None:
        report(f"{prepared}")
    content, config = prepared.content, prepared.config
    result = session.transfer(
        *(content, prepared.style, config, prepared.prefix, callback, report),
        entries=prepared.entries,
    )
    return prepared.move(result)


def prepare(
    style: ImageSource | StyleTargets,
    size: Size = 512,
    output: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Texture:
    """Make a texture's style and settings those of a transfer.

    Args and Raises: as for ``texture``.
    """
    refuse(
        *(NOT_OF_TEXTURES, options),
        "a texture has no content or masks, and its size and output say the rest",
    )
    height, width = _read_size(size)
    path = None if output is None else Path(output)
    settings = {
        **TEXTURE_DEFAULTS,
        **options,
        "image_size": max(height, 1),  # too small a size is told of as such, below
        "init_image": "content",
        "content_weight": 0.0,
        "output_format": "png" if path is None else _output_format(path),
    }
    config = by_name(TransferConfig, settings)
    if config.style_loss == "nearest":
        raise ConfigError(
            "style_loss: expected another one for a texture, which has no content to lead the "
            "matches, got nearest; use patch or gram",
            option="style_loss",
        )
    _check_size(height, width, config)
    source, colors = opened(style), None
    if not isinstance(source, StyleTargets):
        colors = pictures.load(source, config.max_pixels)
        style_size = config.style_size or max(*colors.shape[:2], least_side(config))
        config = dataclasses.replace(config, style_size=style_size)
    # No deeper than the style: the network is built down to the content's layer.
    deepest = max(config.patched) if config.style_loss == "patch" else "conv5_1"
    return Texture(
        content=_clouds(height, width, colors, config.seed),
        style=style,
        config=dataclasses.replace(config, content_layer=deepest),
        output=path,
        entries=metadata.texture_texts((height, width), path),
    )


def _clouds(height: int, width: int, colors: np.ndarray | None, seed: int | None) -> np.ndarray:
    """Smooth noise whose edges meet, of a style's mean colour and contrast: where a run starts.

    White noise would stay in the picture, as the loss hardly looks at single pixels.

    Args:
        height: Rows.
        width: Columns.
        colors: The style, uint8 (rows, columns, 3); None: grey.
        seed: The noise's seed.

    Returns:
        uint8 (height, width, 3).
    """
    white = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    smooth = ndimage.gaussian_filter(white, (SMOOTHNESS, SMOOTHNESS, 0), mode="wrap")
    smooth /= smooth.std()
    mean, contrast = GRAY if colors is None else (colors.mean((0, 1)), colors.std((0, 1)))
    start: np.ndarray = np.clip(np.rint(mean + contrast * smooth), 0, 255).astype(np.uint8)
    return start


def _read_size(size: Size) -> tuple[int, int]:
    """Rows and columns.

    Raises:
        ConfigError: It is no size.
    """
    text = "x".join(map(str, size)) if isinstance(size, tuple | list) else str(size)
    match = re.fullmatch(r"(\d{1,9})(?: ?x ?(\d{1,9}))?", text)
    if match is None:
        raise ConfigError(
            f"size: expected rows x columns, such as 512x768, got {size!r}", option="size"
        )
    return int(match[1]), int(match[2] or match[1])


def _check_size(height: int, width: int, config: TransferConfig) -> None:
    """Raise ConfigError where the texture is too small or too large."""
    size, least = describe_size(height, width), least_side(config)
    if min(height, width) < least:
        raise ConfigError(
            f"size: expected {least} x {least} or more, which style_loss {config.style_loss} "
            f"needs, got {size}; use a larger size",
            option="size",
        )
    limit = pictures.pixel_limit(config.max_pixels)
    if height * width > limit:
        raise ConfigError(
            f"size: expected at most {limit:.0f} pixels, got {size}; use a smaller size, or raise "
            "max_pixels",
            option="size",
        )
    longest = LONGEST_SIDE.get(config.output_format, math.inf)
    if max(height, width) > longest:
        raise ConfigError(
            f"size: expected sides of at most {longest} pixels for a {config.output_format}, got "
            f"{size}; use an output of .png",
            option="size",
        )


def _output_format(output: Path) -> str:
    """The ``output_format`` that a file's name stands for."""
    if output.suffix.lower() not in ENDINGS:
        raise ConfigError(
            f"output: expected a file's name that ends in {', '.join(ENDINGS)}, got {output}",
            option="output",
        )
    return ENDINGS[output.suffix.lower()]
