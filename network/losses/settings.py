"""What an objective is made of, and what its terms weigh; nothing here knows of Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from network.features.layers import style_layer_weights

__all__ = ["DOODLES", "LossSettings", "Weights"]

DOODLES = ("doodle", "doodle_plain")  # style losses of regions, each on its own


@dataclass(frozen=True)
class LossSettings:
    """What the compiled objective is made of, the same for every picture and weight.

    Attributes:
        model: vgg16 or vgg19.
        content_layer: The layer that holds the content.
        content_loss_type: 0, 1 or 2.
        style_loss: One of ``choices.STYLE_LOSSES``.
        mask_norm: none, area or mean.
        regions: For every style the number of the mask it has on the picture, or of each of
            the masks of its region's parts; styles that look at the same part of it share
            its Gram matrices.
        patch_layers: The layers of the loss patch.
        temporal: Whether it has a frame before it to be like.
        seamless: Whether the picture's edges meet.
    """

    model: str
    content_layer: str
    content_loss_type: int
    style_loss: str
    mask_norm: str
    regions: tuple[int, ...] = (0,)
    patch_layers: tuple[str, ...] = ()
    temporal: bool = False
    seamless: bool = False

    @property
    def shift(self) -> float:
        """What is subtracted from activations before their Gram matrix."""
        return 1.0 if self.style_loss in ("chained", "doodle") else 0.0

    @property
    def style_layers(self) -> Mapping[str, float]:
        """The style layers and the weight of each."""
        return style_layer_weights(self.model, self.style_loss, self.patch_layers)

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that is looked at."""
        return tuple(dict.fromkeys([*self.style_layers, self.content_layer]))


@dataclass(frozen=True)
class Weights:
    """How much each term counts; ``style`` has one for every style, no ``temporal`` is no term."""

    content: float
    style: tuple[float, ...]
    tv: float
    temporal: float | None = None

    def arguments(self) -> dict[str, Any]:
        """For every term its weight as float32, for a compiled function."""
        found = {
            "content": np.float32(self.content),
            "style": tuple(np.float32(weight) for weight in self.style),
            "tv": np.float32(self.tv),
        }
        return found if self.temporal is None else {**found, "temporal": np.float32(self.temporal)}
