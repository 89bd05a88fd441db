"""``preview``: a first look at a photo in any style."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from network.app.parser import Parser, add_groups, add_settings, read_fields
from network.fast.painting import PreviewSettings

if TYPE_CHECKING:
    from network.pictures.many import Planned

USAGE = "PHOTO STYLE [STYLE|FOLDER ...] --output FILE|FOLDER [options]"
DESCRIPTION = (
    "A first look at PHOTO in each STYLE, a picture of any kind: its colours and small forms, in "
    "about a second. A folder stands for its pictures; of one STYLE the output may be a file."
)


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options, most of which are fields of ``PreviewSettings``."""
    parser.add_argument("photo", metavar="PHOTO", help="picture to paint")
    parser.add_argument(
        "style", metavar="STYLE", nargs="+", help="pictures to paint like, or folders of them"
    )
    groups = add_groups(parser)
    groups["files"].add_argument(
        "--output", metavar="PATH", required=True, help="where to: a file, or a folder"
    )
    groups["files"].add_argument(
        "--quiet", action="store_true", help="tell of nothing but warnings and errors"
    )
    add_settings(groups, PreviewSettings)


def run(parsed: argparse.Namespace) -> int:
    """Look."""
    settings = PreviewSettings(**read_fields(parsed, PreviewSettings))

    from network import pictures
    from network.app import signals
    from network.app.work import one_by_one, work_for
    from network.fast import styles
    from network.fast.names import RECONSTRUCT
    from network.methods.paint import Painters, check_output
    from network.methods.preview import preview_photo
    from network.pictures import many

    kept = Painters()
    kept.styles(settings.network, RECONSTRUCT)
    pictures.open_image(parsed.photo, settings.max_pixels)  # once told, not per style
    others = [styles.find(settings.network, task=RECONSTRUCT), parsed.photo]
    planned = many.outputs(parsed.style, parsed.output, f".{settings.output_format}", others)
    check_output(planned[0].target, 8)

    def make(each: Planned, follow: Callable[[float], object]) -> None:
        preview_photo(kept, parsed.photo, str(each.source), settings, each.target)

    with work_for(quiet=parsed.quiet) as work, signals.handled(work.message):
        return one_by_one(planned, work, make, "made", quiet=parsed.quiet)
