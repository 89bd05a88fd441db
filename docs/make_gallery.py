"""Remake docs/gallery.md, and those of its pictures that are missing.

    python docs/make_gallery.py [NAME ...]

makes all missing pictures, or those named, and writes the page. To remake a
picture, remove it from docs/images/gallery first.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "images" / "gallery"
MOST_BYTES = 250_000
CHINA, CHELSEA, ASTRONAUT, COFFEE, ROCKET = (
    f"images/inputs/content/{name}"
    for name in ("china.jpg", "chelsea.png", "astronaut.png", "coffee.png", "rocket.jpg")
)
STARRY, HUBBLE, TISSUE, BRICK = (
    f"images/inputs/style/{name}"
    for name in ("starry_night.jpg", "hubble_deep_field.jpg", "ihc.png", "brick.png")
)
REGIONS = (
    "--style_masks images/inputs/mask/china_sky.png images/inputs/mask/china_building.png "
    "images/inputs/mask/china_trees.png --style_weight 1 1 1 --mask_norm area"
)
SETTINGS = "--model vgg16 --num_iter 5 --scales auto --precision bfloat16 --output_format jpeg"


@dataclass(frozen=True)
class Entry:
    """A picture: its name, its title and what to say of it, its command's inputs and options."""

    name: str
    title: str
    text: str
    inputs: str
    options: str = ""

    @property
    def arguments(self) -> str:
        """What follows ``python INetwork.py``."""
        words = [self.inputs, f"images/output/{self.name}", self.options, SETTINGS]
        return " ".join(word for word in words if word)


SECTIONS = {
    "One photo, several styles": [
        Entry("china_starry", "", "", f"{CHINA} {STARRY}"),
        Entry("china_tissue", "", "", f"{CHINA} {TISSUE}"),
        Entry("china_two", "", "", f"{CHINA} {STARRY} {TISSUE}", "--style_weight 0.5 0.5"),
    ],
    "One style, several photos": [
        Entry("chelsea_starry", "", "", f"{CHELSEA} {STARRY}"),
        Entry("astronaut_starry", "", "", f"{ASTRONAUT} {STARRY}"),
        Entry("rocket_hubble", "", "", f"{ROCKET} {HUBBLE}"),
    ],
    "ladder": [
        Entry("china_content_0.25", "", "", f"{CHINA} {STARRY}", "--content_weight 0.25"),
        Entry("china_content_2.5", "", "", f"{CHINA} {STARRY}", "--content_weight 2.5"),
        Entry("china_average", "", "", f"{CHINA} {STARRY}", "--pool_type ave"),
        Entry(
            "coffee_noise",
            "",
            "",
            f"{COFFEE} {STARRY}",
            "--init_image noise --seed 1 --content_weight 0.25",
        ),
        Entry("china_regions", "", "", f"{CHINA} {STARRY} {TISSUE} {HUBBLE}", REGIONS),
        Entry(
            "astronaut_matched", "", "", f"{ASTRONAUT} {STARRY}", "--preserve_color matched"
        ),
        Entry(
            "texture_tissue",
            "",
            "",
            f"{ASTRONAUT} {TISSUE}",
            "--content_weight 0 --init_image noise --seed 1",
        ),
        Entry(
            "texture_starry",
            "",
            "",
            f"{ASTRONAUT} {STARRY}",
            "--content_weight 0 --init_image noise --seed 1",
        ),
    ],
}


def make(entry: Entry) -> None:
    """Run an entry's command and keep its last picture."""
    command = [sys.executable, "INetwork.py", *shlex.split(entry.arguments)]
    subprocess.run(command, cwd=ROOT, check=True)
    made = ROOT / "images" / "output" / f"{entry.name}_at_iteration_5.jpeg"
    if made.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{made}: {made.stat().st_size} bytes; give it --quality 80")
    shutil.copyfile(made, PICTURES / f"{entry.name}.jpg")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    names = sys.argv[1:]
    for entry in [entry for entries in SECTIONS.values() for entry in entries]:
        if not (PICTURES / f"{entry.name}.jpg").exists() and entry.name in (names or [entry.name]):
            make(entry)


if __name__ == "__main__":
    main()
