"""``paint``: paint photos in one pass, by a network that has learnt the style."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from network.app.parser import Parser, add_groups, add_settings, convert, read_fields
from network.app.terminal import one_line, say
from network.errors import ConfigError
from network.fast.painting import BLEND, PaintSettings

if TYPE_CHECKING:
    from network.pictures.many import Planned

USAGE = "PHOTO [PHOTO|FOLDER ...] --style NAME [--style NAME ...] --output FILE|FOLDER [options]"
DESCRIPTION = (
    "Paint photos in one pass, by a network that has learnt the style. A folder stands for its "
    "pictures, which keep their subfolders; one PHOTO may go to a file. --list shows the styles."
)


def add_arguments(parser: Parser) -> None:
    """Add the photos and the options, most of which are fields of ``PaintSettings``."""
    parser.add_argument("photo", metavar="PHOTO", nargs="*", help="photos, or folders of photos")
    groups = add_groups(parser)
    groups["style"].add_argument(
        "--style",
        metavar="NAME",
        action="append",
        default=[],
        help="a style of the file; several are blended",
    )
    groups["style"].add_argument(
        "--blend",
        metavar="NUMBER",
        nargs="+",
        type=convert(float),
        help="the share of each style, 0 or more (default: equal ones)",
    )
    groups["files"].add_argument(
        "--output", metavar="PATH", help="where to: a file, or a folder, which is made"
    )
    groups["files"].add_argument(
        "--list", action="store_true", help="show the styles of the file, and paint nothing"
    )
    groups["files"].add_argument(
        "--quiet", action="store_true", help="tell of nothing but warnings and errors"
    )
    add_settings(groups, PaintSettings)


def run(parsed: argparse.Namespace) -> int:
    """Paint, or list the styles."""
    settings = PaintSettings(**read_fields(parsed, PaintSettings))
    if parsed.list:
        return _list(settings)
    for option, value in {"photo": parsed.photo, "style": parsed.style}.items():
        if not value:
            raise ConfigError(
                f"{option}: expected one at least, got none; paint --list shows the styles",
                option=option,
            )
    if parsed.output is None:
        raise ConfigError("output: expected --output FILE or FOLDER, got none", option="output")
    shares = None if parsed.blend is None else [BLEND.check(share) for share in parsed.blend]

    from network import pictures
    from network.app import signals
    from network.app.work import one_by_one, work_for
    from network.fast import styles
    from network.fast.mixing import mixed_row
    from network.fast.names import ENLARGE
    from network.methods.paint import Painters, check_output, paint_photo
    from network.pictures import many

    kept = Painters()
    mixed_row(kept.styles(settings.styles)[0], parsed.style, shares, stroke=settings.stroke)
    suffix = f".{settings.output_format}"
    others = [styles.find(settings.styles)]
    if settings.content_mask is not None:
        pictures.open_image(settings.content_mask, settings.max_pixels)  # once told, not per photo
        others.append(Path(parsed.content_mask))
    planned = many.outputs(parsed.photo, parsed.output, suffix, others)
    check_output(planned[0].target, settings.bit_depth)
    if settings.upscale is not None:
        kept.styles(task=ENLARGE)

    def make(each: Planned, follow: Callable[[float], object]) -> None:
        paint_photo(kept, str(each.source), parsed.style, shares, settings, each.target, follow)

    with work_for(quiet=parsed.quiet) as work, signals.handled(work.message):
        return one_by_one(planned, work, make, "painted", quiet=parsed.quiet)


def _list(settings: PaintSettings) -> int:
    """Print the styles, a line each under the columns' names."""
    from network.methods.paint import Painters

    styles, words = Painters().styles(settings.styles)
    worth = styles.notes.get("worth")
    table = [("style", "strokes", "rows", "artist", "title", "worth")]
    for name in styles.names:
        rows = [row for row in styles.rows if row.style == name]
        figure = worth.get(name, "") if isinstance(worth, dict) else ""
        table.append(
            (
                name,
                ", ".join(row.stroke for row in rows),
                ", ".join(str(row.size) for row in rows),
                rows[0].artist,
                rows[0].title,
                f"{figure}",
            )
        )
    kept = [column for column in zip(*table, strict=True) if any(column[1:])]
    widths = [max(map(len, map(one_line, column))) for column in kept]
    for line in zip(*kept, strict=True):
        cells = (f"{one_line(cell):<{width}}" for cell, width in zip(line, widths, strict=True))
        say("  ".join(cells).rstrip())
    say(words)
    return 0
