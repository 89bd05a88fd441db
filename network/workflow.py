"""The workflow of a transfer: sizes, start, minimisation, snapshots, saving.

Pictures, settings and the place to write to are checked before Keras is
loaded, which takes seconds: a mistake is told at once.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import network
from network import color, images, masks, startup, weights
from network.config import INIT_IMAGES, Style, TransferConfig, check_content_layer
from network.errors import ConfigError
from network.layers import block, layer_size, style_layer_weights
from network.results import Progress, Result

if TYPE_CHECKING:
    import os

    from network.images import ImageSource
    from network.lbfgs import Minimum

__all__ = ["loss_and_gradient", "transfer"]

Callback = Callable[[Progress], object]
Report = Callable[[str], object]


@dataclass(frozen=True)
class _Inputs:
    """The pictures as read, and the sizes that follow from them."""

    content: np.ndarray  # uint8 (rows, columns, 3) RGB
    styles: tuple[np.ndarray, ...]
    style_masks: tuple[masks.Mask | None, ...]
    content_mask: masks.Mask | None
    color_mask: masks.Mask | None
    init: np.ndarray | None
    height: int
    width: int
    seed: int


@dataclass(frozen=True)
class _Problem:
    """Everything that is needed to evaluate the loss."""

    start: np.ndarray  # float32 (1, height, width, 3), BGR less the mean
    evaluate: Callable[[np.ndarray], tuple[float, np.ndarray, dict[str, float]]]
    scope: AbstractContextManager[Any]


def transfer(
    content: ImageSource,
    styles: Sequence[Style],
    config: TransferConfig | None = None,
    prefix: str | os.PathLike[str] | None = None,
    callback: Callback | None = None,
    report: Report | None = None,
) -> Result:
    """Paint a picture in the manner of others.

    Args:
        content: The picture to paint: a path, a PIL image or a uint8 array
            (height, width, 3) RGB.
        styles: The pictures to paint like, one or more.
        config: The settings; None: all defaults.
        prefix: ``PREFIX_at_iteration_N.png`` is written after every iteration,
            its folder made where it is missing; None: nothing is written.
        callback: Is called with a ``Progress`` after every evaluation and once
            more at the end of every iteration.
        report: Is called with lines of text: device, model, weights, sizes.

    Returns:
        The last picture, the losses, the weights used and the files written.
        Ctrl-C ends the run early with the best picture so far.

    Raises:
        ConfigError: A setting does not fit the pictures or the machine.
        ImageError: A picture cannot be used.
        OutputError: The prefix cannot be written to.
        WeightsError: No weights for the model.
        StyleTransferError: The loss is not finite.
    """
    config = config or TransferConfig()
    tell = report or (lambda line: None)
    inputs = _load(content, styles, config)
    if prefix is not None:
        images.prepare_output(_output_path(prefix, 1))
    weights_file = weights.find(config.model, config.weights, report)
    check_content_layer(config.content_layer, weights_file.model)
    problem = _prepare(inputs, styles, config, weights_file, tell)
    return _minimize(problem, inputs, config, weights_file, prefix, callback)


def loss_and_gradient(
    content: ImageSource,
    styles: Sequence[Style],
    config: TransferConfig | None = None,
    image: np.ndarray | None = None,
) -> tuple[float, np.ndarray]:
    """The loss of an image, and its gradient.

    Args:
        content: As for ``transfer``.
        styles: As for ``transfer``.
        config: As for ``transfer``.
        image: Float array (1, rows, columns, 3), BGR less the mean
            (103.939, 116.779, 123.68); None: the image that a transfer starts from.

    Returns:
        The loss, and its gradient: float64, of the image's shape.

    Raises:
        ConfigError: A setting is wrong, or the image's shape.
        ImageError: A picture cannot be used.
        WeightsError: No weights for the model.
    """
    config = config or TransferConfig()
    inputs = _load(content, styles, config)
    shape = (1, inputs.height, inputs.width, 3)
    if image is not None and image.shape != shape:
        raise ConfigError(f"image: expected the shape {shape}, got {image.shape}", option="image")
    weights_file = weights.find(config.model, config.weights)
    check_content_layer(config.content_layer, weights_file.model)
    problem = _prepare(inputs, styles, config, weights_file, lambda line: None)
    with problem.scope:
        loss, gradient, _ = problem.evaluate(problem.start if image is None else image)
    return loss, gradient.reshape(shape)


def working_size(content: np.ndarray, config: TransferConfig) -> tuple[int, int]:
    """The (height, width) of the working image for a content picture."""
    rows, columns = content.shape[:2]
    if not config.maintain_aspect_ratio:
        return config.image_size, config.image_size
    return config.image_size, int(config.image_size * columns / rows)


def _load(content: ImageSource, styles: Sequence[Style], config: TransferConfig) -> _Inputs:
    """Read every picture and check that it can go through the network."""
    styles = [styles] if isinstance(styles, Style) else styles
    if not styles or not all(isinstance(style, Style) for style in styles):
        raise ConfigError(f"styles: expected one or more network.Style, got {styles!r}")
    picture = images.load(content)
    height, width = working_size(picture, config)
    least = 2 ** (block("conv5_1") - 1)
    if min(height, width) < least:
        rows = -(-least * config.image_size // max(min(height, width), 1))
        raise ConfigError(
            f"image_size: {config.image_size} rows make a working image of {height} x {width}; "
            f"the network's five blocks need {least} x {least}: use {rows} or more",
            option="image_size",
        )
    keyword = isinstance(config.init_image, str) and config.init_image in INIT_IMAGES

    def read_mask(source: ImageSource | None) -> masks.Mask | None:
        return None if source is None else masks.read(source, height, width)

    return _Inputs(
        content=picture,
        styles=tuple(images.load(style.image) for style in styles),
        style_masks=tuple(read_mask(style.mask) for style in styles),
        content_mask=read_mask(config.content_mask),
        color_mask=read_mask(config.color_mask),
        init=None if keyword else images.load(config.init_image),
        height=height,
        width=width,
        seed=secrets.randbits(32) if config.seed is None else config.seed,
    )


def _starts_from(config: TransferConfig, keyword: str) -> bool:
    """Whether ``init_image`` is exactly that word (an array has no truth to compare)."""
    return isinstance(config.init_image, str) and config.init_image == keyword


def _prepare(
    inputs: _Inputs,
    styles: Sequence[Style],
    config: TransferConfig,
    weights_file: weights.WeightsFile,
    tell: Report,
) -> _Problem:
    """Load Keras, build the network, compute the targets, compile the loss."""
    startup.import_keras()
    import keras

    from network import backend, objective, vgg

    height, width = inputs.height, inputs.width
    scope, device = backend.device_scope(config.device)
    tell(f"{keras.backend.backend()} on {device}")
    tell(f"{weights_file}")
    tell(f"content {_size(*inputs.content.shape[:2])}, working size {_size(height, width)}")

    def working_image(picture: np.ndarray) -> np.ndarray:
        return vgg.preprocess(images.resize(picture, height, width))

    gray = _starts_from(config, "gray")
    content = working_image(images.gray(inputs.content) if gray else inputs.content)
    layer_weights = style_layer_weights(weights_file.model, config.style_loss)
    sizes = {layer: layer_size(layer, height, width) for layer in layer_weights}

    def mask_layers(mask: masks.Mask | None) -> dict[str, np.ndarray] | None:
        return None if mask is None else masks.layer_masks(mask, sizes)

    content_mask = mask_layers(inputs.content_mask)
    style_inputs = []
    for style, picture, mask in zip(styles, inputs.styles, inputs.style_masks, strict=True):
        style_mask = mask_layers(mask)
        style_inputs.append(
            objective.StyleInput(
                vgg.preprocess(_style_picture(picture, inputs, config)),
                style.weight * config.style_scale,
                style_mask,
                style_mask if content_mask is None else content_mask,
            )
        )
    with scope:
        arrays = weights.load(weights_file.path, weights_file.model)
        features = vgg.feature_model(
            weights_file.model,
            tuple(dict.fromkeys([*layer_weights, config.content_layer])),
            arrays,
            config.pool_type,
        )
        targets = objective.compute_targets(
            features, content, style_inputs, weights_file.model, config
        )
        loss = objective.make_loss(features, targets, style_inputs, weights_file.model, config)
        evaluate = backend.value_and_grad(loss, content.shape)
    if _starts_from(config, "noise"):
        noise = np.random.default_rng(inputs.seed).uniform(0, 255, content.shape) - 128
        start = noise.astype(np.float32)
    else:
        start = content if inputs.init is None else working_image(inputs.init)
    return _Problem(start, evaluate, scope)


def _minimize(
    problem: _Problem,
    inputs: _Inputs,
    config: TransferConfig,
    weights_file: weights.WeightsFile,
    prefix: str | os.PathLike[str] | None,
    callback: Callback | None,
) -> Result:
    """Run the optimiser, and save and report what it finds."""
    from network import lbfgs, vgg

    shape = problem.start.shape
    losses: list[float] = []
    paths: list[Path] = []
    started = time.monotonic()
    picture = np.empty(0)

    def progress(point: Minimum, loss: float, terms: Mapping[str, float], **more: Any) -> None:
        if callback is not None:
            callback(
                Progress(
                    iteration=point.iteration,
                    num_iterations=config.num_iter,
                    evaluation=point.evaluations,
                    num_evaluations=config.num_iter * lbfgs.EVALUATIONS_PER_ITERATION,
                    loss=loss,
                    terms=terms,
                    seconds=time.monotonic() - started,
                    **more,
                )
            )

    def end_iteration(point: Minimum) -> str | None:
        nonlocal picture
        improvement = None
        if losses:
            improvement = (losses[-1] - point.loss) / (abs(losses[-1]) or 1.0) * 100
        losses.append(point.loss)
        picture = _finish(vgg.deprocess(point.vector.reshape(shape)), inputs, config)
        path = None
        if prefix is not None:
            path = _output_path(prefix, point.iteration)
            images.save(picture, path, _metadata(config, weights_file, inputs, losses))
            paths.append(path)
        progress(point, point.loss, point.terms, image=picture, path=path, improvement=improvement)
        if improvement is not None and improvement < config.min_improvement:
            return (
                f"iteration {point.iteration} improved the loss by {improvement:.3g}%, "
                f"less than min_improvement ({config.min_improvement:g}%)"
            )
        return None

    bounds = None
    if config.optimizer == "lbfgs":
        low, high = (
            np.broadcast_to(bound, shape).ravel().astype(np.float64) for bound in vgg.PIXEL_BOUNDS
        )
        bounds = low, high
    with problem.scope:
        minimum = lbfgs.minimize(
            problem.evaluate,
            problem.start.ravel().astype(np.float64),
            num_iterations=config.num_iter,
            bounds=bounds,
            restart=config.optimizer == "inetwork",
            on_evaluation=progress,
            on_iteration=end_iteration,
        )
        if len(losses) < minimum.iteration:  # ended within an iteration
            end_iteration(minimum)
    return Result(
        image=picture,
        losses=tuple(losses),
        terms=minimum.terms,
        weights=weights_file,
        evaluations=minimum.evaluations,
        seconds=time.monotonic() - started,
        paths=tuple(paths),
        seed=inputs.seed,
        stop_reason=minimum.reason,
        interrupted=minimum.reason == lbfgs.INTERRUPTED,
    )


def _style_picture(picture: np.ndarray, inputs: _Inputs, config: TransferConfig) -> np.ndarray:
    """A style at the working size, in the content's colours where they are asked for."""
    resized = images.resize(picture, inputs.height, inputs.width)
    match = {
        "histogram": color.match_histograms,
        "matched": color.match_mean_and_covariance,
    }.get(str(config.preserve_color))
    if match is None:
        return resized
    return match(resized, images.resize(inputs.content, inputs.height, inputs.width))


