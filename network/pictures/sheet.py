"""Pictures side by side, each under its caption."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

__all__ = ["one_below_another", "side_by_side"]

GAP = 8  # pixels between panels and around them
LEAST_FONT_SIZE = 12
LINES_PER_HEIGHT = 24  # captions grow with the pictures
LEAST_WIDTH = 12  # of a panel, in font sizes: room for a caption


def side_by_side(panels: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
    """Join pictures to one, in a row on white.

    Args:
        panels: For every picture its caption, of one or more lines, and its
            pixels, uint8 (height, width, 3). A line too long for its panel
            loses its middle.

    Returns:
        uint8 (height, width, 3): the pictures at their own sizes, lined up at
        their upper edges under the captions.
    """
    height = max(image.shape[0] for _, image in panels)
    font_size = max(height // LINES_PER_HEIGHT, LEAST_FONT_SIZE)
    font = ImageFont.load_default(font_size)
    line_height = font_size * 5 // 4
    widths = [max(image.shape[1], LEAST_WIDTH * font_size) for _, image in panels]
    num_lines = max(len(caption.splitlines()) for caption, _ in panels)
    top = GAP + num_lines * line_height
    joined = Image.new("RGB", (sum(widths) + GAP * (len(panels) + 1), top + height + GAP), "white")
    draw = ImageDraw.Draw(joined)
    column = GAP
    for (caption, image), width in zip(panels, widths, strict=True):
        for index, line in enumerate(caption.splitlines()):
            row = GAP // 2 + index * line_height
            draw.text((column, row), _fit(line, width, font), fill="black", font=font)
        joined.paste(Image.fromarray(image), (column, top))
        column += width + GAP
    return np.asarray(joined)


def _fit(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """The text, its middle left out where it is wider than ``width`` pixels."""
    fitted, kept = text, len(text)
    while kept and font.getlength(fitted) > width:
        kept -= 1
        fitted = f"{text[: kept - kept // 2]}...{text[len(text) - kept // 2 :]}"
    return fitted


def one_below_another(bands: Sequence[np.ndarray]) -> np.ndarray:
    """Join pictures to one, in a column.

    Args:
        bands: uint8 (height, width, 3) each, of any size.

    Returns:
        uint8 (height, width, 3), as wide as the widest; white beside the others.
    """
    widest = max(band.shape[1] for band in bands)
    beside = [((0, 0), (0, widest - band.shape[1]), (0, 0)) for band in bands]
    return np.concatenate(
        [np.pad(band, pad, constant_values=255) for band, pad in zip(bands, beside, strict=True)]
    )
