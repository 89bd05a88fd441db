"""What the two tools for finished pictures have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from network.app.parser import Parser, add_option, convert
from network.app.terminal import say
from network.options import Option

if TYPE_CHECKING:
    import numpy as np

__all__ = ["add_arguments", "check", "save"]

SOFT = Option("soft", int, 0, "width in pixels of the mask's edge", minimum=0)
MAX_PIXELS = Option("max_pixels", int, minimum=1, optional=True)


def add_arguments(parser: Parser, output: str) -> None:
    """Add the pictures and options of both; ``output`` is where the result goes by itself."""
    parser.add_argument("content", metavar="CONTENT", help="the picture that was painted")
    parser.add_argument("image", metavar="IMAGE", help="the finished picture")
    parser.add_argument(
        "--output", metavar="PATH", help=f"where to (default: {output}, beside IMAGE)"
    )
    add_option(parser, SOFT)
    parser.add_argument(
        "--max_pixels",
        metavar="N",
        type=convert(int),
        help="refuse pictures of more pixels (default: Pillow's limit, 89478485)",
    )


def check(options: argparse.Namespace) -> None:
    """Raise ConfigError where one of the options is not what it may be."""
    SOFT.check(options.soft)
    MAX_PIXELS.check(options.max_pixels)


def save(options: argparse.Namespace, suffix: str, make: Callable[[], np.ndarray]) -> int:
    """Make a picture, save it with IMAGE's transparency, and print its path.

    Returns:
        The exit code.
    """
    from network import pictures
    from network.pictures import files

    picture = make()  # first: what is no picture has no name to derive
    image = Path(options.image)
    path = Path(options.output or image.with_name(f"{image.stem}_{suffix}.png"))
    files.prepare_output(path)
    pictures.save(
        picture, path, alpha=pictures.load_with_alpha(options.image, options.max_pixels)[1]
    )
    say(path)
    return 0
