"""A step of a training: the loss of a batch of crops, its gradient, and Adam."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import keras
import numpy as np
from keras import ops

from network.compute import backend
from network.fast import adam, model, perceptual
from network.fast.architecture import FEATURES_LAYER, Architecture
from network.fast.names import RECONSTRUCT, REPAINT
from network.fast.training import TrainingSettings

__all__ = ["Batch", "Outcome", "Step", "compiled_step"]

Tensor: TypeAlias = Any
State: TypeAlias = dict[str, Any]
Step: TypeAlias = Callable[[State, "Batch", float], tuple[State, "Outcome"]]

PIXEL_NORM = 64.0**2  # about the variance of a photo's pixels
GRID = 100.0  # what a grid counts where the photo is aimed at, beside other errors of pixels


class Batch(NamedTuple):
    """Crops and what each is to become.

    Attributes:
        crops: float32 (N, size, size, 3) RGB, 0 to 255.
        chosen: int32 (N,), the row of each.
        grams: {layer: float32 (N, C, C)}.
        norms: {layer or term: float32 (N,)}.
        weights: float32 (N,), of the style; 0: the photo as it is.
        moved: bool (N,), which are looked at from one pixel aside.
        reduced: float32 (N, size / 4, size / 4, 3), to be enlarged to the crops; None: the
            crops themselves are to be painted.
    """

    crops: np.ndarray
    chosen: np.ndarray
    grams: Mapping[str, np.ndarray]
    norms: Mapping[str, np.ndarray]
    weights: np.ndarray
    moved: np.ndarray
    reduced: np.ndarray | None = None


class Outcome(NamedTuple):
    """What a step found: the terms' means, not weighted, and whether all was finite."""

    content: float
    style: float
    finite: bool


def compiled_step(
    architecture: Architecture,
    features: perceptual.Features,
    precision: str,
    settings: TrainingSettings,
) -> Step:
    """A step, (state, batch, learning rate) to (state, outcome).

    Args:
        architecture: The network's sizes.
        features: The network that looks.
        precision: float32 or bfloat16.
        settings: Which parameters are trained, and how far a step goes.
    """
    gradient = backend.value_and_grad(_loss(architecture, features, precision, settings))
    update = backend.compiled(
        lambda state, gradients, value, rate: adam.step(
            state, gradients, value, rate, settings.clip
        )
    )

    def step(state: State, batch: Batch, rate: float) -> tuple[State, Outcome]:
        parameters = state["parameters"]
        trained, frozen = parameters, {}
        if settings.rows_alone:
            trained, frozen = {"rows": parameters["rows"]}, {"trunk": parameters["trunk"]}
        value, terms, gradients = gradient(trained, frozen, *backend.tensors(batch))
        if settings.rows_alone:
            zeros = keras.tree.map_structure(ops.zeros_like, parameters["trunk"])
            gradients = {**gradients, "trunk": zeros}
        state, finite = update(state, gradients, value, ops.convert_to_tensor(rate, "float32"))
        content, style = (ops.convert_to_numpy(terms[name]) for name in ("content", "style"))
        styled = style[batch.weights > 0]
        mean = float(styled.mean()) if styled.size else float("nan")
        return state, Outcome(float(content.mean()), mean, bool(finite))

    return step


def _loss(
    architecture: Architecture,
    features: perceptual.Features,
    precision: str,
    settings: TrainingSettings,
) -> Any:
    """The mean over a batch of all terms, as ``backend.value_and_grad`` takes it."""
    smoothness, style_loss = settings.total_variation_weight, settings.style_loss

    def loss(
        trained: Mapping[str, Any],
        frozen: Mapping[str, Any],
        crops: Any,
        chosen: Any,
        targets: Mapping[str, Any],
        norms: Mapping[str, Any],
        weights: Any,
        moved: Any,
        reduced: Any,
    ) -> tuple[Any, dict[str, Any]]:
        parameters = {**frozen, **trained}
        table = parameters["rows"]
        picked = ops.one_hot(chosen, table.shape[0], dtype="float32")  # (N, rows)
        rows = ops.tensordot(picked, table, axes=1)  # (N, 2, C)
        given = crops if reduced is None else reduced
        if architecture.task == RECONSTRUCT:
            given = features(crops, FEATURES_LAYER)[FEATURES_LAYER]
        painted = model.paint(architecture, parameters["trunk"], rows, given, precision)
        painted, crops = (perceptual.aside(each, moved) for each in (painted, crops))
        if architecture.task == REPAINT:
            content = features(crops, perceptual.CONTENT_LAYER)[perceptual.CONTENT_LAYER]
            each = perceptual.losses(features(painted), content, targets, norms, style_loss)
        else:
            kept = perceptual.detail_loss(features, crops, painted, norms)
            kept += GRID * perceptual.gridded(painted - crops) / PIXEL_NORM
            each = kept, ops.zeros_like(kept)
        # Features alone leave colours open, which a style decides, but a photo must keep.
        strayed = ops.mean(ops.square(painted - crops), axis=(1, 2, 3)) / PIXEL_NORM
        kept = each[0] + ops.where(weights == 0, strayed, 0.0)
        rough = smoothness * perceptual.roughness(painted) / PIXEL_NORM
        total = ops.mean(kept + ops.where(weights == 0, 0.0, weights * each[1] + rough))
        return total, {"content": kept, "style": each[1]}

    return loss
