"""Where a run writes: its pictures' paths, what lies there already, and where else to go."""

from __future__ import annotations

import glob
import itertools
import re
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from network.config import TransferConfig
from network.errors import OutputError, StyleTransferWarning
from network.optimize.scales import Stage
from network.runs.checkpoint import checkpoint_path

if TYPE_CHECKING:
    import os

__all__ = ["Output", "remove_earlier_checkpoint", "warn_of_earlier_files", "write_somewhere"]

MOST_NAMED = 3


@dataclass(frozen=True)
class Output:
    """Where a run writes, and what its files tell.

    Attributes:
        prefix: As given to ``transfer``.
        path: From an iteration to its picture's path.
        save: Writes a picture: of a vector, its stage, its 8 bits, to a path, with
            texts.
        texts: What every picture tells of its making.
    """

    prefix: str | os.PathLike[str]
    path: Callable[[int], Path]
    save: Callable[[np.ndarray, Stage, np.ndarray, Path, Mapping[str, str]], None]
    texts: Mapping[str, str]


def warn_of_earlier_files(output: Output, config: TransferConfig) -> None:
    """Say what a new run is going to overwrite of an earlier one, and what stays.

    Args:
        output: Where the new run writes.
        config: Its settings.
    """
    pictures = _earlier_pictures(output)
    kept = checkpoint_path(output.prefix).exists()
    if not pictures:
        if kept:
            _warn(
                f"prefix: {output.prefix} has the checkpoint of an earlier run, which this one "
                "overwrites; another PREFIX keeps it, --resume goes on from that run"
            )
        return
    reached = {path: n for path, n in pictures.items() if n <= config.num_iter}
    written = [path for path, n in reached.items() if path == output.path(n) and _due(n, config)]
    staying = [path for path in pictures if path not in written]
    stay = ""
    if staying:
        last = any(path == output.path(n) for path, n in reached.items() if path in staying)
        end = ", unless the run ends early with one" if last else ""
        stay = f", but for {len(staying)} that stay{end}: {_named(staying)}"
    _warn(
        f"prefix: {output.prefix} has pictures of an earlier run ({len(pictures)}), which this one "
        f"overwrites{stay}{'; its checkpoint is replaced as well' if kept else ''}; another PREFIX "
        f"keeps them{', --resume goes on from that run' if kept else ''}"
    )


def _earlier_pictures(output: Output) -> dict[Path, int]:
    """The pictures with the prefix and their iterations, by iteration."""
    first = output.path(1)
    start = first.stem.removesuffix("1")
    name = re.compile(re.escape(start) + r"(\d{1,9})\.\w+")
    there = first.parent.glob(f"{glob.escape(start)}*")
    found = ((path, name.fullmatch(path.name)) for path in there)
    numbers = {path: int(match[1]) for path, match in found if match}
    return dict(sorted(numbers.items(), key=lambda item: (item[1], item[0].name)))


def _due(iteration: int, config: TransferConfig) -> bool:
    """Whether a run that is not cut short saves the picture of an iteration."""
    every = config.save_every
    return iteration == config.num_iter or (every > 0 and iteration % every == 0)


def _named(paths: list[Path]) -> str:
    names = [path.name for path in paths]
    if len(names) > MOST_NAMED:
        names[MOST_NAMED - 1 : -1] = ["..."]
    return ", ".join(names)


def remove_earlier_checkpoint(output: Output) -> None:
    """Remove the checkpoint of an earlier run, which is none of the pictures to be written."""
    path = checkpoint_path(output.prefix)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _warn(
            f"cannot remove {path}: {error.strerror or error}; until this run's first iteration "
            "ends, --resume would go on from the run before it"
        )


def write_somewhere(write: Callable[[Path], None], path: Path) -> Path:
    """Write to ``path``, or else to the current folder, or else to the system's temporary one.

    Returns:
        The path written.

    Raises:
        OutputError: None of them can be written.
    """
    try:
        write(path)
        return path
    except OutputError as error:
        failure = error
    for folder in (Path.cwd, tempfile.gettempdir):
        try:
            elsewhere = _free_name(Path(folder()) / path.name)
            write(elsewhere)
        except OSError:  # OutputError is one; the folder itself may be gone, too
            continue
        _warn(f"{failure}; the picture was saved as {elsewhere}")
        return elsewhere
    raise failure


def _free_name(path: Path) -> Path:
    """The path, numbered where that name is taken."""
    candidates = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain([path], candidates) if not name.exists())


def _warn(message: str) -> None:
    warnings.warn(message, StyleTransferWarning, stacklevel=3)
