"""What a run needs to go on after it was ended: PREFIX.checkpoint.npz.

Read without pickle; what is in it is checked before it is used.
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
from network.config import TransferConfig
from network.errors import ConfigError, OutputError
from network.options import options
from network.pictures.files import temporary_sibling

__all__ = ["Checkpoint", "check", "checkpoint_path", "differences", "fingerprint", "load", "save"]

FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run between two evaluations.

    Attributes:
        vector: float64 (N,), the best image of its stage.
        point: float64 (N,), where to go on from; INetwork's optimiser may stand
            elsewhere than at its best.
        loss: The vector's loss.
        terms: The loss's parts.
        stage: Which stage of the plan, from 0.
        height: The stage's rows.
        width: Its columns.
        evaluations: Evaluations done at this stage.
        before: Evaluations of earlier stages.
        iteration: The iteration to go on with, from 1.
        losses: One per whole iteration.
        compares: Whether the last of them was measured at this stage.
        seed: The seed of the noise.
        planned: The num_iter that the stages were planned for.
        seconds: Time spent.
        resumed: After how many evaluations the run was resumed, each time.
        fingerprint: What has to be the same for the run to go on.
    """

    vector: np.ndarray
    point: np.ndarray
    loss: float
    terms: Mapping[str, float]
    stage: int
    height: int
    width: int
    evaluations: int
    before: int
    iteration: int
    losses: tuple[float, ...]
    compares: bool
    seed: int
    planned: int
    seconds: float
    resumed: tuple[int, ...]
    fingerprint: Mapping[str, Any]


def checkpoint_path(prefix: str | os.PathLike[str]) -> Path:
    """The checkpoint of the runs with a prefix."""
    return Path(f"{prefix}.checkpoint.npz")


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    state = {
        field.name: getattr(checkpoint, field.name)
        for field in dataclasses.fields(checkpoint)
        if field.name not in ("vector", "point")
    }
    same = np.array_equal(checkpoint.point, checkpoint.vector)  # then it is stored once
    point = np.empty(0) if same else checkpoint.point
    header = {"format": FORMAT, "software": f"INetwork {__version__}", **state}
    try:
        with temporary_sibling(path) as temporary, temporary.open("wb") as file:
            np.savez(
                file, state=np.array(json.dumps(header)), vector=checkpoint.vector, point=point
            )
            file.flush()
            os.fsync(file.fileno())  # its name must not outlive a power cut without it
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; choose another place or name",
            path=path,
        ) from None


def load(path: Path) -> Checkpoint | None:
    """Read a checkpoint.

    Returns:
        The checkpoint, or None where there is no file.

    Raises:
        ConfigError: The file is no checkpoint, is damaged, or cannot be read.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            header = json.loads(str(file["state"][()]))
            vector, point = file["vector"], file["point"]
        if header.pop("format") != FORMAT:
            raise ValueError("made by another version")
        header.pop("software")
        checkpoint = Checkpoint(vector=vector, point=point if point.size else vector, **header)
        _check(checkpoint)
    except FileNotFoundError:
        return None
    except Exception as error:  # zipfile and NumPy raise nearly anything on a mangled file
        raise ConfigError(
            f"resume: {path} is no checkpoint that can be used ({error}); remove it, or leave "
            "--resume out",
            option="resume",
        ) from None
    return dataclasses.replace(
        checkpoint, losses=tuple(checkpoint.losses), resumed=tuple(checkpoint.resumed)
    )


def _check(checkpoint: Checkpoint) -> None:
    """Raise ValueError unless everything is of its kind and shape."""
    size = checkpoint.height * checkpoint.width * 3
    for array in (checkpoint.vector, checkpoint.point):
        if array.dtype != np.float64 or array.shape != (size,) or not np.isfinite(array).all():
            raise ValueError("its image is damaged")
    counts = [getattr(checkpoint, name) for name in ("stage", "evaluations", "before", "seed")]
    counts += [checkpoint.iteration - 1, checkpoint.planned - 1, *checkpoint.resumed]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        raise ValueError("its counts are damaged")
    figures = [checkpoint.loss, checkpoint.seconds, *checkpoint.losses, *checkpoint.terms.values()]
    if not all(isinstance(figure, int | float) for figure in figures):
        raise ValueError("its losses are damaged")
    if checkpoint.compares and not checkpoint.losses:
        raise ValueError("its losses are missing")
    if not isinstance(checkpoint.fingerprint, dict):
        raise ValueError("its settings are damaged")


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
    different = differences(checkpoint.fingerprint, fingerprint)
    if different:
        raise ConfigError(
            f"resume: the run that is to go on had other inputs or settings: "
            f"{', '.join(different)}; give those, or leave --resume out to begin anew",
            option="resume",
        )
    if num_iter < checkpoint.planned:
        raise ConfigError(
            f"num_iter: expected {checkpoint.planned} or more, for which the run that is to go on "
            f"was planned, got {num_iter}",
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
    found = []
    for name in dict.fromkeys([*saved, *now]):
        before, after = saved.get(name), now.get(name)
        if before != after:
            hashed = isinstance(before, dict) or isinstance(after, dict)
            found.append(f"{name} ({'another' if hashed else f'{before}, now {after}'})")
    return found
