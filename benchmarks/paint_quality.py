"""What a network's picture is worth, in evaluations of the optimiser on pixels.

    python benchmarks/paint_quality.py styles.npz --paintings FOLDER --photos FOLDER [FILE ...]

For every style and photo the objective that the network was trained by, content + weight x
style, of the network's picture; of the photo itself; and of SciPy's L-BFGS on pixels from
the photo on, after 10, 20, 50 and 100 evaluations. "worth" is the first evaluation at
which the optimiser is as good; 101 where it never is. Paintings are files named as the
styles are, or given as NAME=FILE. --output writes the pictures, side by side. --worth_alone ends as
soon as the optimiser is as good: a fifth of the time, and no later figures.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import measuring

from network.compute.startup import import_keras

import_keras()

import numpy as np  # noqa: E402
from keras import ops  # noqa: E402
from scipy.optimize import minimize  # noqa: E402

from network import pictures  # noqa: E402
from network.compute import backend  # noqa: E402
from network.fast import perceptual  # noqa: E402
from network.fast.apply import Painter  # noqa: E402
from network.fast.data import find_photos  # noqa: E402
from network.fast.styles import Row  # noqa: E402
from network.pictures.sheet import side_by_side  # noqa: E402

MARKS = (10, 20, 50, 100)


class Enough(Exception):
    """All evaluations are spent, or all that is asked is known."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("styles", help="the styles file")
    parser.add_argument("--paintings", nargs="+", required=True, help="folders, or NAME=FILE")
    parser.add_argument("--photos", nargs="+", required=True, help="folders or files")
    parser.add_argument("--only", nargs="+", help="these styles alone")
    parser.add_argument("--rows", type=int, default=256, help="of pixels of the photos")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--worth_alone", action="store_true", help="no more than that takes")
    parser.add_argument("--csv", help="a file for all figures")
    parser.add_argument("--output", help="a folder for the pictures")
    options = parser.parse_args(arguments)
    painter = Painter(options.styles, options.precision)
    # Once for all styles; in float32, as rounding misleads the optimiser.
    features = functools.cache(functools.partial(perceptual.feature_function, "float32", None))
    paintings = find_paintings(options.paintings)
    photos = [path for given in options.photos for path in measuring.files(given)]
    records = []
    for row in painter.network.rows:
        if row.style not in (options.only or painter.network.names):
            continue
        judge = Judge(row, pictures.load(paintings[row.style]), features(row.loss))
        for path in photos:
            records.append(compare(painter, row, judge, path, options))
            print(line(records[-1]), flush=True)
        worth = np.median([r["worth"] for r in records if r["style"] == row.style])
        print(f"{row.style} {row.stroke}: worth {worth:g} evaluations on the median photo\n")
    if options.csv:
        with Path(options.csv).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(records[0]))
            writer.writeheader()
            writer.writerows(records)


def find_paintings(given: list[str]) -> dict[str, Path]:
    """Every painting by the name of its style."""
    found: dict[str, Path] = {}
    for each in given:
        name, _, file = each.partition("=")
        if file:
            found[name] = Path(file)
        else:
            found |= {path.stem: path for path in find_photos(each)}
    return found


class Judge:
    """The objective of one row, for one photo after the other."""

    def __init__(self, row: Row, painting: np.ndarray, features: Any) -> None:
        width = max(round(painting.shape[1] * row.size / painting.shape[0]), 1)
        resized = pictures.resize(painting, row.size, width, "bicubic")
        target = perceptual.style_targets(features, resized, row.loss)
        self.targets = {layer: gram[np.newaxis] for layer, gram in target.items()}
        norms = row.norms.items()
        self.norms = {name: np.array([norm], np.float32) for name, norm in norms}
        self.features = features
        weight = row.weight

        def loss(image: Any, content: Any, grams: Any, norms: Any) -> Any:
            seen = features(image)
            c, s = perceptual.losses(seen, content, grams, norms, row.loss)
            return c[0] + weight * s[0], {"content": c[0], "style": weight * s[0]}

        self.evaluate = backend.value_and_grad(loss)

    def objective(self, photo: np.ndarray) -> Callable[[np.ndarray], Any]:
        """From float32 (1, height, width, 3) to loss, terms and gradient."""
        image = ops.convert_to_tensor(photo[np.newaxis].astype(np.float32))
        content = self.features(image, perceptual.CONTENT_LAYER)[perceptual.CONTENT_LAYER]
        fixed = content, backend.tensors(self.targets), backend.tensors(self.norms)
        return lambda array: self.evaluate(ops.convert_to_tensor(array), *fixed)


