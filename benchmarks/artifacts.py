"""What networks that paint in one pass do wrong, looked for: grids, borders, marks on flat skies.

    python benchmarks/artifacts.py [--styles styles.npz] [--photos FILE ...] --sheet sheet.png

For every style, over the photos:

grid    power at the frequencies of a grid of 2 and 4 pixels, by that at those beside them;
        convolutions after upsampling by 2 leave such grids
border  how far the outermost 4 pixels are, in the mean along a side, from the next 4, by how
        far such strips inside the picture are from each other
marks   the deviation in the photo's flattest square of 32 x 32, in levels, and what the photo
        itself has there

A grid or border of 1 is none; a photo's own are in the first line. --sheet shows the upper left
corner and the flattest square, enlarged.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import measuring
import numpy as np

from network.compute.startup import import_keras

import_keras()

from network import pictures  # noqa: E402
from network.fast.apply import Painter  # noqa: E402
from network.fast.styles import find  # noqa: E402
from network.pictures.sheet import one_below_another, side_by_side  # noqa: E402

PHOTOS = sorted((measuring.ROOT / "images" / "inputs" / "content").glob("*.*"))
STRIP = 4  # pixels of a border
SQUARE = 32
ENLARGED = 4
BESIDE = 6  # frequencies to either side that a grid's are compared with, the next ones left out


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--styles", help="a styles file; without, the shipped one")
    parser.add_argument("--photos", nargs="+", type=Path, default=PHOTOS)
    parser.add_argument("--rows", type=int, default=400, help="of pixels of the photos")
    parser.add_argument("--sheet", help="a picture of corners and flat squares")
    options = parser.parse_args(arguments)
    painter = Painter(options.styles or find())
    photos = [resized(pictures.load(path), options.rows) for path in options.photos]
    results = {"photo": photos}
    for style in painter.network.names:
        results[style] = [painter.paint(photo, style) for photo in photos]
    rows = [[name, *map("{:.2f}".format, judge(made, photos))] for name, made in results.items()]
    print(measuring.table(["style", "grid", "border", "marks"], rows))
    if options.sheet:
        pictures.save(sheet(results, photos), Path(options.sheet))


def resized(photo: np.ndarray, rows: int) -> np.ndarray:
    columns = round(rows * photo.shape[1] / photo.shape[0])
    return pictures.resize(photo, rows, columns, "bicubic")


def judge(made: Sequence[np.ndarray], photos: Sequence[np.ndarray]) -> tuple[float, float, float]:
    """Grid, border and marks of some pictures, in the mean."""
    found = [
        (grid(picture), border(picture), float(picture[flattest(photo)].std(axis=(0, 1)).mean()))
        for picture, photo in zip(made, photos, strict=True)
    ]
    means = np.mean(found, axis=0)
    return float(means[0]), float(means[1]), float(means[2])


def grid(picture: np.ndarray) -> float:
    """The largest ratio of power at a grid's frequency to that of its neighbours, either way."""
    luminance = picture.mean(axis=-1)
    ratios = []
    for lines in (luminance, luminance.T):
        length = lines.shape[1] // 4 * 4
        windowed = lines[:, :length] * np.hanning(length)
        power = np.square(np.abs(np.fft.rfft(windowed))).mean(axis=0)
        for middle in (length // 4, length // 2):
            near = [middle + side * d for d in range(3, 3 + BESIDE) for side in (-1, 1)]
            near = [at for at in near if at < power.size]
            ratios.append(power[middle] / max(np.median(power[near]), 1e-12))
    return float(max(ratios))


def border(picture: np.ndarray) -> float:
    """The step from the outermost pixels to the next, by the usual one inside; mean of sides."""
    ratios = []
    for turns in range(4):
        turned = np.rot90(picture, turns).astype(np.float64)
        count = turned.shape[0] // STRIP
        strips = turned[: count * STRIP].reshape(count, STRIP, -1, 3).mean(axis=(1, 2))
        steps = np.abs(np.diff(strips, axis=0)).mean(axis=-1)
        ratios.append(steps[0] / max(steps[1:].mean(), 1e-12))
    return float(np.mean(ratios))


def flattest(photo: np.ndarray) -> tuple[slice, slice]:
    """Where the square of a photo is that has the least deviation."""
    places = [
        (slice(top, top + SQUARE), slice(left, left + SQUARE))
        for top in range(0, photo.shape[0] - SQUARE + 1, SQUARE // 2)
        for left in range(0, photo.shape[1] - SQUARE + 1, SQUARE // 2)
    ]
    return min(places, key=lambda place: float(photo[place].std(axis=(0, 1)).mean()))


def sheet(results: dict[str, Sequence[np.ndarray]], photos: Sequence[np.ndarray]) -> np.ndarray:
    """For every style a row: of each photo the corner and the flattest square, enlarged."""
    corner = slice(0, SQUARE), slice(0, SQUARE)
    bands = []
    for name, made in results.items():
        panels = []
        for picture, photo in zip(made, photos, strict=True):
            for place in (corner, flattest(photo)):
                panels.append(("" if panels else name, enlarged(picture[place])))
        bands.append(side_by_side(panels))
    return one_below_another(bands)


def enlarged(picture: np.ndarray) -> np.ndarray:
    return picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)


if __name__ == "__main__":
    main()
