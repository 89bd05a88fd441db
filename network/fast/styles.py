"""A trained network, a trunk and the rows of its styles, and its file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from network.errors import WeightsError
from network.fast.architecture import Architecture
from network.fast.arrays import read_arrays, write_arrays
from network.fast.names import (
    ENLARGE,
    GRAM,
    IDENTITY,
    RECONSTRUCT,
    REPAINT,
    STROKES,
    TRAINING_LOSSES,
)
from network.features.weights.releases import weights_folder

__all__ = [
    "IDENTITY",
    "KINDS",
    "SHIPPED",
    "STROKES",
    "Row",
    "Styles",
    "checked_architecture",
    "find",
    "load",
    "save",
    "shipped",
]

# By a network's task: the file in weights/, what files say they are, and how one is made.
SHIPPED = {
    REPAINT: "one_pass_styles.npz",
    ENLARGE: "one_pass_upscale.npz",
    RECONSTRUCT: "preview.npz",
}
KINDS = {
    REPAINT: "INetwork one-pass styles",
    ENLARGE: "INetwork upscaling",
    RECONSTRUCT: "INetwork preview",
}
ABSENT = {
    REPAINT: "styles: no styles come with this copy of the program ({path} is missing); train "
    "some with python -m network train, and name their file with {option}",
    ENLARGE: "upscale: no network for it comes with this copy of the program ({path} is missing); "
    "train one with python -m network train --learn enlarge, and name its file with upscale "
    "--network FILE",
    RECONSTRUCT: "preview: no network for it comes with this copy of the program ({path} is "
    "missing); train one with python -m network train --learn reconstruct, and name its file with "
    "preview --network FILE",
}
FORMAT = 1
MAX_WIDTH, MAX_BLOCKS, MAX_ROWS = 128, 32, 10_000  # more is damage or a trap


@dataclass(frozen=True)
class Row:
    """What a style's row was trained for.

    Attributes:
        style: The style's name; ``IDENTITY``: the photo as it is.
        stroke: small, medium or large; empty for the identity.
        title: What the picture is called.
        artist: Who made it.
        size: Rows of pixels that it was trained at.
        weight: The weight of the style's loss against the content's.
        steps: Training steps that its trunk had seen when it was written.
        norms: What the terms of its loss are divided by, see ``perceptual.losses``.
        loss: The style loss that it was trained by.
    """

    style: str
    stroke: str = ""
    title: str = ""
    artist: str = ""
    size: int = 0
    weight: float = 0.0
    steps: int = 0
    norms: Mapping[str, float] = dataclasses.field(default_factory=dict)
    loss: str = GRAM

    def __post_init__(self) -> None:
        """Raise ValueError where a file says of a style what cannot be."""
        texts = (self.style, self.stroke, self.title, self.artist)
        figures = (self.size, self.weight, self.steps, *dict(self.norms).values())
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("its list of styles is damaged")
        if not all(isinstance(figure, int | float) and not figure < 0 for figure in figures):
            raise ValueError("its styles' figures are damaged")
        if self.loss not in TRAINING_LOSSES:
            raise ValueError(f"a style loss of {self.loss!r}, expected {TRAINING_LOSSES}")


@dataclass(frozen=True)
class Styles:
    """A trained network.

    Attributes:
        architecture: The sizes of the trunk.
        trunk: Its arrays, float32.
        table: float32 (number of rows, 2, channels).
        rows: What each row of the table is.
        notes: Origin, data, settings and hours of the training, of JSON's types; under
            "worth" the optimiser's evaluations that a style is worth, by its name.
    """

    architecture: Architecture
    trunk: Mapping[str, np.ndarray]
    table: np.ndarray
    rows: tuple[Row, ...]
    notes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The styles, in the order of their rows."""
        names = dict.fromkeys(row.style for row in self.rows)
        return tuple(name for name in names if name != IDENTITY)

    def nearest_row(self, wanted: Row) -> np.ndarray:
        """The row of that style and stroke; else of that style; else the mean of all styles."""
        styled = [row.style != IDENTITY for row in self.rows]
        of_style = [row.style == wanted.style for row in self.rows]
        exact = [row.style == wanted.style and row.stroke == wanted.stroke for row in self.rows]
        fitting = next(each for each in (exact, of_style, styled, [True]) if any(each))
        mean: np.ndarray = self.table[np.flatnonzero(fitting)].mean(axis=0)
        return mean

    def joined(self, newer: Styles) -> Styles:
        """These styles and newer ones of the same trunk, which replace those of their names.

        The identity's row stays; so do the notes, with the newer ones' under "added".
        """
        names = [(row.style, row.stroke) for row in newer.rows if row.style != IDENTITY]
        kept = [i for i, row in enumerate(self.rows) if (row.style, row.stroke) not in names]
        new = [i for i, row in enumerate(newer.rows) if row.style != IDENTITY]
        table = np.concatenate([self.table[kept], newer.table[new]])
        rows = (*(self.rows[i] for i in kept), *(newer.rows[i] for i in new))
        added = [*self.notes.get("added", []), dict(newer.notes)]
        notes = {**self.notes, "added": added}
        return dataclasses.replace(self, table=table, rows=rows, notes=notes)


