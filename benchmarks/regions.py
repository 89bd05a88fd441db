"""How clean pictures of several styles are along the borders of their regions.

    python benchmarks/regions.py [CASE ...] [--settings OPTIONS ...] [--output FOLDER]

Paints each case (china's shipped masks, a ring, a thin diagonal, two halves, a small spot, a
doodle) with each group of options, and measures, for every region, its band along the borders
against its interior: the factors by which their chroma and contrast differ, whatever the
direction; how far the band's patches are from the nearest of the style that it may have, in
grey levels ("nearest"); and how many times as far as the interior's ("ratio"). Of all regions
the mean by their bands' pixels.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import measuring
import numpy as np
from PIL import Image
from scipy import ndimage

from network import Session, Style, pictures
from network.methods.doodle import prepare

CONTENT, STYLE, MASK, DOODLE = (
    measuring.ROOT / "images" / "inputs" / kind for kind in ("content", "style", "mask", "doodle")
)
CASES = ("china", "ring", "diagonal", "halves", "spot", "doodle")
DEFAULT = ["--mask_edges plain", "--mask_edges clean"]
FIGURES = ("chroma", "contrast", "nearest", "ratio")
LEAST = 0.012  # of an interior, of the height squared; of smaller ones figures are chance
PATCH = 5  # rows and columns, of pixels: no network judges what a network made


@dataclass(frozen=True, eq=False)
class Case:
    """What is painted: a photo, its styles, and for each where it is on picture and style."""

    content: Any
    styles: tuple[Style, ...]
    options: Mapping[str, Any]
    masks: tuple[np.ndarray, ...]  # bool (height, width), of the picture
    own_masks: tuple[np.ndarray, ...]  # the same, of the styles


def shape(name: str, height: int, width: int) -> list[np.ndarray]:
    """The regions of a case that is drawn here: bool (height, width) each."""
    rows, columns = np.mgrid[:height, :width] / height
    middle = width / height / 2
    if name == "ring":
        radius = np.hypot(rows - 0.5, columns - middle)
        inside = (radius > 0.22) & (radius < 0.4)
    elif name == "spot":
        inside = np.hypot(rows - 0.5, columns - middle) < 0.18
    elif name == "diagonal":
        inside = np.abs(rows - columns / (2 * middle)) < 0.08
    else:
        inside = columns < middle
    return [inside, ~inside]


def make_case(name: str, rows: int) -> Case:
    """One of ``CASES``, at a height."""
    if name == "doodle":
        drawn = prepare(
            STYLE / "starry_night.jpg",
            DOODLE / "starry_night.png",
            DOODLE / "valley.png",
            image_size=rows,
        )
        height, width = rows, round(rows * 600 / 400)
        masks, own = (
            tuple(getattr(s, side).at(height, width) > 0 for s in drawn.styles)
            for side in ("image_mask", "mask")
        )
        fields = {
            f: getattr(drawn.config, f)
            for f in (
                *("content_weight", "total_variation_weight", "size_invariant", "style_loss"),
                *("mask_norm", "mask_pooling"),
            )
        }
        return Case(drawn.content, drawn.styles, fields, masks, own)
    painted = {
        "china": ("china.jpg", ("starry_night.jpg", "ihc.png", "hubble_deep_field.jpg")),
        "ring": ("chelsea.png", ("starry_night.jpg", "brick.png")),
        "diagonal": ("rocket.jpg", ("ihc.png", "starry_night.jpg")),
        "spot": ("coffee.png", ("ihc.png", "starry_night.jpg")),
        "halves": ("astronaut.png", ("starry_night.jpg", "hubble_deep_field.jpg")),
    }
    content = pictures.load(CONTENT / painted[name][0])
    width = rows * content.shape[1] // content.shape[0]
    if name == "china":
        files = [MASK / f"china_{part}.png" for part in ("sky", "building", "trees")]
        masks = [np.asarray(Image.open(f).convert("L").resize((width, rows))) > 127 for f in files]
        given: list[Any] = files
    else:
        masks = shape(name, rows, width)
        given = [np.uint8(255 * mask) for mask in masks]
    styles = tuple(
        Style(STYLE / file, 1.0, mask) for file, mask in zip(painted[name][1], given, strict=True)
    )
    return Case(content, styles, {}, tuple(masks), tuple(masks))


def lightness_and_chroma(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Y, and the length of (Cb, Cr), float (height, width), of uint8 RGB."""
    ycc = np.asarray(Image.fromarray(picture).convert("YCbCr")).astype(float)
    return ycc[..., 0], np.hypot(ycc[..., 1] - 128, ycc[..., 2] - 128)