def _finish(picture: np.ndarray, inputs: _Inputs, config: TransferConfig) -> np.ndarray:
    """The working picture with the colours and at the size it is saved with."""
    if config.preserve_color == "luminance":
        mask = None if inputs.color_mask is None else inputs.color_mask.at(*picture.shape[:2])
        picture = color.keep_luminance(picture, inputs.content, mask)
    rows, columns = inputs.content.shape[:2]
    height, width = picture.shape[:2]
    if config.rescale_image:
        height, width = rows, columns
    elif not config.maintain_aspect_ratio:
        width = max(int(height * columns / rows), 1)
    return images.resize(picture, height, width, config.rescale_method)


def _output_path(prefix: str | os.PathLike[str], iteration: int) -> Path:
    return Path(f"{prefix}_at_iteration_{iteration}.png")


def _metadata(
    config: TransferConfig,
    weights_file: weights.WeightsFile,
    inputs: _Inputs,
    losses: Sequence[float],
) -> dict[str, str]:
    """What a saved picture tells of its making."""
    settings = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    settings["seed"] = inputs.seed
    for option in ("init_image", "content_mask", "color_mask"):
        if settings[option] is not None:
            settings[option] = images.describe(settings[option])
    return {
        "Software": f"INetwork {network.__version__}",
        "Settings": json.dumps(settings, default=str),
        "Weights": f"{weights_file}, sha256 {weights_file.sha256}",
        "Losses": json.dumps(list(losses)),
    }


def _size(height: int, width: int) -> str:
    return f"{height} x {width}"
