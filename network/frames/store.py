"""A film's folder: what the next frame needs to go on exactly."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from network.errors import ConfigError
from network.pictures.files import output_errors, temporary_sibling

__all__ = ["Done", "Earlier", "State", "load", "save", "state_path"]

FORMAT = 1
KEPT_FRAMES = (1, 2, 4)  # how far back the long term looks


@dataclass(frozen=True, eq=False)
class Earlier:
    """A frame that others can go on from.

    Attributes:
        content: What it showed, uint8 (height, width, 3), of the working size.
        result: What became of it, of that shape.
    """

    content: np.ndarray
    result: np.ndarray


@dataclass(frozen=True)
class Done:
    """A finished frame.

    Attributes:
        number: Of its clip, from 1.
        time: When it is shown, in the clip's smallest steps.
        evaluations: What it took.
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
        done: Every finished frame.
        seconds: Time spent.
        earlier: The last frames, the latest first.
        reference: What each pixel showed when its result was last made, uint8 (height,
            width, 3); None: there is no frame yet.
    """

    fingerprint: Mapping[str, Any]
    seed: int
    done: tuple[Done, ...] = ()
    seconds: float = 0.0
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
    arrays = {"header": np.array(json.dumps(header))}
    for number, each in enumerate(state.earlier):
        arrays |= {f"content{number}": each.content, f"result{number}": each.result}
    if state.reference is not None:
        arrays["reference"] = state.reference
    path = state_path(folder)
    with output_errors(path), temporary_sibling(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
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
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"resume: {path} is no state of a film that can be used ({reason}); remove it, or "
            "leave --resume out",
            option="resume",
        ) from None