def contrast(lightness: np.ndarray) -> np.ndarray:
    """The deviation of a pixel's neighbours, 7 x 7, (height, width)."""
    mean = ndimage.uniform_filter(lightness, 7)
    return np.sqrt(np.maximum(ndimage.uniform_filter(lightness**2, 7) - mean**2, 0))


def patches(picture: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Patches whose middle is inside, every second row and column, float (n, values)."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, (PATCH, PATCH, 3))[:, :, 0]
    edge = PATCH // 2
    chosen = inside[edge:-edge, edge:-edge].copy()
    chosen[1::2] = chosen[:, 1::2] = False
    return windows[chosen].reshape(-1, PATCH * PATCH * 3).astype(np.float32)


def nearest(query: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """For each patch the distance from the nearest, root of mean squares, in grey levels."""
    squares = np.square(bank).sum(axis=1)
    found = []
    for first in range(0, len(query), 512):
        part = query[first : first + 512]
        distances = squares - 2 * part @ bank.T
        found.append(np.sqrt(np.maximum(distances.min(axis=1) + np.square(part).sum(axis=1), 0)))
    return np.concatenate(found) / (PATCH * PATCH * 3) ** 0.5


def measure(picture: np.ndarray, case: Case) -> dict[str, float]:
    """The figures of a painted case."""
    height, width = picture.shape[:2]
    reach = height / 16
    light, chroma = lightness_and_chroma(picture)
    local = contrast(light)
    sums = dict.fromkeys(FIGURES, 0.0)
    total = 0
    for style, mask, own in zip(case.styles, case.masks, case.own_masks, strict=True):
        depth = ndimage.distance_transform_edt(mask)
        band, interior = mask & (depth <= reach), mask & (depth > 1.5 * reach)
        if interior.sum() < LEAST * height**2:
            continue
        painting = pictures.resize(pictures.load(style.image), height, width)
        bank = patches(painting, ndimage.distance_transform_edt(own) > PATCH // 2)
        away, inside = (
            float(nearest(patches(picture, it), bank).mean()) for it in (band, interior)
        )
        pixels = int(band.sum())
        total += pixels
        for name, values in (("chroma", chroma), ("contrast", local)):
            sums[name] += pixels * abs(
                np.log((values[band].mean() + 2) / (values[interior].mean() + 2))
            )
        sums["nearest"] += pixels * away
        sums["ratio"] += pixels * np.log(away / inside)
    found = {name: value / total for name, value in sums.items()}
    return {
        **{name: float(np.exp(found[name])) for name in ("chroma", "contrast")},
        "nearest": found["nearest"],
        "ratio": float(np.exp(found["ratio"])),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cases", nargs="*", default=list(CASES), help="of " + ", ".join(CASES))
    parser.add_argument("--settings", nargs="+", default=DEFAULT, help="options, quoted")
    parser.add_argument("--rows", type=int, default=160)
    parser.add_argument("--num_iter", type=int, default=2)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--output", type=Path, help="a folder for the pictures")
    options = parser.parse_args(arguments)
    session = Session(model="vgg16", image_size=options.rows, num_iter=options.num_iter)
    spent = f"{20 * options.num_iter} evaluations"
    print(f"{options.rows} rows, {spent}, VGG16, {options.precision}\n")
    print(measuring.table(["case", "settings", *FIGURES], []), flush=True)
    for name in options.cases:
        case = make_case(name, options.rows)
        for number, settings in enumerate(options.settings):
            words = shlex.split(settings)
            given = dict(zip((word[2:] for word in words[::2]), words[1::2], strict=True))
            fields = {**case.options, "precision": options.precision, **given}
            picture = session.transfer(case.content, case.styles, **fields).image
            found = measure(picture, case)
            cells = [name, settings, *(f"{found[figure]:.2f}" for figure in FIGURES)]
            print(measuring.line(cells), flush=True)
            if options.output is not None:
                options.output.mkdir(parents=True, exist_ok=True)
                Image.fromarray(picture).save(options.output / f"{name}_{number}.png")


if __name__ == "__main__":
    main()
