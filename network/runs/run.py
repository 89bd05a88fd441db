"""The state of a run: what it has come to, and what it keeps of that on disk.

A file that cannot be written does not end a run. It is told of and tried again
an iteration later, and the last picture is saved elsewhere if need be.
"""

from __future__ import annotations

import glob
import itertools
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network.config import TransferConfig
from network.errors import OutputError, StyleTransferWarning
from network.events import INTERRUPTED, Progress, Result
from network.features.weights import WeightsFile
from network.optimize.scales import Stage
from network.runs import checkpoint, metadata
from network.runs.checkpoint import Checkpoint

if TYPE_CHECKING:
    import os

    from network.optimize.lbfgs import Minimum

__all__ = ["Output", "Run", "warn_of_earlier_files"]


@dataclass(frozen=True)
class Output:
    """Where a run writes, and what its files tell.

    Attributes:
        prefix: As given to ``transfer``.
        path: From an iteration to its picture's path.
        save: Writes a picture: of a vector, its stage, its 8 bits, to a path, with
            texts.
        texts: What every picture tells of its making.
    """

    prefix: str | os.PathLike[str]
    path: Callable[[int], Path]
    save: Callable[[np.ndarray, Stage, np.ndarray, Path, Mapping[str, str]], None]
    texts: Mapping[str, str]


