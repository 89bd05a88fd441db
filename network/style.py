"""A style: its picture, how much it counts, and where it applies."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from network.errors import StyleTransferWarning
from network.options import Option, same

if TYPE_CHECKING:
    from network.losses.targets import StyleTargets
    from network.pictures import ImageSource
    from network.pictures.masks import Mask

__all__ = ["MASK_OPTIONS", "STYLE_WEIGHT", "Style", "style_weights"]

# Its masks, and the options that give one to each style.
MASK_OPTIONS = {"mask": "style_masks", "image_mask": "image_masks"}
STYLE_WEIGHT = Option("style_weight", float, 1.0, minimum=0)


@dataclass(frozen=True)
class Style:
    """A style picture, its weight, and the mask that limits it.

    Args:
        image: A path, a PIL image or a uint8 array (height, width, 3) RGB; or what
            ``Session.style_targets`` measured, itself or the path of its .npz file.
        weight: How much this style counts, 0 or more.
        mask: White where the style applies; auto:NUMBER: one of the regions of the setting
            ``auto_masks``; None: everywhere.
        image_mask: White where the generated image gets the style, if that is not
            where ``mask`` is; it goes before ``content_mask``.
        guide: What the content is compared with in the place of ``image``, whose patches
            are taken; of the same size. With ``style_loss`` patch and a
            ``semantic_weight``.

    Raises:
        ConfigError: ``weight`` is not a finite number of 0 or more.
    """

    image: ImageSource | StyleTargets
    weight: float = STYLE_WEIGHT.default
    mask: ImageSource | Mask | None = None
    image_mask: ImageSource | Mask | None = None
    guide: ImageSource | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", STYLE_WEIGHT.check(self.weight))

    def __eq__(self, other: object) -> bool:
        return same(self, other)


def style_weights(weights: Sequence[float], num_styles: int) -> tuple[float, ...]:
    """Give every style its weight, as INetwork shares them out.

    Args:
        weights: As many as styles; one, or a wrong count, is shared equally.
        num_styles: How many styles there are.

    Returns:
        One weight per style, before ``style_scale``.
    """
    if len(weights) == num_styles:
        return tuple(weights)
    share = sum(weights) / num_styles
    if len(weights) != 1:
        warnings.warn(
            f"style_weight: {len(weights)} weights for {num_styles} styles; "
            f"each style gets their sum's share, {share:g}. Give one weight, or one per style.",
            StyleTransferWarning,
            stacklevel=2,
        )
    return (share,) * num_styles
