"""From pictures to a loss: targets once, then image -> loss and its named terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from keras import ops

from network import losses
from network.layers import style_layer_weights

if TYPE_CHECKING:
    import keras

    from network.config import TransferConfig
    from network.losses import Tensor

__all__ = ["StyleInput", "Targets", "compute_targets", "make_loss"]

Masks = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class StyleInput:
    """A style picture ready for the network.

    Attributes:
        image: float32 (1, height, width, 3), BGR less the mean.
        weight: Its weight, the style scale included.
        style_mask: {layer: (h, w) of 0 and 1} for the style's own features.
        image_mask: The same for the generated image's; None: everywhere.
    """

    image: np.ndarray
    weight: float
    style_mask: Masks | None = None
    image_mask: Masks | None = None


@dataclass(frozen=True)
class Targets:
    """What the generated image is compared with.

    Attributes:
        content: The content layer's features, (1, h, w, C).
        grams: For every style, {layer: (C, C)}.
    """

    content: Tensor
    grams: tuple[Mapping[str, Tensor], ...]


def compute_targets(
    features: keras.Model,
    content: np.ndarray,
    styles: Sequence[StyleInput],
    model: str,
    config: TransferConfig,
) -> Targets:
    """Run content and styles through the network, once.

    Whatever the convolutions' precision, targets and losses are float32.

    Args:
        features: The feature model, with the style layers and the content layer.
        content: float32 (1, height, width, 3), BGR less the mean.
        styles: The styles, at any size.
        model: vgg16 or vgg19.
        config: The settings.
    """
    style_layers = style_layer_weights(model, config.style_loss)
    grams = []
    for style in styles:
        outputs = features(style.image)
        grams.append(
            {layer: _gram(outputs, layer, style.style_mask, config) for layer in style_layers}
        )
    return Targets(_float32(features(content)[config.content_layer]), tuple(grams))


def make_loss(
    features: keras.Model,
    targets: Targets,
    styles: Sequence[StyleInput],
    model: str,
    config: TransferConfig,
) -> Callable[[Tensor], tuple[Tensor, dict[str, Tensor]]]:
    """The function to minimise.

    Returns:
        image, float32 (1, height, width, 3) -> its loss and the loss's weighted
        terms, "content", "style" and "tv".
    """
    layer_weights = style_layer_weights(model, config.style_loss)

    def loss(image: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        size = image.shape[1] * image.shape[2]
        outputs = features(image)
        style = ops.zeros(())
        for layer, layer_weight in layer_weights.items():
            # Styles that look at the same part of the image share its Gram matrix.
            grams: dict[int, Tensor] = {}
            for inputs, target in zip(styles, targets.grams, strict=True):
                key = id(inputs.image_mask)
                if key not in grams:
                    grams[key] = _gram(outputs, layer, inputs.image_mask, config)
                distance = losses.style_loss(grams[key], target[layer], size)
                style += inputs.weight * layer_weight * distance
        terms = {
            "content": config.content_weight
            * losses.content_loss(
                _float32(outputs[config.content_layer]),
                targets.content,
                size,
                config.content_loss_type,
            ),
            "style": style,
            "tv": config.total_variation_weight * losses.total_variation_loss(image),
        }
        return terms["content"] + terms["style"] + terms["tv"], terms

    return loss


def _gram(
    outputs: Mapping[str, Tensor], layer: str, masks: Masks | None, config: TransferConfig
) -> Tensor:
    return losses.gram_matrix(
        _float32(outputs[layer]),
        None if masks is None else masks[layer],
        shift=1.0 if config.style_loss == "chained" else 0.0,
        by_area=config.mask_norm == "area",
    )


def _float32(features: Tensor) -> Tensor:
    return ops.cast(features, "float32")
