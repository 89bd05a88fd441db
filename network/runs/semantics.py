"""Patches matched with maps beside their features: a drawing's regions, an analogy's pictures.

Masks are no walls here: what is under a region's mask is like what is under the same one in
the style, the more the larger ``semantic_weight`` is, and a patch across a border is most
like one across such a border. After Champandard, "Semantic Style Transfer and Turning
Two-Bit Doodles into Fine Artworks" (2016), and Hertzmann et al., "Image Analogies" (2001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from network.config import TransferConfig
from network.features import preprocessing
from network.features.layers import block, layer_size
from network.pictures import masks
from network.runs.matching import (
    Matcher,
    Measure,
    PatchStyle,
    Popularity,
    StyleBank,
    copies_of,
    divisor,
    patch_labels,
)

if TYPE_CHECKING:
    from network.losses.patches import Votes

__all__ = ["matcher"]

Maps: TypeAlias = "Mapping[str, Any]"  # {layer: float32 (1, h, w, K)}


def matcher(
    styles: Sequence[PatchStyle],
    content: np.ndarray,
    config: TransferConfig,
    measure: Measure,
) -> Matcher:
    """See the styles and the content; returns what matches a picture's patches with theirs.

    The patches of all styles are one bank. Where a style has a guide, the maps are the
    features of the guides and of the content; else a channel for each style's mask.

    Args:
        styles: The styles; those of regions share a picture.
        content: float32 (1, height, width, 3), BGR less the mean.
        config: The settings; ``semantic_weight`` is a number.
        measure: From a preprocessed picture to {layer: float32 (1, h, w, C)}.

    Returns:
        From a picture of the content's shape to what its patches ask for, for every
        style and layer.
    """
    where = [_pooled(style.image_mask, content.shape[1:3], config) for style in styles]
    if any(style.guide is not None for style in styles):
        bank = _join([_guided_bank(style, config, measure) for style in styles])
        maps = measure(content)
    else:
        bank = _join(_mapped_banks(styles, config, measure))
        maps = _stack(where, config)
    popularity = Popularity(config.variety)

    def match(picture: np.ndarray) -> tuple[dict[str, Votes], ...]:
        from network.features import torus
        from network.losses import patches

        seen = measure(picture)
        patch, beyond = config.patch_size, (config.patch_size - 1) * config.seamless
        found: tuple[dict[str, Votes], ...] = tuple({} for _ in styles)
        for layer, own in bank.items():
            features, map_of = (torus.wrap(each[layer], 0, beyond) for each in (seen, maps))
            query = patches.columns(features, map_of, config.semantic_weight or 0.0)
            everywhere = patch_labels(None, features.shape[1:3], patch)
            matches = popularity.match(layer, query, own.columns, patch, (everywhere, own.labels))
            asked = patches.fold(own.values, matches, patch, config.seamless)
            for votes, masks_of_style in zip(found, where, strict=True):
                votes[layer] = _within(asked, masks_of_style[layer], config.mask_norm)
        return found

    return match


def _within(asked: Votes, mask: np.ndarray, mask_norm: str) -> Votes:
    """A style's part of what all patches ask for: that under its mask, which may be soft."""
    from keras import ops

    share = divisor(mask, mask_norm)
    weight = asked.weight * ops.convert_to_tensor(mask[np.newaxis, ..., np.newaxis])
    part = ops.sum(weight) / ops.sum(asked.weight)
    return asked._replace(weight=weight / share, spread=asked.spread * part / share)


def _guided_bank(
    style: PatchStyle, config: TransferConfig, measure: Measure
) -> dict[str, StyleBank]:
    """The bank of a style whose maps are what the network sees in its guide."""
    guide = style.picture if style.guide is None else style.guide
    copies, guides = (copies_of(picture, None, config) for picture in (style.picture, guide))
    see = preprocessing.preprocess
    pairs = zip(copies, guides, strict=True)
    return _bank(
        [(measure(see(one)), measure(see(other))) for (one, _), (other, _) in pairs], config
    )


def _mapped_banks(
    styles: Sequence[PatchStyle], config: TransferConfig, measure: Measure
) -> list[dict[str, StyleBank]]:
    """The bank of every distinct picture; its maps have a channel for the mask of each style."""
    groups: list[list[int]] = []
    for number, style in enumerate(styles):
        for group in groups:
            if np.array_equal(styles[group[0]].picture, style.picture):
                group.append(number)
                break
        else:
            groups.append([number])
    banks = []
    for group in groups:
        picture, both = styles[group[0]].picture, []
        of_masks = (copies_of(picture, styles[number].mask, config) for number in group)
        for made in zip(*of_masks, strict=True):  # a copy, again for every mask
            copy = made[0][0]
            own = dict(zip(group, (mask for _, mask in made), strict=True))
            maps = [
                _pooled(own.get(number), copy.shape[:2], config, number in own)
                for number in range(len(styles))
            ]
            both.append((measure(preprocessing.preprocess(copy)), _stack(maps, config)))
        banks.append(_bank(both, config))
    return banks


def _pooled(
    mask: masks.Mask | None, size: Sequence[int], config: TransferConfig, there: bool = True
) -> dict[str, np.ndarray]:
    """What share of each position of a layer a mask covers, float32 (h, w).

    Args:
        mask: The mask; None: all of it, or nothing where it is not ``there``.
        size: Rows and columns of the picture.
        config: The settings.
        there: See ``mask``.
    """
    values = np.full(size, there, np.float32) if mask is None else mask.at(*size)
    found = {}
    for layer in config.patched:
        (rows, columns), cell = layer_size(layer, *size), 1 << (block(layer) - 1)
        cells = values[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
        found[layer] = cells.mean(axis=(1, 3))  # (rows, columns)
    return found


def _stack(of_styles: Sequence[Mapping[str, np.ndarray]], config: TransferConfig) -> Maps:
    """The masks of styles as the channels of a map at every layer, float32 (1, h, w, K)."""
    return {
        layer: np.stack([each[layer] for each in of_styles], axis=-1)[np.newaxis]
        for layer in config.patched
    }


def _bank(
    both: Sequence[tuple[Mapping[str, Any], Maps]], config: TransferConfig
) -> dict[str, StyleBank]:
    """A bank of copies, each given by its features and its maps."""
    from network.losses import patches

    banks = {}
    for layer in config.patched:
        values = tuple(features[layer] for features, _ in both)
        columns = tuple(
            patches.columns(features[layer], maps[layer], config.semantic_weight or 0.0)
            for features, maps in both
        )
        sides = ([side - config.patch_size + 1 for side in each.shape[1:3]] for each in values)
        banks[layer] = StyleBank(values, columns, tuple(np.zeros(each, int) for each in sides))
    return banks


def _join(banks: Sequence[Mapping[str, StyleBank]]) -> dict[str, StyleBank]:
    """Banks as one, at every layer."""
    return {
        layer: StyleBank(
            *(
                sum((getattr(bank[layer], part) for bank in banks), ())
                for part in ("values", "columns", "labels")
            )
        )
        for layer in banks[0]
    }
