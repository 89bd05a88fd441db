"""Copies of a picture, turned and resized: strokes of other directions and sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PIL import Image

__all__ = ["LARGER", "TURN", "copies", "inscribed", "turn"]

TURN = 7.5  # degrees from a copy to the next, and ...
LARGER = 1.05  # ... how much larger that is, as CNNMRF's are


def copies(rotations: int, scales: int) -> Iterator[tuple[float, float]]:
    """The (degrees, factor) of every copy, the picture itself first.

    Args:
        rotations: Copies turned to either side.
        scales: Copies larger, and as many smaller.
    """
    for scale in sorted(range(-scales, scales + 1), key=abs):
        for rotation in sorted(range(-rotations, rotations + 1), key=abs):
            yield rotation * TURN, LARGER**scale


def turn(image: Image.Image, degrees: float) -> Image.Image:
    """Turn a picture anticlockwise, and cut it to what has no empty corners."""
    if degrees == 0:
        return image
    turned = image.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    height, width = inscribed(image.height, image.width, degrees)
    top, left = (turned.height - height) // 2, (turned.width - width) // 2
    return turned.crop((left, top, left + width, top + height))


def inscribed(height: int, width: int, degrees: float) -> tuple[int, int]:
    """The (height, width) of the largest upright rectangle within a turned one."""
    sine, cosine = (abs(f(math.radians(degrees))) for f in (math.sin, math.cos))
    short, long = sorted((height, width))
    if short <= 2 * sine * cosine * long or abs(sine - cosine) < 1e-9:
        # Two of its corners lie on the long sides, the others within.
        half = short / 2
        across, along = half / max(sine, 1e-9), half / max(cosine, 1e-9)
        wide, high = (across, along) if width >= height else (along, across)
    else:
        square = cosine**2 - sine**2
        wide = (width * cosine - height * sine) / square
        high = (height * cosine - width * sine) / square
    return max(math.floor(high), 1), max(math.floor(wide), 1)
