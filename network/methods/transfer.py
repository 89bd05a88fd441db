"""The workflow of a transfer: sizes, start, minimisation, snapshots, saving.

Pictures, settings and the place to write to are checked before Keras is
loaded, which takes seconds: a mistake is told at once.
"""

from __future__ import annotations

import dataclasses
import math
import secrets
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network import pictures
from network.compute import memory, startup
from network.config import (
    EVALUATIONS_PER_ITERATION,
    INIT_IMAGES,
    LONGEST_SIDE,
    Style,
    TransferConfig,
    check_content_layer,
)
from network.errors import ConfigError, StyleTransferWarning
from network.events import INTERRUPTED, Progress, Result
from network.features import weights
from network.features.layers import LEAST_SIDE, layer_size, style_layer_weights
from network.optimize import scales
from network.pictures import color, files, masks
from network.runs import checkpoint, lock, metadata
from network.runs.output import Output, warn_of_earlier_files
from network.runs.run import Run

if TYPE_CHECKING:
    import os

    import keras

    from network.optimize.lbfgs import Minimum
    from network.pictures import ImageSource
    from network.runs.checkpoint import Checkpoint

__all__ = ["dry_run", "loss_and_gradient", "transfer"]

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
    alpha: np.ndarray | None  # the content's, uint8 (rows, columns)


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
    *,
    entries: Mapping[str, str] | None = None,
) -> Result:
    """Paint a picture in the manner of others.

    Args:
        content: The picture to paint: a path, a PIL image or a uint8 array
            (height, width, 3) RGB.
        styles: The pictures to paint like, one or more.
        config: The settings; None: all defaults.
        prefix: ``PREFIX_at_iteration_N.png``, or as ``output_format`` says, and
            ``PREFIX.checkpoint.npz`` are written after every iteration, their
            folder made where it is missing;
            None: nothing is written.
        callback: Is called with a ``Progress`` after every evaluation and once
            more at the end of every iteration.
        report: Is called with lines of text: device, model, weights, sizes.
        entries: What the saved pictures are to tell of their making, beside or
            instead of what ``metadata.texts`` has.

    Returns:
        The last picture, the losses, the weights used and the files written.
        Ctrl-C ends the run early with the best picture so far. A file that cannot
        be written is a StyleTransferWarning, and the run goes on; the last picture
        is then saved in the current folder or the temporary one.

    Raises:
        ConfigError: A setting does not fit the pictures or the machine; another
            run writes to the prefix; the checkpoint to resume from does not fit.
        ImageError: A picture cannot be used.
        OutputError: The prefix cannot be written to.
        WeightsError: No weights for the model.
        StyleTransferError: The loss is not finite.
    """
    config = config or TransferConfig()
    styles = (styles,) if isinstance(styles, Style) else tuple(styles)
    tell = report or (lambda line: None)
    if config.resume and prefix is None:
        raise ConfigError("resume: expected a prefix, whose checkpoint to go on from, got none")
    inputs = _load(content, styles, config)
    with ExitStack() as stack:
        saved = None
        if prefix is not None:
            files.prepare_output(_output_path(prefix, 1, config))
            stack.enter_context(lock.claim(prefix))
            saved = _checkpoint(prefix, config)
        weights_file = weights.find(config.model, config.weights, report)
        check_content_layer(config.content_layer, weights_file.model)
        if saved is not None and config.seed is None:
            inputs = dataclasses.replace(inputs, seed=saved.state.seed)
        fingerprint = _fingerprint(inputs, styles, config, weights_file)
        planned = config.num_iter if saved is None else saved.state.planned
        stages = scales.plan(inputs.height, inputs.width, config, planned)
        if saved is not None:
            sizes = [(stage.height, stage.width) for stage in stages]
            checkpoint.check(saved, fingerprint, config.num_iter, sizes)
        output = None
        if prefix is not None:
            texts = metadata.texts(content, styles, config, prefix, weights_file, inputs.seed)
            texts |= entries or {}
            path = partial(_output_path, prefix, config=config)
            output = Output(prefix, path, partial(_save, inputs, config), texts)
            if saved is None:
                warn_of_earlier_files(output, config)
        network = _load_network(inputs, config, weights_file, tell)
        run = Run(
            config,
            stages,
            partial(_paint, inputs, config),
            output,
            callback,
            weights_file=weights_file,
            seed=inputs.seed,
            planned=planned,
            fingerprint=fingerprint,
        )
        if saved is not None:
            tell(f"resuming at iteration {saved.best.iteration}, after {saved.done} evaluations")
        return _minimize(network, inputs, styles, config, run, saved)


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


