"""Photos to train on: crops of a folder's pictures, read in the background."""

from __future__ import annotations

import os
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from network import pictures
from network.errors import ConfigError, ImageError
from network.pictures.many import SUFFIXES, find_pictures

__all__ = ["Photos", "batches", "find_photos", "in_background", "reduced"]

T = TypeVar("T")

KEPT_SIDE = 960  # photos are kept at no more than this, which the widest crops need
CACHE_BYTES = 1 << 30
ZOOM = 4.0  # the smallest part of a photo that is shown, as a divisor of its shorter side


def find_photos(folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Every picture file in a folder and its subfolders, in order of name.

    Raises:
        ConfigError: There is no such folder, or nothing in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ConfigError(
            f"photos: expected a folder of photos, got {os.fspath(folder)!r}", option="photos"
        )
    found = find_pictures(folder)
    if not found:
        raise ConfigError(
            f"photos: no picture in {folder}; expected {', '.join(sorted(SUFFIXES))}",
            option="photos",
        )
    return found


class Photos:
    """Photos by number; what was read is kept as long as there is room."""

    def __init__(
        self, paths: Sequence[Path], on_damage: Callable[[Path, str], None] | None = None
    ) -> None:
        """Take the paths; nothing is read yet.

        Args:
            paths: The photos.
            on_damage: Is told, once, of each that cannot be read, and why.
        """
        self.paths = tuple(paths)
        self.damaged: dict[Path, str] = {}
        self._on_damage = on_damage
        self._kept: OrderedDict[Path, np.ndarray] = OrderedDict()
        self._bytes = 0

    def __getitem__(self, index: int) -> np.ndarray:
        """uint8 (height, width, 3): the photo of that number, or the next one that can be read.

        Raises:
            ConfigError: None can be read.
        """
        for path in (*self.paths[index:], *self.paths[:index]):
            if path not in self.damaged:
                try:
                    return self._read(path)
                except ImageError as error:
                    self.damaged[path] = str(error)
                    if self._on_damage is not None:
                        self._on_damage(path, str(error))
        raise ConfigError(
            f"photos: none of {len(self.paths)} can be read ({self.damaged[self.paths[0]]}); "
            "give a folder of photos",
            option="photos",
        )

    def _read(self, path: Path) -> np.ndarray:
        photo = self._kept.pop(path, None)
        if photo is None:
            photo = pictures.load(path)
            height, width = photo.shape[:2]
            scale = KEPT_SIDE / min(height, width)
            if scale < 1:
                sides = max(round(height * scale), 1), max(round(width * scale), 1)
                photo = pictures.resize(photo, *sides, "bicubic")
            self._bytes += photo.nbytes
        self._kept[path] = photo  # the last one used is the last to go
        while self._bytes > CACHE_BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return photo


def batches(
    photos: Photos, num_rows: int, batch_size: int, size: int, seed: int, step: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches for ever, from a step on.

    Each depends on the seed and its step alone: a training goes on exactly where it
    was left, and its random state is a number.

    Args:
        photos: The photos.
        num_rows: Rows of the table; each is drawn as often as the others.
        batch_size: Crops in a batch.
        size: Rows and columns of a crop.
        seed: Of the randomness.
        step: The first one, from 0.

    Yields:
        uint8 (N, size, size, 3), and int32 (N,): the row of each.
    """
    while True:
        random = np.random.default_rng([seed, 1, step])
        crops = [
            _crop(photos[int(random.integers(len(photos.paths)))], size, random)
            for _ in range(batch_size)
        ]
        draws = range(step * batch_size, (step + 1) * batch_size)
        rows = [
            np.random.default_rng([seed, 2, n // num_rows]).permutation(num_rows)[n % num_rows]
            for n in draws
        ]
        yield np.stack(crops), np.array(rows, np.int32)
        step += 1


def _crop(photo: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """A square part of a photo, of random size and place, mirrored half the time."""
    height, width = photo.shape[:2]
    shorter = min(height, width)
    least = min(max(shorter / ZOOM, size), shorter)
    side = shorter * (least / shorter) ** random.random()
    top, left = random.random() * (height - side), random.random() * (width - side)
    box = (left, top, left + side, top + side)
    part = Image.fromarray(photo).resize((size, size), Image.Resampling.BICUBIC, box=box)
    array = np.asarray(part)
    return array[:, ::-1] if random.random() < 0.5 else array


def reduced(picture: np.ndarray, factor: int) -> np.ndarray:
    """A small picture to be enlarged: blurred, and reduced bicubically.

    Args:
        picture: uint8 (height, width, 3); what is left of its sides is cut off.
        factor: By how much. The blur's sigma is 1 for 4, as in the paper, and in proportion.

    Returns:
        uint8 (height // factor, width // factor, 3).

    References:
        Johnson, Alahi, Fei-Fei (2016), section 4.2.
    """
    height, width = (side // factor for side in picture.shape[:2])
    whole = picture[: height * factor, : width * factor]
    sigma = factor / 4
    blurred = gaussian_filter(whole.astype(np.float32), (sigma, sigma, 0), mode="mirror")
    return pictures.resize(np.rint(blurred).astype(np.uint8), height, width, "bicubic")


def in_background(items: Iterator[T], ahead: int = 4) -> Iterator[T]:
    """Take items in a thread of its own, a few ahead of their use.

    What goes wrong there is raised here. Closing the iterator ends the thread.
    """
    waiting: queue.Queue[object] = queue.Queue(ahead)
    ended = threading.Event()

    def put(item: object) -> None:
        while not ended.is_set():
            try:
                return waiting.put(item, timeout=0.2)
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put(item)
                if ended.is_set():
                    return
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            item = waiting.get()
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
    finally:
        ended.set()
        thread.join()
