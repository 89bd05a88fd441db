"""Enlarge a picture of any size by a network, tile by tile, exactly as if whole.

Nothing is normalised over the picture: a tile with as many pixels around it as the network
sees gives what the whole picture would.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from keras import ops

from network import pictures
from network.fast.architecture import LEAST_SIDE, UPSCALER, Architecture
from network.fast.kept import KeptNetwork
from network.fast.names import ENLARGE
from network.pictures import ImageSource

__all__ = ["Upscaler", "reach"]

TILE = 256  # rows and columns of the given picture in a tile


def reach(architecture: Architecture) -> int:
    """How many pixels of the given picture around each the network sees."""
    scale, seen = 1, 0.0
    for c in architecture.convolutions:
        scale *= c.enlarge
        seen += (c.size // 2) / scale
    return math.ceil(seen) + 1  # a pixel that was repeated is seen whole


class Upscaler(KeptNetwork):
    """A network kept for the next picture."""

    task = ENLARGE

    def upscale(
        self,
        photo: ImageSource,
        factor: int = UPSCALER.factor,
        bit_depth: int = 8,
        on_progress: Callable[[float], object] | None = None,
        max_pixels: int | None = None,
        tile: int = TILE,
    ) -> np.ndarray:
        """Enlarge a photo of any size.

        Args:
            photo: A path, PIL image or uint8 array; or uint16 (height, width, 3) RGB.
            factor: 4; or 2, the mean of every four pixels of that.
            bit_depth: 8 or 16.
            on_progress: Told the share of the work done.
            max_pixels: Pixels of the largest file that is read; None: Pillow's limit.
            tile: Rows and columns of a tile, the same but for rounding whatever they are.

        Returns:
            uint8, or uint16 for 16 bits, RGB, factor times as high and wide.

        Raises:
            ImageError: The photo cannot be read.
        """
        deep = isinstance(photo, np.ndarray) and photo.dtype == np.uint16
        given = photo if deep else pictures.load(photo, max_pixels)
        assert isinstance(given, np.ndarray)
        height, width = given.shape[:2]
        white, dtype = (255, np.uint8) if bit_depth == 8 else (65535, np.uint16)
        enlarged = np.empty((height * factor, width * factor, 3), dtype)
        places = [(top, left) for top in range(0, height, tile) for left in range(0, width, tile)]
        around = reach(self.network.architecture)
        for done, (top, left) in enumerate(places, 1):
            rows, inner_rows = _part(top, tile, around, height)
            columns, inner_columns = _part(left, tile, around, width)
            part = given[rows, columns].astype(np.float32) / (257 if deep else 1)
            pixels = self._enlarged(part, factor)[
                _times(inner_rows, factor), _times(inner_columns, factor)
            ]
            levels = np.rint(pixels * np.float32(white / 255)).clip(0, white)
            bottom, right = (top + tile) * factor, (left + tile) * factor
            enlarged[top * factor : bottom, left * factor : right] = levels
            if on_progress is not None:
                on_progress(done / len(places))
        return enlarged

    def _enlarged(self, part: np.ndarray, factor: int) -> np.ndarray:
        """A part of a picture by the network, float32 (rows, columns, 3)."""
        height, width = part.shape[:2]
        edges = [(0, max(LEAST_SIDE - side, 0)) for side in (height, width)]
        batch = np.pad(part, (*edges, (0, 0)), mode="reflect")[np.newaxis]
        x = self._made(self.network.table[:1], batch)
        pixels: np.ndarray = ops.convert_to_numpy(x)[0]
        if factor < UPSCALER.factor:
            rows, columns = (side * factor for side in batch.shape[1:3])
            pixels = pixels.reshape(rows, -1, columns, UPSCALER.factor // factor, 3).mean((1, 3))
        return pixels[: height * factor, : width * factor]


def _part(first: int, length: int, around: int, size: int) -> tuple[slice, slice]:
    """What is read for a tile along one side, and where in it the tile itself is."""
    last = min(first + length, size)
    start = max(first - around, 0)
    return slice(start, min(last + around, size)), slice(first - start, last - start)


def _times(part: slice, factor: int) -> slice:
    return slice(part.start * factor, part.stop * factor)
