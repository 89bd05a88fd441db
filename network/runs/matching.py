"""What the patches of a run are matched with, and the matches of a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import Image

from network import pictures
from network.config import TransferConfig
from network.errors import ConfigError
from network.features import preprocessing
from network.features.layers import layer_size
from network.pictures import masks
from network.pictures.copies import copies, turn
from network.rules import least_side
from network.runs.inputs import Inputs, style_picture

if TYPE_CHECKING:
    from network.losses.patches import Matches, Votes

__all__ = [
    "LayerMask",
    "LayerMasks",
    "Matcher",
    "Measure",
    "PatchStyle",
    "Popularity",
    "StyleBank",
    "copies_of",
    "match_picture",
    "matcher",
    "measure_bank",
    "num_banks",
    "patch_labels",
    "patch_styles",
    "divisor",
]

Measure: TypeAlias = Callable[[np.ndarray], "Mapping[str, Any]"]
LayerMask: TypeAlias = "np.ndarray | None"  # float32 (h, w), 0 to 1
LayerMasks: TypeAlias = "Mapping[str, np.ndarray] | None"
Matcher: TypeAlias = "Callable[[np.ndarray], tuple[dict[str, Votes], ...]]"


@dataclass(frozen=True)
class PatchStyle:
    """A style whose patches are matched, at one of a run's sizes.

    Attributes:
        picture: uint8 (height, width, 3) RGB.
        mask: Where it may be taken from; None: everywhere.
        image_mask: Where the picture that is made gets it; None: everywhere.
        where: The same at every layer.
        guide: What the content is compared with, of the picture's size; None: the picture.
    """

    picture: np.ndarray
    mask: masks.Mask | None = None
    image_mask: masks.Mask | None = None
    where: LayerMasks = None
    guide: np.ndarray | None = None


def patch_styles(
    inputs: Inputs,
    places: Sequence[tuple[masks.Mask | None, LayerMasks]],
    config: TransferConfig,
    height: int,
    width: int,
) -> list[PatchStyle]:
    """The styles of a run at a size; ``places`` has their masks on it, and those at every layer."""
    found = []
    for style, place in zip(inputs.styles, places, strict=True):
        assert isinstance(style.picture, np.ndarray)  # ``load_inputs`` takes no targets
        picture = style_picture(style.picture, inputs, config, height, width)
        guide = style.guide
        if guide is not None:
            guide = pictures.resize(guide, *picture.shape[:2])
        found.append(PatchStyle(picture, style.mask, *place, guide))
    return found


def num_banks(inputs: Inputs, config: TransferConfig) -> int:
    """How many pictures' patches a run keeps: with ``semantic_weight`` those of each one once."""
    if config.semantic_weight is None:
        return len(inputs.styles)
    seen = [style.picture for style in inputs.styles if isinstance(style.picture, np.ndarray)]
    return len({picture.tobytes() for picture in seen})


class Popularity:
    """Matches patches; keeps how well each of a bank was matched, for the next time."""

    def __init__(self, variety: float) -> None:
        self._variety = variety
        self._seen: dict[Any, Sequence[np.ndarray]] = {}

    def match(
        self,
        key: Any,
        query: Any,
        columns: Sequence[Any],
        patch: int,
        labels: tuple[np.ndarray, Sequence[np.ndarray]],
    ) -> Matches:
        """As ``patches.match``, with scores that are lowered where matches are to vary.

        Args:
            key: Whose columns they are, the same every time.
            query: As there, as all that follows.
            columns: The bank.
            patch: The rows and columns of a patch.
            labels: Of the query's patches, and of the bank's.
        """
        from network.losses import patches

        handicaps = None
        if self._variety:
            seen = self._seen.get(key, [np.zeros(each.shape, np.float32) for each in labels[1]])
            handicaps = [self._variety * np.where(np.isfinite(each), each, 0) for each in seen]
        matches = patches.match(query, columns, patch, labels, handicaps)
        if matches.popularity is not None:
            self._seen[key] = matches.popularity
        return matches


@dataclass(frozen=True)
class StyleBank:
    """A style's features at one layer, and which of its patches may be taken.

    Attributes:
        values: For every copy float32 (1, h, w, C).
        columns: The same, as ``patches.columns`` has them.
        labels: For every copy's patches 0, or -1 where the style's mask is black.
    """

    values: tuple[Any, ...]
    columns: tuple[Any, ...]
    labels: tuple[np.ndarray, ...]


