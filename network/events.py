"""What a transfer reports while it runs and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from network.features.weights import WeightsFile

__all__ = ["DONE", "INTERRUPTED", "Film", "FrameDone", "Progress", "Result"]

# Reasons for the end of a run that programs can ask for; others are sentences.
DONE = "done"
INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Progress:
    """The state after one loss-and-gradient evaluation, or at an iteration's end.

    Attributes:
        iteration: The iteration at work, from 1.
        num_iterations: Iterations asked for.
        evaluation: Evaluations done so far.
        num_evaluations: Evaluations expected in all.
        loss: At the end of an iteration its loss, else that of this evaluation.
        terms: The loss's weighted parts: "content", "style" and "tv"; in a film "temporal",
            too; and where frequencies are optimised "range", for what strays beyond black
            and white.
        seconds: Time since the network was ready; targets and compiling included,
            and what the run spent before it was resumed.
        done: Share of the work done, 0 to 1; evaluations at a coarse scale are
            less work.
        image: At the end of an iteration its picture, uint8 (height, width, 3)
            RGB, read-only; else None.
        path: The picture just saved; None where none was due, or could be written.
        improvement: Percent gained on the last iteration; None where unknown.
        preview: Paints the best picture so far, as ``image``; to be called within the
            callback. It takes as long as a picture takes to be painted.
    """

    iteration: int
    num_iterations: int
    evaluation: int
    num_evaluations: int
    loss: float
    terms: Mapping[str, float]
    seconds: float
    done: float
    image: np.ndarray | None = None
    path: Path | None = None
    improvement: float | None = None
    preview: Callable[[], np.ndarray] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Result:
    """A finished transfer.

    Attributes:
        image: The last picture, uint8 (height, width, 3) RGB.
        losses: One per iteration.
        terms: The weighted parts of the last loss, as ``Progress`` has them.
        weights: The weights file used and where it came from.
        evaluations: Loss-and-gradient evaluations spent.
        seconds: Time from when the network was ready to the end; of a resumed run,
            the earlier parts' included.
        paths: The pictures written, in order; of a resumed run, by this part.
        seed: The seed used for noise; it repeats the run.
        stop_reason: Why the run ended: "done", or a sentence.
        interrupted: Whether Ctrl-C ended it, or SIGTERM at the command line.
    """

    image: np.ndarray
    losses: tuple[float, ...]
    terms: Mapping[str, float]
    weights: WeightsFile
    evaluations: int
    seconds: float
    paths: tuple[Path, ...] = field(default=())
    seed: int = 0
    stop_reason: str = DONE
    interrupted: bool = False


@dataclass(frozen=True)
class FrameDone:
    """A frame of a film that is finished.

    Attributes:
        number: Of its clip, from 1.
        done: How many of the film's frames are; of a film of several passes, in all of them.
        total: How many it is to have, by what the clip says; None: it says nothing.
        evaluations: Loss-and-gradient evaluations spent on it in this pass; 0 where a
            network painted it, or nothing had changed.
        seconds: Time spent on the film, and on its parts before it was resumed.
        seconds_left: To the last frame, at the pace so far; None: not known.
        image: The picture, uint8 (height, width, 3) RGB, read-only.
        path: Where it is saved.
        begins: Whether it begins anew, as the first does, and after a cut.
    """

    number: int
    done: int
    total: int | None
    evaluations: int
    seconds: float
    seconds_left: float | None
    image: np.ndarray
    path: Path
    begins: bool


@dataclass(frozen=True)
class Film:
    """A film, or as much of it as was made.

    Attributes:
        path: The clip that was written; None where OUTPUT is a folder.
        frames: The finished frames, in order.
        evaluations: What each of them took.
        seconds: Time spent, that of earlier parts included.
        interrupted: Whether it was ended early.
    """

    path: Path | None
    frames: tuple[Path, ...]
    evaluations: tuple[int, ...]
    seconds: float
    interrupted: bool = False
