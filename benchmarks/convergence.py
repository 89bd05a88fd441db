"""How good the saved picture is, against what it cost.

    python benchmarks/convergence.py CONTENT STYLE --rows 200 --variants original bounded10 scales3

After every iteration the picture as saved (rounded, clipped, read back) is judged by the
original's objective in float32: its content term and its style term. Cost is counted in
evaluations at full size, and in seconds of the run itself. --plot draws both (matplotlib).
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from network.compute.startup import import_keras

import_keras()

from network import Style, TransferConfig, transfer
from network.compute import memory
from network.features import vgg, weights
from network.methods import transfer

# What a variant changes in the settings, the pairs of vectors L-BFGS keeps, and whether
# pixels are kept within what a picture can hold.
VARIANTS: dict[str, tuple[dict[str, Any], int, bool]] = {
    "original": ({"optimizer": "inetwork"}, 10, False),
    "unbounded": ({}, 10, False),
    "bounded5": ({}, 5, True),
    "bounded10": ({}, 10, True),
    "bounded20": ({}, 20, True),
    "scales2": ({"scales": 2}, 10, True),
    "scales3": ({"scales": 3}, 10, True),
    "bfloat16": ({"precision": "bfloat16"}, 10, True),
    "scales3-bfloat16": ({"scales": 3, "precision": "bfloat16"}, 10, True),
    "short": (
        {"scales": 3, "precision": "bfloat16", "content_weight": 0.1, "num_iter": 2},
        10,
        True,
    ),
}
bounds_of_a_picture = transfer._bounds


class Judge:
    """The original's objective at full size, in float32."""

    def __init__(self, content: str, style: str, config: TransferConfig) -> None:
        styles = [Style(style)]
        inputs = transfer._load(content, styles, config)
        network = transfer._load_network(
            inputs, config, weights.find(config.model), lambda line: None
        )
        self.problem = transfer._problem(
            network, inputs, styles, config, inputs.height, inputs.width
        )

    def __call__(self, image) -> dict[str, float]:
        return self.problem.evaluate(vgg.preprocess(image))[2]


def measure(name: str, content: str, style: str, rows: int, num_iter: int, judge: Judge) -> list:
    """One row per iteration: variant, evaluations' worth, seconds, content, style, tv."""
    options, corrections, bounded = VARIANTS[name]
    memory.CORRECTIONS = (corrections,)
    transfer._bounds = bounds_of_a_picture if bounded else lambda shape: None  # type: ignore
    settings = {"model": "vgg16", "image_size": rows, "num_iter": num_iter, **options}
    config = TransferConfig(**settings)
    table: list[list] = []
    judging = 0.0

    def callback(progress) -> None:
        nonlocal judging
        if progress.image is None:
            return
        start = time.monotonic()
        terms = judge(progress.image)
        seconds = progress.seconds - judging
        judging += time.monotonic() - start
        cost = progress.done * config.num_iter * 20
        table.append([name, round(cost), seconds, terms["content"], terms["style"], terms["tv"]])
        print(
            f"{name:<16} {cost:5.0f} evaluations {seconds:6.1f} s  "
            f"content {terms['content']:.3g}  style {terms['style']:.3g}  tv {terms['tv']:.3g}",
            flush=True,
        )

    transfer(content, [Style(style)], config, callback=callback)
    return table


def plot(table: list[list], path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(11, 8), sharey="row")
    for row, (label, column) in enumerate([("content term", 3), ("style term", 4)]):
        for side, (cost, index) in enumerate([("evaluations at full size", 1), ("seconds", 2)]):
            axis = axes[row][side]
            for name in dict.fromkeys(line[0] for line in table):
                lines = [line for line in table if line[0] == name]
                axis.plot([line[index] for line in lines], [line[column] for line in lines], ".-")
                axis.lines[-1].set_label(name)
            axis.set(xlabel=cost, ylabel=f"{label} of the saved picture", yscale="log")
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="lower center", ncols=4)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("content")
    parser.add_argument("style")
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--num_iter", type=int, default=5)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--csv")
    parser.add_argument("--plot")
    options = parser.parse_args()
    config = TransferConfig(model="vgg16", image_size=options.rows)
    judge = Judge(options.content, options.style, config)
    table = []
    for name in options.variants:
        table += measure(
            name, options.content, options.style, options.rows, options.num_iter, judge
        )
    if options.csv:
        with Path(options.csv).open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["variant", "evaluations", "seconds", "content", "style", "tv"])
            writer.writerows(table)
    if options.plot:
        plot(table, options.plot)


if __name__ == "__main__":
    main()
