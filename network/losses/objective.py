"""From pictures to a loss: targets once, then image -> loss and its named terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from keras import ops

from network.compute import backend
from network.features.layers import style_layer_weights
from network.losses import functional

if TYPE_CHECKING:
    import keras

    from network.config import TransferConfig
    from network.losses.functional import Tensor

__all__ = [
    "StyleInput",
    "Targets",
    "compute_targets",
    "content_term",
    "image_grams",
    "make_loss",
    "style_term",
    "tv_term",
    "value_and_grad",
]

Masks = Mapping[str, np.ndarray]
Grams: TypeAlias = "dict[str, Tensor]"


@dataclass(frozen=True)
class StyleInput:
    """A style picture ready for the network.

    Attributes:
        image: float32 (1, height, width, 3), BGR less the mean.
        weight: Its weight, the style scale included.
        style_mask: {layer: (h, w) of 0 to 1} for the style's own features.
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
            {
                layer: _gram(outputs[layer], layer, style.style_mask, config)
                for layer in style_layers
            }
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
        grams = image_grams(outputs, layer_weights, styles, config)
        terms = {
            "content": content_term(outputs[config.content_layer], targets.content, size, config),
            "style": style_term(grams, targets, styles, layer_weights, size, config),
            "tv": tv_term(image, config),
        }
        return terms["content"] + terms["style"] + terms["tv"], terms

    return loss


def value_and_grad(
    features: keras.Model,
    targets: Targets,
    styles: Sequence[StyleInput],
    model: str,
    config: TransferConfig,
    shape: tuple[int, ...],
) -> Callable[[np.ndarray], backend.Evaluation]:
    """``make_loss`` and its gradient for SciPy, as ``backend.value_and_grad`` compiles them."""
    return backend.value_and_grad(make_loss(features, targets, styles, model, config), shape)


def image_grams(
    outputs: Mapping[str, Tensor],
    layers: Iterable[str],
    styles: Sequence[StyleInput],
    config: TransferConfig,
    rows: slice | None = None,
) -> Grams:
    """The generated image's Gram matrices.

    Args:
        outputs: {layer: features, (1, h, w, C)}, of the whole image or of some rows.
        layers: The style layers among them.
        styles: The styles; those that look at the same part of the image share its
            Gram matrix.
        config: The settings.
        rows: The rows of the whole that ``outputs`` has; None: all.

    Returns:
        {layer and index of the first style of a mask, "conv1_1/0": (C, C)}.
    """
    grams = {}
    for index in sorted(set(_shared_masks(styles))):
        masks = styles[index].image_mask
        for layer in layers:
            grams[f"{layer}/{index}"] = _gram(outputs[layer], layer, masks, config, rows)
    return grams


def style_term(
    grams: Grams,
    targets: Targets,
    styles: Sequence[StyleInput],
    layer_weights: Mapping[str, float],
    size: int,
    config: TransferConfig,
) -> Tensor:
    """The weighted style loss of all layers and styles, a scalar; for ``image_grams``."""
    of_regions = config.style_loss in ("doodle", "doodle_plain")
    value = ops.zeros(())
    for layer, layer_weight in layer_weights.items():
        for style, target, index in zip(styles, targets.grams, _shared_masks(styles), strict=True):
            gram = grams[f"{layer}/{index}"]
            distance = (
                functional.region_loss(gram, target[layer])
                if of_regions
                else functional.style_loss(gram, target[layer], size)
            )
            value += style.weight * layer_weight * distance
    return value


def content_term(features: Tensor, target: Tensor, size: int, config: TransferConfig) -> Tensor:
    """The weighted content loss, a scalar; those of parts add up to the whole's."""
    return config.content_weight * functional.content_loss(
        _float32(features), target, size, config.content_loss_type
    )


def tv_term(image: Tensor, config: TransferConfig) -> Tensor:
    """The weighted total variation, a scalar."""
    return config.total_variation_weight * functional.total_variation_loss(image)


def _shared_masks(styles: Sequence[StyleInput]) -> list[int]:
    """For every style the index of the first one with the same mask on the image."""
    first: dict[int, int] = {}
    return [first.setdefault(id(style.image_mask), i) for i, style in enumerate(styles)]


def _gram(
    features: Tensor,
    layer: str,
    masks: Masks | None,
    config: TransferConfig,
    rows: slice | None = None,
) -> Tensor:
    mask = None
    share = 1.0
    if masks is not None:
        mask = masks[layer] if rows is None else masks[layer][rows]
        share = float(masks[layer].mean()) or 1.0  # an empty mask has an empty Gram matrix
    shift = 1.0 if config.style_loss in ("chained", "doodle") else 0.0
    inside = share if mask is not None and config.mask_norm == "area" else None
    gram = functional.gram_matrix(_float32(features), mask, shift, inside)
    return gram / share if config.mask_norm == "mean" else gram


def _float32(features: Tensor) -> Tensor:
    return ops.cast(features, "float32")
