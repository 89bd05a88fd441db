"""Many pictures: those of files and folders, and where what is made of each one goes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from network.errors import ConfigError

__all__ = ["SUFFIXES", "Planned", "check_inputs_stay", "find_pictures", "named", "outputs", "place"]

SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".avif", ".heic"))


@dataclass(frozen=True)
class Planned:
    """A picture, and where what is made of it goes."""

    source: Path
    target: Path


def find_pictures(folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Every picture file in a folder and its subfolders, by its suffix, in order of name."""
    found = (path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)
    return tuple(sorted(path for path in found if not path.is_dir()))


def outputs(
    sources: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    suffix: str,
    others: Iterable[str | os.PathLike[str]] = (),
) -> tuple[Planned, ...]:
    """Where what is made of each picture goes.

    One picture goes to ``output`` if that has a suffix and is no folder. Else ``output`` is
    a folder: a picture keeps its name, but for the suffix, and those of a folder their
    subfolders. Of several of one name the later ones are numbered. Pictures within
    ``output`` are earlier results, and left out of the folders around it.

    Args:
        sources: Pictures, and folders of pictures.
        output: A file or a folder; neither has to be there.
        suffix: Of the files in a folder, with its dot.
        others: Further files that must not be overwritten.

    Raises:
        ConfigError: A folder has no picture; or a picture that is read, or one of the
            others, would be overwritten.
    """
    is_folder = os.fspath(output).endswith(("/", os.sep))
    output = Path(output)
    single = len(sources) == 1 and not Path(sources[0]).is_dir()
    if single and output.suffix and not is_folder and not output.is_dir():
        planned = [Planned(Path(sources[0]), output)]
    else:
        found = [pair for source in sources for pair in named(Path(source), output)]
        planned = place(found, output, suffix)
    check_inputs_stay(planned, others)
    return tuple(planned)


def place(found: Iterable[tuple[Path, Path]], output: Path, suffix: str) -> list[Planned]:
    """Where pictures go, of which each has the path that it keeps in the output.

    Args:
        found: Pictures and these paths, as ``named`` has them.
        output: A folder.
        suffix: Of the files, with its dot; of several of one name the later are numbered.
    """
    planned: list[Planned] = []
    taken: set[str] = set()
    for path, name in found:
        target = output / name.with_name(name.stem + suffix)
        number = 2
        while os.path.normcase(target) in taken:
            target = output / name.with_name(f"{name.stem}-{number}{suffix}")
            number += 1
        taken.add(os.path.normcase(target))
        planned.append(Planned(path, target))
    return planned


def named(source: Path, output: Path) -> list[tuple[Path, Path]]:
    """A picture, or those of a folder, each with the path that it keeps in the output.

    Raises:
        ConfigError: A folder has no picture.
    """
    if not source.is_dir():
        return [(source, Path(source.name))]
    results = output.resolve()
    inside = results != source.resolve()  # else all of them are, and refused later
    found = [
        path for path in find_pictures(source) if not (inside and results in path.resolve().parents)
    ]
    if not found:
        raise ConfigError(
            f"no picture in {source}; expected {', '.join(sorted(SUFFIXES))}", option="photos"
        )
    return [(path, path.relative_to(source)) for path in found]


def check_inputs_stay(planned: Sequence[Planned], others: Iterable[str | os.PathLike[str]]) -> None:
    """Raise ConfigError where something that is read would be overwritten."""
    inputs = {_identity(each.source) for each in planned} | {_identity(path) for path in others}
    for each in planned:
        if _identity(each.target) in inputs:
            raise ConfigError(
                f"output: {each.target} is one of the files to be read, and would be "
                "overwritten; choose another name or folder",
                option="output",
            )


def _identity(path: str | os.PathLike[str]) -> object:
    """What is the same of two names of one file."""
    try:
        status = Path(path).stat()
    except OSError:
        return os.path.normcase(Path(path).resolve())
    return status.st_dev, status.st_ino
