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
from network.style import STYLE_WEIGHT

__all__ = [
    "Order",
    "Pair",
    "Picture",
    "cross",
    "make_order",
    "names_and_shares",
    "parts",
    "plan",
    "read_pairs",
]

COLUMNS = ("content", "style")
BETWEEN = ";"  # several styles of one picture


@dataclass(frozen=True)
class Pair:
    """A content, the path that its picture keeps in the output, and a style or several."""

    content: Path
    name: Path
    style: str


@dataclass(frozen=True)
class Picture:
    """A picture to be made; all paths as they were given.

    Attributes:
        content: What is painted.
        style: The style's path; where paintings take one pass, its name. Of several, as
            ``parts`` reads them.
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
        styles: Likewise; with ``paint`` the names of styles. Several as ``parts`` reads them.
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
        names = [each for name in names for each in _files(name, Path(output))]
    return tuple(Pair(path, name, style) for path, name in found for style in names)


def _files(style: str, output: Path) -> list[str]:
    """A folder's pictures; else a style, or several, as it is."""
    if BETWEEN in style and not Path(style).exists():
        return [style]
    return [str(path) for path, _ in many.named(Path(style), output)]


def parts(style: str) -> tuple[tuple[str, float | None], ...]:
    """The styles of a picture, and how much each counts; None: all alike.

    Args:
        style: One, or several as ``a.jpg;b.jpg``, with weights as ``a.jpg:2;b.jpg:1``. A file
            of that very name is one.

    Raises:
        ConfigError: One is empty, or some have weights and some have none.
    """
    if BETWEEN not in style or Path(style).exists():
        return ((style, None),)
    found = [_weighted(part.strip()) for part in style.split(BETWEEN)]
    if not all(name for name, _ in found) or len({weight is None for _, weight in found}) > 1:
        raise ConfigError(
            f"styles: expected styles as a.jpg{BETWEEN}b.jpg, or with a weight each as "
            f"a.jpg:2{BETWEEN}b.jpg:1, got {style!r}",
            option="styles",
        )
    return tuple(found)


def names_and_shares(style: str) -> tuple[list[str], list[float] | None]:
    """A picture's styles as ``paint`` takes them; Raises as ``parts``."""
    found = parts(style)
    shares = [weight for _, weight in found if weight is not None]
    return [name for name, _ in found], shares or None


def _weighted(part: str) -> tuple[str, float | None]:
    name, _, weight = part.rpartition(":")
    try:
        number = float(weight)
    except ValueError:  # no weight, but a colon of a path's, or none
        return part, None
    return name, STYLE_WEIGHT.check(number)


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
    styles = {path: [Path(name) for name, _ in parts(str(path))] for path in of_style}
    placed: dict[Pair, many.Planned] = {}
    names = ((path, _folder(several)) for path, several in styles.items())
    for folder in many.place(names, Path(output), ""):
        own = of_style[folder.source]
        found = [(pair.content, pair.name) for pair in own]
        targets = many.place(found, folder.target, f".{settings.output_format}")
        placed.update(zip(own, targets, strict=True))
    paint = isinstance(settings, PaintSettings)
    others = [] if paint else [path for several in styles.values() for path in several]
    many.check_inputs_stay(list(placed.values()), others)
    check_output(f"a.{settings.output_format}", settings.bit_depth)
    return tuple(
        Picture(str(pair.content), pair.style, str(placed[pair].target)) for pair in distinct
    )


def _folder(styles: Sequence[Path]) -> Path:
    """The name of the folder of what is painted in styles, which loses one suffix."""
    *others, last = styles
    return Path("+".join([*(path.stem for path in others), last.name]))


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
            mixed_row(known, *names_and_shares(style), settings.strength, settings.stroke)
        return Order(settings, words, folder, force)
    for style in dict.fromkeys(name for each in styles for name, _ in parts(each)):
        source = opened(style)
        if not isinstance(source, StyleTargets):
            pictures.open_image(source, settings.max_pixels)
    found = weights.find(settings.model, settings.weights)
    # Every worker is to take the same, and each picture is made in one piece.
    settings = dataclasses.replace(settings, model=found.model, save_every=0, resume=False)
    return Order(settings, f"{found}, sha256 {found.sha256}", folder, force)
