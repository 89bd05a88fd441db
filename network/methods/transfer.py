"""A transfer: from pictures through the scales to a result.

It reads like a recipe: pictures, settings and the place to write to are checked before
Keras is loaded, which takes seconds, so that a mistake is told at once.
"""

from __future__ import annotations

import dataclasses
import os
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from network import pictures
from network.config import EARLIER, EVALUATIONS_PER_ITERATION, TransferConfig
from network.errors import ConfigError, StyleTransferWarning
from network.events import Progress, Result
from network.features import weights
from network.features.layers import MATCHED, style_layer_weights
from network.optimize import scales
from network.pictures import files, masks, segments
from network.pictures.copies import copies
from network.rules import check_model
from network.runs import checkpoint, finish, lock, metadata
from network.runs.descent import Images, descend
from network.runs.inputs import Inputs, fingerprint, load_inputs
from network.runs.output import Output, warn_of_earlier_files
from network.runs.problem import Network, build_problem, load_network
from network.runs.run import Run
from network.runs.sizes import describe_size
from network.runs.starts import start_image

if TYPE_CHECKING:
    from network.losses.cache import ObjectiveCache
    from network.runs.checkpoint import Checkpoint
    from network.runs.job import Job
    from network.runs.steering import Steering

__all__ = ["Cancel", "dry_run", "evaluate", "open_network", "run_transfer"]

Report = Callable[[str], object]


class Cancel(Protocol):
    """What ends a run early with the best picture so far, once it is set: threading.Event is."""

    def is_set(self) -> bool: ...


def run_transfer(
    job: Job,
    cache: ObjectiveCache,
    on_event: Callable[[Progress], object] | None = None,
    report: Report | None = None,
    cancel: Cancel | None = None,
    steering: Steering | None = None,
) -> Result:
    """Run a transfer.

    Args:
        job: What to do.
        cache: What earlier runs made and this one may use.
        on_event: As ``callback`` of ``network.transfer``.
        report: As for ``network.transfer``.
        cancel: Asked after every evaluation; set: the run ends as by Ctrl-C.
        steering: Changes the weights while the run goes on.

    Returns and Raises: as ``network.transfer``.
    """
    config, prefix, inputs = job.config, job.prefix, load_inputs(job)
    tell = report or (lambda line: None)
    with ExitStack() as stack:
        saved = None
        if prefix is not None:
            files.prepare_output(finish.output_path(prefix, 1, config))
            stack.enter_context(lock.claim(prefix))
            saved = _checkpoint(prefix, config)
        _show_regions(inputs, prefix, tell)
        if saved is not None:
            config = _as_begun(config, saved)
        if saved is not None and config.seed is None:
            inputs = dataclasses.replace(inputs, seed=saved.state.seed)
        weights_file = weights.find(config.model, config.weights, report)
        check_model(config, weights_file.model)
        same = fingerprint(inputs, config, weights_file)
        planned = config.num_iter if saved is None else saved.state.planned
        stages = _stages(job, inputs, config, planned)
        if saved is not None:
            sizes = [(stage.height, stage.width) for stage in stages]
            checkpoint.check(saved, same, config.num_iter, sizes)
        images = Images(inputs, config, stages)
        output = None if prefix is None else _output(job, prefix, images, weights_file)
        if output is not None and saved is None:
            warn_of_earlier_files(output, config)
        network = load_network(inputs, config, weights_file, cache, tell, images.own_optimizer)
        run = Run(
            config,
            stages,
            images.paint,
            output,
            _listener(on_event, cancel),
            weights_file=weights_file,
            seed=inputs.seed,
            planned=planned,
            fingerprint=same,
        )
        if saved is not None:
            tell(f"resuming at iteration {saved.best.iteration}, after {saved.done} evaluations")
        return descend(network, images, run, saved, cache, steering)


def _show_regions(inputs: Inputs, prefix: str | os.PathLike[str] | None, tell: Report) -> None:
    """Tell of the regions that the content is divided into, and save them beside the pictures."""
    for segment in inputs.segments:
        tell(f"{segment}")
    if inputs.segments and prefix is not None:
        pictures.save(segments.show(inputs.segments), f"{prefix}_regions.png")


def _stages(
    job: Job, inputs: Inputs, config: TransferConfig, planned: int
) -> tuple[scales.Stage, ...]:
    """The plan; a frame of a film is nearly done where it starts."""
    if job.previous is not None:
        return scales.at_full_size(inputs.height, inputs.width, job.previous.evaluations)
    return scales.plan(inputs.height, inputs.width, config, planned)


def _output(
    job: Job,
    prefix: str | os.PathLike[str],
    images: Images,
    weights_file: weights.WeightsFile,
) -> Output:
    """Where a run writes, and what its pictures tell."""
    config, seed = images.config, images.inputs.seed
    texts = metadata.texts(job.content, job.styles, config, prefix, weights_file, seed)
    path = partial(finish.output_path, prefix, config=config)
    return Output(prefix, path, images.save, {**texts, **job.entries})


def _listener(
    on_event: Callable[[Progress], object] | None, cancel: Cancel | None
) -> Callable[[Progress], object] | None:
    """``on_event``, after which a cancelled run ends as Ctrl-C ends it."""
    if cancel is None:
        return on_event
    told = False

    def listen(progress: Progress) -> None:
        nonlocal told
        if on_event is not None:
            on_event(progress)
        if cancel.is_set() and not told:
            told = True  # what is saved in the end is an event, too
            raise KeyboardInterrupt

    return listen


