"""Remake the pictures of docs/doodle.md with its commands, and measure its table.

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


def shown(name: str) -> list[str]:
    """The arguments of the page's command that makes a picture."""
    page = (ROOT / "docs" / "doodle.md").read_text(encoding="utf-8")
    found = re.search(rf"python -m network doodle (.*images/output/{name} .*)", page)
    assert found is not None, name
    return shlex.split(found[1])


def run(name: str) -> Path:
    """The picture of a command, made if it is not there."""
    return run_once(["-m", "network", "doodle"], shown(name), OUTPUT / name)


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
    for name in ("valley", "china_semantic"):
        shutil.copy(run(name), PICTURES / f"doodle_{name}.jpg")
    print("\n".join(distances("valley", run("valley"))))


if __name__ == "__main__":
    main()
