"""What a painting in one pass is told: every option and its default; not even NumPy here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from network import choices
from network.fast.names import STROKES
from network.options import Option, options, same, setting

if TYPE_CHECKING:
    from network.pictures import ImageSource

__all__ = ["BLEND", "PaintSettings"]

BLEND = Option("blend", float, minimum=0)  # the share of one of the styles


@dataclass(frozen=True)
class PaintSettings:
    """Every setting of a painting in one pass, but for its styles and their shares.

    Raises:
        ConfigError: A value is of the wrong type, unknown or out of range.
    """

    styles: str | os.PathLike[str] | None = setting(
        None,
        "style",
        "file of the styles, as train writes it; none: those that come with the program",
        Path,
        optional=True,
    )
    strength: float = setting(
        1.0, "style", "0, the photo itself, to 1, the style", float, minimum=0, maximum=1
    )
    stroke: str | None = setting(
        None,
        "style",
        "size of the strokes, small, medium or large, as far as a style has it; none: medium, or "
        "what there is",
        str,
        choices=tuple(STROKES),
        optional=True,
    )
    preserve_color: str | bool = setting(
        "none",
        "color",
        "luminance, or true: the photo's colours under the painting's brightness; histogram or "
        "matched: the painting's colours brought to the photo's, by histograms or by mean and "
        "covariance; none, or false: the style's own",
        str,
        choices=choices.PRESERVE_COLOR,
        flag="luminance",
    )
    content_mask: ImageSource | None = setting(
        None,
        "mask",
        "picture, white where the photo is painted; elsewhere it stays as it is",
        str,
        free=True,
    )
    soft: int = setting(0, "mask", "width in pixels of the mask's edge", int, minimum=0)
    precision: str = setting(
        "auto",
        "model",
        "what convolutions compute in, float32 or bfloat16; auto: what this machine is faster in",
        str,
        choices=("auto", *choices.PRECISIONS),
    )
    output_format: str = setting(
        "png",
        "picture",
        "of the pictures in a folder: png, jpeg, webp or tiff; a file's name says its own",
        str,
        choices=choices.OUTPUT_FORMATS,
    )
    quality: int = setting(90, "picture", "of jpeg and webp, 1 to 100", int, minimum=1, maximum=100)
    bit_depth: int = setting(
        8,
        "picture",
        "bits a channel, 8 or 16; 16 for png and tiff",
        int,
        choices=choices.BIT_DEPTHS,
    )
    max_pixels: int | None = setting(
        None,
        "picture",
        "refuse pictures of more pixels; none: Pillow's limit, 89478485",
        int,
        minimum=1,
        optional=True,
    )

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def __post_init__(self) -> None:
        for option in options(self):
            object.__setattr__(self, option.name, option.check(getattr(self, option.name)))
