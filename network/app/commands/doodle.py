"""``doodle``: paint the regions of a drawing in the style of a painting's regions."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from network.app import painting
from network.app.parser import Parser, add_groups, add_settings, convert, read_fields
from network.config import TransferConfig
from network.recipes import DOODLE_DEFAULTS, doodle_defaults
from network.style import Style

if TYPE_CHECKING:
    from network.methods.doodle import Doodle

USAGE = "--style_image PATH --target_image_prefix PREFIX [options]"
DESCRIPTION = (
    "Paint the regions of a drawing in the style of a painting's regions. Both maps have "
    "the same flat colours, one for each kind of region. PREFIX_at_iteration_N.png is "
    "written after every iteration."
)
# Where its pictures come from and go to ...
FILES = {
    "style_image": "the painting",
    "target_image_prefix": "where to: folder and start of the name",
}
MAPS = {
    "style_mask": "the painting's map: each region in its flat colour (default: NAME_sem.png "
    "beside the painting)",
    "target_mask": "the drawing: the same colours where the regions are to be; image_size -1 is "
    "its number of rows (default: NAME_sem.png beside content_image, else PREFIX_sem.png)",
}
# ... and names that the original's scripts have for options of a transfer.
ALIASES = {
    "image_size": "img_size",
    "total_variation_weight": "tv_weight",
    "style_scale": "region_style_weight",
    "scales": "phases",
}


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options, most of which are fields of ``TransferConfig``."""
    groups = add_groups(parser)
    for name, text in FILES.items():
        metavar = "PREFIX" if name == "target_image_prefix" else "PATH"
        parser.add_argument(f"--{name}", metavar=metavar, required=True, help=text)
    for name, text in MAPS.items():
        parser.add_argument(f"--{name}", metavar="PATH", help=text)
    parser.add_argument(
        "--content_image",
        metavar="PATH",
        help="picture whose layout is kept (default: none, the drawing alone, which starts from "
        "the mean colours of the painting's regions)",
    )
    parser.own |= {*FILES, *MAPS, "content_image"}
    parser.recipe = lambda parsed: doodle_defaults(parsed.style_loss)
    parser.add_argument(
        "--nlabels",
        metavar="N",
        type=convert(int),
        help="colours to find in the maps, near ones taken together (default: none, each colour)",
    )
    groups["loss"].add_argument(
        "--style_weight",
        metavar="NUMBER",
        type=convert(float),
        default=Style.weight,
        help=f"weight of every region's style loss (default: {Style.weight})",
    )
    painting.add_arguments(parser, groups["files"])
    not_of_doodles = ("content_mask",)  # the maps say where
    add_settings(groups, TransferConfig, not_of_doodles, DOODLE_DEFAULTS, aliases=ALIASES)


def run(parsed: argparse.Namespace) -> int:
    """Paint."""
    doodle = read(parsed)
    return painting.paint(
        *(parsed, doodle.content, doodle.styles, doodle.config, parsed.target_image_prefix),
        entries=doodle.entries,
        notes=[f"{doodle}"],
    )


def read(parsed: argparse.Namespace) -> Doodle:
    """What a doodle's arguments mean, the maps read.

    Raises:
        ConfigError: An argument is wrong.
        ImageError: A picture cannot be read, or a map lacks a colour of the other.
    """
    from network.methods.doodle import map_beside, prepare

    drawing = parsed.target_mask
    if drawing is None:
        picture = parsed.content_image or f"{parsed.target_image_prefix}.png"
        drawing = map_beside(picture, "target_mask")
    return prepare(
        *(parsed.style_image, parsed.style_mask, drawing, parsed.content_image),
        nlabels=parsed.nlabels,
        style_weight=parsed.style_weight,
        **read_fields(parsed),
    )
