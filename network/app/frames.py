"""A run's pictures as JPEGs, as often as they take little of its time; what is late is left out."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np

    from network.events import Progress

__all__ = ["Frames", "encoded"]

SECONDS = 0.4  # between two pictures at least
SHARE = 0.05  # of the time that painting pictures may take
QUALITY = 88


class Frames:
    """The pictures of runs, one run after the other.

    Args:
        longest: Pixels of their longer side at most.
        clock: Tells seconds.
    """

    def __init__(self, longest: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest, self._clock, self._due = longest, clock, 0.0

    def restart(self) -> None:
        """The next picture is due at once."""
        self._due = 0.0

    def painted(self, progress: Progress) -> bytes | None:
        """The picture as a JPEG, if one is due: at an iteration's end one always is."""
        now = self._clock()
        image = progress.image
        if image is None and now >= self._due and progress.preview is not None:
            image = progress.preview()
        if image is None:
            return None
        frame = encoded(image, self._longest)
        self._due = self._clock() + max(SECONDS, (self._clock() - now) / SHARE)
        return frame


def encoded(pixels: np.ndarray, longest: int | None = None, kind: str = "JPEG") -> bytes:
    """A picture, uint8 (height, width, 3), as a JPEG or PNG; ``longest``: no side above it."""
    image = Image.fromarray(pixels)
    if longest is not None:
        image.thumbnail((longest, longest))
    stream = io.BytesIO()
    image.save(stream, kind, quality=QUALITY)
    return stream.getvalue()
