"""Read the frames of a clip, or of a folder of pictures, one after the other.

A frame comes upright and with square pixels, as it is shown; its time is a fraction of a
second, so that no rate, and none that varies, is rounded.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from network import pictures
from network.errors import ImageError, StyleTransferWarning
from network.frames.extras import pyav
from network.pictures.many import SUFFIXES

__all__ = ["Clip", "Folder", "Frame", "fraction", "open_frames", "pictures_in"]

FRAMES_LOOKED_AT = 300  # to see whether a clip's rate varies


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame.

    Attributes:
        number: Of its clip, from 1.
        time: When it is shown, in seconds.
        pixels: uint8 (height, width, 3) RGB.
    """

    number: int
    time: Fraction
    pixels: np.ndarray


class Folder:
    """The pictures of a folder as frames, in the order of the numbers in their names.

    Attributes:
        path: The folder.
        rate: Frames a second.
        time_base: What all times are multiples of.
        count: How many frames there are.
        sound: None: a folder has none.
        varies: False: they follow each other at one rate.
    """

    sound = None
    varies = False

    def __init__(self, path: Path, rate: Fraction, max_pixels: int | None) -> None:
        self.path, self.rate, self.time_base = path, rate, 1 / rate
        self.max_pixels = max_pixels
        self.files = pictures_in(path)
        self.count = len(self.files)
        if not self.files:
            raise ImageError(
                f"{path}: expected pictures, one a frame, found none; give a folder of frames, or "
                "a clip",
                source=path,
            )

    def frames(self, first: int = 1, last: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Every ``step``th frame, from number ``first`` to ``last``.

        Raises:
            ImageError: A picture cannot be read, or is of another size than the first.
        """
        size: tuple[int, ...] | None = None
        for number in range(first, min(last or self.count, self.count) + 1, step):
            path = self.files[number - 1]
            pixels = pictures.load(path, self.max_pixels)
            size = _same_size(size, pixels, number, str(path))
            yield Frame(number, (number - 1) * self.time_base, pixels)


class Clip:
    """A file with a video stream.

    Attributes:
        path: The file.
        rate: Frames a second; of a clip whose rate varies, their mean.
        time_base: What all times are multiples of.
        count: How many frames there are, by what the file says; None: it says nothing.
        sound: The codec of its sound; None: it has none.
        varies: Whether its frames are shown for different times.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as (container, stream):
            rates = (fraction(stream.average_rate), fraction(stream.guessed_rate), Fraction(25))
            self.rate = next(rate for rate in rates if rate)
            self.time_base = fraction(stream.time_base)
            self.count = stream.frames or _counted(container, stream, self.rate)
            streams = container.streams.audio
            self.sound = streams[0].codec_context.name if streams else None
            self.varies = _varies(container, stream)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        av = pyav()
        try:
            with av.open(str(self.path)) as container:
                if not container.streams.video:
                    raise ImageError(
                        f"{self.path}: has no video stream; give a clip, or a folder of frames",
                        source=self.path,
                    )
                stream = container.streams.video[0]
                stream.thread_type = "AUTO"
                yield container, stream
        except av.error.FFmpegError as error:
            raise ImageError(
                f"{self.path}: cannot be read as a clip: {error.strerror}; give a clip that FFmpeg "
                "can read, or a folder of frames",
                source=self.path,
            ) from None

    def frames(self, first: int = 1, last: int | None = None, step: int = 1) -> Iterator[Frame]:
        """As of a ``Folder``; what is damaged is left out, with a StyleTransferWarning."""
        size: tuple[int, ...] | None = None
        with self._opened() as (container, stream):
            shape = fraction(stream.sample_aspect_ratio) or Fraction(1)
            for number, frame in enumerate(self._decoded(container, stream), start=1):
                if last is not None and number > last:
                    return
                if number < first or (number - first) % step:
                    continue
                pixels = _as_shown(frame, shape)
                size = _same_size(size, pixels, number, str(self.path))
                time = (number - 1) / self.rate if frame.pts is None else frame.pts * self.time_base
                yield Frame(number, time, pixels)

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """All frames that can be decoded; the last packet, an empty one, brings the rest."""
        damaged, number = pyav().error.FFmpegError, 0
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except damaged as error:
                self._warn(f"what follows frame {number} is damaged and left out: {error.strerror}")
                continue
            for frame in frames:
                number += 1
                if frame.is_corrupt:
                    self._warn(f"frame {number} is damaged; it is shown as far as can be")
                yield frame

    def _warn(self, what: str) -> None:
        warnings.warn(f"{self.path}: {what}", StyleTransferWarning, stacklevel=4)


def open_frames(path: str | Path, rate: Fraction, max_pixels: int | None = None) -> Clip | Folder:
    """A clip, or a folder of frames.

    Args:
        path: The file, or the folder.
        rate: Frames a second of a folder's; a clip has its own.
        max_pixels: Pixels of the largest picture that is read.

    Raises:
        ConfigError: The library for clips is missing.
        ImageError: There is no such file, no video stream or no picture in it.
    """
    path = Path(path)
    if path.is_dir():
        return Folder(path, rate, max_pixels)
    if not path.exists():
        raise ImageError(f"{path}: there is no such clip or folder; check the path", source=path)
    return Clip(path)


def fraction(value: Any) -> Fraction:
    """One of PyAV's fractions, whose type its versions disagree on; 0 where it is not set."""
    return Fraction(value.numerator, value.denominator) if value else Fraction(0)


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder in the order of the numbers in their names."""
    found = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return sorted(found, key=_in_order)


def _in_order(path: Path) -> list[tuple[int, str]]:
    """frame_9 before frame_10."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _same_size(
    size: tuple[int, ...] | None, pixels: np.ndarray, number: int, name: str
) -> tuple[int, ...]:
    """The size of all frames so far.

    Raises:
        ImageError: This one has another.
    """
    if size is not None and size != pixels.shape[:2]:
        raise ImageError(
            f"{name}: frame {number} is {pixels.shape[0]} x {pixels.shape[1]}, those before it are "
            f"{size[0]} x {size[1]}; cut the clip there (--end_frame, --start_frame)",
            source=name,
        )
    return pixels.shape[:2]


def _as_shown(frame: Any, shape: Fraction) -> np.ndarray:
    """A decoded frame upright, with square pixels: uint8 (height, width, 3)."""
    pixels: np.ndarray = frame.to_ndarray(format="rgb24")
    height, width = pixels.shape[:2]
    if shape > 1:
        pixels = pictures.resize(pixels, height, round(width * shape), "bicubic")
    elif shape < 1:
        pixels = pictures.resize(pixels, round(height / shape), width, "bicubic")
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))


def _counted(container: Any, stream: Any, rate: Fraction) -> int | None:
    """How many frames a stream has, by how long it is."""
    seconds = Fraction(container.duration or 0, 1_000_000)
    if stream.duration:
        seconds = stream.duration * fraction(stream.time_base)
    return round(seconds * rate) or None


def _varies(container: Any, stream: Any) -> bool:
    """Whether the first frames are shown for different times, as far as packets say."""
    times = []
    for packet in container.demux(stream):
        if packet.pts is not None:
            times.append(packet.pts)
        if len(times) == FRAMES_LOOKED_AT:
            break
    steps = np.diff(sorted(times)[:-8] or [0])  # the last are not all there: they may be reordered
    return bool(steps.size and steps.max() - steps.min() > max(1, 0.1 * float(np.median(steps))))
