"""The CSV file of a training's losses."""

from __future__ import annotations

import csv
from pathlib import Path

from network.fast.training import TrainingProgress
from network.pictures.files import output_errors

__all__ = ["TrainingLog"]

COLUMNS = ("step", "seconds", "content", "style", "skipped")


class TrainingLog:
    """Appends the losses of some steps to a file, at once."""

    def __init__(self, path: Path, step: int) -> None:
        """Begin a log, or go on with one.

        Args:
            path: The file.
            step: Steps done; what the file has of later ones is dropped.

        Raises:
            OutputError: It cannot be written.
        """
        self.path = path
        with output_errors(path):
            kept = []
            if step and path.exists():
                with path.open(newline="", encoding="utf-8") as file:
                    lines = [line for line in csv.reader(file) if len(line) == len(COLUMNS)]
                kept = [line for line in lines if line[0].isdigit() and int(line[0]) <= step]
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([COLUMNS, *kept])

    def __call__(self, progress: TrainingProgress) -> None:
        terms = [f"{progress.terms[name]:.5f}" for name in ("content", "style")]
        row = [progress.step, f"{progress.seconds:.1f}", *terms, progress.skipped]
        with output_errors(self.path), self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(row)
