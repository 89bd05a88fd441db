"""Train a trunk and its styles' rows; a training can be left and gone on with, exactly."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from keras import ops

from network import pictures
from network.compute import backend
from network.errors import ConfigError
from network.fast import adam, checkpoint, model, perceptual, styles
from network.fast.architecture import Architecture, initial_trunk, plain_row
from network.fast.checkpoint import TrainingState
from network.fast.data import Photos, batches, in_background
from network.fast.preview import sheet
from network.fast.styles import IDENTITY, STROKES, Row, Styles
from network.fast.training import Painting, TrainingProgress, TrainingSettings
from network.fast.training_log import TrainingLog
from network.pictures.files import prepare_output

__all__ = ["Cancel", "Files", "files_of", "train"]

REPORT_STEPS = 20  # between two reports
SAMPLE_BATCHES = 8  # of photos that the terms' norms are measured on
BFLOAT16_PAYS = 1.3  # times faster than float32, measured
MAX_SKIPPED = 50  # steps in a row that are not finite


class Cancel(Protocol):
    """What ends a training early: a threading.Event, or the like."""

    def is_set(self) -> bool:
        """Whether to end now."""
        ...


@dataclass(frozen=True)
class Files:
    """What a training writes, beside its styles.

    Attributes:
        styles: The network and its styles, to paint with.
        checkpoint: What the training needs to go on.
        log: Its losses, CSV.
        preview: The held-out photos in every style.
    """

    styles: Path
    checkpoint: Path
    log: Path
    preview: Path


def files_of(output: str | Path) -> Files:
    """The files of a training whose styles go to ``output``."""
    path = Path(output)
    return Files(
        path,
        path.with_suffix(".training.npz"),
        path.with_suffix(".csv"),
        path.with_suffix(".preview.jpg"),
    )


def train(
    paintings: Sequence[Painting],
    photos: Sequence[Path],
    output: str | Path,
    settings: TrainingSettings | None = None,
    held_out: Sequence[Path] = (),
    start: Styles | None = None,
    rows_alone: bool = False,
    resume: bool = False,
    architecture: Architecture | None = None,
    features: perceptual.Features | None = None,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    on_message: Callable[[str], None] | None = None,
    cancel: Cancel | None = None,
    notes: Mapping[str, Any] | None = None,
) -> Styles:
    """Train styles.

    Args:
        paintings: The styles.
        photos: Photos to train on; those that cannot be read are named and left out.
        output: The styles' file; ``files_of`` tells what is written beside it.
        settings: How it goes.
        held_out: Photos for the preview.
        start: Begin with this network's trunk and rows.
        rows_alone: Leave the trunk of ``start`` as it is and train rows, which is quick.
        resume: Go on from the checkpoint beside ``output``.
        architecture: The sizes of a new network.
        features: The network that looks; None: VGG16.
        on_progress: Told every 20 steps, and when something was saved.
        on_message: Told in words what is left out, skipped or changed.
        cancel: Looked at after every step; what was trained is saved then.
        notes: Kept in the styles' file.

    Returns:
        The network, its parameters' running averages.

    Raises:
        ConfigError: No paintings or photos; the checkpoint is of another training; or
            the steps are not finite any more.
        ImageError: A painting cannot be read.
        OutputError: Nothing can be written there.
        WeightsError: No weights of VGG16, or no checkpoint to resume from.
    """
    settings = settings or TrainingSettings()
    say = on_message or (lambda text: None)
    files = files_of(output)
    if not paintings or not photos:
        raise ConfigError("train: expected one style and one photo at least, got none")
    for path in dataclasses.astuple(files):
        prepare_output(path)
    precision = settings.precision
    if precision == "auto":
        fast = backend.bfloat16_speed_up() > BFLOAT16_PAYS
        precision = "bfloat16" if fast else "float32"
    features = features or perceptual.feature_function(precision)
    known = Photos(photos, lambda path, why: say(f"left out: {why}"))
    rows, targets, hashes = _rows(paintings, features, settings)
    training = _beginning(rows, hashes, settings, start, rows_alone, architecture, files, resume)
    norms = _norms(features, known, targets, settings)
    loss = _loss(training.architecture, features, precision)
    sitting = _Sitting(training, settings, files, tuple(held_out), precision, dict(notes or {}))
    take_step = _step(loss, rows_alone, settings)
    log = TrainingLog(files.log, training.step)
    arrivals = in_background(
        batches(
            known, len(rows), settings.batch_size, settings.crop_size, settings.seed, training.step
        )
    )
    weights = np.array([row.weight for row in rows], np.float32)
    reported: list[tuple[float, float]] = []
    row_of_skips = 0
    try:
        while not sitting.over() and not (cancel is not None and cancel.is_set()):
            crops, chosen = next(arrivals)
            batch = (
                crops.astype(np.float32),
                chosen,
                {layer: target[chosen] for layer, target in targets.items()},
                {name: norm[chosen] for name, norm in norms.items()},
                weights[chosen],
            )
            sitting.state, terms, finite = take_step(sitting.state, batch, sitting.rate())
            row_of_skips = 0 if finite else row_of_skips + 1
            if row_of_skips > MAX_SKIPPED:
                raise ConfigError(
                    f"train: {row_of_skips} steps in a row were not finite; the last checkpoint "
                    f"is {files.checkpoint}; resume from it with a lower learning rate"
                )
            if not finite:
                say(f"step {sitting.step + 1} skipped: its loss or gradient was not finite")
            else:
                reported.append(terms)
            sitting.step += 1
            sitting.skipped += not finite
            due = sitting.checkpoint_due()
            if due:
                sitting.save()
            if due or sitting.step % REPORT_STEPS == 0:
                progress = sitting.progress(reported, due)
                log(progress)
                if on_progress is not None:
                    on_progress(progress)
                reported = []
    finally:
        arrivals.close()  # type: ignore[attr-defined]
    trained = sitting.save()
    if on_progress is not None:
        on_progress(sitting.progress(reported, True))
    return trained


class _Sitting:
    """A training as it goes: where it stands, what time it is, and its files."""

    def __init__(
        self,
        training: TrainingState,
        settings: TrainingSettings,
        files: Files,
        held_out: tuple[Path, ...],
        precision: str,
        notes: dict[str, Any],
    ) -> None:
        self.training, self.settings, self.files = training, settings, files
        self.precision, self.notes, self.held_out = precision, notes, held_out
        self.step, self.skipped = training.step, training.skipped
        self.state = backend.tensors(training.state)
        self.begun = self.saved = time.monotonic()

    def seconds(self) -> float:
        return self.training.seconds + time.monotonic() - self.begun

    def done(self) -> float:
        """The share of the work that is done, by steps or by time."""
        shares = [self.step / self.settings.steps]
        if self.settings.minutes is not None:
            spent = time.monotonic() - self.begun
            shares.append(spent / max(60 * self.settings.minutes, 1e-9))
        return max(shares)

    def over(self) -> bool:
        return self.done() >= 1

    def rate(self) -> float:
        """The learning rate: constant, then falling to nothing."""
        left = (1 - self.done()) / self.settings.decay if self.settings.decay else 1.0
        return self.settings.learning_rate * min(left, 1.0)

    def checkpoint_due(self) -> bool:
        return time.monotonic() - self.saved >= 60 * self.settings.checkpoint_minutes

    def progress(self, reported: Sequence[tuple[float, float]], saved: bool) -> TrainingProgress:
        done = self.done()
        steps_here = self.step - self.training.step
        left = None
        if steps_here:
            spent = time.monotonic() - self.begun
            left = spent / steps_here * (self.settings.steps - self.step)
            if self.settings.minutes is not None and done > 0:
                left = min(left, max(60 * self.settings.minutes - spent, 0.0))
        means = np.nanmean(np.array(reported), axis=0) if reported else (np.nan, np.nan)
        terms = {"content": float(means[0]), "style": float(means[1])}
        return TrainingProgress(
            self.step, self.settings.steps, self.seconds(), left, terms, self.skipped, saved
        )

    def save(self) -> Styles:
        """Write checkpoint, styles and preview."""
        arrays = keras.tree.map_structure(ops.convert_to_numpy, self.state)
        training = dataclasses.replace(
            self.training,
            state=arrays,
            step=self.step,
            seconds=self.seconds(),
            skipped=self.skipped,
        )
        checkpoint.save(training, self.files.checkpoint)
        rows = tuple(dataclasses.replace(row, steps=self.step) for row in training.rows)
        hours = round(training.seconds / 3600, 2)
        notes = {**self.notes, "steps": self.step, "hours": hours, **training.fingerprint}
        average = arrays["average"]
        trained = Styles(training.architecture, average["trunk"], average["rows"], rows, notes)
        styles.save(trained, self.files.styles)
        if self.held_out:
            image = sheet(trained, self.held_out, self.precision)
            pictures.save(image, self.files.preview)
        self.saved = time.monotonic()
        return trained


def _rows(
    paintings: Sequence[Painting], features: perceptual.Features, settings: TrainingSettings
) -> tuple[tuple[Row, ...], dict[str, np.ndarray], dict[str, str]]:
    """The rows of a training, the Gram matrices of each by layer, and hashes of the pictures.

    The first row is the identity's; its target, of a weight of 0, is the second's.
    """
    rows, found, hashes = [Row(IDENTITY)], [], {}
    for painting in paintings:
        picture = pictures.load(painting.picture)
        hashes[f"painting {painting.name}"] = hashlib.sha256(picture.tobytes()).hexdigest()
        for stroke in painting.strokes:
            height = min(STROKES[stroke], picture.shape[0])
            width = max(round(picture.shape[1] * height / picture.shape[0]), 1)
            resized = pictures.resize(picture, height, width, "bicubic")
            weight = painting.weight * settings.style_weight
            row = Row(painting.name, stroke, painting.title, painting.artist, height, weight)
            rows.append(row)
            found.append(perceptual.style_targets(features, resized))
    found.insert(0, found[0])
    targets = {layer: np.stack([target[layer] for target in found]) for layer in found[0]}
    return tuple(rows), targets, hashes


def _beginning(
    rows: tuple[Row, ...],
    hashes: Mapping[str, str],
    settings: TrainingSettings,
    start: Styles | None,
    rows_alone: bool,
    architecture: Architecture | None,
    files: Files,
    resume: bool,
) -> TrainingState:
    """The state that a training begins with, or goes on from."""
    fingerprint = {
        "batch_size": settings.batch_size,
        "crop_size": settings.crop_size,
        "learning_rate": settings.learning_rate,
        "clip": settings.clip,
        "seed": settings.seed,
        "rows_alone": rows_alone,
        "rows": [f"{row.style} {row.stroke} {row.weight:g}".strip() for row in rows],
        **hashes,
    }
    if resume:
        training = checkpoint.load(files.checkpoint)
        checkpoint.check_resumable(training, fingerprint, files.checkpoint)
        return training
    if start is None:
        if rows_alone:
            raise ConfigError("train: rows alone are trained on a trunk; give one to start from")
        sizes = architecture or Architecture()
        trunk = initial_trunk(sizes, settings.seed)
        table = np.stack([plain_row(sizes)] * len(rows))
    else:
        sizes, trunk = start.architecture, dict(start.trunk)
        table = np.stack([start.nearest_row(row) for row in rows])
    state = adam.initial_state({"trunk": trunk, "rows": table})
    return TrainingState(sizes, rows, state, 0, 0.0, 0, fingerprint)


def _norms(
    features: perceptual.Features,
    photos: Photos,
    targets: Mapping[str, np.ndarray],
    settings: TrainingSettings,
) -> dict[str, np.ndarray]:
    """What the terms are divided by, {layer or "content": float32 (rows,)}: see ``losses``."""
    sampled = batches(photos, 1, settings.batch_size, settings.crop_size, settings.seed + 1, step=0)
    look = backend.compiled(
        lambda crops: (
            perceptual.grams(found := features(crops)),
            ops.mean(ops.var(found[perceptual.CONTENT_LAYER], axis=(0, 1, 2))),
        )
    )
    distances: dict[str, list[np.ndarray]] = {layer: [] for layer in targets}
    spreads = []
    for _, (crops, _) in zip(range(SAMPLE_BATCHES), sampled, strict=False):
        found, spread = look(ops.convert_to_tensor(crops.astype(np.float32)))
        spreads.append(float(spread))
        for layer, target in targets.items():
            gram = ops.convert_to_numpy(found[layer])  # (N, C, C)
            distances[layer] += [np.square(target - one).mean(axis=(1, 2)) for one in gram]
    norms = {layer: np.mean(each, axis=0).astype(np.float32) for layer, each in distances.items()}
    any_layer = next(iter(norms.values()))
    norms["content"] = np.full_like(any_layer, np.mean(spreads))
    return {name: np.maximum(norm, 1e-12) for name, norm in norms.items()}


def _loss(architecture: Architecture, features: perceptual.Features, precision: str) -> Any:
    """The mean over a batch of content + weight style, as ``backend.value_and_grad`` takes it."""

    def loss(
        trained: Mapping[str, Any],
        frozen: Mapping[str, Any],
        crops: Any,
        chosen: Any,
        targets: Mapping[str, Any],
        norms: Mapping[str, Any],
        weights: Any,
    ) -> tuple[Any, dict[str, Any]]:
        parameters = {**frozen, **trained}
        table = parameters["rows"]
        picked = ops.one_hot(chosen, table.shape[0], dtype="float32")  # (N, rows)
        rows = ops.tensordot(picked, table, axes=1)  # (N, 2, C)
        painted = model.paint(architecture, parameters["trunk"], rows, crops, precision)
        content = features(crops, perceptual.CONTENT_LAYER)[perceptual.CONTENT_LAYER]
        each = perceptual.losses(features(painted), content, targets, norms)
        total = ops.mean(each[0] + weights * each[1])
        return total, {"content": each[0], "style": each[1]}

    return loss


def _step(loss: Any, rows_alone: bool, settings: TrainingSettings) -> Any:
    """A step of the training: (state, batch, rate) to (state, (content, style), finite)."""
    gradient = backend.value_and_grad(loss)
    update = backend.compiled(
        lambda state, gradients, value, rate: adam.step(
            state, gradients, value, rate, settings.clip
        )
    )

    def take(state: dict[str, Any], batch: Any, rate: float) -> Any:
        parameters = state["parameters"]
        trained = {"rows": parameters["rows"]} if rows_alone else parameters
        frozen = {"trunk": parameters["trunk"]} if rows_alone else {}
        value, terms, gradients = gradient(trained, frozen, *backend.tensors(batch))
        if rows_alone:
            gradients["trunk"] = keras.tree.map_structure(ops.zeros_like, parameters["trunk"])
        rate_tensor = ops.convert_to_tensor(rate, "float32")
        state, finite = update(state, gradients, value, rate_tensor)
        weights = batch[-1]
        content, style = (ops.convert_to_numpy(terms[name]) for name in ("content", "style"))
        styled = style[weights > 0]  # the identity has no style
        mean = float(styled.mean()) if styled.size else np.nan
        return state, (float(content.mean()), mean), bool(finite)

    return take