def measure_bank(
    picture: np.ndarray, mask: masks.Mask | None, config: TransferConfig, measure: Measure
) -> dict[str, StyleBank]:
    """See a style and its copies.

    Args:
        picture: uint8 (height, width, 3) RGB.
        mask: Where it may be taken from; None: everywhere.
        config: The settings.
        measure: From a preprocessed picture to {layer: float32 (1, h, w, C)}.

    Returns:
        For every layer of ``patch_layers`` the bank.

    Raises:
        ConfigError: The mask leaves no patch.
    """
    from network.losses import patches

    seen = [
        (measure(preprocessing.preprocess(copy)), own)
        for copy, own in copies_of(picture, mask, config)
    ]
    banks = {}
    for layer in config.patched:
        values = tuple(features[layer] for features, _ in seen)
        sizes = [tuple(map(int, each.shape[1:3])) for each in values]
        labels = tuple(
            patch_labels(None if own is None else own.at(*size), size, config.patch_size)
            for size, (_, own) in zip(sizes, seen, strict=True)
        )
        if mask is not None and all((each < 0).all() for each in labels):
            side = config.patch_size
            raise ConfigError(
                f"{mask.name}: the mask of a style holds no patch of {side} x {side} at {layer}, "
                f"of {sizes[0][0]} x {sizes[0][1]}; make its area larger, raise image_size, or "
                "use patch_layers of earlier blocks",
                option="style_masks",
            )
        banks[layer] = StyleBank(values, tuple(map(patches.columns, values)), labels)
    return banks


def copies_of(
    picture: np.ndarray, mask: masks.Mask | None, config: TransferConfig
) -> Iterator[tuple[np.ndarray, masks.Mask | None]]:
    """A style and its copies, each with its mask; too small ones are left out."""
    height, width = picture.shape[:2]
    for degrees, factor in copies(config.patch_rotations, config.patch_scales):
        size = round(width * factor), round(height * factor)
        copy = turn(Image.fromarray(picture).resize(size), degrees)
        if (degrees, factor) != (0, 1) and min(copy.size) < least_side(config):
            continue
        own = mask
        if mask is not None and degrees:
            white = Image.fromarray(np.uint8(255 * mask.at(*size[::-1])))
            own = masks.Mask(turn(white, degrees), mask.name, mask.resampling)
        yield np.asarray(copy), own


def patch_labels(
    mask: LayerMask, size: Sequence[int], patch: int, seamless: bool = False
) -> np.ndarray:
    """For every patch of a layer 0, or -1 where a mask is black in its middle.

    Those of a seamless picture go on across its last rows and columns.
    """
    from network.losses import patches

    inside = np.ones(tuple(size), bool) if mask is None else mask >= 0.5
    inside = np.pad(inside, (0, (patch - 1) * seamless), mode="wrap")
    return patches.centers(inside, patch).astype(int) - 1


def matcher(styles: Sequence[PatchStyle], config: TransferConfig, measure: Measure) -> Matcher:
    """See the styles; returns what matches a picture's patches with theirs, as ``match_picture``.

    Raises:
        ConfigError: As for ``measure_bank``.
    """
    banks = [measure_bank(style.picture, style.mask, config, measure) for style in styles]
    where = [style.where for style in styles]
    popularity = Popularity(config.variety)
    return lambda picture: match_picture(picture, banks, where, config, measure, popularity)


def divisor(applies: np.ndarray, mask_norm: str) -> float:
    """What a loss that adds up over positions is divided by, as ``mask_norm`` says.

    Args:
        applies: Where it counts, (h, w) of 0 to 1.
        mask_norm: The setting; root, as none, pulls every position alike.
    """
    return 1.0 if mask_norm in ("none", "root") else float(np.mean(applies)) or 1.0


def match_picture(
    picture: np.ndarray,
    banks: Sequence[Mapping[str, StyleBank]],
    where: Sequence[LayerMasks],
    config: TransferConfig,
    measure: Measure,
    popularity: Popularity,
) -> tuple[dict[str, Votes], ...]:
    """Match a picture's patches with every style's.

    Args:
        picture: float32 (1, height, width, 3), BGR less the mean.
        banks: For every style what ``measure_bank`` made of it.
        where: For every style its mask on the picture at every layer; None: everywhere.
        config: The settings.
        measure: As for ``measure_bank``.
        popularity: What the last call left there.

    Returns:
        For every style and layer what its patches ask for.
    """
    from network.features import torus
    from network.losses import patches

    seen = measure(picture)
    patch, seamless = config.patch_size, config.seamless
    found: tuple[dict[str, Votes], ...] = tuple({} for _ in banks)
    for layer in config.patched:
        query = patches.columns(torus.wrap(seen[layer], 0, (patch - 1) * seamless))
        size = layer_size(layer, *picture.shape[1:3])
        for number, (bank, mask) in enumerate(zip(banks, where, strict=True)):
            own = bank[layer]
            labels = patch_labels(None if mask is None else mask[layer], size, patch, seamless)
            both = labels, own.labels
            matches = popularity.match((number, layer), query, own.columns, patch, both)
            asked = patches.fold(own.values, matches, patch, seamless)
            share = divisor(labels == 0, config.mask_norm)
            found[number][layer] = asked._replace(
                weight=asked.weight / share, spread=asked.spread / share
            )
    return found
