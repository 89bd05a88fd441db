"""``compare``: how alike two pictures are, and which is nearer to content and styles."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import TYPE_CHECKING

from network.app.parser import Parser, add_option, read_fields
from network.app.terminal import one_line, say
from network.config import TransferConfig
from network.options import options

if TYPE_CHECKING:
    from network.methods.comparison import Comparison

USAGE = "A B [--content PATH] [--style PATH ...] [options]"
DESCRIPTION = (
    "Tell how alike the pictures A and B are, and which is nearer to the content and to the "
    "styles. All are brought to one size: image_size rows, or the fewer that A or B has, in "
    "A's shape."
)
# What it measures with: the options that a transfer's loss has too.
OPTIONS = (
    "image_size",
    "content_layer",
    "style_loss",
    "model",
    "pool_type",
    "weights",
    "device",
)


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options."""
    parser.add_argument("a", metavar="A", help="a picture, finished by this program or another")
    parser.add_argument("b", metavar="B", help="the picture to compare it with")
    parser.add_argument("--content", metavar="PATH", help="the picture that was painted")
    parser.add_argument(
        "--style", metavar="PATH", nargs="+", default=[], help="the pictures painted like"
    )
    parser.add_argument(
        "--sheet", metavar="PATH", help="save content, styles, A, B and their difference as one"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument(
        "--quality",
        dest="judge",  # a config's quality is a jpeg's
        action="store_true",
        help="judge A and B, too: by what of the styles they have, and what of the content's "
        "structure",
    )
    parser.add_argument(
        "--style_masks",
        metavar="PATH",
        nargs="+",
        default=[],
        help="for --quality: white where each style applies, whose borders are then judged",
    )
    for option in options(TransferConfig):
        if option.name in OPTIONS:
            default = "vgg16" if option.name == "model" else option.default
            add_option(parser, dataclasses.replace(option, default=default))


def run(parsed: argparse.Namespace) -> int:
    """Print what was found, and save the sheet."""
    config = TransferConfig(**read_fields(parsed))

    from network import pictures
    from network.methods.comparison import compare
    from network.pictures import files

    if parsed.sheet is not None:
        files.prepare_output(parsed.sheet)
    comparison = compare(
        *(parsed.a, parsed.b, parsed.content, parsed.style, config),
        quality=parsed.judge,
        style_masks=parsed.style_masks,
    )
    if parsed.json:
        print(json.dumps(comparison.to_dict(), indent=2))
    else:
        for line in f"{_with_names_on_one_line(comparison)}".split("\n"):
            say(line)
    if parsed.sheet is not None:
        pictures.save(comparison.sheet(), parsed.sheet)
    return 0


def _with_names_on_one_line(comparison: Comparison) -> Comparison:
    """The same, with names that add no line to the table."""
    content, styles = comparison.content, comparison.styles
    a, b = map(one_line, comparison.names)
    return dataclasses.replace(
        comparison,
        names=(a, b),
        content=content and dataclasses.replace(content, name=one_line(content.name)),
        styles=tuple(dataclasses.replace(style, name=one_line(style.name)) for style in styles),
    )
