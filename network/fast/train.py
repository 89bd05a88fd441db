"""Train a trunk and its styles' rows; a training can be left and gone on with, exactly.

To enlarge photos, or to make them of their features, is learnt in the same way: what is
painted is the photo, reduced, or its features, and there is one row.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from network.errors import ConfigError
from network.fast import adam, checkpoint, perceptual
from network.fast.architecture import (
    MULTIPLE,
    RECONSTRUCTOR,
    UPSCALER,
    Architecture,
    initial_trunk,
    plain_row,
)
from network.fast.checkpoint import TrainingState
from network.fast.data import Photos, batches, in_background, reduced
from network.fast.names import ENLARGE, GRAM, RECONSTRUCT, REPAINT
from network.fast.precision import chosen_precision
from network.fast.sitting import Sitting
from network.fast.steps import Batch, Outcome, Step, compiled_step
from network.fast.styles import Row, Styles
from network.fast.targets import PHOTO_ALONE, Targets, measure_norms, see_paintings
from network.fast.training import Painting, TrainingProgress, TrainingSettings
from network.fast.training_files import files_of
from network.fast.training_log import TrainingLog

__all__ = ["Cancel", "Listener", "train"]

REPORT_STEPS = 20  # between two reports
MOST_SKIPPED = 50  # steps in a row that are not finite


class Cancel(Protocol):
    """What ends a training early: a threading.Event, or the like."""

    def is_set(self) -> bool:
        """Whether to end now."""
        ...


@dataclass(frozen=True)
class Listener:
    """Who is told of a training, and may end it.

    Attributes:
        on_progress: Told every 20 steps, and when something was saved.
        on_message: Told in words what is left out or skipped.
        cancel: Looked at before every step; what was trained is saved then.
    """

    on_progress: Callable[[TrainingProgress], None] = lambda progress: None
    on_message: Callable[[str], None] = lambda text: None
    cancel: Cancel | None = None


def train(
    paintings: Sequence[Painting],
    photos: Sequence[Path],
    output: str | Path,
    settings: TrainingSettings | None = None,
    held_out: Sequence[Path] = (),
    start: Styles | Architecture | None = None,
    resume: bool = False,
    features: perceptual.Features | None = None,
    listener: Listener | None = None,
    notes: Mapping[str, Any] | None = None,
    task: str = REPAINT,
) -> Styles:
    """Train styles, or a network for another task.

    Args:
        paintings: The styles; of another task than to repaint there are none.
        photos: Photos to train on; those that cannot be read are named and left out.
        output: The styles' file; ``training_files.files_of`` tells what is written beside it.
        settings: How it goes.
        held_out: Photos for the preview.
        start: Begin with this network's trunk and rows; or the sizes of a new one. Of
            rows alone the result has those of ``start``, too.
        resume: Go on from the checkpoint beside ``output``.
        features: The network that looks; None: VGG16.
        listener: Is told how it goes.
        notes: Kept in the styles' file.
        task: What the network is for.

    Returns:
        The network, of its parameters' running averages.

    Raises:
        ConfigError: No photos; paintings do not go with the task; the checkpoint is of
            another training; settings do not go together; or steps are not finite any more.
        ImageError: A painting cannot be read.
        OutputError: Nothing can be written there.
        WeightsError: No weights of VGG16, or no checkpoint to resume from.
    """
    settings, listener = settings or TrainingSettings(), listener or Listener()
    if not photos:
        raise ConfigError("train: expected one photo at least, got none")
    files = files_of(output)
    files.prepare()
    precision = chosen_precision(settings.precision)
    features = features or perceptual.feature_function(precision, style_loss=settings.style_loss)
    known = Photos(photos, lambda path, why: listener.on_message(f"left out: {why}"))
    targets = _targets(task, paintings, features, settings)
    fingerprint = _fingerprint(task, targets, photos, settings, start)
    if resume:
        training = checkpoint.resumable(files.checkpoint, fingerprint)
    else:
        measure = partial(measure_norms, features, known, targets, settings)
        training = _begun(task, targets, measure, settings, start, fingerprint)
    others = start if settings.rows_alone and isinstance(start, Styles) else None
    about = tuple(held_out), precision, dict(notes or {}), others
    sitting = Sitting(training, settings, files, *about)
    step = compiled_step(training.architecture, features, precision, settings)
    _go_on(sitting, step, _batches(known, targets, settings, training), listener)
    return sitting.save()


def _targets(
    task: str,
    paintings: Sequence[Painting],
    features: perceptual.Features,
    settings: TrainingSettings,
) -> Targets:
    """What is aimed at; ConfigError where a task cannot be done with these settings."""
    if bool(paintings) != (task == REPAINT):
        styles = "one style at least" if task == REPAINT else f"no style to {task}"
        raise ConfigError(f"train: expected {styles}, got {len(paintings)} styles")
    if task == REPAINT:
        return see_paintings(paintings, features, settings)
    if settings.rows_alone:
        raise ConfigError(
            f"rows_alone: expected styles with it, got to {task}, which has one row; leave it out",
            option="rows_alone",
        )
    if settings.crop_size % MULTIPLE:
        raise ConfigError(
            f"crop_size: expected a multiple of {MULTIPLE} to {task}, got {settings.crop_size}",
            option="crop_size",
        )
    return PHOTO_ALONE


def _measured(rows: Sequence[Row], norms: Mapping[str, np.ndarray]) -> tuple[Row, ...]:
    """Rows with what their terms are divided by."""
    of_row = [{name: float(norm[i]) for name, norm in norms.items()} for i in range(len(rows))]
    pairs = zip(rows, of_row, strict=True)
    return tuple(dataclasses.replace(row, norms=found) for row, found in pairs)


def _names(targets: Targets) -> list[str]:
    return [f"{row.style} {row.stroke} {row.weight:g}" for row in targets.rows]


def _fingerprint(
    task: str,
    targets: Targets,
    photos: Sequence[Path],
    settings: TrainingSettings,
    start: Styles | Architecture | None,
) -> dict[str, Any]:
    """What a training that is gone on with has to have been begun with."""
    names = "\n".join(path.name for path in photos)
    found = {**settings.fingerprint(), "rows": _names(targets), **targets.hashes}
    found["list of photos"] = hashlib.sha256(names.encode(errors="surrogateescape")).hexdigest()
    if task != REPAINT:
        found["task"] = task
    if settings.style_loss == GRAM:  # not told, as in checkpoints from before there was another
        del found["style_loss"]
    if settings.rows_alone and isinstance(start, Styles):
        arrays = (start.trunk[name] for name in start.architecture.trunk_shapes)
        trunk = b"".join(array.tobytes() for array in arrays)
        found["network to start from"] = hashlib.sha256(trunk).hexdigest()
    return found


def _begun(
    task: str,
    targets: Targets,
    measure: Callable[[], Mapping[str, np.ndarray]],
    settings: TrainingSettings,
    start: Styles | Architecture | None,
    fingerprint: Mapping[str, Any],
) -> TrainingState:
    """The state before the first step; ``measure`` finds the terms' norms."""
    if isinstance(start, Styles):
        architecture, trunk = start.architecture, dict(start.trunk)
        table = np.stack([start.nearest_row(row) for row in targets.rows])
    elif settings.rows_alone:
        raise ConfigError(
            "train: rows alone are trained on a trunk; give a styles file to start from",
            option="rows_alone",
        )
    else:
        architecture = start or _new(task)
        trunk = initial_trunk(architecture, settings.seed)
        table = np.stack([plain_row(architecture)] * len(targets.rows))
    state = adam.initial_state({"trunk": trunk, "rows": table})
    rows = _measured(targets.rows, measure())
    return TrainingState(architecture, rows, state, 0, 0.0, 0, fingerprint)


