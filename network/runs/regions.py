"""The regions of a run: where on the picture each style is asked for, at every layer.

A Gram matrix is a sum over its region, which the region's inside can come to alone: along
borders with other regions, whose features are like nothing in the style, a picture is left
grey. So with ``mask_edges`` clean a region has two parts, its band along the borders and its
interior, each of which is asked for what the style is like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from network.config import TransferConfig
from network.features import layers
from network.losses.settings import LossSettings
from network.pictures import masks
from network.runs.inputs import Inputs, StyleInput

if TYPE_CHECKING:
    from network.losses.terms import Grams, LayerMasks

__all__ = [
    "Part",
    "distinct_masks",
    "divide",
    "gram_norm",
    "layer_masks",
    "mask_on_picture",
    "numbers",
    "part_masks",
    "scaled",
]


@dataclass(frozen=True)
class Part:
    """A part of a region.

    Attributes:
        masks: Where it is, at every layer; None: everywhere.
        factors: For every layer what its Gram matrix is multiplied by, and the style's is to
            be, so that the part weighs what it should; None: nothing.
    """

    masks: LayerMasks | None
    factors: Mapping[str, float] | None = None


def mask_on_picture(style: StyleInput, inputs: Inputs) -> masks.Mask | None:
    """Where the picture gets a style; None: everywhere."""
    if style.image_mask is not None:
        return style.image_mask
    return style.mask if inputs.content_mask is None else inputs.content_mask


def distinct_masks(inputs: Inputs) -> tuple[list[masks.Mask | None], tuple[int, ...]]:
    """The distinct masks that styles have on the picture, and for every style which is its."""
    distinct: list[masks.Mask | None] = []
    regions = []
    for style in inputs.styles:
        mask = mask_on_picture(style, inputs)
        if mask not in distinct:
            distinct.append(mask)
        regions.append(distinct.index(mask))
    return distinct, tuple(regions)


def layer_masks(
    mask: masks.Mask | None,
    config: TransferConfig,
    settings: LossSettings,
    size: tuple[int, int],
) -> LayerMasks | None:
    """A mask at the style layers of a picture of a size, as ``mask_pooling`` says."""
    if mask is None:
        return None
    if config.mask_pooling == "average":
        return masks.averaged_layer_masks(mask, settings.model, *size)
    return masks.layer_masks(
        mask, {name: layers.layer_size(name, *size) for name in settings.style_layers}
    )


def gram_norm(config: TransferConfig, masked: bool = True) -> str:
    """The norm that ``functional.gram_matrix`` is given.

    Gram matrices that are weighed part by part do not depend on the part's size.
    """
    by_parts = masked and (config.mask_edges == "clean" or config.mask_norm == "root")
    return "area" if by_parts else config.mask_norm


def divide(
    where: Sequence[LayerMasks | None], config: TransferConfig, model: str
) -> list[tuple[Part, ...]]:
    """The parts of regions, equally many of each.

    Args:
        where: For every region its masks; None: everywhere.
        config: The settings.
        model: vgg16 or vgg19.
    """
    if config.mask_edges == "plain" and config.mask_norm != "root":
        return [(Part(own),) for own in where]
    if all(own is None for own in where):
        return [(Part(None),) for _ in where]
    sizes = next({name: it.shape for name, it in own.items()} for own in where if own is not None)
    everywhere = {name: np.ones(size, np.float32) for name, size in sizes.items()}
    found = []
    for own in where:
        region = everywhere if own is None else own
        divided = [region] if config.mask_edges == "plain" else _divided(region, model)
        found.append(tuple(_weighed(part, region, config.mask_norm) for part in divided))
    return found


def _divided(region: LayerMasks, model: str) -> list[LayerMasks]:
    """A region's interior and its band along the borders: as wide as what a feature sees."""
    from scipy import ndimage  # loaded where it is used: few runs divide regions

    interior, band = {}, {}
    reach = layers.receptive_fields(model)
    for name, mask in region.items():
        inside = mask > 0
        near = np.zeros(mask.shape, bool)
        if not inside.all():
            near = ndimage.distance_transform_edt(inside) <= reach[name]
        interior[name], band[name] = mask * ~near, mask * near
    return [interior, band]


def _weighed(part: LayerMasks, region: LayerMasks, norm: str) -> Part:
    """A part that weighs its share of the region's style loss, as ``mask_norm`` has that.

    A mask's values count squared in the sum of a Gram matrix of norm ``area``, which is
    divided by the mask's mean: a mask times f makes it times f.
    """
    factors = {}
    for name, mask in part.items():
        own, whole = float(mask.mean()), float(region[name].mean()) or 1.0
        weight = {"none": own * whole, "root": own}.get(norm, own / whole)
        factors[name] = weight**0.5
    return Part({name: mask * np.float32(factors[name]) for name, mask in part.items()}, factors)


def numbers(divided: Sequence[Sequence[Part]], of_styles: Sequence[int]) -> tuple[int, ...]:
    """For every style the numbers of its region's parts, where all parts are counted."""
    counted = [len(region) for region in divided]
    return tuple(
        sum(counted[:region]) + part
        for region in (of_styles if divided else ())
        for part in range(counted[region])
    )


def part_masks(divided: Sequence[Sequence[Part]]) -> tuple[LayerMasks | None, ...]:
    """The masks of all parts, as ``numbers`` counts them."""
    return tuple(part.masks for region in divided for part in region)


def scaled(grams: Grams, part: Part) -> Grams:
    """A style's Gram matrices as a part's are compared with them."""
    if part.factors is None:
        return grams
    return {name: gram * np.float32(part.factors[name]) for name, gram in grams.items()}
