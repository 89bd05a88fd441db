"""``texture``: make a picture of any size out of noise, in the manner of another."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from network.app import painting
from network.app.parser import Parser, add_groups, add_settings, read_fields
from network.config import TransferConfig
from network.recipes import NOT_OF_TEXTURES, TEXTURE_DEFAULTS

if TYPE_CHECKING:
    from network.methods.texture import Texture

USAGE = "STYLE --output FILE [options]"
DESCRIPTION = (
    "Make a picture of any size out of noise, in the manner of STYLE. With --seamless its copies "
    "fit side by side, as tiles do."
)
HELP = {
    "style_size": "pixels of the style's longer side, which keeps its shape; it sets the size of "
    "what it is made of; none: its own"
}


def add_arguments(parser: Parser) -> None:
    """Add the picture and the options, most of which are fields of ``TransferConfig``."""
    groups = add_groups(parser)
    parser.add_argument("style", metavar="STYLE", help="the picture to be like")
    parser.add_argument(
        "--output",
        metavar="FILE",
        required=True,
        help="where to; what the run keeps lies beside it, under the same name's beginning",
    )
    parser.own |= {"style", "output"}
    groups["size"].add_argument(
        "--size",
        metavar="ROWSxCOLUMNS",
        default="512",
        help="of the picture, such as 512x768; one number: both (default: 512)",
    )
    painting.add_arguments(parser, groups["files"])
    add_settings(groups, TransferConfig, NOT_OF_TEXTURES, TEXTURE_DEFAULTS, HELP)


def run(parsed: argparse.Namespace) -> int:
    """Paint."""
    texture = read(parsed)
    return painting.paint(
        *(parsed, texture.content, texture.style, texture.config, str(texture.prefix)),
        entries=texture.entries,
        notes=[f"{texture}"],
        move=texture.move,
    )


def read(parsed: argparse.Namespace) -> Texture:
    """What a texture's arguments mean.

    Raises:
        ConfigError: An argument is wrong.
        ImageError: The style cannot be read.
    """
    from network.methods.texture import prepare

    fields = read_fields(parsed)
    return prepare(parsed.style, parsed.size, parsed.output, **fields)
