"""The libraries of the extra video, loaded where they are used."""

from __future__ import annotations

import importlib
from typing import Any

from network.errors import ConfigError

__all__ = ["opencv", "pyav"]


def opencv() -> Any:
    """OpenCV, which finds how things move.

    Raises:
        ConfigError: It is missing.
    """
    return _load("cv2", "how things move between frames is found by OpenCV")


def pyav() -> Any:
    """PyAV, which reads and writes clips.

    Raises:
        ConfigError: It is missing.
    """
    return _load("av", "clips are read and written by PyAV (folders of frames need none)")


def _load(name: str, purpose: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ConfigError(
            f"video: {purpose}, which is missing; pip install 'inetwork[video]', "
            "or av and opencv-python-headless"
        ) from None