class Run:
    """Losses, files and the last picture of a run, from its first evaluation to its result."""

    def __init__(
        self,
        config: TransferConfig,
        stages: Sequence[Stage],
        paint: Callable[[np.ndarray, Stage], np.ndarray],
        output: Output | None,
        callback: Callable[[Progress], object] | None,
        *,
        weights_file: WeightsFile,
        seed: int,
        planned: int,
        fingerprint: Mapping[str, Any],
    ) -> None:
        """Begin a run.

        Args:
            config: The settings.
            stages: The plan.
            paint: From a vector of a stage to the picture that is saved.
            output: Where to; None: nothing is written.
            callback: As for ``transfer``.
            weights_file: The weights used.
            seed: The seed used.
            planned: See ``Checkpoint``.
            fingerprint: See ``Checkpoint``.
        """
        self.config, self.stages, self.paint = config, stages, paint
        self.output, self.callback, self.weights_file = output, callback, weights_file
        self.seed, self.planned, self.fingerprint = seed, planned, fingerprint
        self.started = time.monotonic()
        self.before = 0  # evaluations of earlier stages
        self.saved_at = 0  # evaluations that the last picture shows
        self.last_stage: Stage | None = None
        self.losses: list[float] = []
        self.paths: list[Path] = []
        self.picture = np.empty(0)
        self.shown: tuple[np.ndarray, Stage]  # what the picture is of
        self.unsaved: int | None = None  # the iteration whose picture is not on disk
        self.resumed: tuple[int, ...] = ()

    def resume(self, saved: Checkpoint) -> None:
        """Take over what an earlier part of the run has come to."""
        stage = self.stages[saved.stage]
        evaluation = saved.before + saved.evaluations
        self.started -= saved.seconds
        self.before = saved.before
        self.saved_at = evaluation
        self.last_stage = stage if saved.compares else None
        self.losses = list(saved.losses)
        self.resumed = (*saved.resumed, evaluation)
        self.picture, self.shown = self.paint(saved.vector, stage), (saved.vector, stage)
        last = len(saved.losses)
        if self.output is not None and last and not self.output.path(last).exists():
            self.unsaved = last

    def evaluated(
        self,
        stage: Stage,
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

    def end_iteration(self, stage: Stage, point: Minimum, whole: bool = True) -> str | None:
        """Keep and report the best picture; a reason to stop, or None.

        ``whole``: not cut short, so that the run would go on with the next one.
        """
        config = self.config
        improvement = None
        # Losses of different scales do not compare.
        if self.last_stage is stage:
            last = self.losses[-1]
            improvement = (last - point.loss) / (abs(last) or 1.0) * 100
        losses = [*self.losses, point.loss]
        self.picture, self.shown = self.paint(point.vector, stage), (point.vector, stage)
        due = config.save_every > 0 and point.iteration % config.save_every == 0
        path = None
        if due or not whole or point.iteration == config.num_iter:
            path = self._save(losses, point.iteration, self.before + point.evaluations)
        self.unsaved = point.iteration if path is None else None
        # Only now: an interrupt before this line makes finish() do it all again.
        kept, self.losses = self.losses, losses
        self.saved_at = self.before + point.evaluations
        if whole:
            self.last_stage = stage
            self._keep(stage, point, losses, point.iteration + 1)
        elif config.optimizer != "inetwork":
            # INetwork's way goes on from whole iterations only, and so repeats itself exactly.
            self._keep(stage, point, kept, point.iteration)
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

    def finish(self, stage: Stage, minimum: Minimum) -> None:
        """After a stage: save what a run that ended within an iteration has reached."""
        ended = stage is self.stages[-1] or minimum.reason == INTERRUPTED
        if ended and self.saved_at < self.before + minimum.evaluations:
            self.end_iteration(stage, minimum, minimum.evaluations in self._ends(stage))
        self.before += minimum.evaluations

    def interrupted(self, stage: Stage, minimum: Minimum) -> None:
        """Ctrl-C after a stage, before the next one has an evaluation."""
        if self.saved_at < self.before:
            self.before -= minimum.evaluations
            self.finish(stage, minimum)

    def result(self, minimum: Minimum) -> Result:
        """The end: save the last picture if it is on no disk yet.

        Raises:
            OutputError: It cannot be saved anywhere.
        """
        if self.output is not None and self.unsaved is not None:
            path = self.output.path(self.unsaved)
            write = partial(self._write, self.losses, self.unsaved, self.saved_at)
            self.paths.append(_write_somewhere(write, path))
            self.unsaved = None
        return Result(
            image=self.picture,
            losses=tuple(self.losses),
            terms=minimum.terms,
            weights=self.weights_file,
            evaluations=self.before,
            seconds=time.monotonic() - self.started,
            paths=tuple(self.paths),
            seed=self.seed,
            stop_reason=minimum.reason,
            interrupted=minimum.reason == INTERRUPTED,
        )

    def _ends(self, stage: Stage) -> Sequence[int]:
        """At which evaluations of a stage an iteration ends; INetwork's ends where SciPy does."""
        return () if self.config.optimizer == "inetwork" else stage.iteration_ends

    def _save(self, losses: Sequence[float], iteration: int, evaluation: int) -> Path | None:
        """Save the picture in its place; None where that cannot be."""
        if self.output is None:
            return None
        path = self.output.path(iteration)
        try:
            self._write(losses, iteration, evaluation, path)
        except OutputError as error:
            _warn(f"{error}; the run goes on, and saves the next picture if it can")
            return None
        self.paths.append(path)
        return path

    def _write(self, losses: Sequence[float], iteration: int, evaluation: int, path: Path) -> None:
        """Write the picture, and what it tells of its making."""
        assert self.output is not None
        of_the_run = metadata.run_texts(losses, iteration, evaluation, self.resumed)
        texts = {**self.output.texts, **of_the_run}
        self.output.save(*self.shown, self.picture, path, texts)

    def _keep(self, stage: Stage, point: Minimum, losses: Sequence[float], iteration: int) -> None:
        """Write the checkpoint from which ``iteration`` goes on."""
        if self.output is None:
            return
        state = Checkpoint(
            vector=point.vector,
            point=point.point,
            loss=point.loss,
            terms=point.terms,
            stage=self.stages.index(stage),
            height=stage.height,
            width=stage.width,
            evaluations=point.evaluations,
            before=self.before,
            iteration=iteration,
            losses=tuple(losses),
            compares=self.last_stage is stage,
            seed=self.seed,
            planned=self.planned,
            seconds=time.monotonic() - self.started,
            resumed=self.resumed,
            fingerprint=self.fingerprint,
        )
        try:
            checkpoint.save(state, checkpoint.checkpoint_path(self.output.prefix))
        except OutputError as error:
            _warn(f"{error}; the run goes on, and tries again after the next iteration")


def warn_of_earlier_files(output: Output) -> None:
    """Say that a new run is going to overwrite what an earlier one left."""
    first = output.path(1)
    start = Path(f"{output.prefix}_at_iteration_").name
    pictures = sum(1 for _ in first.parent.glob(f"{glob.escape(start)}*"))
    if pictures:
        _warn(
            f"prefix: {output.prefix} has pictures of an earlier run ({pictures}), which this one "
            "overwrites; another PREFIX keeps them, --resume goes on from that run"
        )


def _write_somewhere(write: Callable[[Path], None], path: Path) -> Path:
    """Write to ``path``, or else to the current folder, or else to the system's temporary one.

    Raises:
        OutputError: None of them can be written.
    """
    try:
        write(path)
        return path
    except OutputError as error:
        failure = error
    for folder in (Path.cwd, tempfile.gettempdir):
        try:
            elsewhere = _free_name(Path(folder()) / path.name)
            write(elsewhere)
        except OSError:  # OutputError is one; the folder itself may be gone, too
            continue
        _warn(f"{failure}; the picture was saved as {elsewhere}")
        return elsewhere
    raise failure


def _free_name(path: Path) -> Path:
    """The path, numbered where that name is taken."""
    candidates = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain([path], candidates) if not name.exists())


def _warn(message: str) -> None:
    warnings.warn(message, StyleTransferWarning, stacklevel=3)
