"""``analogy``: change a picture as a pair of pictures shows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from network.app import painting
from network.app.parser import Parser, add_groups, add_settings, read_fields
from network.config import TransferConfig
from network.recipes import ANALOGY_DEFAULTS, NOT_OF_ANALOGIES

if TYPE_CHECKING:
    from network.methods.analogy import Analogy

USAGE = "A A2 B PREFIX [options]"
DESCRIPTION = (
    "What A is to A2, B is to the result: B's patches are looked for in A, and what A2 has there "
    "is painted. PREFIX_at_iteration_N.png is written after every iteration."
)
PICTURES = {
    "before": ("A", "a picture ..."),
    "after": ("A2", "... and what became of it, of the same size"),
    "content": ("B", "the picture to change likewise"),
    "prefix": ("PREFIX", "where to: folder and start of the name"),
}
HELP = {
    "style_size": "pixels of the longer side of A and A2, which keep their shape; none: as many as "
    "give them the area of the working image",
    "semantic_weight": "how much it counts that A is like B, beside that A2 is like the result",
}


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options, most of which are fields of ``TransferConfig``."""
    groups = add_groups(parser)
    for name, (metavar, text) in PICTURES.items():
        parser.add_argument(name, metavar=metavar, help=text)
    parser.own |= {*PICTURES}
    painting.add_arguments(parser, groups["files"])
    add_settings(groups, TransferConfig, NOT_OF_ANALOGIES, ANALOGY_DEFAULTS, HELP)


def run(parsed: argparse.Namespace) -> int:
    """Paint."""
    analogy = read(parsed)
    return painting.paint(
        *(parsed, analogy.content, analogy.style, analogy.config, parsed.prefix),
        entries=analogy.entries,
        notes=[f"{analogy}"],
    )


def read(parsed: argparse.Namespace) -> Analogy:
    """What an analogy's arguments mean.

    Raises:
        ConfigError: An argument is wrong.
        ImageError: A picture cannot be read, or A and A2 have two sizes.
    """
    from network.methods.analogy import prepare

    return prepare(parsed.before, parsed.after, parsed.content, **read_fields(parsed))
