"""What the running job shows: its latest picture, its figures and its curve; late frames go."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from network.app.frames import Frames

if TYPE_CHECKING:
    from network.events import Progress

__all__ = ["Live", "Shown"]

LONGEST_CURVE = 2000  # points; above it every other one goes
LONGEST = 1024  # pixels of the frames' longer side


@dataclass(frozen=True)
class Shown:
    """A moment of the running job.

    Attributes:
        job: Its id; None: nothing runs.
        frame: The number of the picture; 0: none yet.
        figures: evaluation, loss, terms, seconds, left and so on, as the page has them.
        words: What the run is at, before there are figures.
    """

    job: str | None = None
    frame: int = 0
    figures: dict[str, Any] = dataclasses.field(default_factory=dict)
    words: str = ""


class Live:
    """The latest of the running job, written by the worker and read by the pages."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._frames = Frames(LONGEST, clock)
        self.version = 0
        self.shown = Shown()
        self.frame: tuple[str, bytes] | None = None  # of a job, the last
        self._curve: list[dict[str, Any]] = []
        self._step = 1

    def begin(self, job: str, curve: list[dict[str, Any]]) -> None:
        """A job begins, or goes on with an earlier part's curve."""
        with self._lock:
            self.shown = Shown(job, words="reading the pictures")
            self.frame = None
            self._curve, self._step = list(curve), 1
            self._frames.restart()
            self.version += 1

    def say(self, words: str) -> None:
        """What the run is at."""
        with self._lock:
            self.shown = dataclasses.replace(self.shown, words=words)
            self.version += 1

    def tell(self, progress: Progress) -> None:
        """A moment of the run; a picture is painted when one is due."""
        frame = self._frames.painted(progress)
        figures = {
            "evaluation": progress.evaluation,
            "evaluations": progress.num_evaluations,
            "iteration": progress.iteration,
            "iterations": progress.num_iterations,
            "loss": progress.loss,
            "terms": dict(progress.terms),
            "seconds": progress.seconds,
            "done": progress.done,
            "left": max(1 - progress.done, 0) * progress.seconds / max(progress.done, 1e-9),
        }
        with self._lock:
            number = self.shown.frame
            if frame is not None and self.shown.job is not None:
                self.frame, number = (self.shown.job, frame), number + 1
            self.shown = dataclasses.replace(self.shown, frame=number, figures=figures, words="")
            if progress.image is None and progress.evaluation % self._step == 0:
                point = {"evaluation": progress.evaluation, "loss": progress.loss}
                self._curve.append({**point, "terms": dict(progress.terms)})
                if len(self._curve) > LONGEST_CURVE:
                    self._curve, self._step = self._curve[1::2], self._step * 2
            self.version += 1

    def end(self) -> None:
        """Nothing runs any more."""
        with self._lock:
            self.shown = Shown()
            self.version += 1

    def curve(self) -> list[dict[str, Any]]:
        """The points so far."""
        with self._lock:
            return list(self._curve)
