"""``mask-transfer``: put the content back where a mask is black."""

from __future__ import annotations

import argparse

from network.app import tools
from network.app.parser import Parser

USAGE = "CONTENT IMAGE MASK [options]"
DESCRIPTION = "Put CONTENT's own pixels into the finished picture IMAGE where MASK is black."


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options."""
    tools.add_arguments(parser, "IMAGE_masked.png")
    parser.add_argument("mask", metavar="MASK", help="picture, white where IMAGE stays")


def run(parsed: argparse.Namespace) -> int:
    """Make the picture and save it."""
    tools.check(parsed)

    from network.pictures.tools import mask_transfer

    return tools.save(
        parsed,
        "masked",
        lambda: mask_transfer(
            parsed.content,
            parsed.image,
            parsed.mask,
            soft=parsed.soft,
            max_pixels=parsed.max_pixels,
        ),
    )
