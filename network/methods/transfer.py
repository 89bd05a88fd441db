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
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from network import pictures
from network.config import EVALUATIONS_PER_ITERATION, TransferConfig, check_content_layer
from network.errors import ConfigError, StyleTransferWarning
from network.events import INTERRUPTED, Progress, Result
from network.features import preprocessing, weights
from network.features.layers import style_layer_weights
from network.optimize import scales
from network.pictures import files, masks
from network.runs import checkpoint, finish, lock, metadata
from network.runs.inputs import Inputs, fingerprint, load_inputs, starts_from
from network.runs.output import Output, warn_of_earlier_files
from network.runs.problem import Network, build_problem, load_network, start_image
from network.runs.run import Run
from network.runs.sizes import describe_size

if TYPE_CHECKING:
    from network.losses.cache import ObjectiveCache
    from network.optimize.lbfgs import Minimum
    from network.runs.checkpoint import Checkpoint
    from network.runs.job import Job

__all__ = ["Cancel", "dry_run", "evaluate", "run_transfer"]

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
) -> Result:
    """Run a transfer.

    Args:
        job: What to do.
        cache: What earlier runs made and this one may use.
        on_event: As ``callback`` of ``network.transfer``.
        report: As for ``network.transfer``.
        cancel: Asked after every evaluation; set: the run ends as by Ctrl-C.

    Returns and Raises: as ``network.transfer``.
    """
    config, prefix = job.config, job.prefix
    tell = report or (lambda line: None)
    inputs = load_inputs(job)
    with ExitStack() as stack:
        saved = None
        if prefix is not None:
            files.prepare_output(finish.output_path(prefix, 1, config))
            stack.enter_context(lock.claim(prefix))
            saved = _checkpoint(prefix, config)
        weights_file = weights.find(config.model, config.weights, report)
        check_content_layer(config.content_layer, weights_file.model)
        if saved is not None and config.seed is None:
            inputs = dataclasses.replace(inputs, seed=saved.state.seed)
        same = fingerprint(inputs, config, weights_file)
        planned = config.num_iter if saved is None else saved.state.planned
        stages = scales.plan(inputs.height, inputs.width, config, planned)
        if saved is not None:
            sizes = [(stage.height, stage.width) for stage in stages]
            checkpoint.check(saved, same, config.num_iter, sizes)
        output = None
        if prefix is not None:
            texts = metadata.texts(
                job.content, job.styles, config, prefix, weights_file, inputs.seed
            )
            output = Output(
                prefix,
                partial(finish.output_path, prefix, config=config),
                partial(finish.save, inputs, config),
                {**texts, **job.entries},
            )
            if saved is None:
                warn_of_earlier_files(output, config)
        network = load_network(inputs, config, weights_file, cache, tell)
        run = Run(
            config,
            stages,
            partial(finish.paint, inputs, config),
            output,
            _listener(on_event, cancel),
            weights_file=weights_file,
            seed=inputs.seed,
            planned=planned,
            fingerprint=same,
        )
        if saved is not None:
            tell(f"resuming at iteration {saved.best.iteration}, after {saved.done} evaluations")
        return _minimize(network, inputs, config, run, saved, cache)


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


def _minimize(
    network: Network,
    inputs: Inputs,
    config: TransferConfig,
    run: Run,
    saved: Checkpoint | None,
    cache: ObjectiveCache,
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
                problem = build_problem(network, inputs, config, stage.height, stage.width, cache)
            except KeyboardInterrupt:
                if minimum is None or before is None:
                    raise
                minimum = dataclasses.replace(minimum, reason=INTERRUPTED)
                run.interrupted(before, minimum)
                break
            start = start_image(problem, inputs, config)
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
    if starts_from(config, "noise"):
        return scales.enlarge(reached.image, stage)
    image: np.ndarray = start + scales.enlarge(reached.image - reached.start, stage)
    return image


def _bounds(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """What a picture can hold, (N,) each."""
    low, high = (np.broadcast_to(bound, shape).ravel() for bound in preprocessing.PIXEL_BOUNDS)
    return low.astype(np.float64), high.astype(np.float64)


def evaluate(
    job: Job, cache: ObjectiveCache, image: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """As ``network.loss_and_gradient``."""
    config = job.config
    inputs = load_inputs(job)
    shape = (1, inputs.height, inputs.width, 3)
    if image is not None and image.shape != shape:
        raise ConfigError(f"image: expected the shape {shape}, got {image.shape}", option="image")
    weights_file = weights.find(config.model, config.weights)
    check_content_layer(config.content_layer, weights_file.model)
    network = load_network(inputs, config, weights_file, cache, lambda line: None)
    with network.scope():
        problem = build_problem(network, inputs, config, inputs.height, inputs.width, cache)
        loss, gradient, _ = problem.evaluate(
            start_image(problem, inputs, config) if image is None else image
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
    weights_file = weights.find(config.model, config.weights)
    check_content_layer(config.content_layer, weights_file.model)
    lines: list[str] = []
    network = load_network(inputs, config, weights_file, cache, lines.append)
    stages = scales.plan(inputs.height, inputs.width, config)
    lines += _describe_plan(job, inputs, weights_file, stages)
    with network.scope():
        problem = build_problem(network, inputs, config, inputs.height, inputs.width, cache)
        vector = start_image(problem, inputs, config).ravel().astype(np.float64)
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
    picture = finish.paint(inputs, config, vector, stages[-1])
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
    layer_weights = style_layer_weights(weights_file.model, config.style_loss)
    lines += [f"style layer {layer}, weight {weight:g}" for layer, weight in layer_weights.items()]
    return [*lines, f"total variation weight {config.total_variation_weight:g}"]
