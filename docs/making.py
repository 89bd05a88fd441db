"""What the scripts that remake the documentation's pictures share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from network.pictures.sheet import side_by_side

PICTURES = ROOT / "docs" / "images"


def run(program: Sequence[str], arguments: Sequence[str], prefix: Path) -> Path:
    """Run a command that has --num_iter.

    Args:
        program: What follows ``python``.
        arguments: What follows the program.
        prefix: Where ``arguments`` says that its pictures go.

    Returns:
        The path of its last picture.
    """
    subprocess.run([sys.executable, *program, *arguments], cwd=ROOT, check=True)
    return last_picture(arguments, prefix)


def run_once(program: Sequence[str], arguments: Sequence[str], prefix: Path) -> Path:
    """Do the same, unless the last picture is there."""
    path = last_picture(arguments, prefix)
    return path if path.exists() else run(program, arguments, prefix)


def last_picture(arguments: Sequence[str], prefix: Path) -> Path:
    """The path of a command's last picture."""
    count = arguments[arguments.index("--num_iter") + 1]
    ending = "jpeg" if "jpeg" in arguments else "png"
    return prefix.with_name(f"{prefix.name}_at_iteration_{count}.{ending}")


def strip(panels: Iterable[tuple[str, Path]], height: int) -> Image.Image:
    """Captions, maybe empty, with pictures, side by side at one height; maps keep their colours."""
    parts = []
    for caption, path in panels:
        method = Image.Resampling.NEAREST if "map" in caption else Image.Resampling.LANCZOS
        with Image.open(path) as image:
            size = round(image.width * height / image.height), height
            parts.append((caption, np.asarray(image.convert("RGB").resize(size, method))))
    return Image.fromarray(side_by_side(parts))
