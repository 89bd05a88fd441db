"""Patches matched with maps beside their features: a drawing's regions, an analogy's pictures.

Masks are no walls here: what is under a region's mask is like what is under the same one in
the style, the more the larger ``semantic_weight`` is, and a patch across a border is most
like one across such a border. After Champandard, "Semantic Style Transfer and Turning
Two-Bit Doodles into Fine Artworks" (2016), and Hertzmann et al., "Image Analogies" (2001).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from network.config import TransferConfig
from network.features import preprocessing
from network.features.layers import layer_size
from network.pictures import masks
from network.runs.matching import (
    LayerMasks,
    Matcher,
    Measure,
    PatchStyle,
    Popularity,
    StyleBank,
    copies_of,
)

if TYPE_CHECKING:
    from network.losses.patches import Votes

__all__ = ["matcher"]

AtLayers: TypeAlias = "Callable[[masks.Mask | None, int, int], LayerMasks]"
Maps: TypeAlias = "Mapping[str, Any]"  # {layer: float32 (1, h, w, K)}


def matcher(
    styles: Sequence[PatchStyle],
    content: np.ndarray,
    config: TransferConfig,
    measure: Measure,
    at_layers: AtLayers,
) -> Matcher:
    """See the styles and the content; returns what matches a picture's patches with theirs.

    The patches of all styles are one bank. Where a style has a guide, the maps are the
    features of the guides and of the content; else a channel for each style's mask.

    Args:
        styles: The styles; those of regions share a picture.
        content: float32 (1, height, width, 3), BGR less the mean.
        config: The settings; ``semantic_weight`` is a number.
        measure: From a preprocessed picture to {layer: float32 (1, h, w, C)}.
        at_layers: From a mask, its rows and its columns to the mask at every layer.

    Returns:
        From a picture of the content's shape to what its patches ask for, for every
        style and layer.
    """
    if any(style.guide is not None for style in styles):
        bank = _join([_guided_bank(style, config, measure) for style in styles])
        maps = measure(content)
    else:
        bank = _join(_mapped_banks(styles, config, measure, at_layers))
        maps = _stack([style.where for style in styles], content.shape[1:3], config)
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
            handicaps = popularity.handicaps(layer, own.labels)
            matches = patches.match(query, own.columns, patch, handicaps=handicaps)
            popularity.note(layer, matches)
            asked = patches.fold(own.values, matches, patch, config.seamless)
            for votes, style in zip(found, styles, strict=True):
                mask = None if style.where is None else style.where[layer]
                votes[layer] = _within(asked, mask, config.mask_norm)
        return found

    return match


def _within(asked: Votes, mask: np.ndarray | None, mask_norm: str) -> Votes:
    """A style's part of what all patches ask for: that under its mask, which may be soft."""
    if mask is None:
        return asked
    from keras import ops

    share = 1.0 if mask_norm == "none" else float(mask.mean()) or 1.0
    weight = asked.weight * mask[np.newaxis, ..., np.newaxis].astype(np.float32)
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
    styles: Sequence[PatchStyle], config: TransferConfig, measure: Measure, at_layers: AtLayers
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
        picture = styles[group[0]].picture
        both = []
        for made in zip(*(copies_of(picture, styles[n].mask, config) for n in group), strict=True):
            copy, size = made[0][0], made[0][0].shape[:2]
            of_styles: list[Any] = [{}] * len(styles)
            for number, (_, mask) in zip(group, made, strict=True):
                of_styles[number] = at_layers(mask, *size)
            both.append((measure(preprocessing.preprocess(copy)), _stack(of_styles, size, config)))
        banks.append(_bank(both, config))
    return banks


def _stack(of_styles: Sequence[Any], size: Sequence[int], config: TransferConfig) -> Maps:
    """Masks as the channels of a map at every layer: all 1 where it is None, 0 where empty."""
    found = {}
    for layer in config.patched:
        rows, columns = layer_size(layer, *size)
        channels = [
            np.ones((rows, columns), np.float32)
            if each is None
            else each.get(layer, np.zeros((rows, columns), np.float32))
            for each in of_styles
        ]
        found[layer] = np.stack(channels, axis=-1)[np.newaxis].astype(np.float32)
    return found


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
