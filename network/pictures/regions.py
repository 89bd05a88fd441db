"""Regions of maps: the flat colours of two drawings, found by name or by k-means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from network.errors import ConfigError, ImageError
from network.options import Option
from network.pictures.clusters import settle, squared_distances

__all__ = ["Region", "find_regions"]

NLABELS = Option("nlabels", int, minimum=1, optional=True)
MOST_LABELS = 16  # exact colours that are taken for labels without being asked


@dataclass(frozen=True, eq=False)
class Region:
    """The parts of both maps that have one label.

    Attributes:
        color: Its most frequent colour, red, green and blue.
        in_style: bool (rows, columns), where it is in the style's map.
        in_target: The same for the target's map.
    """

    color: tuple[int, int, int]
    in_style: np.ndarray
    in_target: np.ndarray

    @property
    def name(self) -> str:
        """Its colour as #rrggbb."""
        red, green, blue = self.color
        return f"#{red:02x}{green:02x}{blue:02x}"

    def __str__(self) -> str:
        shares = self.in_style.mean(), self.in_target.mean()
        return "{} ({:.0%} of the style, {:.0%} of the target)".format(self.name, *shares)


def find_regions(
    style_map: np.ndarray,
    target_map: np.ndarray,
    nlabels: int | None = None,
    names: tuple[str, str] = ("style_mask", "target_mask"),
) -> tuple[Region, ...]:
    """Find the labels of two maps.

    Args:
        style_map: uint8 (height, width, 3) RGB.
        target_map: The same, of any size.
        nlabels: How many labels to find by k-means; None: one for every colour.
        names: What to call the maps in messages.

    Returns:
        The regions, the largest first.

    Raises:
        ConfigError: ``nlabels`` is wrong for the maps.
        ImageError: The maps have too many colours, or one lacks a colour of the other.
    """
    nlabels = NLABELS.check(nlabels)
    codes = [_codes(picture) for picture in (style_map, target_map)]
    found, counts = np.unique(np.concatenate([code.ravel() for code in codes]), return_counts=True)
    colors = found[:, np.newaxis] >> np.array([16, 8, 0]) & 255  # (n, 3)
    if nlabels is None:
        for name, code in zip(names, codes, strict=True):
            _check_few(name, len(np.unique(code)))
        labels = np.arange(len(colors))
    else:
        labels = _cluster(colors, counts, nlabels)
    in_style, in_target = (labels[np.searchsorted(found, code)] for code in codes)
    regions = []
    for label in np.unique(labels):
        of_label = np.flatnonzero(labels == label)
        red, green, blue = colors[of_label[counts[of_label].argmax()]].tolist()
        regions.append(Region((red, green, blue), in_style == label, in_target == label))
    _check_in_both(regions, nlabels, names)
    return tuple(sorted(regions, key=lambda region: -float(region.in_target.mean())))


def _codes(picture: np.ndarray) -> np.ndarray:
    """Every pixel's colour as one number, int64 (height, width)."""
    red, green, blue = np.moveaxis(picture.astype(np.int64), -1, 0)
    codes: np.ndarray = red << 16 | green << 8 | blue
    return codes


def _cluster(colors: np.ndarray, counts: np.ndarray, num_labels: int) -> np.ndarray:
    """K-means of colours by their frequency.

    It starts from frequent colours far from each other, so that it has no need of
    chance: a map of flat colours keeps them, however its edges are blurred.

    Returns:
        The label of every colour, int (n,).
    """
    if num_labels > len(colors):
        raise ConfigError(
            f"nlabels: expected at most {len(colors)}, the number of colours in both maps, got "
            f"{num_labels}",
            option="nlabels",
        )
    centers = colors[[counts.argmax()]].astype(float)
    while len(centers) < num_labels:
        farthest = (counts * squared_distances(colors, centers).min(axis=1)).argmax()
        centers = np.concatenate([centers, colors[[farthest]]])
    return settle(colors, centers, counts)


def _check_few(name: str, num_colors: int) -> None:
    if num_colors > MOST_LABELS:
        raise ImageError(
            f"{name}: expected a map of at most {MOST_LABELS} flat colours, got {num_colors} "
            "colours; give nlabels, the number of regions, to take near colours together"
        )


def _check_in_both(regions: list[Region], nlabels: int | None, names: tuple[str, str]) -> None:
    """Raise ImageError if a map lacks a colour of the other."""
    for name, other, lacks, has in (
        (names[0], names[1], "in_style", "in_target"),
        (names[1], names[0], "in_target", "in_style"),
    ):
        missing = [
            f"{region.name} ({np.count_nonzero(getattr(region, has))} pixels)"
            for region in regions
            if not getattr(region, lacks).any()
        ]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            hint = (
                "give nlabels to take near colours together" if nlabels is None else "fewer nlabels"
            )
            raise ImageError(
                f"{other} has colours that {name} lacks: {', '.join(missing[:3])}{more}; paint "
                f"them in both maps, or {hint}"
            )
