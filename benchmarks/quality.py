"""How good the pictures of several methods are, by the measures of network.methods.judging.

    python benchmarks/quality.py --methods "chained;gram;patch" --rows 160 --evaluations 100
    python benchmarks/quality.py --methods "fine=--style_loss gram --scales 3" --seconds 60
    python benchmarks/quality.py --pairs PHOTO:PAINTING --methods "" --pictures "mine=mine.png"

A method is a style loss, or NAME=OPTIONS, options as INetwork.py has them; each paints every
pair of a photo and a painting, at equal evaluations or at about equal seconds. Pictures that
something else painted are NAME=FILE; {content} and {style} in it are the names of the pair's
files. The table has each measure's mean over the pairs, and on how many pairs that way is the
best one; --csv has every picture's figures. --output keeps the pictures, to be looked at.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import measuring
from measuring import ROOT

from network import Session, Style, TransferConfig, pictures
from network.app.commands import parse
from network.app.commands.transfer import read
from network.config import EVALUATIONS_PER_ITERATION
from network.features import weights
from network.methods.judging import BEST, LAYERS, MEASURES, Judge, Quality
from network.methods.report import quality_text

PAIRS = (
    ("china.jpg", "starry_night.jpg"),
    ("china.jpg", "ihc.png"),
    ("astronaut.png", "starry_night.jpg"),
    ("astronaut.png", "hubble_deep_field.jpg"),
    ("chelsea.png", "starry_night.jpg"),
    ("chelsea.png", "gravel.png"),
    ("coffee.png", "ihc.png"),
    ("coffee.png", "brick.png"),
    ("rocket.jpg", "hubble_deep_field.jpg"),
    ("rocket.jpg", "grass.png"),
)
TRIAL = 2  # iterations that a method's seconds are told by


class Pair(NamedTuple):
    """A photo and a painting."""

    content: Path
    style: Path

    def __str__(self) -> str:
        return f"{self.content.stem}_{self.style.stem}"


class Painted(NamedTuple):
    """A picture of a pair, and what it cost; 0: that is not known."""

    pair: Pair
    way: str
    evaluations: int
    seconds: float
    quality: Quality


class Method:
    """Settings by which pairs are painted."""

    def __init__(self, given: str, options: argparse.Namespace) -> None:
        name, equals, own = given.partition("=")
        self.name = name.strip()
        self.words = shlex.split(own) if equals else ["--style_loss", self.name]
        self.options = options
        self.num_iter: int | None = None  # told by the first pair, where seconds are equal
        self.session = Session()

    def config(self, pair: Pair, num_iter: int) -> TransferConfig:
        size = ["--image_size", str(self.options.rows), "--num_iter", str(num_iter)]
        words = [str(pair.content), str(pair.style), "out", "--model", "vgg16", *size, *self.words]
        return read(parse("transfer", words, "quality"))[2]

    def paint(self, pair: Pair) -> tuple[Any, int, float]:
        """The picture, its evaluations and its seconds."""
        if self.num_iter is None:
            self.num_iter = self.budget(pair)
        done = self.run(pair, self.num_iter)
        return done.image, done.evaluations, done.seconds

    def budget(self, pair: Pair) -> int:
        """How many iterations are asked for, or fit the seconds."""
        if self.options.seconds is None:
            return max(round(self.options.evaluations / EVALUATIONS_PER_ITERATION), 1)
        self.run(pair, 1)  # what is compiled is no part of the pace
        pace = self.run(pair, TRIAL).seconds / TRIAL
        return max(round(self.options.seconds / pace), 1)

    def run(self, pair: Pair, num_iter: int) -> Any:
        style = Style(pair.style)
        return self.session.transfer(pair.content, style, self.config(pair, num_iter))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", nargs="+", metavar="CONTENT:STYLE", help="(default: ten)")
    parser.add_argument("--methods", default="chained;gram;patch", help="with ; between them")
    parser.add_argument("--pictures", nargs="+", metavar="NAME=FILE", default=[])
    parser.add_argument("--rows", type=int, default=160)
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--evaluations", type=int, default=100)
    budget.add_argument("--seconds", type=float)
    parser.add_argument("--csv", help="a file for all figures")
    parser.add_argument("--output", help="a folder for the pictures")
    options = parser.parse_args(arguments)
    methods = [Method(given, options) for given in options.methods.split(";") if given.strip()]
    found: list[Painted] = []
    for pair in pairs_of(options.pairs):
        found += judge_pair(pair, methods, options)
        if options.csv:
            write(found, options.csv)  # so far: a long run may be cut off
    print("\n".join(["", table(found)]))


def pairs_of(given: Sequence[str] | None) -> list[Pair]:
    if given is None:
        inputs = ROOT / "images" / "inputs"
        return [Pair(inputs / "content" / photo, inputs / "style" / art) for photo, art in PAIRS]
    return [Pair(*map(Path, each.split(":"))) for each in given]


def judge_pair(pair: Pair, methods: Sequence[Method], options: argparse.Namespace) -> list[Painted]:
    """Paint a pair by every method, and judge what they and others painted."""
    from network.features.extractor import load_extractor

    painted = [(method.name, *method.paint(pair)) for method in methods]
    for each in options.pictures:
        name, _, file = each.partition("=")
        path = file.format(content=pair.content.stem, style=pair.style.stem)
        painted.append((name, pictures.load(path), 0, 0.0))
    photo = pictures.load(pair.content)
    rows, columns = photo.shape[:2]
    size = options.rows, max(round(options.rows * columns / rows), 1)
    judge = Judge(
        load_extractor(weights.find("vgg16"), LAYERS),
        pictures.resize(photo, *size),
        [pictures.resize(pictures.load(pair.style), *size)],
    )
    found = []
    for name, image, evaluations, seconds in painted:
        quality = judge.judge(pictures.resize(image, *size))
        found.append(Painted(pair, name, evaluations, seconds, quality))
        figures = "  ".join(f"{key} {quality_text(quality.figures[key])}" for key in BEST)
        print(f"{pair!s:<28} {name:<16} {evaluations:4} {seconds:6.1f} s  {figures}", flush=True)
        if options.output:
            Path(options.output).mkdir(parents=True, exist_ok=True)
            pictures.save(image, Path(options.output) / f"{pair}_{name}.png".replace(" ", "_"))
    return found


def table(found: Sequence[Painted]) -> str:
    """Every measure's mean by method, and on how many pairs each is the best."""
    ways = {
        way: [each for each in found if each.way == way]
        for way in dict.fromkeys(each.way for each in found)
    }
    means = {way: statistics.mean(each.evaluations for each in own) for way, own in ways.items()}
    rows = [["evaluations", *(f"{value:.0f}" for value in means.values())]]
    means = {way: statistics.mean(each.seconds for each in own) for way, own in ways.items()}
    rows.append(["seconds", *(f"{value:.1f}" for value in means.values())])
    for measure, best in BEST.items():
        figures = {(each.pair, each.way): each.quality.figures[measure] for each in found}
        cells = []
        for way, own in ways.items():
            won = sum(
                figures[each.pair, way] == best(figures[each.pair, rival] for rival in ways)
                for each in own
            )
            mean = statistics.mean(figures[each.pair, way] for each in own)
            cells.append(f"{mean:.3f} ({won})")
        rows.append([f"{MEASURES[measure][0]}, {best.__name__}", *cells])
    return measuring.table(["measure, best", *ways], rows)


def write(found: Sequence[Painted], path: str) -> None:
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["content", "style", "method", "evaluations", "seconds", *BEST])
        for each in found:
            figures = [each.quality.figures[measure] for measure in BEST]
            names = each.pair.content.stem, each.pair.style.stem, each.way
            writer.writerow([*names, each.evaluations, round(each.seconds, 2), *figures])


if __name__ == "__main__":
    main()