def _as_begun(config: TransferConfig, saved: Checkpoint) -> TransferConfig:
    """The settings that a run began with which its version had no options for."""
    begun = saved.state.fingerprint
    missing = {name: value for name, value in EARLIER.items() if name not in begun}
    return dataclasses.replace(config, **missing)


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


def open_network(
    inputs: Inputs,
    config: TransferConfig,
    cache: ObjectiveCache,
    tell: Report = lambda line: None,
    own_optimizer: bool = False,
) -> Network:
    """Find a run's weights and build its network, where nothing is written or resumed."""
    weights_file = weights.find(config.model, config.weights)
    check_model(config, weights_file.model)
    return load_network(inputs, config, weights_file, cache, tell, own_optimizer)


def evaluate(
    job: Job, cache: ObjectiveCache, image: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """As ``network.loss_and_gradient``."""
    config = job.config
    inputs = load_inputs(job)
    shape = (1, inputs.height, inputs.width, 3)
    if image is not None and image.shape != shape:
        raise ConfigError(f"image: expected the shape {shape}, got {image.shape}", option="image")
    network = open_network(inputs, config, cache)
    with network.scope():
        problem = build_problem(network, inputs, config, inputs.height, inputs.width, cache)
        loss, gradient, _ = problem.evaluate(
            start_image(inputs, config, *shape[1:3]) if image is None else image
        )
    return loss, gradient.reshape(shape)


def dry_run(job: Job, cache: ObjectiveCache) -> list[str]:
    """The plan of a transfer in lines for a person; two evaluations are measured, none is kept.

    Args:
        job: What would be done; nothing is written.
        cache: What earlier runs made.

    Raises:
        ConfigError: As for ``network.transfer``.
        ImageError: A picture cannot be used.
        WeightsError: No weights for the model.
    """
    config = job.config
    inputs = load_inputs(job)
    lines = [f"{segment}" for segment in inputs.segments]
    stages = scales.plan(inputs.height, inputs.width, config)
    own_optimizer = Images(inputs, config, stages).own_optimizer
    network = open_network(inputs, config, cache, lines.append, own_optimizer)
    lines += _describe_plan(job, inputs, network.extractor.weights_file, stages)
    with network.scope():
        problem = build_problem(network, inputs, config, inputs.height, inputs.width, cache)
        start = start_image(inputs, config, inputs.height, inputs.width)
        vector = start.ravel().astype(np.float64)
        asked = time.monotonic()
        problem.refresh(start)
        began = time.monotonic()
        problem.evaluate(vector)
        ready = time.monotonic()
        problem.evaluate(vector)
        seconds = time.monotonic() - ready
    compiling = (ready - began - seconds) * len(stages)
    evaluations = config.num_iter * EVALUATIONS_PER_ITERATION
    total = seconds * evaluations + max(compiling, 0)
    if config.style_loss in MATCHED:
        total += (began - asked) * evaluations / config.patch_refresh
        lines.append(f"time {began - asked:.3g} s to match all patches at full size, measured")
    lines.append(
        f"time {seconds:.3g} s an evaluation at full size, measured; in all about {total:.3g} s"
    )
    picture = finish.paint(inputs, config, start)
    last = finish.output_path(job.prefix or "", config.num_iter, config)
    lines.append(f"last picture {last}, {describe_size(*picture.shape[:2])}")
    return lines


def _describe_plan(
    job: Job,
    inputs: Inputs,
    weights_file: weights.WeightsFile,
    stages: tuple[scales.Stage, ...],
) -> list[str]:
    """What would be done, but for what has to be measured."""
    config = job.config
    lines = [f"weights file {weights_file.path}, sha256 {weights_file.sha256}"]
    for style, read in zip(job.styles, inputs.styles, strict=True):
        height, width = (
            read.picture.shape[:2]
            if isinstance(read.picture, np.ndarray)
            else (read.picture.height, read.picture.width)
        )
        line = (
            f"style {pictures.describe(style.image)}, {describe_size(height, width)}, "
            f"weight {style.weight * config.style_scale:g}"
        )
        for name, mask in {"mask": style.mask, "image mask": style.image_mask}.items():
            line += "" if mask is None else f", {name} {masks.describe(mask)}"
        lines.append(line)
    for stage in stages:
        size = describe_size(stage.height, stage.width)
        lines.append(f"{stage.num_evaluations} evaluations at {size}")
    lines.append(f"content layer {config.content_layer}, weight {config.content_weight:g}")
    layer_weights = style_layer_weights(weights_file.model, config.style_loss, config.patched)
    lines += [f"style layer {layer}, weight {weight:g}" for layer, weight in layer_weights.items()]
    if config.style_loss in MATCHED:
        number = sum(1 for _ in copies(config.patch_rotations, config.patch_scales))
        side = f"patches of {config.patch_size} x {config.patch_size}"
        lines.append(
            f"{side if config.style_loss == 'patch' else 'columns of these layers'}, matched every "
            f"{config.patch_refresh} evaluations with {number} "
            f"{'copies' if number > 1 else 'copy'} of each style"
        )
        if config.semantic_weight is not None:
            lines.append(f"maps beside the features, weight {config.semantic_weight:g}")
    return [*lines, f"total variation weight {config.total_variation_weight:g}"]
