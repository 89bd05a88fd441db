"""Remake the picture of docs/textures.md with its commands, and measure its table.

    python docs/make_textures.py

Runs that build holds already are not repeated.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import numpy as np
from making import PICTURES, ROOT
from PIL import Image

from network import pictures
from network.pictures.sheet import side_by_side

STYLES = ("starry_night", "gravel")
KINDS = {"edges": "four copies", "seamless": "four copies, seamless"}
SIZE = 400  # of the panels


def made(name: str) -> np.ndarray:
    """The picture of the page's command that saves it under a name, made if it is not there."""
    page = (ROOT / "docs" / "textures.md").read_text(encoding="utf-8")
    found = re.search(rf"python (-m network texture .*--output (\S*/{name}\.jpg).*)", page)
    assert found is not None, name
    if not (ROOT / found[2]).exists():
        subprocess.run([sys.executable, *shlex.split(found[1])], cwd=ROOT, check=True)
    return pictures.load(ROOT / found[2])


def steps(picture: np.ndarray) -> str:
    """A row of the table: the mean step across both seams, and inside the mean and the largest."""
    values = picture.astype(float)
    lines = [np.abs(values - np.roll(values, -1, axis)).mean((1 - axis, 2)) for axis in (0, 1)]
    seam, inside = (np.mean([line[-1] for line in lines]), np.stack([line[:-1] for line in lines]))
    return f"{seam:.1f} | {inside.mean():.1f} | {inside.max():.1f}"


def main() -> None:
    """Make the sheet and print the table."""
    rows = []
    for style in STYLES:
        panels = []
        for kind, caption in KINDS.items():
            picture = made(f"{style}_{kind}")
            print(f"| {style}, {kind} | {steps(picture)} |")
            tiled = Image.fromarray(np.tile(picture, (2, 2, 1)))
            panels.append((caption, np.asarray(tiled.resize((SIZE, SIZE)))))
        rows.append(side_by_side(panels))
    sheet = Image.fromarray(np.concatenate(rows))
    sheet.save(PICTURES / "textures.jpg", quality=72, optimize=True)


if __name__ == "__main__":
    main()