def shipped(task: str = REPAINT) -> Path:
    """The file that comes with the program for a task."""
    return weights_folder() / SHIPPED[task]


def find(
    path: str | os.PathLike[str] | None = None, option: str = "--styles FILE", task: str = REPAINT
) -> Path:
    """The file to use: the one given, or the one that comes with the program.

    Args:
        path: The file; None: none is given.
        option: How another one is named, for the message.
        task: What its network is for.

    Raises:
        WeightsError: None is given, and none comes with the program.
    """
    if path is not None:
        return Path(path)
    found = shipped(task)
    if not found.exists():
        raise WeightsError(ABSENT[task].format(path=found, option=option), tried=(str(found),))
    return found


def save(styles: Styles, path: str | os.PathLike[str]) -> None:
    """Write a network as float16, whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    arrays = {f"trunk/{name}": array for name, array in styles.trunk.items()}
    arrays["rows"] = styles.table
    halves = {name: array.astype(np.float16) for name, array in arrays.items()}
    about = {
        "architecture": styles.architecture.described,
        "rows": [dataclasses.asdict(row) for row in styles.rows],
        "notes": dict(styles.notes),
    }
    write_arrays(path, KINDS[styles.architecture.task], FORMAT, about, halves)


def load(path: str | os.PathLike[str], task: str = REPAINT) -> Styles:
    """Read a network for a task.

    Raises:
        WeightsError: There is no such file; or it is damaged, foreign or newer.
    """
    about, arrays = read_arrays(path, KINDS[task], FORMAT, _shapes)
    return Styles(
        Architecture(**about["architecture"]),
        {
            name.removeprefix("trunk/"): array
            for name, array in arrays.items()
            if name.startswith("trunk/")
        },
        arrays["rows"],
        tuple(Row(**row) for row in about["rows"]),
        about["notes"],
    )


def _shapes(about: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The arrays that a file of ``save`` has to hold, by what it says of itself."""
    architecture = checked_architecture(about["architecture"])
    rows = [Row(**row) for row in about["rows"]]
    if KINDS[architecture.task] != about["kind"]:
        raise ValueError(f"its network is to {architecture.task}")
    if not rows or len(rows) > MAX_ROWS or not isinstance(about["notes"], dict):
        raise ValueError("no list of styles")
    shapes = {f"trunk/{name}": shape for name, shape in architecture.trunk_shapes.items()}
    return {**shapes, "rows": (len(rows), *architecture.row_shape)}


def checked_architecture(sizes: Mapping[str, Any]) -> Architecture:
    """The architecture that a file names; ValueError where it is none."""
    architecture = Architecture(**sizes)
    limits = {"width": MAX_WIDTH, "num_blocks": MAX_BLOCKS}
    for name, limit in limits.items():
        value = getattr(architecture, name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= limit:
            raise ValueError(f"{name} of {value}, expected 1 to {limit}")
    if architecture.task not in KINDS:
        raise ValueError(f"task of {architecture.task!r}, expected one of {list(KINDS)}")
    return architecture
