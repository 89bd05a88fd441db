"""A training's state between two steps, whole: what it needs to go on exactly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from network.errors import ConfigError
from network.fast.architecture import Architecture
from network.fast.arrays import read_arrays, write_arrays
from network.fast.styles import Row, checked_architecture

__all__ = ["TrainingState", "load", "resumable", "save"]

KIND = "INetwork training"
FORMAT = 1
COPIES = ("parameters", "average", "first", "second")


@dataclass(frozen=True)
class TrainingState:
    """A training between two steps.

    Attributes:
        architecture: The network's sizes.
        rows: What each row of its table is.
        state: As ``adam.initial_state`` makes it, arrays.
        step: Steps done, skipped ones as well; with the seed it is the random state.
        seconds: Time spent.
        skipped: Steps that were skipped.
        fingerprint: Settings and hashes that have to be the same for it to go on.
    """

    architecture: Architecture
    rows: tuple[Row, ...]
    state: Mapping[str, Any]
    step: int
    seconds: float
    skipped: int
    fingerprint: Mapping[str, Any]


def save(training: TrainingState, path: Path) -> None:
    """Write a checkpoint whole or not at all, float32.

    Raises:
        OutputError: The file cannot be written.
    """
    arrays = {"count": np.asarray(training.state["count"])}
    for copy in COPIES:
        tree = training.state[copy]
        arrays |= {f"{copy}/trunk/{name}": array for name, array in tree["trunk"].items()}
        arrays[f"{copy}/rows"] = tree["rows"]
    about = {
        "architecture": training.architecture.described,
        "rows": [dataclasses.asdict(row) for row in training.rows],
        "step": training.step,
        "seconds": training.seconds,
        "skipped": training.skipped,
        "fingerprint": dict(training.fingerprint),
    }
    write_arrays(path, KIND, FORMAT, about, arrays)


def load(path: Path) -> TrainingState:
    """Read a checkpoint.

    Raises:
        WeightsError: There is none; or it is damaged, foreign or newer.
    """
    about, arrays = read_arrays(path, KIND, FORMAT, _shapes)
    architecture = Architecture(**about["architecture"])
    state: dict[str, Any] = {"count": arrays["count"]}
    for copy in COPIES:
        trunk = {name: arrays[f"{copy}/trunk/{name}"] for name in architecture.trunk_shapes}
        state[copy] = {"trunk": trunk, "rows": arrays[f"{copy}/rows"]}
    return TrainingState(
        architecture,
        tuple(Row(**row) for row in about["rows"]),
        state,
        about["step"],
        about["seconds"],
        about["skipped"],
        about["fingerprint"],
    )


def _shapes(about: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    architecture = checked_architecture(about["architecture"])
    rows = [Row(**row) for row in about["rows"]]
    counts = about["step"], about["skipped"]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        raise ValueError("its counts are damaged")
    if not isinstance(about["seconds"], int | float) or not isinstance(about["fingerprint"], dict):
        raise ValueError("its settings are damaged")
    shapes: dict[str, tuple[int, ...]] = {"count": ()}
    for copy in COPIES:
        trunk = architecture.trunk_shapes.items()
        shapes |= {f"{copy}/trunk/{name}": shape for name, shape in trunk}
        shapes[f"{copy}/rows"] = (len(rows), *architecture.row_shape)
    return shapes


def resumable(path: Path, fingerprint: Mapping[str, Any]) -> TrainingState:
    """Read a checkpoint to go on from.

    Raises:
        ConfigError: It was begun with other settings or pictures.
        WeightsError: As of ``load``.
    """
    training = load(path)
    names = dict.fromkeys([*training.fingerprint, *fingerprint])
    different = [n for n in names if training.fingerprint.get(n) != fingerprint.get(n)]
    if different:
        raise ConfigError(
            f"resume: {path} was begun with other {', '.join(different)}; give those, or begin "
            "anew with another output",
            option="resume",
        )
    return training
