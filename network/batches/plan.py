"""The pictures of a batch: every content in every style, or the pairs of a CSV file."""

from __future__ import annotations

import csv
import dataclasses
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from network import __version__, pictures
from network.config import TransferConfig
from network.errors import ConfigError
from network.fast.mixing import mixed_row
from network.fast.painting import PaintSettings
from network.features import weights
from network.losses.targets import StyleTargets, opened
from network.methods.paint import Painters, check_output
from network.pictures import many

__all__ = ["Order", "Pair", "Picture", "cross", "make_order", "plan", "read_pairs"]

COLUMNS = ("content", "style")


@dataclass(frozen=True)
class Pair:
    """A content, the path that its picture keeps in the output, and a style."""

    content: Path
    name: Path
    style: str


@dataclass(frozen=True)
class Picture:
    """A picture to be made; all paths as they were given.

    Attributes:
        content: What is painted.
        style: The style's path; where paintings take one pass, its name.
        target: Where the picture goes.
    """

    content: str
    style: str
    target: str


@dataclass(frozen=True)
class Order:
    """What all pictures of a batch share; it goes to the workers with each of them.

    Attributes:
        settings: How they are made.
        network: The file of the weights or styles in words, its sha256 at their end.
        folder: What relative paths start from.
        force: Whether what is done is made anew.
        version: Of the program.
        gpus: The GPUs of the workers' machine, one for each of them; empty: their own choice.
    """

    settings: TransferConfig | PaintSettings
    network: str
    folder: str
    force: bool = False
    version: str = __version__
    gpus: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The hash of the weights or styles."""
        return self.network.rpartition("sha256 ")[2]


def cross(
    contents: Sequence[str | os.PathLike[str]],
    styles: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    paint: bool = False,
) -> tuple[Pair, ...]:
    """Every content with every style, content by content.

    Args:
        contents: Pictures, and folders of pictures, which keep their subfolders.
        styles: Likewise; with ``paint`` the names of styles.
        output: Where the results go: pictures within are none of the contents.
        paint: Whether styles are names.

    Raises:
        ConfigError: There is no content or no style, or a folder has no picture.
    """
    for name, given in {"content": contents, "styles": styles}.items():
        if not given:
            raise ConfigError(f"{name}: expected one at least, got none", option=name)
    found = [pair for content in contents for pair in many.named(Path(content), Path(output))]
    names = [os.fspath(style) for style in styles]
    if not paint:
        names = [str(path) for name in names for path, _ in many.named(Path(name), Path(output))]
    return tuple(Pair(path, name, style) for path, name in found for style in names)


def read_pairs(path: str | os.PathLike[str]) -> tuple[Pair, ...]:
    """The pairs of a CSV file whose first line is ``content,style``; further columns are left out.

    A content's picture keeps its folder, where that is below the current one.

    Raises:
        ConfigError: The file cannot be read, or a column is missing or empty.
    """
    name = os.fspath(path)
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"pairs: cannot read {name}: {reason}; expected a CSV file", option="pairs"
        ) from None
    for number, row in enumerate(rows, start=2):
        missing = [column for column in COLUMNS if not row.get(column)]
        if missing:
            raise ConfigError(
                f"pairs: {name}, line {number}: expected a content and a style under the first "
                f"line's {','.join(COLUMNS)}, got no {' and no '.join(missing)}",
                option="pairs",
            )
    if not rows:
        raise ConfigError(
            f"pairs: {name} has no pairs; expected the line {','.join(COLUMNS)} and one a picture",
            option="pairs",
        )
    return tuple(Pair(Path(r["content"]), _kept(Path(r["content"])), r["style"]) for r in rows)


def _kept(path: Path) -> Path:
    return Path(path.name) if path.is_absolute() or ".." in path.parts else path


def plan(
    pairs: Iterable[Pair],
    output: str | os.PathLike[str],
    settings: TransferConfig | PaintSettings,
) -> tuple[Picture, ...]:
    """Where the pictures go: OUTPUT/STYLE/, and there each keeps its name and subfolders.

    Raises:
        ConfigError: Something that is read would be overwritten, or the format cannot be.
    """
    distinct = tuple(dict.fromkeys(pairs))
    of_style: dict[Path, list[Pair]] = {}
    for pair in distinct:
        of_style.setdefault(Path(pair.style), []).append(pair)
    placed: dict[Pair, many.Planned] = {}
    for folder in many.place([(path, Path(path.name)) for path in of_style], Path(output), ""):
        own = of_style[folder.source]
        found = [(pair.content, pair.name) for pair in own]
        targets = many.place(found, folder.target, f".{settings.output_format}")
        placed.update(zip(own, targets, strict=True))
    others = [] if isinstance(settings, PaintSettings) else list(of_style)
    many.check_inputs_stay(list(placed.values()), others)
    check_output(f"a.{settings.output_format}", settings.bit_depth)
    return tuple(
        Picture(str(pair.content), pair.style, str(placed[pair].target)) for pair in distinct
    )


def make_order(
    settings: TransferConfig | PaintSettings, styles: Iterable[str], force: bool = False
) -> Order:
    """What all pictures share; the styles and the weights are looked at, so that faults are told.

    Raises:
        ConfigError: There is no such style.
        ImageError: A style's picture cannot be read.
        WeightsError: There are no weights, or no styles.
    """
    folder = str(Path.cwd())
    if isinstance(settings, PaintSettings):
        known, words = Painters().styles(settings.styles)
        for style in styles:
            mixed_row(known, [style], None, settings.strength, settings.stroke)
        return Order(settings, words, folder, force)
    for style in styles:
        source = opened(style)
        if not isinstance(source, StyleTargets):
            pictures.open_image(source, settings.max_pixels)
    found = weights.find(settings.model, settings.weights)
    # Every worker is to take the same, and each picture is made in one piece.
    settings = dataclasses.replace(settings, model=found.model, save_every=0, resume=False)
    return Order(settings, f"{found}, sha256 {found.sha256}", folder, force)
