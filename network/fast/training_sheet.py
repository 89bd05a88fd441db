"""A sheet of photos in every style, or enlarged or made of features, to see how a training goes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import numpy as np
from keras import ops

from network import pictures
from network.fast import model, perceptual
from network.fast.architecture import FEATURES_LAYER, LEAST_SIDE, MULTIPLE
from network.fast.data import reduced
from network.fast.names import RECONSTRUCT
from network.fast.styles import Styles
from network.pictures.sheet import one_below_another, side_by_side

__all__ = ["sheet"]

HEIGHT = 240  # of each picture
MOST_COLUMNS = 7
MOST_SHAPE = 4  # times as wide as high; what a photo has beyond is not shown


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
        with the photo itself; then each style; or the photo reduced and enlarged again,
        bicubically and by the network; or made of its features again.
    """
    bands = []
    least = LEAST_SIDE * styles.architecture.factor
    for path in photos:
        photo = pictures.load(path)
        photo = photo[:, : MOST_SHAPE * photo.shape[0]]
        width = max(round(photo.shape[1] * HEIGHT / photo.shape[0]) // MULTIPLE, 2) * MULTIPLE
        photo = pictures.resize(photo, HEIGHT, max(width, least), "bicubic")
        panels = [("photo", photo), *_panels(styles, photo, precision)]
        starts = range(0, len(panels), MOST_COLUMNS)
        bands += [side_by_side(panels[start : start + MOST_COLUMNS]) for start in starts]
    return one_below_another(bands)


def _panels(styles: Styles, photo: np.ndarray, precision: str) -> Iterator[tuple[str, np.ndarray]]:
    """What is made of a photo, each with its caption."""
    factor = styles.architecture.factor
    given = photo if factor == 1 else reduced(photo, factor)
    if factor > 1:
        height, width = photo.shape[:2]
        yield "bicubic", pictures.resize(given, height, width, "bicubic")
    batch = ops.convert_to_tensor(given[np.newaxis].astype(np.float32))
    if styles.architecture.task == RECONSTRUCT:
        batch = perceptual.feature_function(precision)(batch, FEATURES_LAYER)[FEATURES_LAYER]
    for row, values in zip(styles.rows, styles.table, strict=True):
        painted = model.paint(
            styles.architecture, styles.trunk, values[np.newaxis], batch, precision
        )
        pixels = np.rint(ops.convert_to_numpy(painted)[0]).clip(0, 255).astype(np.uint8)
        yield f"{row.style} {row.stroke}" if factor == 1 else "network", pixels
