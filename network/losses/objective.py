"""The objective: targets once, then (picture, targets, weights) -> loss and its terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from network.compute import backend
from network.features.layers import MATCHED
from network.losses import functional, terms
from network.losses.terms import Targets, Term

if TYPE_CHECKING:
    from network.features.extractor import Extractor
    from network.losses.functional import Tensor
    from network.losses.settings import LossSettings
    from network.losses.terms import Grams, LayerMasks

__all__ = [
    "Objective",
    "arguments",
    "compile_objective",
    "make_loss",
    "make_terms",
    "measure_content",
    "measure_layers",
    "measure_style",
]

# From picture (1, h, w, 3), targets and weights as ``arguments`` has them to the loss,
# its terms and its gradient.
Objective = Callable[..., tuple[Any, dict[str, Any], Any]]


def make_terms(settings: LossSettings) -> tuple[Term, ...]:
    """The terms of a transfer's loss."""
    style_term = terms.patch_term if settings.style_loss in MATCHED else terms.style_term
    smoothness = terms.total_variation_term(settings.seamless)
    found = terms.content_term(settings), style_term(settings), smoothness
    return (*found, terms.temporal_term()) if settings.temporal else found


def make_loss(
    extractor: Extractor, parts: tuple[Term, ...]
) -> Callable[[Tensor, Any, Any], tuple[Tensor, dict[str, Tensor]]]:
    """The function to minimise.

    Returns:
        image, float32 (N, height, width, 3), targets and weights as ``arguments`` has
        them -> the loss and its weighted terms by name.
    """

    def loss(image: Tensor, targets: Any, weights: Any) -> tuple[Tensor, dict[str, Tensor]]:
        features = extractor(image)
        costs = {}
        for term in parts:
            compared, against = targets[term.name]
            sums = term.measure(features if term.layers else image, compared)
            costs[term.name] = term.cost(sums, against, weights[term.name])
        return sum(costs.values()), costs

    return loss


def compile_objective(
    extractor: Extractor, settings: LossSettings, size: tuple[int, int] | None = None
) -> Objective:
    """``make_loss`` and its gradient, compiled at the first call; ``size`` is for ``strips``."""
    return backend.value_and_grad(make_loss(extractor, make_terms(settings)), any_size=True)


def arguments(extractor: Extractor, settings: LossSettings, targets: Targets) -> Any:
    """The targets as ``compile_objective``'s function takes them.

    Returns:
        For every term tensors to measure with, and others to compare with.
    """
    return {
        term.name: backend.tensors((term.arguments(targets, None), term.targets(targets)))
        for term in make_terms(settings)
    }


def measure_content(extractor: Extractor, picture: np.ndarray, settings: LossSettings) -> Tensor:
    """The content layer's features, float32 (1, h, w, C), of a preprocessed picture."""
    layer = settings.content_layer
    return measure_layers(extractor, picture, (layer,))[layer]


def measure_layers(
    extractor: Extractor, picture: np.ndarray, layers: Sequence[str]
) -> dict[str, Tensor]:
    """Some layers' features, {layer: float32 (1, h, w, C)}, of a preprocessed picture."""
    features = extractor(picture)
    return {layer: ops.cast(features[layer], "float32") for layer in layers}


def measure_style(
    extractor: Extractor, picture: np.ndarray, masks: LayerMasks | None, settings: LossSettings
) -> Grams:
    """A style's Gram matrices, {layer: float32 (1, C, C)}.

    Args:
        extractor: With the style layers.
        picture: float32 (1, height, width, 3), BGR less the mean.
        masks: Its own, {layer: (h, w) of 0 to 1}; None: everywhere.
        settings: The settings.
    """
    layers = tuple(settings.style_layers)
    prepared = None
    if masks is not None:
        prepared = {layer: functional.layer_mask(masks[layer]) for layer in layers}
    return terms.style_grams(extractor(picture), layers, backend.tensors(prepared), settings)
