"""Remake the pictures of docs/masks_and_colors.md with its commands.

    python docs/make_pictures.py [FOLDER]

Runs that FOLDER (default: build/pictures) holds already are not repeated.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
CONTENT, STYLE, MASK = (f"images/inputs/{kind}" for kind in ("content", "style", "mask"))
CHINA, STARRY = f"{CONTENT}/china.jpg", f"{STYLE}/starry_night.jpg"
SMALL = ["--image_size", "240", "--num_iter", "4"]
REGIONS = [
    *[CHINA, STARRY, f"{STYLE}/ihc.png", f"{STYLE}/hubble_deep_field.jpg", "{prefix}"],
    *["--style_masks", *[f"{MASK}/china_{part}.png" for part in ("sky", "building", "trees")]],
    *["--style_weight", "1", "1", "1", "--image_size", "300", "--num_iter", "5"],
]
RUNS = {
    "regions": REGIONS,
    "regions_area": [*REGIONS, "--mask_norm", "area"],
    "sky": [CHINA, STARRY, "{prefix}", "--content_mask", f"{MASK}/china_sky.png", *SMALL],
    "roofs": [CHINA, STARRY, "{prefix}", "--color_mask", f"{MASK}/china_building.png", *SMALL],
    **{
        f"coffee_{word}": [
            *[f"{CONTENT}/coffee.png", STARRY, "{prefix}", "--preserve_color", word],
            *SMALL,
        ]
        for word in ("none", "luminance", "histogram", "matched")
    },
}
STRIPS = {
    "regions": [
        *[f"{MASK}/china_{part}.png" for part in ("sky", "building", "trees")],
        *["regions", "regions_area"],
    ],
    "content_mask": [CHINA, "sky"],
    "preserve_color": [f"coffee_{word}" for word in ("none", "luminance", "histogram", "matched")],
    "color_mask": [CHINA, "roofs"],
}


def run(name: str, folder: Path) -> Path:
    """The last picture of a run, made if it is not there."""
    arguments = [text.format(prefix=folder / name) for text in RUNS[name]]
    count = arguments[arguments.index("--num_iter") + 1]
    path = folder / f"{name}_at_iteration_{count}.png"
    if not path.exists():
        command = [sys.executable, "INetwork.py", *arguments, "--model", "vgg16"]
        subprocess.run(command, cwd=ROOT, check=True)
    return path


def strip(names: list[str], folder: Path, height: int = 200) -> Image.Image:
    """Pictures side by side."""
    paths = [run(name, folder) if name in RUNS else ROOT / name for name in names]
    parts = []
    for path in paths:
        with Image.open(path) as image:
            width = round(image.width * height / image.height)
            parts.append(image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))
    joined = Image.new("RGB", (sum(part.width + 4 for part in parts) - 4, height), "white")
    column = 0
    for part in parts:
        joined.paste(part, (column, 0))
        column += part.width + 4
    return joined


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "pictures").resolve()
    (ROOT / "docs" / "images").mkdir(exist_ok=True)
    for name, names in STRIPS.items():
        strip(names, folder).save(ROOT / "docs" / "images" / f"{name}.jpg", quality=88)


if __name__ == "__main__":
    main()
