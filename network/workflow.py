"""The workflow of a transfer: sizes, start, minimisation, snapshots, saving.

Pictures, settings and the place to write to are checked before Keras is
loaded, which takes seconds: a mistake is told at once.
"""

from __future__ import annotations

import dataclasses
import json
import math
import secrets
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network import __version__, color, images, masks, memory, scales, startup, weights
from network.config import INIT_IMAGES, Style, TransferConfig, check_content_layer
from network.errors import ConfigError, StyleTransferWarning
from network.layers import LEAST_SIDE, layer_size, style_layer_weights
from network.results import INTERRUPTED, Progress, Result

if TYPE_CHECKING:
    import os

    import keras

    from network.images import ImageSource
    from network.lbfgs import Minimum

__all__ = ["loss_and_gradient", "transfer"]

REFERENCE_ROWS = 400  # INetwork's default size, at which its weights balance

Callback = Callable[[Progress], object]
Report = Callable[[str], object]


@dataclass(frozen=True)
class _Inputs:
    """The pictures as read, and the sizes that follow from them."""

    content: np.ndarray  # uint8 (rows, columns, 3) RGB
    styles: tuple[np.ndarray, ...]
    style_masks: tuple[masks.Mask | None, ...]
    image_masks: tuple[masks.Mask | None, ...]  # of each style, where it is to appear
    content_mask: masks.Mask | None
    color_mask: masks.Mask | None
    init: np.ndarray | None
    height: int
    width: int
    seed: int


@dataclass(frozen=True)
class _Problem:
    """Everything that is needed to evaluate the loss at one scale."""

    content: np.ndarray  # float32 (1, height, width, 3), BGR less the mean
    evaluate: Callable[[np.ndarray], tuple[float, np.ndarray, dict[str, float]]]


@dataclass(frozen=True)
class _Network:
    """The feature model, and where it runs."""

    features: keras.Model
    model: str
    scope: Callable[[], AbstractContextManager[Any]]
    memory: memory.Plan


