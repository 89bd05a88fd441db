"""Regions of a photo, found by its own colours, so that masks need not be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from network.errors import ConfigError
from network.pictures.clusters import settle, squared_distances
from network.pictures.masks import Mask

__all__ = ["PREFIX", "Segment", "divide", "named", "show"]

PREFIX = "auto:"  # of a region's name, in the place of a mask's path

ROWS = 128  # what regions are looked for in: their forms, not their details
SMOOTHING = 5  # its rows and columns that a median is taken of: edges stay where they are
# How much hues and places count beside brightness, by looking at the shipped photos.
CHROMA, PLACE = 2.5, 40.0
SPECK = 0.004  # of the picture: what is smaller goes to the region around it


@dataclass(frozen=True, eq=False)
class Segment:
    """A region of a photo.

    Attributes:
        number: As ``auto:NUMBER`` names it, from 1.
        inside: bool (height, width), where it is.
        color: Its mean colour, red, green and blue.
    """

    number: int
    inside: np.ndarray
    color: tuple[int, int, int]

    @property
    def mask(self) -> Mask:
        """It as a mask; resized with NEAREST every pixel stays in one region."""
        luminance = Image.fromarray(np.uint8(255 * self.inside))
        return Mask(luminance, f"{PREFIX}{self.number}", Image.Resampling.NEAREST)

    def __str__(self) -> str:
        rows, columns = (
            (place.mean() + 0.5) / side
            for place, side in zip(np.nonzero(self.inside), self.inside.shape, strict=True)
        )
        height = ("top", "middle", "bottom")[min(int(3 * rows), 2)]
        side = ("left", "center", "right")[min(int(3 * columns), 2)]
        red, green, blue = self.color
        return (
            f"{PREFIX}{self.number}: {self.inside.mean():.0%} of the picture, around the {height} "
            f"{side}, #{red:02x}{green:02x}{blue:02x}"
        )


def divide(picture: np.ndarray, number: int) -> tuple[Segment, ...]:
    """Divide a photo into regions of like colours.

    K-means of smoothed colours and of where they are. It starts from pixels far from each
    other, so that it has no need of chance.

    Args:
        picture: uint8 (height, width, 3) RGB.
        number: How many regions.

    Returns:
        The regions, the largest first; together they are the picture, each pixel in one. Of
        a picture of few colours fewer than asked for.
    """
    height, width = picture.shape[:2]
    rows, columns = min(ROWS, height), max(round(min(ROWS, height) * width / height), 1)
    small = Image.fromarray(picture).resize((columns, rows), Image.Resampling.BOX)
    labels = _cluster(_described(np.asarray(small.convert("YCbCr"), float)), number)
    labels = _without_specks(labels.reshape(rows, columns))
    found = np.unique(labels)
    shares = [
        Image.fromarray(np.float32(labels == label)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        for label in found
    ]
    nearest = np.argmax([np.asarray(share) for share in shares], axis=0)  # (height, width)
    inside = sorted((nearest == each for each in range(len(found))), key=lambda own: -own.sum())
    return tuple(
        Segment(count, own, tuple(np.rint(picture[own].mean(axis=0)).astype(int).tolist()))
        for count, own in enumerate(inside, start=1)
        if own.any()
    )


def _described(colors: np.ndarray) -> np.ndarray:
    """What pixels are told apart by, float (rows * columns, values), of Y, Cb and Cr."""
    from scipy import ndimage  # loaded where it is used: few runs have such masks

    rows, columns = colors.shape[:2]
    smooth = ndimage.median_filter(colors, (SMOOTHING, SMOOTHING, 1), mode="nearest")
    place = np.moveaxis(np.mgrid[:rows, :columns] / rows, 0, -1)
    parts = [smooth[..., :1], CHROMA * smooth[..., 1:], PLACE * place]
    return np.concatenate(parts, axis=-1).reshape(rows * columns, -1)


def _cluster(points: np.ndarray, number: int) -> np.ndarray:
    """K-means, the label of every point, int (n,)."""
    centers = points.mean(axis=0, keepdims=True)
    while len(centers) < number:
        away = squared_distances(points, centers).min(axis=1)
        # Not the farthest: that is one odd pixel.
        far = away >= np.quantile(away, 0.98)
        centers = np.concatenate([centers, points[far].mean(axis=0, keepdims=True)])
    return settle(points, centers)


def _without_specks(labels: np.ndarray) -> np.ndarray:
    """Labels, int (h, w), whose small islands have their surroundings' label."""
    from scipy import ndimage

    kept = np.zeros(labels.shape, bool)
    for label in np.unique(labels):
        islands, _ = ndimage.label(labels == label)
        sizes = np.bincount(islands.ravel())
        large = sizes >= SPECK * labels.size
        large[0] = False
        kept |= large[islands]
    if not kept.any():
        return labels
    where = ndimage.distance_transform_edt(~kept, return_distances=False, return_indices=True)
    cleaned: np.ndarray = labels[tuple(where)]
    return cleaned


def named(source: object, segments: tuple[Segment, ...]) -> Mask | None:
    """The region that a mask's source names; None: it names none.

    Raises:
        ConfigError: There is no such region.
    """
    if not isinstance(source, str) or not source.startswith(PREFIX):
        return None
    if not segments:
        raise ConfigError(
            f"{source}: expected auto_masks, the number of regions, with a mask that names one; "
            f"give it, or ./{source} for a file of that name",
            option="auto_masks",
        )
    number = source.removeprefix(PREFIX)
    if not number.isdecimal() or not 1 <= int(number) <= len(segments):
        raise ConfigError(
            f"auto_masks: expected a mask of {PREFIX}1 to {PREFIX}{len(segments)}, as the photo "
            f"has {len(segments)} regions, got {source}; name one of these, or ask for more",
            option="auto_masks",
        )
    return segments[int(number) - 1].mask


def show(segments: tuple[Segment, ...]) -> np.ndarray:
    """The regions, each in its mean colour, uint8 (height, width, 3) RGB."""
    shown = np.zeros((*segments[0].inside.shape, 3), np.uint8)
    for segment in segments:
        shown[segment.inside] = segment.color
    return shown
