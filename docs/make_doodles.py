"""Remake the pictures of docs/doodle.md and the analogy of docs/patches.md with their commands.

It measures the table of docs/doodle.md, too.

    python docs/make_doodles.py

Runs that images/output holds already are not repeated.
"""

from __future__ import annotations

import dataclasses
import re
import runpy
import shlex
import shutil
from pathlib import Path

from making import PICTURES, ROOT, run_once, strip
from PIL import Image

from network import Style, loss_and_gradient
from network.app.main import parse_doodle

INPUTS, OUTPUT = ROOT / "images" / "inputs", ROOT / "images" / "output"
DRAWN = runpy.run_path(str(INPUTS / "doodle" / "make_doodles.py"))
NAMES = ("SKY", "WIND", "LIGHTS", "HILLS", "VILLAGE", "CYPRESS")
ROWS = 200  # at which the table is measured
SHEETS = {
    "doodle_maps": {
        "the painting": "style/starry_night.jpg",
        "its map": "doodle/starry_night.png",
        "the drawing": "doodle/valley.png",
    },
    "doodle_china_maps": {
        "the painting's map": "doodle/starry_night_as_china.png",
        "the photo": "content/china.jpg",
        "its map": "doodle/china.png",
    },
}


def shown(name: str, command: str = "doodle", page: str = "doodle.md") -> list[str]:
    """The arguments of a page's command that makes a picture."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.search(rf"python -m network {command} (.*images/output/{name} .*)", text)
    assert found is not None, name
    return shlex.split(found[1])


def run(name: str, command: str = "doodle", page: str = "doodle.md") -> Path:
    """The picture of a command, made if it is not there."""
    return run_once(["-m", "network", command], shown(name, command, page), OUTPUT / name)


def analogy_sheet() -> Image.Image:
    """The three pictures of the analogy and its result."""
    pair = {"A, a map": "doodle/starry_night.png", "A2": "style/starry_night.jpg"}
    panels = {**pair, "B, a map": "doodle/valley.png"}
    found = [(caption, INPUTS / path) for caption, path in panels.items()]
    return strip([*found, ("the result", run("analogy", "analogy", "patches.md"))], 220)


def distances(name: str, picture: Path) -> list[str]:
    """Rows of a table: a region's style distance to every region of the painting, to its own 1."""
    doodle = parse_doodle(shown(name), "doodle")
    colors = {DRAWN[word]: word.lower() for word in NAMES}
    names = [colors[region.color] for region in doodle.regions]
    config = dataclasses.replace(
        doodle.config,
        image_size=ROWS,
        content_weight=0.0,
        total_variation_weight=0.0,
        precision="float32",
    )
    lines = [f"| | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    for place, own in zip(doodle.styles, range(len(names)), strict=True):
        found = [
            loss_and_gradient(
                picture, Style(style.image, 1.0, style.mask, place.image_mask), config
            )[0]
            for style in doodle.styles
        ]
        ratios = " | ".join(f"{value / found[own]:.1f}" for value in found)
        lines.append(f"| {names[own]} | {ratios} |")
    return lines


def main() -> None:
    for name, panels in SHEETS.items():
        found = [(caption, INPUTS / path) for caption, path in panels.items()]
        strip(found, 220).save(PICTURES / f"{name}.png", optimize=True)
    analogy_sheet().save(PICTURES / "analogy.jpg", quality=85, optimize=True)
    for name in ("valley", "valley_patch", "china_semantic"):
        shutil.copy(run(name), PICTURES / f"doodle_{name}.jpg")
    print("\n".join(distances("valley", run("valley"))))


if __name__ == "__main__":
    main()
