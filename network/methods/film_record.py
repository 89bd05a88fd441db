"""What a film tells of its making, and whether one that was stopped can go on."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from network import pictures
from network.config import TransferConfig
from network.errors import ConfigError, StyleTransferWarning
from network.frames import store
from network.frames.settings import VideoSettings
from network.frames.store import State
from network.methods.frame_painters import NetworkPainter, OptimizerPainter
from network.runs import checkpoint, metadata
from network.style import Style

__all__ = ["NO_OPTIONS", "earlier_film", "fingerprint", "settled", "state_of", "texts"]

NO_OPTIONS = ("save_every", "bit_depth")  # of a transfer that a film does not have


def earlier_film(folder: Path, resume: bool) -> State | None:
    """The film that is to go on; None: begin."""
    path = store.state_path(folder)
    if resume:
        there = store.load(folder)
        if there is None:
            _warn(f"resume: no {path} yet, so the film starts at its beginning")
        return there
    if path.exists():
        _warn(
            f"output: {folder} has frames of an earlier film, which this one overwrites; another "
            "OUTPUT keeps them, --resume goes on with that film"
        )
    return None


def settled(config: TransferConfig, there: State | None) -> TransferConfig:
    """The settings with a seed: theirs, that of the film which goes on, or a new one.

    Raises:
        ConfigError: They are not for films.
    """
    if config.bit_depth != 8:
        raise ConfigError("bit_depth: expected 8 for a film, got 16", option="bit_depth")
    if config.seed is not None:
        return config
    seed = secrets.randbits(32) if there is None else there.seed
    return dataclasses.replace(config, seed=seed)


def state_of(there: State | None, seed: int, expected: Mapping[str, Any]) -> State:
    """What there is of a film.

    Raises:
        ConfigError: It cannot go on with these settings.
    """
    if there is None:
        return State(expected, seed)
    before = {"passes": 1, **there.fingerprint}  # films had but one
    different = checkpoint.differences(before, expected)
    if different:
        raise ConfigError(
            f"resume: the film that is to go on had other inputs or settings: "
            f"{', '.join(different)}; give those, or leave --resume out to begin anew",
            option="resume",
        )
    return there


def texts(
    clip: str | os.PathLike[str],
    styles: Sequence[Style],
    output: str | os.PathLike[str],
    config: TransferConfig,
    settings: VideoSettings,
    painter: NetworkPainter | OptimizerPainter,
) -> dict[str, str]:
    """What every frame tells of its making."""
    file = painter.weights_file
    told = metadata.texts(clip, styles, config, output, file, config.seed or 0)
    values = {**json.loads(told["Settings"]), **dataclasses.asdict(settings)}
    for name in NO_OPTIONS:
        del values[name]
    return {**told, "Settings": json.dumps(values), "Film": "frame by frame"}


def fingerprint(
    config: TransferConfig,
    settings: VideoSettings,
    painter: NetworkPainter | OptimizerPainter,
    told: Mapping[str, str],
) -> dict[str, Any]:
    """What must not change within a film."""
    named = {name: getattr(config, name) for name in ("content_mask", "color_mask", "init_image")}
    found = checkpoint.fingerprint(
        config,
        painter.arrays,
        **{name: source and pictures.describe(source) for name, source in named.items()},
        **{name: getattr(config, name) for name in ("output_format", "rescale_image")},
        weights={"sha256": painter.weights_file.sha256},
        styles=told["Styles"],
    )
    own = dataclasses.asdict(settings)
    del own["sound"]
    if settings.passes == 1:  # such a film can become longer
        del own["end_frame"]
    return {**found, **own}


def _warn(message: str) -> None:
    warnings.warn(message, StyleTransferWarning, stacklevel=4)
