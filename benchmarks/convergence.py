"""How good the saved picture is, against what it cost.

    python benchmarks/convergence.py CONTENT STYLE --rows 200 --ways original pixels frequency

After every iteration the picture as saved (rounded, clipped, read back) is judged by the
original's objective at the default weights, in float32: its content term and its style term.
Cost is counted in evaluations at full size, and in seconds of the run itself. The tables have
all ways at equal evaluations and at equal seconds; --plot draws both (matplotlib). --starts
tries every way from several init_images, such as content, paint:starry_night or a file.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import measuring  # noqa: F401  (finds the package)

from network import Job, Progress, Session, TransferConfig
from network.features import preprocessing, weights
from network.losses.cache import ObjectiveCache
from network.runs.inputs import load_inputs
from network.runs.problem import build_problem, load_network

# What each way changes in the settings.
WAYS: dict[str, dict[str, Any]] = {
    "original": {"optimizer": "inetwork"},
    "pixels": {"parametrization": "pixels"},
    "pixels, 3 scales": {"parametrization": "pixels", "scales": 3},
    "frequency": {},
    "frequency, own": {"optimizer": "device_lbfgs"},
    "frequency, 2 scales": {"scales": 2},
    "frequency, 3 scales": {"scales": 3},
    "bfloat16": {"precision": "bfloat16"},
    "bfloat16, own": {"precision": "bfloat16", "optimizer": "device_lbfgs"},
}
MARKS = (20, 40, 100, 200)


class Point(NamedTuple):
    """A saved picture, what it cost and what it is worth."""

    way: str
    evaluations: float
    seconds: float
    content: float
    style: float
    tv: float


class Judge:
    """The original's objective at full size, in float32."""

    def __init__(self, content: str, style: str, rows: int) -> None:
        job = Job(content, (style,), TransferConfig(model="vgg16", image_size=rows))
        inputs, cache = load_inputs(job), ObjectiveCache()
        file = weights.find("vgg16")
        network = load_network(inputs, job.config, file, cache, lambda line: None)
        size = inputs.height, inputs.width
        self.problem = build_problem(network, inputs, job.config, *size, cache)

    def __call__(self, image: Any) -> dict[str, float]:
        return self.problem.evaluate(preprocessing.preprocess(image).ravel())[2]


def measure(
    way: str, start: str, content: str, style: str, rows: int, num_iter: int, judge: Judge
) -> list:
    """A point for every iteration."""
    settings = {"model": "vgg16", "image_size": rows, "num_iter": num_iter, **WAYS[way]}
    settings["init_image"] = start
    way = way if start == "content" else f"{way}, from {start}"
    points: list[Point] = []
    judging = 0.0

    def callback(progress: Progress) -> None:
        nonlocal judging
        if progress.image is None:
            return
        before = time.monotonic()
        terms = judge(progress.image)
        seconds = progress.seconds - judging
        judging += time.monotonic() - before
        point = Point(way, round(progress.done * num_iter * 20), seconds, **terms)
        points.append(point)
        print(
            f"{way:<20} {point.evaluations:5.0f} evaluations {seconds:6.1f} s  "
            f"content {point.content:.3g}  style {point.style:.3g}  tv {point.tv:.3g}",
            flush=True,
        )

    with Session() as session:
        session.transfer(content, style, TransferConfig(**settings), callback=callback)
    return points


def table(points: Sequence[Point], column: str, marks: Sequence[float]) -> list[str]:
    """Content and style terms of every way at the given costs, as Markdown."""
    unit = {"evaluations": "evaluations", "seconds": "s"}[column]
    head = " | ".join(f"{mark:.3g} {unit}" for mark in marks)
    lines = [f"| way | {head} |", "|---" * (len(marks) + 1) + "|"]
    for way in dict.fromkeys(point.way for point in points):
        cells = []
        for mark in marks:
            there = [p for p in points if p.way == way and getattr(p, column) <= mark]
            last = there[-1] if there else None
            cells.append("" if last is None else f"{last.content:.3g}, {last.style + last.tv:.3g}")
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return lines


def plot(points: Sequence[Point], path: str) -> None:
    """Both terms over both costs, a line for every way."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(11, 8), sharey="row")
    for row, term in enumerate(("content", "style")):
        for side, cost in enumerate(("evaluations", "seconds")):
            axis = axes[row][side]
            for way in dict.fromkeys(point.way for point in points):
                chosen = [point for point in points if point.way == way]
                costs = [getattr(point, cost) for point in chosen]
                axis.plot(costs, [getattr(point, term) for point in chosen], ".-", label=way)
            axis.set(
                xlabel="evaluations at full size" if side == 0 else cost,
                ylabel=f"{term} term of the saved picture",
                yscale="log",
            )
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="lower center", ncols=4)
    figure.savefig(path, dpi=110)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("content")
    parser.add_argument("style")
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--num_iter", type=int, default=10)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--starts", nargs="+", default=["content"], help="init_images")
    parser.add_argument("--csv")
    parser.add_argument("--plot")
    options = parser.parse_args(arguments)
    judge = Judge(options.content, options.style, options.rows)
    run = options.content, options.style, options.rows, options.num_iter, judge
    tried = [(way, start) for way in options.ways for start in options.starts]
    points = [point for way, start in tried for point in measure(way, start, *run)]
    marks = [mark for mark in MARKS if mark <= options.num_iter * 20]
    # As long as the first way takes for as many evaluations.
    first = [point for point in points if point.way == points[0].way]
    seconds = [point.seconds for point in first if point.evaluations in marks]
    print("\nContent, and style and variation:\n")
    print("\n".join([*table(points, "evaluations", marks), "", *table(points, "seconds", seconds)]))
    if options.csv:
        with Path(options.csv).open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(Point._fields)
            writer.writerows(points)
    if options.plot:
        plot(points, options.plot)


if __name__ == "__main__":
    main()
