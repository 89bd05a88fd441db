"""``color-transfer``: give a finished picture its content's colours."""

from __future__ import annotations

import argparse

from network.app import tools
from network.app.parser import Parser, add_option
from network.errors import ConfigError
from network.options import Option

USAGE = "CONTENT IMAGE [options]"
DESCRIPTION = "Give the finished picture IMAGE the colours of CONTENT, keeping its brightness."
HIST_MATCH = Option(
    "hist_match", bool, False, "match the histograms of red, green and blue instead"
)


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options."""
    tools.add_arguments(parser, "IMAGE_original_color.png, or IMAGE_histogram_color.png")
    parser.add_argument(
        "--mask", metavar="PATH", help="picture, white where the colours are to change"
    )
    add_option(parser, HIST_MATCH)


def run(parsed: argparse.Namespace) -> int:
    """Make the picture and save it."""
    HIST_MATCH.check(parsed.hist_match)
    tools.check(parsed)
    if parsed.soft and parsed.mask is None:
        raise ConfigError("soft: expected --mask with it, whose edge it softens", option="soft")

    from network.pictures.tools import color_transfer

    return tools.save(
        parsed,
        "histogram_color" if parsed.hist_match else "original_color",
        lambda: color_transfer(
            parsed.content,
            parsed.image,
            parsed.mask,
            hist_match=parsed.hist_match,
            soft=parsed.soft,
            max_pixels=parsed.max_pixels,
        ),
    )
