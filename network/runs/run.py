"""The state of a run: what it has come to, and what it keeps of that on disk.

A file that cannot be written does not end a run. It is told of and tried again
an iteration later, and the last picture is saved elsewhere if need be.
"""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from network.config import TransferConfig
from network.errors import OutputError, StyleTransferWarning
from network.events import INTERRUPTED, Progress, Result
from network.features.weights import WeightsFile
from network.optimize.minimum import Minimum
from network.optimize.scales import Stage
from network.runs import checkpoint, metadata
from network.runs.checkpoint import Checkpoint, State
from network.runs.output import Output, remove_earlier_checkpoint, write_somewhere

__all__ = ["Run"]


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
            seed: See ``State``.
            planned: See ``State``.
            fingerprint: See ``State``.
        """
        self.config, self.stages, self.paint = config, stages, paint
        self.output, self.callback, self.weights_file = output, callback, weights_file
        self.state = State(seed, planned, fingerprint)  # its seconds are of the parts before
        self.begun = time.monotonic()
        self.saved_at = 0  # evaluations that the last picture shows
        self.last_stage: Stage | None = None  # where the last loss was measured
        self.paths: list[Path] = []
        self.picture = np.empty(0)
        self.shown: tuple[np.ndarray, Stage]  # what the picture is of
        self.unsaved: int | None = None  # the iteration whose picture is not on disk
        self.replaces = output is not None  # an earlier run's checkpoint, with the first file

    def resume(self, saved: Checkpoint) -> None:
        """Take over what an earlier part of the run has come to."""
        stage, state = self.stages[saved.stage], saved.state
        self.state = dataclasses.replace(
            self.state,
            losses=state.losses,
            before=state.before,
            seconds=state.seconds,
            resumed=(*state.resumed, saved.done),
        )
        self.replaces = False
        self.saved_at = saved.done
        self.last_stage = stage if saved.compares else None
        vector = saved.best.vector
        self.picture, self.shown = self.paint(vector, stage), (vector, stage)
        last = len(state.losses)
        if self.output is not None and last and not self.output.path(last).exists():
            self.unsaved = last

    @property
    def seconds(self) -> float:
        """Time spent, on all parts of the run."""
        return self.state.seconds + time.monotonic() - self.begun

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
                    evaluation=self.state.before + point.evaluations,
                    num_evaluations=sum(stage.num_evaluations for stage in self.stages),
                    done=stage.done_before + point.evaluations * stage.share,
                    loss=loss,
                    terms=terms,
                    seconds=self.seconds,
                    preview=partial(self.paint, point.vector, stage),
                    **more,
                )
            )

    def steered(
        self,
        stage: Stage,
        best: Minimum,
        config: TransferConfig,
        fingerprint: Mapping[str, Any],
        texts: Callable[..., Mapping[str, str]],
    ) -> None:
        """Go on with other weights: losses before and after do not compare.

        Args:
            stage: The one at work.
            best: The best point so far, with its loss by the new weights.
            config: The settings now.
            fingerprint: See ``State``.
            texts: From what pictures told, and the evaluations done, to what they tell now.
        """
        self.config, self.last_stage = config, None
        self.state = dataclasses.replace(self.state, fingerprint=fingerprint)
        if self.output is not None:
            told = texts(self.output.texts, evaluations=self.state.before + best.evaluations)
            self.output = dataclasses.replace(self.output, texts=told)
        if config.optimizer != "inetwork":  # as in end_iteration
            self._keep(stage, best, self.state)

    def end_iteration(self, stage: Stage, point: Minimum, whole: bool = True) -> str | None:
        """Keep and report the best picture; a reason to stop, or None.

        ``whole``: not cut short, so that the run would go on with the next one.
        """
        config = self.config
        improvement = None
        # Losses of different scales do not compare.
        if self.last_stage is stage:
            last = self.state.losses[-1]
            improvement = (last - point.loss) / (abs(last) or 1.0) * 100
        losses = (*self.state.losses, point.loss)
        self.picture, self.shown = self.paint(point.vector, stage), (point.vector, stage)
        due = config.save_every > 0 and point.iteration % config.save_every == 0
        path = None
        if due or not whole or point.iteration == config.num_iter:
            path = self._save(losses, point.iteration, self.state.before + point.evaluations)
        self.unsaved = point.iteration if path is None else None
        # Only now: an interrupt before this line makes finish() do it all again.
        kept, self.state = self.state, dataclasses.replace(self.state, losses=losses)
        self.saved_at = self.state.before + point.evaluations
        if whole:
            self.last_stage = stage
            self._keep(stage, dataclasses.replace(point, iteration=point.iteration + 1), self.state)
        elif config.optimizer != "inetwork":
            # INetwork's way goes on from whole iterations only, and so repeats itself exactly.
            self._keep(stage, point, kept)
        self.evaluated(
            stage,
            point,
            point.loss,
            point.terms,
            image=_read_only(self.picture),
            path=path,
            improvement=improvement,
        )
        # A coarse scale has done its part once it improves no more.
        full_size = stage is self.stages[-1]
        # Patches that are matched anew may raise the loss.
        least = config.min_improvement
        if full_size and improvement is not None and least > 0 and improvement < least:
            return (
                f"iteration {point.iteration} improved the loss by {improvement:.3g}%, "
                f"less than min_improvement ({config.min_improvement:g}%)"
            )
        return None

    def finish(self, stage: Stage, minimum: Minimum) -> None:
        """After a stage: save what a run that ended within an iteration has reached."""
        ended = stage is self.stages[-1] or minimum.reason == INTERRUPTED
        if ended and self.saved_at < self.state.before + minimum.evaluations:
            self.end_iteration(stage, minimum, minimum.evaluations in self._ends(stage))
        self._count(minimum.evaluations)

    def interrupted(self, stage: Stage, minimum: Minimum) -> None:
        """Ctrl-C after a stage, before the next one has an evaluation."""
        if self.saved_at < self.state.before:
            self._count(-minimum.evaluations)
            self.finish(stage, minimum)

    def result(self, minimum: Minimum) -> Result:
        """The end: save the last picture if it is on no disk yet.

        Raises:
            OutputError: It cannot be saved anywhere.
        """
        if self.output is not None and self.unsaved is not None:
            path = self.output.path(self.unsaved)
            write = partial(self._write, self.state.losses, self.unsaved, self.saved_at)
            self.paths.append(write_somewhere(write, path))
            self.unsaved = None
        return Result(
            image=self.picture,
            losses=self.state.losses,
            terms=minimum.terms,
            weights=self.weights_file,
            evaluations=self.state.before,
            seconds=self.seconds,
            paths=tuple(self.paths),
            seed=self.state.seed,
            stop_reason=minimum.reason,
            interrupted=minimum.reason == INTERRUPTED,
        )

    def _count(self, evaluations: int) -> None:
        """Count evaluations among those of earlier stages."""
        before = self.state.before + evaluations
        self.state = dataclasses.replace(self.state, before=before)

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
        self._replace()
        of_the_run = metadata.run_texts(losses, iteration, evaluation, self.state.resumed)
        texts = {**self.output.texts, **of_the_run}
        self.output.save(*self.shown, self.picture, path, texts)

    def _keep(self, stage: Stage, best: Minimum, state: State) -> None:
        """Write the checkpoint from which the best point's iteration goes on."""
        if self.output is None:
            return
        self._replace()
        saved = Checkpoint(
            best=best,
            stage=self.stages.index(stage),
            height=stage.height,
            width=stage.width,
            compares=self.last_stage is stage,
            state=dataclasses.replace(state, seconds=self.seconds),
        )
        try:
            checkpoint.save(saved, checkpoint.checkpoint_path(self.output.prefix))
        except OutputError as error:
            _warn(f"{error}; the run goes on, and tries again after the next iteration")

    def _replace(self) -> None:
        """Before a new run's first file: an earlier run's checkpoint would be resumed from it."""
        if self.replaces and self.output is not None:
            self.replaces = False
            remove_earlier_checkpoint(self.output)


def _read_only(array: np.ndarray) -> np.ndarray:
    """The array, for those who must not change it."""
    view: np.ndarray = array.view()
    view.flags.writeable = False
    return view


def _warn(message: str) -> None:
    warnings.warn(message, StyleTransferWarning, stacklevel=3)
