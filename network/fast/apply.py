"""Paint a photo in one pass: a ``Painter`` keeps the network for the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from keras import ops

from network import pictures
from network.fast.kept import KeptNetwork
from network.fast.mixing import mixed_row, photo_share
from network.fast.tiles import inner_size, paint_in_strips
from network.pictures import ImageSource

__all__ = ["Painter"]

WHOLE_PIXELS = 3_000_000  # above, strip by strip


class Painter(KeptNetwork):
    """A network kept for the next picture."""

    def paint(
        self,
        photo: ImageSource,
        style: str | Sequence[str],
        blend: Sequence[float] | None = None,
        strength: float = 1.0,
        stroke: str | None = None,
        bit_depth: int = 8,
        on_progress: Callable[[float], object] | None = None,
        max_pixels: int | None = None,
        whole_pixels: int = WHOLE_PIXELS,
    ) -> np.ndarray:
        """Paint a photo of any size.

        Args:
            photo: A path, PIL image or uint8 array.
            style: A style's name, or several.
            blend: The share of each; None: equal ones.
            strength: 0, the photo, to 1, the style.
            stroke: small, medium or large; None: medium, or what the style has.
            bit_depth: 8 or 16.
            on_progress: Told the share of the work done, of large pictures.
            max_pixels: Pixels of the largest file that is read; None: Pillow's limit.
            whole_pixels: Pixels of the largest picture that is painted in one piece;
                larger ones are painted in strips, the same but for rounding.

        Returns:
            uint8, or uint16 for 16 bits, RGB of the photo's height and width.

        Raises:
            ConfigError: A style, stroke, share or strength cannot be.
            ImageError: The photo cannot be read.
        """
        names = [style] if isinstance(style, str) else list(style)
        row = mixed_row(self.network, names, blend, strength, stroke)
        pixels = pictures.load(photo, max_pixels)
        height, width = pixels.shape[:2]
        sizes = self.network.architecture
        if height * width <= whole_pixels:
            painted = self._whole(pixels, row, bit_depth)
        else:
            painted = paint_in_strips(
                sizes,
                self._trunk,
                row,
                pixels,
                self.precision,
                on_progress=on_progress,
                bit_depth=bit_depth,
            )
        return _with_photo(painted, pixels, photo_share(strength))

    def _whole(self, photo: np.ndarray, row: np.ndarray, bit_depth: int) -> np.ndarray:
        """Paint a picture in one piece."""
        height, width = photo.shape[:2]
        edges = [(0, inner_size(side) - side) for side in (height, width)]
        if any(after for _, after in edges):
            photo = np.pad(photo, (*edges, (0, 0)), mode="reflect")
        batch = ops.convert_to_tensor(photo[np.newaxis].astype(np.float32))
        rows = ops.convert_to_tensor(row[np.newaxis])
        painted = self._made(rows, batch)
        white, dtype = (255, np.uint8) if bit_depth == 8 else (65535, np.uint16)
        pixels: np.ndarray = ops.convert_to_numpy(painted)[0, :height, :width]
        levels: np.ndarray = np.rint(pixels * np.float32(white / 255)).astype(dtype)
        return levels


def _with_photo(painted: np.ndarray, photo: np.ndarray, share: float) -> np.ndarray:
    """Some of the photo over the painted picture, a strip at a time."""
    if not share:
        return painted
    white = 1 if painted.dtype == np.uint8 else 257
    for first in range(0, len(painted), 256):
        rows = slice(first, first + 256)
        mixed = (1 - share) * painted[rows] + share * white * photo[rows].astype(np.float32)
        painted[rows] = np.rint(mixed)
    return painted
