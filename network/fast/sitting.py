"""A training as it goes on: where it stands, what time it is, and what it writes."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
from keras import ops

from network import pictures
from network.compute import backend
from network.fast import checkpoint, styles
from network.fast.checkpoint import TrainingState
from network.fast.steps import Outcome
from network.fast.styles import Styles
from network.fast.training import TrainingProgress, TrainingSettings
from network.fast.training_files import Files
from network.fast.training_sheet import sheet

__all__ = ["Sitting"]


class Sitting:
    """A training from when it is begun, or gone on with, to when it is left."""

    def __init__(
        self,
        training: TrainingState,
        settings: TrainingSettings,
        files: Files,
        held_out: tuple[Path, ...],
        precision: str,
        notes: dict[str, Any],
        others: Styles | None = None,
    ) -> None:
        self.training, self.settings, self.files = training, settings, files
        self.precision, self.notes, self.held_out = precision, notes, held_out
        self.others = others  # of the same trunk, written with those that are trained
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
        return self.settings.learning_rate * min(max(left, 0.0), 1.0)

    def checkpoint_due(self) -> bool:
        return time.monotonic() - self.saved >= 60 * self.settings.checkpoint_minutes

    def progress(self, reported: Sequence[Outcome], saved: bool) -> TrainingProgress:
        done = self.done()
        steps_here = self.step - self.training.step
        left = None
        if steps_here:
            spent = time.monotonic() - self.begun
            left = spent / steps_here * (self.settings.steps - self.step)
            if self.settings.minutes is not None and done > 0:
                left = min(left, max(60 * self.settings.minutes - spent, 0.0))
        terms = {
            "content": _mean([outcome.content for outcome in reported]),
            "style": _mean([outcome.style for outcome in reported]),
        }
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
        notes = {**self.notes, **dataclasses.asdict(self.settings), **training.fingerprint}
        notes |= {"steps": self.step, "hours": hours}
        average = arrays["average"]
        trained = Styles(training.architecture, average["trunk"], average["rows"], rows, notes)
        if self.others is not None:
            trained = self.others.joined(trained)
        styles.save(trained, self.files.styles)
        if self.held_out:
            image = sheet(trained, self.held_out, self.precision)
            pictures.save(image, self.files.preview)
        self.saved = time.monotonic()
        return trained


def _mean(values: Sequence[float]) -> float:
    """The mean of those that are numbers: a batch of photos alone has no style."""
    numbers = [value for value in values if math.isfinite(value)]
    return sum(numbers) / len(numbers) if numbers else math.nan