def dry_run(
    content: ImageSource,
    styles: Sequence[Style] | Style,
    config: TransferConfig,
    prefix: str | os.PathLike[str],
) -> list[str]:
    """The plan of a transfer in lines for a person; two evaluations are measured, none is kept.

    Args:
        content: As for ``transfer``.
        styles: As for ``transfer``.
        config: As for ``transfer``.
        prefix: As for ``transfer``; nothing is written.

    Raises:
        ConfigError: As for ``transfer``.
        ImageError: A picture cannot be used.
        WeightsError: No weights for the model.
    """
    styles = (styles,) if isinstance(styles, Style) else tuple(styles)
    inputs = _load(content, styles, config)
    weights_file = weights.find(config.model, config.weights)
    check_content_layer(config.content_layer, weights_file.model)
    lines: list[str] = []
    network = _load_network(inputs, config, weights_file, lines.append)
    lines.append(f"weights file {weights_file.path}, sha256 {weights_file.sha256}")
    for style, picture in zip(styles, inputs.styles, strict=True):
        line = (
            f"style {pictures.describe(style.image)}, {_size(*picture.shape[:2])}, "
            f"weight {style.weight * config.style_scale:g}"
        )
        for name, mask in {"mask": style.mask, "image mask": style.image_mask}.items():
            line += "" if mask is None else f", {name} {masks.describe(mask)}"
        lines.append(line)
    stages = scales.plan(inputs.height, inputs.width, config)
    for stage in stages:
        size = _size(stage.height, stage.width)
        lines.append(f"{stage.num_evaluations} evaluations at {size}")
    lines.append(f"content layer {config.content_layer}, weight {config.content_weight:g}")
    layer_weights = style_layer_weights(weights_file.model, config.style_loss)
    lines += [f"style layer {layer}, weight {weight:g}" for layer, weight in layer_weights.items()]
    lines.append(f"total variation weight {config.total_variation_weight:g}")
    with network.scope():
        problem = _problem(network, inputs, styles, config, inputs.height, inputs.width)
        vector = _start(problem, inputs, config).ravel().astype(np.float64)
        began = time.monotonic()
        problem.evaluate(vector)
        ready = time.monotonic()
        problem.evaluate(vector)
        seconds = time.monotonic() - ready
    compiling = (ready - began - seconds) * len(stages)
    total = seconds * config.num_iter * EVALUATIONS_PER_ITERATION + max(compiling, 0)
    lines.append(
        f"time {seconds:.3g} s an evaluation at full size, measured; in all about {total:.3g} s"
    )
    picture = _paint(inputs, config, vector, stages[-1])
    last = _output_path(prefix, config.num_iter, config)
    lines.append(f"last picture {last}, {_size(*picture.shape[:2])}")
    return lines


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
    load = partial(pictures.load, max_pixels=config.max_pixels)
    picture, alpha = pictures.load_with_alpha(content, config.max_pixels)
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
    _check_largest_size(picture, height, width, config)
    if alpha is not None and config.output_format == "jpeg":
        warnings.warn(
            f"{pictures.describe(content)}: its transparency is lost in a jpeg; "
            "use --output_format png to keep it",
            StyleTransferWarning,
            stacklevel=2,
        )
        alpha = None

    def read_mask(source: ImageSource | masks.Mask | None) -> masks.Mask | None:
        return None if source is None else masks.read(source, height, width, config.max_pixels)

    return _Inputs(
        content=picture,
        styles=tuple(load(style.image) for style in styles),
        style_masks=tuple(read_mask(style.mask) for style in styles),
        image_masks=tuple(read_mask(style.image_mask) for style in styles),
        content_mask=read_mask(config.content_mask),
        color_mask=read_mask(config.color_mask),
        init=None if _starts_from(config, *INIT_IMAGES) else load(config.init_image),
        height=height,
        width=width,
        seed=secrets.randbits(32) if config.seed is None else config.seed,
        alpha=alpha,
    )


