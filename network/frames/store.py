"""A film's folder: what the next frame needs to go on exactly."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from network.errors import ConfigError
from network.pictures.files import output_errors, temporary_sibling

__all__ = [
    "Done",
    "Earlier",
    "Kept",
    "State",
    "forget",
    "keep",
    "kept",
    "load",
    "save",
    "state_path",
]

FORMAT = 1
KEPT_FRAMES = (1, 2, 4)  # how far back the long term looks
KEPT_FOLDER = "passes"


@dataclass(frozen=True, eq=False)
class Earlier:
    """A frame that others can go on from.

    Attributes:
        content: What it showed, uint8 (height, width, 3), of the working size.
        result: What became of it, of that shape.
    """

    content: np.ndarray
    result: np.ndarray


@dataclass(frozen=True, eq=False)
class Kept:
    """A frame that a later pass goes on from, by itself: the clip is not read again.

    Attributes:
        content: As an ``Earlier``'s.
        result: As an ``Earlier``'s.
        size: The (height, width) of the picture that is saved.
    """

    content: np.ndarray
    result: np.ndarray
    size: tuple[int, int]


@dataclass(frozen=True)
class Done:
    """A finished frame.

    Attributes:
        number: Of its clip, from 1.
        time: When it is shown, in the clip's smallest steps.
        evaluations: What it took, in all passes.
    """

    number: int
    time: int
    evaluations: int


@dataclass(frozen=True, eq=False)
class State:
    """How far a film is.

    Attributes:
        fingerprint: What has to be the same for it to go on.
        seed: Of its noise.
        done: Every finished frame, in the order of the clip.
        seconds: Time spent.
        again: How many frames were painted in passes after the first, all passes together.
        earlier: The last frames that were painted, the latest first.
        reference: What each pixel showed when its result was last made, uint8 (height,
            width, 3); None: there is no frame yet.
    """

    fingerprint: Mapping[str, Any]
    seed: int
    done: tuple[Done, ...] = ()
    seconds: float = 0.0
    again: int = 0
    earlier: tuple[Earlier, ...] = field(default=())
    reference: np.ndarray | None = None

    def followed(
        self, frame: Done, latest: Earlier, reference: np.ndarray, seconds: float, depth: int
    ) -> State:
        """The state after another frame; ``depth`` frames are kept."""
        return dataclasses.replace(
            self,
            done=(*self.done, frame),
            seconds=seconds,
            earlier=(latest, *self.earlier)[:depth],
            reference=reference,
        )

    def repainted(
        self, evaluations: int, latest: Earlier, reference: np.ndarray, seconds: float, depth: int
    ) -> State:
        """The state after another frame of a pass after the first."""
        _, index = self.turn(self.again)
        frame = self.done[index]
        more = dataclasses.replace(frame, evaluations=frame.evaluations + evaluations)
        done = (*self.done[:index], more, *self.done[index + 1 :])
        followed = self.followed(more, latest, reference, seconds, depth)
        return dataclasses.replace(followed, done=done, again=self.again + 1)

    def turn(self, again: int) -> tuple[int, int]:
        """Whose turn it is when ``again`` frames were painted again: the pass, and the index.

        The second pass goes back from the last frame, the third forth from the first, and
        so on.
        """
        count = len(self.done)
        rounds, position = divmod(again, count)
        return rounds + 2, position if rounds % 2 else count - 1 - position

    @property
    def latest(self) -> Done:
        """The frame that was painted last; there is one."""
        return self.done[self.turn(self.again - 1)[1] if self.again else -1]


def state_path(folder: Path) -> Path:
    """Where the state is kept."""
    return folder / "film.npz"


def save(state: State, folder: Path) -> None:
    """Write the state whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    header = {
        "format": FORMAT,
        "fingerprint": state.fingerprint,
        "seed": state.seed,
        "seconds": state.seconds,
        "done": [dataclasses.astuple(frame) for frame in state.done],
    }
    if state.again:
        header["again"] = state.again
    arrays = {"header": np.array(json.dumps(header))}
    for number, each in enumerate(state.earlier):
        arrays |= {f"content{number}": each.content, f"result{number}": each.result}
    if state.reference is not None:
        arrays["reference"] = state.reference
    _write(state_path(folder), arrays)


def _write(path: Path, arrays: Mapping[str, Any]) -> None:
    with output_errors(path), temporary_sibling(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())  # its name must not outlive a power cut without it


def load(folder: Path) -> State | None:
    """Read a state; None where there is none.

    Raises:
        ConfigError: It cannot be used.
    """
    path = state_path(folder)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = dict(file)
        header = json.loads(str(arrays.pop("header")[()]))
        if header.pop("format") != FORMAT:
            raise ValueError("made by another version")
        count = sum(name.startswith("content") for name in arrays)
        earlier = (Earlier(arrays[f"content{n}"], arrays[f"result{n}"]) for n in range(count))
        header["done"] = tuple(Done(*map(int, each)) for each in header["done"])
        return State(**header, earlier=tuple(earlier), reference=arrays.get("reference"))
    except FileNotFoundError:
        return None
    except Exception as error:  # zipfile and NumPy raise nearly anything on a mangled file
        _refuse(path, "state of a film", error, "remove it, or leave --resume out")


def keep(frame: Kept, folder: Path, number: int, pass_number: int) -> None:
    """Keep a frame's result for the next pass, beside the one that this pass began from.

    A pass that is cut off between a frame's result and the film's state paints that frame
    once more, from what it was painted from.

    Args:
        frame: The frame.
        folder: The film's.
        number: The frame's.
        pass_number: From 1.

    Raises:
        OutputError: It cannot be written.
    """
    path = _kept_path(folder, number, pass_number)
    with output_errors(path):
        path.parent.mkdir(exist_ok=True)
    _write(path, dataclasses.asdict(frame))


def kept(folder: Path, number: int, pass_number: int) -> Kept:
    """A frame as a pass has left it; no later one but the next may have been begun.

    Raises:
        ConfigError: It cannot be used.
    """
    path = _kept_path(folder, number, pass_number)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            height, width = map(int, file["size"])
            return Kept(file["content"], file["result"], (height, width))
    except Exception as error:
        _refuse(path, "frame of a pass", error, "leave --resume out to begin anew")


def forget(folder: Path) -> None:
    """Remove what is kept for further passes, if there is any."""
    shutil.rmtree(folder / KEPT_FOLDER, ignore_errors=True)


def _kept_path(folder: Path, number: int, pass_number: int) -> Path:
    return folder / KEPT_FOLDER / f"{number:06d}_{pass_number % 2}.npz"


def _refuse(path: Path, what: str, error: Exception, remedy: str) -> NoReturn:
    reason = " ".join(str(error).split())[:200]
    raise ConfigError(
        f"resume: {path} is no {what} that can be used ({reason}); {remedy}", option="resume"
    ) from None