def compare(
    painter: Painter, row: Row, judge: Judge, path: Path, options: argparse.Namespace
) -> dict[str, Any]:
    """The network's picture beside the optimiser's, for one photo."""
    photo = pictures.load(path)
    width = round(photo.shape[1] * options.rows / photo.shape[0])
    photo = pictures.resize(photo, options.rows, width, "bicubic")
    painted = painter.paint(photo, row.style, stroke=row.stroke)
    objective = judge.objective(photo)
    value, terms, _ = objective(painted[np.newaxis].astype(np.float32))
    network = float(value)
    best: list[tuple[float, float, float]] = []
    images: list[np.ndarray] = []

    def evaluate(vector: np.ndarray) -> tuple[float, np.ndarray]:
        if len(best) == MARKS[-1] or (options.worth_alone and best and best[-1][0] <= network):
            raise Enough
        image = vector.reshape(1, *photo.shape).astype(np.float32)
        found, its_terms, gradient = objective(image)
        record = float(found), float(its_terms["content"]), float(its_terms["style"])
        if best and best[-1][0] <= record[0]:
            best.append(best[-1])
        else:
            best.append(record)
            images[:] = [image[0]]
        return record[0], ops.convert_to_numpy(gradient).ravel().astype(np.float64)

    start = photo.astype(np.float64).ravel()
    to_the_end = {"gtol": 0.0, "ftol": 0.0, "maxfun": 10_000}
    with contextlib.suppress(Enough):
        minimize(
            evaluate,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, 255)] * start.size,
            options=to_the_end,
        )
    taken = len(best)
    best += [best[-1]] * (MARKS[-1] - taken)
    worth = next((n for n, found in enumerate(best, 1) if found[0] <= network), MARKS[-1] + 1)
    record: dict[str, Any] = {"style": row.style, "stroke": row.stroke, "photo": path.stem}
    record |= {"worth": worth, "network": network}
    record |= {f"network {name}": float(term) for name, term in terms.items()}
    for mark in (1,) if options.worth_alone else (1, *MARKS):
        names = ("total", "content", "style")
        record |= {f"{mark} {n}": v for n, v in zip(names, best[mark - 1], strict=True)}
    if options.output:
        optimised = np.rint(images[0]).clip(0, 255).astype(np.uint8)
        panels = [("photo", photo), (f"{row.style}: network, {network:.3f}", painted)]
        panels.append((f"optimiser, {taken} evaluations, {best[-1][0]:.3f}", optimised))
        Path(options.output).mkdir(parents=True, exist_ok=True)
        target = Path(options.output) / f"{row.style}_{row.stroke}_{path.stem}.jpg"
        pictures.save(side_by_side(panels), target)
    return record


def line(record: dict[str, Any]) -> str:
    totals = {name: value for name, value in record.items() if name.endswith(" total")}
    marks = "  ".join(f"{name.split()[0]}: {value:.3f}" for name, value in totals.items())
    both = f"{record['network content']:.3f} + {record['network style']:.3f}"
    return (
        f"{record['style']:<15} {record['photo']:<14} network {record['network']:.3f} ({both})  "
        f"{marks}  worth {record['worth']}"
    )


if __name__ == "__main__":
    main()
