"""What the patches of a run are matched with, and the matches of a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import Image

from network.config import TransferConfig
from network.errors import ConfigError
from network.features import preprocessing
from network.features.layers import layer_size
from network.pictures import masks
from network.pictures.copies import copies, turn
from network.rules import least_side

if TYPE_CHECKING:
    from network.losses.patches import Votes

__all__ = ["Measure", "StyleBank", "match_picture", "measure_bank"]

Measure: TypeAlias = Callable[[np.ndarray], "Mapping[str, Any]"]
LayerMask: TypeAlias = "np.ndarray | None"  # float32 (h, w), 0 to 1


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
        for copy, own in _copies(picture, mask, config)
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


def _copies(
    picture: np.ndarray, mask: masks.Mask | None, config: TransferConfig
) -> Iterator[tuple[np.ndarray, masks.Mask | None]]:
    """The style and its copies, each with its mask; too small ones are left out."""
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


def match_picture(
    picture: np.ndarray,
    banks: Sequence[Mapping[str, StyleBank]],
    where: Sequence[Mapping[str, np.ndarray] | None],
    config: TransferConfig,
    measure: Measure,
) -> tuple[dict[str, Votes], ...]:
    """Match a picture's patches with every style's.

    Args:
        picture: float32 (1, height, width, 3), BGR less the mean.
        banks: For every style what ``measure_bank`` made of it.
        where: For every style its mask on the picture at every layer; None: everywhere.
        config: The settings.
        measure: As for ``measure_bank``.

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
        for votes, bank, mask in zip(found, banks, where, strict=True):
            own = bank[layer]
            labels = patch_labels(None if mask is None else mask[layer], size, patch, seamless)
            matches = patches.match(query, own.columns, patch, labels=(labels, own.labels))
            asked = patches.fold(own.values, matches, patch, seamless)
            share = (
                1.0 if config.mask_norm in ("none", "root") else float(np.mean(labels == 0)) or 1.0
            )
            votes[layer] = asked._replace(weight=asked.weight / share, spread=asked.spread / share)
    return found
