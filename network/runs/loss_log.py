"""The CSV file of a run's losses, a row per evaluation, and its curves."""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from network.errors import ConfigError, StyleTransferWarning
from network.pictures import files

if TYPE_CHECKING:
    from network.events import Progress

__all__ = ["LossLog", "plot", "read"]

COLUMNS = ("evaluation", "iteration", "seconds", "total")  # and then the terms


class LossLog:
    """Appends an evaluation's loss to a file, at once."""

    def __init__(self, path: str | os.PathLike[str], resume: bool = False) -> None:
        """Check that a log can be written.

        Args:
            path: The file. One that is there is replaced, if it is a log.
            resume: Keep the rows of evaluations before the first one told.

        Raises:
            ConfigError: The file is there and is no log.
            OutputError: It cannot be written.
        """
        self.path, self.begun = Path(path), False
        files.prepare_output(self.path)
        there = self.path.exists() and self.path.stat().st_size > 0
        header, rows = read(self.path) if there else ([], [])
        # A log of another version may lack a term, which counted nothing then.
        self.earlier = [dict(zip(header, row, strict=True)) for row in rows] if resume else []

    def __call__(self, progress: Progress) -> None:
        if progress.image is not None:  # an iteration's end is no evaluation
            return
        row = [progress.evaluation, progress.iteration, f"{progress.seconds:.3f}", progress.loss]
        rows: list[Sequence[object]] = [[*row, *progress.terms.values()]]
        if not self.begun:
            header = [*COLUMNS, *progress.terms]
            kept = [row for row in self.earlier if row["evaluation"] < progress.evaluation]
            told = [[row.get(name, 0.0) for name in header] for row in kept]
            rows = [header, *([int(r[0]), int(r[1]), *r[2:]] for r in told), *rows]
        try:
            with self.path.open("a" if self.begun else "w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
            self.begun = True
        except OSError as error:
            warnings.warn(
                f"cannot write {self.path}: {error.strerror or error}; the run goes on, and tries "
                "again after every evaluation",
                StyleTransferWarning,
                stacklevel=2,
            )


def read(path: str | os.PathLike[str]) -> tuple[list[str], list[list[float]]]:
    """Read a log.

    Returns:
        The names of its columns, and its rows; a last row that was cut off is left out.

    Raises:
        ConfigError: The file cannot be read, or is no log.
    """
    name = os.fspath(path)
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            header, *lines = list(csv.reader(file)) or [[]]
        if tuple(header[: len(COLUMNS)]) != COLUMNS:
            raise ValueError("expected a first line " + ",".join(COLUMNS) + ",...")
        if lines and len(lines[-1]) != len(header):
            del lines[-1]
        rows = [[float(text) for text in line] for line in lines]
        if any(len(row) != len(header) for row in rows):
            raise ValueError("expected as many figures in every line as in the first")
    except OSError as error:
        raise ConfigError(
            f"log: cannot read {name}: {error.strerror or error}", option="log"
        ) from None
    except (ValueError, csv.Error) as error:
        raise ConfigError(
            f"log: {name} is no log of this program ({error}); give another file", option="log"
        ) from None
    return header, rows


def plot(path: str | os.PathLike[str], output: str | os.PathLike[str] | None = None) -> Path:
    """Draw the loss and its terms against the evaluations.

    Args:
        path: A log.
        output: The picture; None: beside the log, .png.

    Returns:
        The picture's path.

    Raises:
        ConfigError: matplotlib is missing, or the file is no log.
        OutputError: The picture cannot be written.
    """
    header, rows = read(path)
    if not rows:
        raise ConfigError(f"log: {os.fspath(path)} has no evaluation in it yet", option="log")
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError(
            "plot: the curves are drawn by matplotlib, which is missing; pip install matplotlib"
        ) from None
    destination = Path(path).with_suffix(".png") if output is None else Path(output)
    files.prepare_output(destination)
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    names = [name for name in header if name not in COLUMNS[:-1]]
    for name in names:
        (line,) = axes.plot(columns["evaluation"], columns[name], label=name)
        if name == "total":  # one term may be nearly all of it: dashes show both
            line.set(color="black", linestyle="--", zorder=3)
    positive = all(value > 0 for name in names for value in columns[name])
    axes.set_yscale("log" if positive else "symlog")
    axes.set(xlabel="evaluation", ylabel="loss")
    axes.grid(alpha=0.3)
    axes.legend()
    with files.output_errors(destination), files.temporary_sibling(destination) as temporary:
        figure.savefig(temporary, dpi=120)
    return destination