def _check_largest_size(
    content: np.ndarray, height: int, width: int, config: TransferConfig
) -> None:
    """Raise ConfigError where the working or the saved picture is larger than it may be."""
    limit = pictures.pixel_limit(config.max_pixels)
    saved = _finished_size(content, height, width, config)
    for name, (rows, columns) in (("working image", (height, width)), ("saved picture", saved)):
        if rows * columns > limit:
            raise ConfigError(
                f"image_size: {config.image_size} rows of a {_size(*content.shape[:2])} picture "
                f"make a {name} of {_size(rows, columns)}, more than {limit:.0f} pixels: use fewer "
                "rows, crop the picture, or raise max_pixels",
                option="image_size",
            )
    longest = LONGEST_SIDE.get(config.output_format, math.inf)
    if max(saved) > longest:
        raise ConfigError(
            f"output_format: a {config.output_format} has sides of at most {longest} pixels, the "
            f"saved picture would have {_size(*saved)}; use png",
            option="output_format",
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

    from network.compute import backend
    from network.features import vgg

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
    from network.features import preprocessing
    from network.losses import objective, strips

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
                preprocessing.preprocess(_style_picture(picture, inputs, config, height, width)),
                style.weight * weighed.style_scale,
                style_mask,
                image_mask if own_image_mask is None else mask_layers(own_image_mask),
            )
        )
    picture = pictures.gray(inputs.content) if _starts_from(config, "gray") else inputs.content
    content = preprocessing.preprocess(pictures.resize(picture, height, width))
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
    from network.features import preprocessing

    shape = problem.content.shape
    if _starts_from(config, "noise"):
        noise = np.random.default_rng(inputs.seed).uniform(0, 255, shape) - 128
        return noise.astype(np.float32)
    if inputs.init is None:
        return problem.content
    return preprocessing.preprocess(pictures.resize(inputs.init, *shape[1:3]))


def _checkpoint(prefix: str | os.PathLike[str], config: TransferConfig) -> Checkpoint | None:
    """The checkpoint to resume from; None: begin."""
    if not config.resume:
        return None
    path = checkpoint.checkpoint_path(prefix)
    saved = checkpoint.load(path)
    if saved is None:
        warnings.warn(
            f"resume: no {path} yet, so the run starts at its beginning",
            StyleTransferWarning,
            stacklevel=3,
        )
    return saved


def _fingerprint(
    inputs: _Inputs,
    styles: Sequence[Style],
    config: TransferConfig,
    weights_file: weights.WeightsFile,
) -> dict[str, Any]:
    """Everything that the objective and the way to its minimum depend on."""

    def at_working_size(mask: masks.Mask | None) -> np.ndarray | None:
        return None if mask is None else mask.at(inputs.height, inputs.width)

    arrays = {"content": inputs.content, "content_mask": at_working_size(inputs.content_mask)}
    for number, (picture, mask, image_mask) in enumerate(
        zip(inputs.styles, inputs.style_masks, inputs.image_masks, strict=True), start=1
    ):
        arrays[f"style {number}"] = picture
        arrays[f"mask of style {number}"] = at_working_size(mask)
        arrays[f"image mask of style {number}"] = at_working_size(image_mask)
    if inputs.init is not None:
        arrays["init_image"] = inputs.init
    return checkpoint.fingerprint(
        config,
        arrays,
        style_weight=[style.weight for style in styles],
        weights={"model": weights_file.model, "sha256": weights_file.sha256},
        seed=inputs.seed if _starts_from(config, "noise") else None,
    )


def _paint(
    inputs: _Inputs, config: TransferConfig, vector: np.ndarray, stage: scales.Stage
) -> np.ndarray:
    """The picture to save for a vector of a stage."""
    from network.features import preprocessing

    picture = preprocessing.deprocess(vector.reshape(1, stage.height, stage.width, 3))
    return _finish(picture, inputs, config)


