"""The terms of the objective: what each looks at, what it measures, and what that costs.

A term is a record of functions. What it *measures* of features is a sum over their rows,
so that ``strips`` can add up parts of a picture; what that *costs* need not be. What a
picture is compared with and the weights are arguments of these functions, never constants:
another picture, style or weight runs the same compiled function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from keras import ops

from network.losses import functional, nearest, patches
from network.losses.settings import DOODLES, LossSettings

if TYPE_CHECKING:
    import numpy as np

    from network.losses.functional import Tensor
    from network.losses.patches import Votes

__all__ = [
    "Grams",
    "Targets",
    "Term",
    "content_term",
    "patch_term",
    "style_grams",
    "style_term",
    "temporal_term",
    "total_variation_term",
]

# So that a style weight of 1 suits the default weight of the content.
PATCH_SCALE, NEAREST_SCALE = 0.003, 500.0

LayerMasks: TypeAlias = "Mapping[str, np.ndarray]"  # {layer: float32 (h, w), 0 to 1}
Grams: TypeAlias = "Mapping[str, Tensor]"  # {layer: float32 (1, C, C)}
Features: TypeAlias = "Mapping[str, Tensor]"  # {layer: float32 (N, h, w, C)}


@dataclass(frozen=True)
class Targets:
    """What a picture is compared with, and where.

    Attributes:
        content: The content layer's features, float32 (1, h, w, C).
        grams: For every style its Gram matrices, or for each part of its region.
        masks: For every region of ``LossSettings.regions`` its masks; None: everywhere.
        size: Height and width of the working image.
        votes: For every style, where patches are matched, what they ask for.
        previous: Of a frame of a film: the last one's result, moved, float32 (1, height, width,
            3), and how reliable it is, float32 (1, height, width, 1).
    """

    content: Tensor
    grams: tuple[Grams, ...]
    masks: tuple[LayerMasks | None, ...] = (None,)
    size: tuple[int, int] = (1, 1)
    votes: tuple[Mapping[str, Votes], ...] = ()
    previous: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def pixels(self) -> float:
        """How many pixels the working image has."""
        return float(math.prod(self.size))


@dataclass(frozen=True)
class Term:
    """A part of the loss.

    Attributes:
        name: What progress and results call it.
        layers: The layers it looks at; empty: at the picture itself, whole.
        arguments: From targets and the rows in sight ({layer: slice}; None: all of them)
            to what ``measure`` compares with there.
        measure: From features (or the picture) and those arguments to tensors that
            add up over parts of a picture.
        cost: From their sums, the targets and the weight to a scalar.
    """

    name: str
    layers: tuple[str, ...]
    arguments: Callable[[Targets, Mapping[str, slice] | None], Any]
    measure: Callable[[Any, Any], Any]
    cost: Callable[[Any, Any, Any], Tensor]
    targets: Callable[[Targets], Any] = lambda targets: ()


def content_term(settings: LossSettings) -> Term:
    """``losses.functional.content_loss`` at the content layer."""
    layer = settings.content_layer

    def arguments(targets: Targets, rows: Mapping[str, slice] | None) -> Any:
        content = targets.content if rows is None else targets.content[:, rows[layer]]
        return content, targets.pixels

    def measure(features: Features, compared: Any) -> Tensor:
        target, size = compared
        return functional.content_loss(features[layer], target, size, settings.content_loss_type)

    return Term(
        "content", (layer,), arguments, measure, lambda sums, targets, weight: weight * sums
    )


def style_term(settings: LossSettings) -> Term:
    """The style loss of all layers and styles."""
    layer_weights = settings.style_layers

    def arguments(targets: Targets, rows: Mapping[str, slice] | None) -> Any:
        def of_region(masks: LayerMasks | None) -> Any:
            if masks is None:
                return None
            return {
                layer: functional.layer_mask(masks[layer], None if rows is None else rows[layer])
                for layer in (layer_weights if rows is None else rows)
                if layer in layer_weights
            }

        return tuple(map(of_region, targets.masks))

    def measure(features: Features, masks: Any) -> Any:
        layers = [layer for layer in features if layer in layer_weights]
        return tuple(style_grams(features, layers, mask, settings) for mask in masks)

    def cost(grams: Any, against: Any, weights: Sequence[Tensor]) -> Tensor:
        targets, size = against
        total = ops.zeros(())
        of_parts = [weight for weight in weights for _ in range(len(targets) // len(weights))]
        for layer, layer_weight in layer_weights.items():
            for region, target, weight in zip(settings.regions, targets, of_parts, strict=True):
                found = grams[region][layer]
                distance = (
                    functional.region_loss(found, target[layer])
                    if settings.style_loss in DOODLES
                    else functional.style_loss(found, target[layer], size)
                )
                total += weight * layer_weight * distance
        return total

    def targets(targets: Targets) -> Any:
        return targets.grams, targets.pixels

    return Term("style", tuple(layer_weights), arguments, measure, cost, targets)


def style_grams(
    features: Features, layers: Sequence[str], masks: Any, settings: LossSettings
) -> dict[str, Tensor]:
    """The Gram matrices of some layers, as a style loss has them.

    Args:
        features: Of a picture, or of some rows of it.
        layers: The style layers among them.
        masks: For every layer its ``functional.LayerMask``; None: everywhere.
        settings: The settings.

    Returns:
        {layer: (N, C, C)}.
    """
    return {
        layer: functional.gram_matrix(
            features[layer], masks and masks[layer], settings.shift, settings.mask_norm
        )
        for layer in layers
    }


def patch_term(settings: LossSettings) -> Term:
    """The loss to what was matched, of all layers and styles, by the working image's pixels.

    It is ``losses.patches.patch_loss``, or of the loss nearest ``losses.nearest.nearest_loss``,
    which looks at all layers at one size, and so at once.
    """
    layer_weights = settings.style_layers
    by_angle = settings.style_loss == "nearest"
    loss = nearest.nearest_loss if by_angle else patches.patch_loss
    scale = NEAREST_SCALE if by_angle else PATCH_SCALE

    def arguments(targets: Targets, rows: Mapping[str, slice] | None) -> Any:
        def in_sight(votes: Votes, layer: str) -> Any:
            seen = slice(None) if rows is None else rows[layer]
            return votes.target[:, seen], votes.weight[:, seen]

        return tuple(
            {
                layer: in_sight(votes, layer)
                for layer, votes in of_style.items()
                if rows is None or layer in rows
            }
            for of_style in targets.votes
        )

    def measure(features: Features, asked: Any) -> Any:
        seen = nearest.at_one_size(features, layer_weights) if by_angle else features
        return tuple(
            {layer: loss(seen[layer], *each) for layer, each in of_style.items()}
            for of_style in asked
        )

    def cost(sums: Any, against: Any, weights: Sequence[Tensor]) -> Tensor:
        spreads, size = against
        total = ops.zeros(())
        for found, spread, weight in zip(sums, spreads, weights, strict=True):
            for layer, layer_weight in layer_weights.items():
                total += weight * layer_weight * size * (found[layer] + spread[layer])
        return scale * total

    def targets(targets: Targets) -> Any:
        spreads = tuple(
            {layer: votes.spread for layer, votes in of_style.items()} for of_style in targets.votes
        )
        return spreads, targets.pixels

    return Term("style", tuple(layer_weights), arguments, measure, cost, targets)


def total_variation_term(seamless: bool = False) -> Term:
    """``losses.functional.total_variation_loss`` of the picture itself."""
    return Term(
        "tv",
        (),
        lambda targets, rows: (),
        lambda picture, _: functional.total_variation_loss(picture, seamless),
        lambda sums, targets, weight: weight * sums,
    )


def temporal_term() -> Term:
    """``losses.functional.temporal_loss`` of the picture itself."""
    return Term(
        "temporal",
        (),
        lambda targets, rows: targets.previous,
        lambda picture, previous: functional.temporal_loss(picture, *previous),
        lambda sums, targets, weight: weight * sums,
    )
