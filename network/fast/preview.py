"""A sheet of photos in every style, to see how a training goes."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from keras import ops

from network import pictures
from network.fast import model
from network.fast.architecture import LEAST_SIDE, MULTIPLE
from network.fast.styles import Styles
from network.pictures.sheet import side_by_side

__all__ = ["sheet"]

HEIGHT = 240  # of each picture
MOST_COLUMNS = 7


def sheet(
    styles: Styles, photos: Sequence[str | os.PathLike[str]], precision: str = "float32"
) -> np.ndarray:
    """Paint photos in every style.

    Args:
        styles: The network.
        photos: The photos.
        precision: float32 or bfloat16.

    Returns:
        uint8 (height, width, 3): for every photo a row of panels, or more, that begin
        with the photo itself.
    """
    bands = []
    for path in photos:
        photo = pictures.load(path)
        width = max(round(photo.shape[1] * HEIGHT / photo.shape[0]) // MULTIPLE, 2) * MULTIPLE
        photo = pictures.resize(photo, HEIGHT, max(width, LEAST_SIDE), "bicubic")
        batch = ops.convert_to_tensor(photo[np.newaxis].astype(np.float32))
        panels = [("photo", photo)]
        for row, values in zip(styles.rows, styles.table, strict=True):
            painted = model.paint(
                styles.architecture, styles.trunk, values[np.newaxis], batch, precision
            )
            pixels = np.rint(ops.convert_to_numpy(painted)[0]).astype(np.uint8)
            panels.append((f"{row.style} {row.stroke}", pixels))
        starts = range(0, len(panels), MOST_COLUMNS)
        bands += [side_by_side(panels[start : start + MOST_COLUMNS]) for start in starts]
    widest = max(band.shape[1] for band in bands)
    white = [((0, 0), (0, widest - band.shape[1]), (0, 0)) for band in bands]
    padded = [
        np.pad(band, pad, constant_values=255) for band, pad in zip(bands, white, strict=True)
    ]
    return np.concatenate(padded)
