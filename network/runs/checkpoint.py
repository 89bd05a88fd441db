"""What a run needs to go on after it was ended: PREFIX.checkpoint.npz.

What it may hold, ``checkpoint_file`` says.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from network import __version__
from network.config import EARLIER, TransferConfig
from network.errors import ConfigError
from network.optimize.minimum import Minimum
from network.options import defaults, options
from network.pictures.files import output_errors, temporary_sibling
from network.runs import checkpoint_file

__all__ = [
    "Checkpoint",
    "State",
    "check",
    "checkpoint_path",
    "differences",
    "fingerprint",
    "load",
    "save",
]

LONGEST_VALUE = 60  # characters of a differing setting that are shown


@dataclass(frozen=True)
class State:
    """What a run has come to but for its image, and what has to be the same for it to go on.

    Attributes:
        seed: The seed of the noise.
        planned: The num_iter that the stages were planned for.
        fingerprint: What has to be the same.
        losses: One per whole iteration.
        before: Evaluations of earlier stages.
        seconds: Time spent.
        resumed: After how many evaluations the run was resumed, each time.
    """

    seed: int
    planned: int
    fingerprint: Mapping[str, Any]
    losses: tuple[float, ...] = ()
    before: int = 0
    seconds: float = 0.0
    resumed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """A run between two evaluations.

    Attributes:
        best: The best image of its stage, and the iteration to go on with.
        stage: Which stage of the plan, from 0.
        height: The stage's rows.
        width: Its columns.
        compares: Whether the last of the losses was measured at this stage.
        state: The rest.
    """

    best: Minimum
    stage: int
    height: int
    width: int
    compares: bool
    state: State

    @property
    def done(self) -> int:
        """Evaluations done in all."""
        return self.state.before + self.best.evaluations


def _kept(part: type) -> list[str]:
    """The fields of a dataclass that a file's header has; those of all stand side by side."""
    left_out = ("vector", "point", "reason", "best", "state")
    return [field.name for field in dataclasses.fields(part) if field.name not in left_out]


HEADER = (
    "format",
    "software",
    *(name for part in (Minimum, Checkpoint, State) for name in _kept(part)),
)


def checkpoint_path(prefix: str | os.PathLike[str]) -> Path:
    """The checkpoint of the runs with a prefix."""
    return Path(f"{prefix}.checkpoint.npz")


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    best, state = checkpoint.best, checkpoint.state
    header = {"format": checkpoint_file.FORMAT, "software": f"INetwork {__version__}"}
    for part in (best, checkpoint, state):
        header |= {name: getattr(part, name) for name in _kept(type(part))}
    same = np.array_equal(best.point, best.vector)  # then it is stored once
    point = np.empty(0) if same else best.point
    with (
        output_errors(path),
        temporary_sibling(path) as temporary,
        temporary.open("wb") as file,
    ):
        np.savez(file, state=np.array(json.dumps(header)), vector=best.vector, point=point)
        file.flush()
        os.fsync(file.fileno())  # its name must not outlive a power cut without it


def load(path: Path) -> Checkpoint | None:
    """Read a checkpoint.

    Returns:
        The checkpoint, or None where there is no file.

    Raises:
        ConfigError: The file is no checkpoint, is damaged, or cannot be read.
    """
    try:
        with path.open("rb") as stream:
            header, vector, point = checkpoint_file.read(stream, set(HEADER))
    except FileNotFoundError:
        return None
    except Exception as error:  # zipfile and NumPy raise nearly anything on a mangled file
        reason = _shown(" ".join(str(error).split()), 200)
        raise ConfigError(
            f"resume: {path} is no checkpoint that can be used ({reason}); remove it, or leave "
            "--resume out",
            option="resume",
        ) from None
    return Checkpoint(
        best=Minimum(vector=vector, point=point, **_of(Minimum, header)),
        state=State(**_of(State, header)),
        **_of(Checkpoint, header),
    )


def _of(part: type, header: Mapping[str, Any]) -> dict[str, Any]:
    """A dataclass's fields in a header."""
    return {name: header[name] for name in _kept(part)}


def fingerprint(
    config: TransferConfig, inputs: Mapping[str, np.ndarray | None], **more: Any
) -> dict[str, Any]:
    """What must not change within a run: the settings of the objective, and a hash of its inputs.

    Args:
        config: The settings. Those marked resumable are left out.
        inputs: Pictures and masks by name, as arrays; they stand for settings of
            the same name.
        more: What else must be the same, of JSON's types.
    """
    settings = {
        option.name: getattr(config, option.name)
        for option in options(config)
        if not option.resumable
    }
    hashes = {name: None if array is None else _hash(array) for name, array in inputs.items()}
    return {**settings, **hashes, **more}


def _hash(array: np.ndarray) -> dict[str, str]:
    digest = hashlib.sha256(f"{array.dtype} {array.shape}".encode())
    digest.update(array.tobytes())
    return {"sha256": digest.hexdigest()}


def check(
    checkpoint: Checkpoint,
    fingerprint: Mapping[str, Any],
    num_iter: int,
    sizes: Sequence[tuple[int, int]],
) -> None:
    """Raise ConfigError unless a run can go on from a checkpoint.

    Args:
        checkpoint: The checkpoint.
        fingerprint: The one of the run.
        num_iter: The iterations asked for.
        sizes: The (height, width) of every stage of the run.
    """
    different = differences(checkpoint.state.fingerprint, fingerprint)
    if different:
        raise ConfigError(
            f"resume: the run that is to go on had other inputs or settings: "
            f"{', '.join(different)}; give those, or leave --resume out to begin anew",
            option="resume",
        )
    if num_iter < checkpoint.state.planned:
        raise ConfigError(
            f"num_iter: expected {checkpoint.state.planned} or more, for which the run that is to "
            f"go on was planned, got {num_iter}",
            option="num_iter",
        )
    size = (checkpoint.height, checkpoint.width)
    if checkpoint.stage >= len(sizes) or sizes[checkpoint.stage] != size:
        raise ConfigError(
            "resume: the checkpoint's image is of another size than the settings make it; "
            "leave --resume out to begin anew",
            option="resume",
        )


def differences(saved: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Compare two fingerprints.

    Returns:
        For everything that differs its name, and what it was and is.
    """
    now = json.loads(json.dumps(now))  # as a file would give it back
    # An option that was not there yet did what its default does, or what EARLIER says.
    otherwise = {**defaults(TransferConfig), **EARLIER}
    found = []
    for name in dict.fromkeys([*saved, *now]):
        before, after = (of.get(name, otherwise.get(name)) for of in (saved, now))
        if before != after:
            hashed = isinstance(before, dict) or isinstance(after, dict)
            values = "another" if hashed else f"{_shown(before)}, now {_shown(after)}"
            found.append(f"{name} ({values})")
    return found


def _shown(value: object, longest: int = LONGEST_VALUE) -> str:
    """A value from a file as a message may show it."""
    text = str(value)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= longest else f"{text[:longest]}..."