def _minimize(
    network: _Network,
    inputs: _Inputs,
    styles: Sequence[Style],
    config: TransferConfig,
    run: Run,
    saved: Checkpoint | None,
) -> Result:
    """Run the optimiser over the scales, from the start or from a checkpoint."""
    from network.optimize import lbfgs

    if saved is not None:
        run.resume(saved)
    reached: _Reached | None = None
    minimum: Minimum | None = None
    before: scales.Stage | None = None
    with network.scope():
        for index, stage in enumerate(run.stages):
            if saved is not None and index < saved.stage:
                continue
            try:
                problem = _problem(network, inputs, styles, config, stage.height, stage.width)
            except KeyboardInterrupt:
                if minimum is None or before is None:
                    raise
                minimum = dataclasses.replace(minimum, reason=INTERRUPTED)
                run.interrupted(before, minimum)
                break
            start = _start(problem, inputs, config)
            image = start if reached is None else _go_on(reached, start, stage, config)
            best = saved.best if saved is not None and index == saved.stage else None
            minimum = lbfgs.minimize(
                problem.evaluate,
                image.ravel().astype(np.float64) if best is None else best.point,
                num_evaluations=stage.num_evaluations,
                iteration_ends=stage.iteration_ends,
                first_iteration=stage.first_iteration,
                bounds=_bounds(image.shape) if config.optimizer == "lbfgs" else None,
                restart=config.optimizer == "inetwork",
                corrections=network.memory.corrections,
                best=best,
                on_evaluation=partial(run.evaluated, stage),
                on_iteration=partial(run.end_iteration, stage),
            )
            run.finish(stage, minimum)
            if minimum.reason == INTERRUPTED:
                break
            reached, before = _Reached(start, minimum.vector.reshape(image.shape)), stage
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
    from network.features import preprocessing

    low, high = (np.broadcast_to(bound, shape).ravel() for bound in preprocessing.PIXEL_BOUNDS)
    return low.astype(np.float64), high.astype(np.float64)


def _style_picture(
    picture: np.ndarray, inputs: _Inputs, config: TransferConfig, height: int, width: int
) -> np.ndarray:
    """A style at a size, in the content's colours where they are asked for."""
    resized = pictures.resize(picture, height, width)
    match = {
        "histogram": color.match_histograms,
        "matched": color.match_mean_and_covariance,
    }.get(str(config.preserve_color))
    if match is None:
        return resized
    return match(resized, pictures.resize(inputs.content, height, width))


def _finish(picture: np.ndarray, inputs: _Inputs, config: TransferConfig) -> np.ndarray:
    """The working picture with the colours and at the size it is saved with."""
    picture = pictures.resize(picture, inputs.height, inputs.width)  # from a coarser scale
    if config.preserve_color == "luminance":
        mask = None if inputs.color_mask is None else inputs.color_mask.at(*picture.shape[:2])
        picture = color.keep_luminance(picture, inputs.content, mask)
    height, width = _finished_size(inputs.content, picture.shape[0], picture.shape[1], config)
    return pictures.resize(picture, height, width, config.rescale_method)


def _finished_size(
    content: np.ndarray, height: int, width: int, config: TransferConfig
) -> tuple[int, int]:
    """The (height, width) of the saved picture for a working image's."""
    rows, columns = content.shape[:2]
    if config.rescale_image:
        return rows, columns
    if not config.maintain_aspect_ratio:
        width = max(int(height * columns / rows), 1)
    return height, width


def _save(
    inputs: _Inputs,
    config: TransferConfig,
    vector: np.ndarray,
    stage: scales.Stage,
    picture: np.ndarray,
    path: Path,
    texts: Mapping[str, str],
) -> None:
    """Save a vector of a stage, of which ``picture`` is the 8 bits."""
    from network.features import preprocessing

    if config.bit_depth == 16:
        image = vector.reshape(1, stage.height, stage.width, 3)
        picture = _finish(preprocessing.deprocess(image, 16), inputs, config)
    height, width = picture.shape[:2]
    alpha = inputs.alpha
    if alpha is not None:
        alpha = pictures.resize(alpha, height, width, config.rescale_method)
    pictures.save(picture, path, texts, alpha, config.quality)


def _output_path(prefix: str | os.PathLike[str], iteration: int, config: TransferConfig) -> Path:
    return Path(f"{prefix}_at_iteration_{iteration}.{config.output_format}")


def _size(height: int, width: int) -> str:
    return f"{height} x {width}"
