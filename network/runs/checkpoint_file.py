"""Reading a checkpoint's file, of which nothing is trusted.

It is read without pickle, takes no more memory than the file has bytes, and what it
says is checked, each by itself and against the rest.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import zipfile
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from network.config import MOST_ITERATIONS

__all__ = ["FORMAT", "read"]

FORMAT = 1
MOST_EVALUATIONS = 2**53  # what a float counts exactly
LONGEST_NAME = 100
# The least that a count can be.
COUNTS = {
    "stage": 0,
    "before": 0,
    "seed": 0,
    "height": 1,
    "width": 1,
    "evaluations": 1,
    "iteration": 1,
    "planned": 1,
}


def read(stream: IO[bytes], names: set[str]) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Read a checkpoint's file.

    Args:
        stream: The file.
        names: What its header has, no more and no less.

    Returns:
        The header, the best vector and the point to go on from.

    Raises:
        Exception: Nearly any: those of zipfile, JSON and NumPy on a mangled file, and
            ValueError where what it says cannot be.
    """
    with zipfile.ZipFile(stream) as archive:
        header = json.loads(str(_array(archive, "state", stream)[()]))
        if not isinstance(header, dict) or header.get("format") != FORMAT or set(header) != names:
            raise ValueError("made by another version")
        _check(header)
        vector, point = (_array(archive, name, stream) for name in ("vector", "point"))
    point = point if point.size else vector  # the same is stored once
    size = header["height"] * header["width"] * 3
    for array in (vector, point):
        if array.dtype != np.float64 or array.shape != (size,) or not np.isfinite(array).all():
            raise ValueError("its image is damaged")
    header.update(losses=tuple(header["losses"]), resumed=tuple(header["resumed"]))
    return header, vector, point


def _array(archive: zipfile.ZipFile, name: str, stream: IO[bytes]) -> np.ndarray:
    """An array of the archive, once it is sure to be no larger than the file."""
    member = archive.getinfo(f"{name}.npy")
    most = os.fstat(stream.fileno()).st_size
    if member.compress_type != zipfile.ZIP_STORED or not member.file_size < most:
        raise ValueError("its arrays are compressed")  # a few bytes unfold to anything
    with archive.open(member) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("its arrays are of another version")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if math.prod(shape) * dtype.itemsize != member.file_size - file.tell():
            raise ValueError("its arrays are not as large as they say")
    with archive.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _check(header: Mapping[str, Any]) -> None:
    """Raise ValueError unless everything is of its kind, and the counts go together."""
    for name in ("losses", "resumed"):
        if not isinstance(header[name], list) or len(header[name]) > MOST_ITERATIONS:
            raise ValueError(f"its {name} are damaged")
    counts = [header[name] for name in COUNTS]
    if not all(map(_is_count, [*counts, *header["resumed"]])) or any(
        header[name] < least for name, least in COUNTS.items()
    ):
        raise ValueError("its counts are damaged")
    _check_counts(header)
    figures = [header["loss"], header["seconds"], *header["losses"]]
    if not all(map(_is_figure, figures)) or header["seconds"] < 0:
        raise ValueError("its losses are damaged")
    if not _has_names(header["terms"]) or not all(map(_is_figure, header["terms"].values())):
        raise ValueError("its losses are damaged")
    if not isinstance(header["compares"], bool) or (header["compares"] and not header["losses"]):
        raise ValueError("its losses are missing")
    if not _has_names(header["fingerprint"]):
        raise ValueError("its settings are damaged")


def _check_counts(header: Mapping[str, Any]) -> None:
    """Raise ValueError where one count contradicts another, or the program's limits."""
    done = header["before"] + header["evaluations"]
    rising = [0, *header["resumed"], done, MOST_EVALUATIONS]
    whole, iteration = len(header["losses"]), header["iteration"]
    if (
        any(after < before for before, after in itertools.pairwise(rising))
        or whole > done
        or whole >= iteration
        or iteration > MOST_ITERATIONS + 1
        or header["planned"] > MOST_ITERATIONS
    ):
        raise ValueError("its counts contradict each other")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _has_names(value: object) -> bool:
    """Whether it is a dictionary whose keys can be shown."""
    return isinstance(value, dict) and all(
        len(name) <= LONGEST_NAME and name.isprintable() for name in value
    )