def _new(task: str) -> Architecture:
    return {REPAINT: Architecture(), ENLARGE: UPSCALER, RECONSTRUCT: RECONSTRUCTOR}[task]


def _batches(
    photos: Photos, targets: Targets, settings: TrainingSettings, training: TrainingState
) -> Iterator[Batch]:
    """Batches from where a training stands on."""
    weights = np.array([row.weight for row in targets.rows], np.float32)
    terms = training.rows[0].norms
    norms = {name: np.array([row.norms[name] for row in training.rows], "f") for name in terms}
    sizes = settings.batch_size, settings.crop_size
    first = int(settings.rows_alone)  # the photo's own row has been trained with its trunk
    num_rows = len(targets.rows) - first
    factor, first_step = training.architecture.factor, training.step
    drawn_batches = batches(photos, num_rows, *sizes, settings.seed, first_step)
    for step, (crops, drawn) in enumerate(drawn_batches, first_step):
        moved = np.arange(step * len(crops), (step + 1) * len(crops)) % 2 == 1
        chosen = drawn + np.int32(first)
        small = None
        if factor > 1:
            small = np.stack([reduced(crop, factor) for crop in crops]).astype(np.float32)
        yield Batch(
            crops.astype(np.float32),
            chosen,
            {layer: gram[chosen] for layer, gram in targets.grams.items()},
            {name: norm[chosen] for name, norm in norms.items()},
            weights[chosen],
            moved,
            small,
        )


def _go_on(sitting: Sitting, step: Step, coming: Iterator[Batch], listener: Listener) -> None:
    """Take steps until it is over or cancelled; batches are read in the background."""
    arrivals = in_background(coming)
    log = TrainingLog(sitting.files.log, sitting.step)
    reported: list[Outcome] = []
    skipped_in_a_row = 0
    try:
        while not sitting.over() and not (listener.cancel and listener.cancel.is_set()):
            sitting.state, outcome = step(sitting.state, next(arrivals), sitting.rate())
            sitting.step += 1
            if outcome.finite:
                reported.append(outcome)
                skipped_in_a_row = 0
            else:
                sitting.skipped += 1
                skipped_in_a_row += 1
                listener.on_message(f"step {sitting.step} skipped: loss or gradient not finite")
            if skipped_in_a_row > MOST_SKIPPED:
                sitting.save()  # as it was before them
                raise ConfigError(
                    f"train: {skipped_in_a_row} steps in a row were not finite; go on with resume "
                    f"from {sitting.files.checkpoint}, which has none of them, with a lower "
                    "learning_rate"
                )
            saved = sitting.checkpoint_due()
            if saved:
                sitting.save()
            if saved or sitting.step % REPORT_STEPS == 0 or sitting.over():
                progress = sitting.progress(reported, saved)
                log(progress)
                listener.on_progress(progress)
                reported = []
    finally:
        arrivals.close()  # type: ignore[attr-defined]
