"""What painting, enlarging and first looks are told: every option and default; no NumPy here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from network import choices
from network.fast.names import STROKES
from network.options import Option, check_all, same, setting

if TYPE_CHECKING:
    from network.pictures import ImageSource

__all__ = ["BLEND", "FACTORS", "PaintSettings", "PreviewSettings", "UpscaleSettings"]

FACTORS = (4, 2)  # by which a picture can be enlarged
# What they are told alike.
PRECISION = partial(
    setting,
    "auto",
    "model",
    "what convolutions compute in, float32 or bfloat16; auto: what this machine is faster in",
    str,
    choices=("auto", *choices.PRECISIONS),
)
OUTPUT_FORMAT = partial(
    setting,
    "png",
    "picture",
    "of the pictures in a folder: png, jpeg, webp or tiff; a file's name says its own",
    str,
    choices=choices.OUTPUT_FORMATS,
)
QUALITY = partial(setting, 90, "picture", "of jpeg and webp, 1 to 100", int, minimum=1, maximum=100)
BIT_DEPTH = partial(
    setting,
    8,
    "picture",
    "bits a channel, 8 or 16; 16 for png and tiff",
    int,
    choices=choices.BIT_DEPTHS,
)
MAX_PIXELS = partial(
    setting,
    None,
    "picture",
    "refuse pictures of more pixels; none: Pillow's limit, 89478485",
    int,
    minimum=1,
    optional=True,
)

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
    upscale: int | None = setting(
        None,
        "size",
        "enlarge the painted picture by 4 or 2, as the command upscale does; none: the photo's "
        "size",
        int,
        choices=FACTORS,
        optional=True,
    )
    precision: str = PRECISION()
    output_format: str = OUTPUT_FORMAT()
    quality: int = QUALITY()
    bit_depth: int = BIT_DEPTH()
    max_pixels: int | None = MAX_PIXELS()

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True)
class UpscaleSettings:
    """Every setting of an enlarging by a network.

    Raises:
        ConfigError: A value is of the wrong type, unknown or out of range.
    """

    factor: int = setting(
        4, "size", "how often enlarged along either side, 4 or 2", int, choices=FACTORS
    )
    match_histogram: bool = setting(
        False, "color", "bring the histogram of each channel to the photo's", bool
    )
    network: str | os.PathLike[str] | None = setting(
        None,
        "model",
        "file of the network, as train --learn enlarge writes it; none: the one that comes with "
        "the program",
        Path,
        optional=True,
    )
    precision: str = PRECISION()
    output_format: str = OUTPUT_FORMAT()
    quality: int = QUALITY()
    bit_depth: int = BIT_DEPTH()
    max_pixels: int | None = MAX_PIXELS()

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True)
class PreviewSettings:
    """Every setting of a first look at a style.

    Raises:
        ConfigError: A value is of the wrong type, unknown or out of range.
    """

    image_size: int = setting(
        400, "size", "rows (height) of the picture, which keeps its shape", int, minimum=16
    )
    style_size: int | None = setting(
        None,
        "size",
        "rows of the style's picture, which keeps its shape; it sets the size of the strokes; "
        "none: as many as image_size",
        int,
        minimum=16,
        optional=True,
    )
    strength: float = setting(
        1.0,
        "style",
        "0, the photo as the network makes it of its own features, to 1, the style",
        float,
        minimum=0,
        maximum=1,
    )
    network: str | os.PathLike[str] | None = setting(
        None,
        "model",
        "file of the network, as train --learn reconstruct writes it; none: the one that comes "
        "with the program",
        Path,
        optional=True,
    )
    precision: str = PRECISION()
    output_format: str = OUTPUT_FORMAT()
    quality: int = QUALITY()
    max_pixels: int | None = MAX_PIXELS()

    def __post_init__(self) -> None:
        check_all(self)