def transfer(
    content: ImageSource,
    styles: Sequence[Style] | Style,
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
    styles = (styles,) if isinstance(styles, Style) else tuple(styles)
    tell = report or (lambda line: None)
    inputs = _load(content, styles, config)
    if prefix is not None:
        images.prepare_output(_output_path(prefix, 1))
    weights_file = weights.find(config.model, config.weights, report)
    check_content_layer(config.content_layer, weights_file.model)
    network = _load_network(inputs, config, weights_file, tell)
    return _minimize(network, inputs, styles, config, weights_file, prefix, callback)


def loss_and_gradient(
    content: ImageSource,
    styles: Sequence[Style] | Style,
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
    styles = (styles,) if isinstance(styles, Style) else tuple(styles)
    inputs = _load(content, styles, config)
    shape = (1, inputs.height, inputs.width, 3)
    if image is not None and image.shape != shape:
        raise ConfigError(f"image: expected the shape {shape}, got {image.shape}", option="image")
    weights_file = weights.find(config.model, config.weights)
    check_content_layer(config.content_layer, weights_file.model)
    network = _load_network(inputs, config, weights_file, lambda line: None)
    with network.scope():
        problem = _problem(network, inputs, styles, config, inputs.height, inputs.width)
        loss, gradient, _ = problem.evaluate(
            _start(problem, inputs, config) if image is None else image
        )
    return loss, gradient.reshape(shape)


def working_size(content: np.ndarray, config: TransferConfig) -> tuple[int, int]:
    """The (height, width) of the working image for a content picture."""
    rows, columns = content.shape[:2]
    if not config.maintain_aspect_ratio:
        return config.image_size, config.image_size
    return config.image_size, int(config.image_size * columns / rows)


def _load(content: ImageSource, styles: Sequence[Style], config: TransferConfig) -> _Inputs:
    """Read every picture and check that it can go through the network."""
    if not styles or not all(isinstance(style, Style) for style in styles):
        raise ConfigError(f"styles: expected one or more network.Style, got {styles!r}")
    picture = images.load(content)
    height, width = working_size(picture, config)
    if min(height, width) < LEAST_SIDE:
        rows = LEAST_SIDE
        if config.maintain_aspect_ratio:  # columns are rows * columns / rows of the content
            rows = max(rows, math.ceil(rows * picture.shape[0] / picture.shape[1]))
        raise ConfigError(
            f"image_size: {config.image_size} rows make a working image of {height} x {width}; "
            f"the network's five blocks need {LEAST_SIDE} x {LEAST_SIDE}: use {rows} or more",
            option="image_size",
        )

    def read_mask(source: ImageSource | masks.Mask | None) -> masks.Mask | None:
        return None if source is None else masks.read(source, height, width)

    return _Inputs(
        content=picture,
        styles=tuple(images.load(style.image) for style in styles),
        style_masks=tuple(read_mask(style.mask) for style in styles),
        image_masks=tuple(read_mask(style.image_mask) for style in styles),
        content_mask=read_mask(config.content_mask),
        color_mask=read_mask(config.color_mask),
        init=None if _starts_from(config, *INIT_IMAGES) else images.load(config.init_image),
        height=height,
        width=width,
        seed=secrets.randbits(32) if config.seed is None else config.seed,
    )


def _starts_from(config: TransferConfig, *keywords: str) -> bool:
    """Whether ``init_image`` is exactly one of the words (an array has no truth to compare)."""
    return isinstance(config.init_image, str) and config.init_image in keywords


def _load_network(
    inputs: _Inputs, config: TransferConfig, weights_file: weights.WeightsFile, tell: Report
) -> _Network:
    """Load Keras and build the network."""
    startup.import_keras()
    import keras

    from network import backend, vgg

    scope, device = backend.device_scope(config.device)
    tell(f"{keras.backend.backend()} on {device}, {config.precision}")
    tell(f"{weights_file}")
    tell(
        f"content {_size(*inputs.content.shape[:2])}, "
        f"working size {_size(inputs.height, inputs.width)}"
    )
    plan = memory.plan(
        inputs.height, inputs.width, weights_file.model, config, on_cpu=device.startswith("CPU")
    )
    tell(f"{plan}")
    layer_weights = style_layer_weights(weights_file.model, config.style_loss)
    with scope():
        if config.precision == "bfloat16" and (speed := backend.bfloat16_speed_up()) < 1:
            warnings.warn(
                f"precision bfloat16 is {1 / speed:.1f} times slower than float32 on this "
                "machine, by a matrix product just measured; use --precision float32",
                StyleTransferWarning,
                stacklevel=2,
            )
        features = vgg.feature_model(
            weights_file.model,
            tuple(dict.fromkeys([*layer_weights, config.content_layer])),
            weights.load(weights_file.path, weights_file.model),
            config.pool_type,
            config.precision,
        )
    return _Network(features, weights_file.model, scope, plan)


def _problem(
    network: _Network,
    inputs: _Inputs,
    styles: Sequence[Style],
    config: TransferConfig,
    height: int,
    width: int,
) -> _Problem:
    """Compute the targets at a size and compile the loss."""
    from network import objective, strips, vgg

    layer_weights = style_layer_weights(network.model, config.style_loss)
    sizes = {layer: layer_size(layer, height, width) for layer in layer_weights}

    def mask_layers(mask: masks.Mask | None) -> dict[str, np.ndarray] | None:
        if mask is None:
            return None
        if config.mask_pooling == "average":
            return masks.averaged_layer_masks(mask, network.model, height, width)
        return masks.layer_masks(mask, sizes)

    weighed = _weigh_by_size(config, inputs, height, width)
    content_mask = mask_layers(inputs.content_mask)
    style_inputs = []
    for style, picture, mask, own_image_mask in zip(
        styles, inputs.styles, inputs.style_masks, inputs.image_masks, strict=True
    ):
        style_mask = mask_layers(mask)
        image_mask = style_mask if content_mask is None else content_mask
        style_inputs.append(
            objective.StyleInput(
                vgg.preprocess(_style_picture(picture, inputs, config, height, width)),
                style.weight * weighed.style_scale,
                style_mask,
                image_mask if own_image_mask is None else mask_layers(own_image_mask),
            )
        )
    picture = images.gray(inputs.content) if _starts_from(config, "gray") else inputs.content
    content = vgg.preprocess(images.resize(picture, height, width))
    way = strips if network.memory.low_memory else objective
    targets = way.compute_targets(network.features, content, style_inputs, network.model, weighed)
    evaluate = way.value_and_grad(
        network.features, targets, style_inputs, network.model, weighed, content.shape
    )
    return _Problem(content, evaluate)


def _weigh_by_size(
    config: TransferConfig, inputs: _Inputs, height: int, width: int
) -> TransferConfig:
    """The weights that keep the balance of the terms at another size.

    The sums over content and steps between pixels grow with the number of pixels,
    the style term does not, but a doodle's does with its square. So at a scale they
    are weighed by full size / scale, and with ``size_invariant`` by the size at 400
    rows / scale.
    """
    rows, columns = inputs.height, inputs.width
    if config.size_invariant:
        rows, columns = REFERENCE_ROWS, round(REFERENCE_ROWS * columns / rows)
    ratio = rows * columns / (height * width)
    # Content loss types 1 and 2 are divided by the root of the size, and by the size.
    content_ratio = ratio ** (1.0, 0.5, 0.0)[config.content_loss_type]
    style_ratio = ratio**2 if config.style_loss in ("doodle", "doodle_plain") else 1.0
    return dataclasses.replace(
        config,
        style_scale=config.style_scale * style_ratio,
        content_weight=config.content_weight * content_ratio,
        total_variation_weight=config.total_variation_weight * ratio,
    )


def _start(problem: _Problem, inputs: _Inputs, config: TransferConfig) -> np.ndarray:
    """The image to start from, at the problem's size."""
    from network import vgg

    shape = problem.content.shape
    if _starts_from(config, "noise"):
        noise = np.random.default_rng(inputs.seed).uniform(0, 255, shape) - 128
        return noise.astype(np.float32)
    if inputs.init is None:
        return problem.content
    return vgg.preprocess(images.resize(inputs.init, *shape[1:3]))


def _minimize(
    network: _Network,
    inputs: _Inputs,
    styles: Sequence[Style],
    config: TransferConfig,
    weights_file: weights.WeightsFile,
    prefix: str | os.PathLike[str] | None,
    callback: Callback | None,
) -> Result:
    """Run the optimiser over the scales, and save and report what it finds."""
    from network import lbfgs

    stages = scales.plan(inputs.height, inputs.width, config)
    run = _Run(inputs, config, weights_file, prefix, callback, stages)
    reached: _Reached | None = None
    minimum: Minimum | None = None
    with network.scope():
        for before, stage in zip([None, *stages], stages, strict=False):
            try:
                problem = _problem(network, inputs, styles, config, stage.height, stage.width)
            except KeyboardInterrupt:
                if minimum is None or before is None:
                    raise
                return run.interrupted(before, minimum)
            start = _start(problem, inputs, config)
            image = start if reached is None else _go_on(reached, start, stage, config)
            minimum = lbfgs.minimize(
                problem.evaluate,
                image.ravel().astype(np.float64),
                num_evaluations=stage.num_evaluations,
                iteration_ends=stage.iteration_ends,
                first_iteration=stage.first_iteration,
                bounds=_bounds(image.shape) if config.optimizer == "lbfgs" else None,
                restart=config.optimizer == "inetwork",
                corrections=network.memory.corrections,
                on_evaluation=partial(run.evaluated, stage),
                on_iteration=partial(run.end_iteration, stage),
            )
            run.finish(stage, minimum)
            if minimum.reason == INTERRUPTED:
                break
            reached = _Reached(start, minimum.vector.reshape(image.shape))
    assert minimum is not None  # there is at least one stage
    return run.result(minimum)


@dataclass(frozen=True)
class _Reached:
    """Where a scale started and what it came to, (1, height, width, 3) each."""

    start: np.ndarray
    image: np.ndarray


def _go_on(
    reached: _Reached, start: np.ndarray, stage: scales.Stage, config: TransferConfig
) -> np.ndarray:
    """What a finer scale starts from.

    The change is enlarged and added to the finer start: the detail of the picture
    that the coarse scale could not hold stays. Noise has no detail to keep.
    """
    if _starts_from(config, "noise"):
        return scales.enlarge(reached.image, stage)
    image: np.ndarray = start + scales.enlarge(reached.image - reached.start, stage)
    return image


def _bounds(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """What a picture can hold, (N,) each."""
    from network import vgg

    low, high = (np.broadcast_to(bound, shape).ravel() for bound in vgg.PIXEL_BOUNDS)
    return low.astype(np.float64), high.astype(np.float64)


class _Run:
    """The state of a run: losses, files and the last picture."""

    def __init__(
        self,
        inputs: _Inputs,
        config: TransferConfig,
        weights_file: weights.WeightsFile,
        prefix: str | os.PathLike[str] | None,
        callback: Callback | None,
        stages: Sequence[scales.Stage],
    ) -> None:
        self.inputs, self.config, self.weights_file = inputs, config, weights_file
        self.prefix, self.callback, self.stages = prefix, callback, stages
        self.started = time.monotonic()
        self.before = 0  # evaluations of earlier stages
        self.saved_at = 0
        self.last_stage: scales.Stage | None = None
        self.losses: list[float] = []
        self.paths: list[Path] = []
        self.picture = np.empty(0)

    def evaluated(
        self,
        stage: scales.Stage,
        point: Minimum,
        loss: float,
        terms: Mapping[str, float],
        **more: Any,
    ) -> None:
        """Tell the callback."""
        if self.callback is not None:
            self.callback(
                Progress(
                    iteration=point.iteration,
                    num_iterations=self.config.num_iter,
                    evaluation=self.before + point.evaluations,
                    num_evaluations=sum(stage.num_evaluations for stage in self.stages),
                    done=stage.done_before + point.evaluations * stage.share,
                    loss=loss,
                    terms=terms,
                    seconds=time.monotonic() - self.started,
                    **more,
                )
            )

    def end_iteration(self, stage: scales.Stage, point: Minimum) -> str | None:
        """Save and report the best picture; a reason to stop, or None."""
        from network import vgg

        config = self.config
        improvement = None
        # Losses of different scales do not compare.
        if self.last_stage is stage:
            last = self.losses[-1]
            improvement = (last - point.loss) / (abs(last) or 1.0) * 100
        losses = [*self.losses, point.loss]
        picture = vgg.deprocess(point.vector.reshape(1, stage.height, stage.width, 3))
        self.picture = _finish(picture, self.inputs, config)
        path = None
        if self.prefix is not None:
            path = _output_path(self.prefix, point.iteration)
            metadata = _metadata(config, self.weights_file, self.inputs, losses)
            images.save(self.picture, path, metadata)
            self.paths.append(path)
        # Only now: an interrupt before this line makes finish() do it all again.
        self.losses, self.last_stage = losses, stage
        self.saved_at = self.before + point.evaluations
        self.evaluated(
            stage,
            point,
            point.loss,
            point.terms,
            image=self.picture,
            path=path,
            improvement=improvement,
        )
        # A coarse scale has done its part once it improves no more.
        full_size = stage is self.stages[-1]
        if full_size and improvement is not None and improvement < config.min_improvement:
            return (
                f"iteration {point.iteration} improved the loss by {improvement:.3g}%, "
                f"less than min_improvement ({config.min_improvement:g}%)"
            )
        return None

    def finish(self, stage: scales.Stage, minimum: Minimum) -> None:
        """After a stage: save what a run that ended within an iteration has reached."""
        ended = stage is self.stages[-1] or minimum.reason == INTERRUPTED
        if ended and self.saved_at < self.before + minimum.evaluations:
            self.end_iteration(stage, minimum)
        self.before += minimum.evaluations

    def interrupted(self, stage: scales.Stage, minimum: Minimum) -> Result:
        """Ctrl-C after a stage, before the next one has an evaluation."""
        stopped = dataclasses.replace(minimum, reason=INTERRUPTED)
        if self.saved_at < self.before:
            self.before -= minimum.evaluations
            self.finish(stage, stopped)
        return self.result(stopped)

    def result(self, minimum: Minimum) -> Result:
        return Result(
            image=self.picture,
            losses=tuple(self.losses),
            terms=minimum.terms,
            weights=self.weights_file,
            evaluations=self.before,
            seconds=time.monotonic() - self.started,
            paths=tuple(self.paths),
            seed=self.inputs.seed,
            stop_reason=minimum.reason,
            interrupted=minimum.reason == INTERRUPTED,
        )


def _style_picture(
    picture: np.ndarray, inputs: _Inputs, config: TransferConfig, height: int, width: int
) -> np.ndarray:
    """A style at a size, in the content's colours where they are asked for."""
    resized = images.resize(picture, height, width)
    match = {
        "histogram": color.match_histograms,
        "matched": color.match_mean_and_covariance,
    }.get(str(config.preserve_color))
    if match is None:
        return resized
    return match(resized, images.resize(inputs.content, height, width))


def _finish(picture: np.ndarray, inputs: _Inputs, config: TransferConfig) -> np.ndarray:
    """The working picture with the colours and at the size it is saved with."""
    picture = images.resize(picture, inputs.height, inputs.width)  # from a coarser scale
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
        "Software": f"INetwork {__version__}",
        "Settings": json.dumps(settings, default=str),
        "Weights": f"{weights_file}, sha256 {weights_file.sha256}",
        "Losses": json.dumps(list(losses)),
    }


def _size(height: int, width: int) -> str:
    return f"{height} x {width}"
