"""Judge finished pictures by the photo and the paintings they were made from.

What a loss was minimised on is no judge of it. So pictures are seen at two thirds of their
size, where no pixel and no pooling is where the loss had it, and on three layers that
neither Gram losses nor patches use; the chained loss uses all convolutions, and of that
only the size differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from network import pictures
from network.errors import ConfigError
from network.features.layers import layer_size
from network.losses import quality as measures
from network.pictures import borders, masks

if TYPE_CHECKING:
    from network.features.extractor import Extractor
    from network.pictures import ImageSource

__all__ = ["BEST", "LAYERS", "MEASURES", "Judge", "Quality"]

LAYERS = ("conv2_2", "conv3_3", "conv4_3")
SCALE = 2 / 3  # of the pictures' size that they are judged at
MOST_MATCHED = 4096  # patches of a layer that others are looked for, on a grid
MOST_RELATED = 1024  # positions whose relations are looked at
BAND = 1 / 25  # of the rows: how far from a border of regions still is along it

RELATIVE = ("frechet", "sliced_wasserstein", "foreign", "missing")  # to the photo's own
LEAST = 1e-6  # of the photo's, of which less is nothing

# In the order of the table: a label, and what its figures mean.
MEASURES = {
    "frechet": ("moments", "0: the style's; 1: as far as the photo's"),
    "sliced_wasserstein": ("distribution", "0: the style's; 1: as far as the photo's"),
    "foreign": ("foreign to style", "0: nothing; 1: as much as of the photo"),
    "missing": ("missing of style", "0: nothing; 1: as much as in the photo"),
    "use_entropy": ("evenness of use", "1: of all the style's patches; 0: one alone"),
    "largest_copy": ("largest copy", "patches of one piece of the style; fewer: freer"),
    "self_similarity": ("structure lost", "0: none of the photo's; 1: all"),
    "border_chroma": ("borders: chroma", "1: as inside; less: greyish"),
    "border_contrast": ("borders: contrast", "1: as inside; less: flat"),
    "border_foreign": ("borders: foreign", "1: as inside; more: less like the style"),
}
# What is best of those that every picture has; of borders, what is nearest to 1.
BEST: dict[str, Callable[..., float]] = {
    name: max if name == "use_entropy" else min for name in MEASURES if name[:6] != "border"
}


@dataclass(frozen=True)
class Quality:
    """How good a picture is, by measures that do not replace looking at it.

    Attributes:
        frechet: The squared Frechet distance of its features from the styles', where
            the photo's is 1; less is better.
        sliced_wasserstein: The same by sliced Wasserstein distances.
        foreign: How unlike the style's nearest its patches are, where the photo's are
            1; less is better.
        missing: How unlike its own nearest the style's patches are, in the same unit;
            less is better.
        use_entropy: How evenly the style's patches appear, 0 to 1; more is better.
        largest_copy: How many patches of ``LAYERS``' last layer the largest piece has
            that is copied as it is; fewer are better, unless it is to be a collage.
        self_similarity: How far its positions' relations are from the photo's in the last
            layer, 0 to 1; less is better.
        border_chroma: Of regions the chroma along their borders over that inside; 1 is
            best. None: there are none, or nothing lies inside.
        border_contrast: The same of the local contrast.
        border_foreign: The same of ``foreign``, with the region's own style.
        layers: The first seven of every layer, as far as it has them.
    """

    frechet: float
    sliced_wasserstein: float
    foreign: float
    missing: float
    use_entropy: float
    largest_copy: int
    self_similarity: float
    border_chroma: float | None
    border_contrast: float | None
    border_foreign: float | None
    layers: Mapping[str, Mapping[str, float]]

    @property
    def figures(self) -> dict[str, float | None]:
        """All measures by name, without the layers."""
        return {name: getattr(self, name) for name in MEASURES}


@dataclass(frozen=True, eq=False)
class _Layer:
    """A layer of the photo and the paintings."""

    content: np.ndarray  # (h, w, C)
    styles: tuple[np.ndarray, ...]  # (h', w', C) each
    regions: np.ndarray  # int (h, w), which group of styles a position is to be like
    groups: tuple[tuple[int, ...], ...]  # the styles of each

    def bank(self, group: int) -> np.ndarray:
        """All positions of a group's styles, (N, C)."""
        return np.concatenate([*map(_flat, self.members(group))])

    def members(self, group: int) -> list[np.ndarray]:
        """A group's styles."""
        return [self.styles[index] for index in self.groups[group]]

    def places(self, group: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows and columns of the bank's positions; no two styles' rows are neighbours."""
        rows, columns, first = [], [], 0
        for style in self.members(group):
            down, right = np.indices(style.shape[:2])
            rows.append(down.ravel() + first)
            columns.append(right.ravel())
            first += 2 * style.shape[0]
        return np.concatenate(rows), np.concatenate(columns)


class Judge:
    """A photo and its paintings as the network sees them, for any number of pictures.

    Args:
        extractor: Sees ``LAYERS``.
        content: uint8 (height, width, 3) RGB; it and the pictures have one size.
        styles: uint8 of any sizes, at the scale that their texture is to have.
        regions: For every style where in the picture it applies; of masks that overlap
            the first counts. Empty: every style everywhere.

    Raises:
        ConfigError: There is no style, as many masks as styles are not given, or the
            content cannot be told from the styles.
        ImageError: A mask has nothing in it at the size of the last layer.
    """

    def __init__(
        self,
        extractor: Extractor,
        content: np.ndarray,
        styles: Sequence[np.ndarray],
        regions: Sequence[ImageSource | masks.Mask] = (),
    ) -> None:
        check(True, True, len(styles), len(regions))
        self.extractor = extractor
        height, width = content.shape[:2]
        smallest = layer_size(LAYERS[-1], *_reduced_size(height, width))
        found = [masks.read(each, *smallest) for each in regions]
        self.regions = _divided(found, height, width)
        seen, seen_styles = self._see(content), [self._see(style) for style in styles]
        every = (tuple(range(len(styles))),)
        self.layers = {
            layer: _Layer(
                seen[layer],
                tuple(each[layer] for each in seen_styles),
                _divided(found, *seen[layer].shape[:2]),
                tuple((index,) for index in every[0]) if regions else every,
            )
            for layer in LAYERS
        }
        self.units = {
            layer: _measure(known.content, known)[0] for layer, known in self.layers.items()
        }
        if not all(unit[name] > LEAST for unit in self.units.values() for name in RELATIVE):
            raise ConfigError(
                "style: the network sees the same in it as in the content, which is then no "
                "measure; give another picture",
                option="style",
            )

    def judge(self, picture: np.ndarray) -> Quality:
        """Measure a picture, uint8 of the content's size."""
        seen = self._see(picture)
        layers, along = {}, []
        width = BAND * len(self.regions)
        for layer, known in self.layers.items():
            figures, distances = _measure(seen[layer], known)
            layers[layer] = {
                name: value / self.units[layer][name] if name in RELATIVE else value
                for name, value in figures.items()
            }
            along.append(
                borders.along_to_inside(_spread(distances, self.regions), self.regions, width)
            )
        means = {
            name: float(np.mean([figures[name] for figures in layers.values()]))
            for name in (*RELATIVE, "use_entropy")
        }
        coarsest = layers[LAYERS[-1]]  # it tells things from each other
        foreign = [each for each in along if each is not None]
        contrast = borders.contrast(picture, self.regions)
        return Quality(
            **means,
            largest_copy=int(coarsest["largest_copy"]),
            self_similarity=coarsest["self_similarity"],
            border_chroma=borders.along_to_inside(borders.chroma(picture), self.regions, width),
            border_contrast=borders.along_to_inside(contrast, self.regions, width),
            border_foreign=float(np.mean(foreign)) if foreign else None,
            layers=layers,
        )

    def _see(self, picture: np.ndarray) -> dict[str, np.ndarray]:
        """The features of a picture at two thirds of its size, (h, w, C) each."""
        from keras import ops

        small = pictures.resize(picture, *_reduced_size(*picture.shape[:2]))
        seen = self.extractor.see(small)
        return {layer: np.array(ops.convert_to_numpy(seen[layer][0])) for layer in LAYERS}


def check(quality: bool, has_content: bool, num_styles: int, num_masks: int) -> None:
    """Raise ConfigError unless what was given to judge by goes together."""
    if not (quality or num_masks):
        return
    if not quality:
        raise ConfigError("style_masks: they count for --quality alone; give it, or leave them out")
    if not (has_content and num_styles):
        raise ConfigError(
            "quality: expected the photo and the paintings to judge by; give --content and --style"
        )
    if num_masks not in (0, num_styles):
        raise ConfigError(
            f"style_masks: expected one for each style, {num_styles}, or none; got {num_masks}",
            option="style_masks",
        )


def _reduced_size(height: int, width: int) -> tuple[int, int]:
    return round(height * SCALE), round(width * SCALE)


def _divided(found: Sequence[masks.Mask], height: int, width: int) -> np.ndarray:
    """The number of the first mask that is white there, int (height, width); -1: of none."""
    if not found:
        return np.zeros((height, width), int)
    inside = np.stack([mask.at(height, width) > 0 for mask in found])
    return np.where(inside.any(axis=0), inside.argmax(axis=0), -1)


def _flat(features: np.ndarray) -> np.ndarray:
    return features.reshape(-1, features.shape[-1])  # (h*w, C)


def _grid(values: np.ndarray, most: int) -> tuple[np.ndarray, int]:
    """Every so manieth row and column, so that at most so many positions are left; and how many."""
    step = 1
    while np.prod([-(-side // step) for side in values.shape[:2]]) > most:
        step += 1
    return values[::step, ::step], step


def _measure(seen: np.ndarray, known: _Layer) -> tuple[dict[str, float], np.ndarray]:
    """A layer's figures, of all regions by their size; and for patches on a grid how unlike
    the styles' nearest they are, (h, w).
    """
    some, step = _grid(seen, MOST_MATCHED)
    regions = known.regions[::step, ::step]
    distances = np.zeros(regions.shape)
    rows, columns = np.full((2, *regions.shape), -1)
    totals = dict.fromkeys((*RELATIVE, "use_entropy"), 0.0)
    for group in np.unique(regions[regions >= 0]):
        inside, own, bank = regions == group, seen[known.regions == group], known.bank(group)
        distances[inside], which = measures.nearest(some[inside], bank)
        of_rows, of_columns = known.places(group)
        rows[inside], columns[inside] = of_rows[which], of_columns[which]
        offered = [_flat(_grid(style, MOST_MATCHED)[0]) for style in known.members(group)]
        found = {
            "frechet": measures.frechet_distance(own, bank),
            "sliced_wasserstein": measures.sliced_wasserstein(own, bank),
            "foreign": float(distances[inside].mean()),
            "missing": float(measures.nearest(np.concatenate(offered), own)[0].mean()),
            "use_entropy": measures.use_entropy(which, len(bank)),
        }
        for name, value in found.items():
            totals[name] += value * float(inside.sum() / (regions >= 0).sum())
    related = (_flat(_grid(each, MOST_RELATED)[0]) for each in (seen, known.content))
    return {
        **totals,
        "largest_copy": float(measures.largest_copy(rows, columns, step)),
        "self_similarity": measures.self_similarity_error(*related),
    }, distances


def _spread(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Values of a layer at the size of another array: each pixel has that of its position."""
    rows, columns = (
        np.arange(pixels) * positions // pixels
        for pixels, positions in zip(like.shape, values.shape, strict=True)
    )
    spread: np.ndarray = values[rows[:, np.newaxis], columns]
    return spread
