"""``upscale``: enlarge photos by a network that has learnt it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from network.app.parser import Parser, add_groups, add_settings, read_fields
from network.fast.painting import UpscaleSettings

if TYPE_CHECKING:
    from network.pictures.many import Planned

USAGE = "PHOTO [PHOTO|FOLDER ...] --output FILE|FOLDER [options]"
DESCRIPTION = (
    "Enlarge photos by a network, sharper than by bicubic interpolation. A folder stands for its "
    "pictures, which keep their subfolders; one PHOTO may go to a file."
)


def add_arguments(parser: Parser) -> None:
    """Add the photos and the options, most of which are fields of ``UpscaleSettings``."""
    parser.add_argument("photo", metavar="PHOTO", nargs="+", help="photos, or folders of photos")
    groups = add_groups(parser)
    groups["files"].add_argument(
        "--output", metavar="PATH", required=True, help="where to: a file, or a folder"
    )
    groups["files"].add_argument(
        "--quiet", action="store_true", help="tell of nothing but warnings and errors"
    )
    add_settings(groups, UpscaleSettings)


def run(parsed: argparse.Namespace) -> int:
    """Enlarge."""
    settings = UpscaleSettings(**read_fields(parsed, UpscaleSettings))

    from network.app import signals
    from network.app.work import one_by_one, work_for
    from network.fast import styles
    from network.fast.names import ENLARGE
    from network.methods.paint import Painters, check_output
    from network.methods.upscale import upscale_photo
    from network.pictures import many

    kept = Painters()
    kept.styles(settings.network, ENLARGE)
    file = styles.find(settings.network, task=ENLARGE)
    planned = many.outputs(parsed.photo, parsed.output, f".{settings.output_format}", [file])
    check_output(planned[0].target, settings.bit_depth)

    def make(each: Planned, follow: Callable[[float], object]) -> None:
        upscale_photo(kept, str(each.source), settings, each.target, follow)

    with work_for(quiet=parsed.quiet) as work, signals.handled(work.message):
        return one_by_one(planned, work, make, "enlarged", quiet=parsed.quiet)
