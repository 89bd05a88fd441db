"""``transfer``: paint a picture in the manner of others."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from network.app import painting
from network.app.parser import NONE, Group, Parser, add_groups, add_settings, convert, read_fields
from network.config import TransferConfig
from network.errors import ConfigError
from network.recipes import quick
from network.style import Style, style_weights

USAGE = "CONTENT STYLE [STYLE ...] PREFIX [options]"
DESCRIPTION = (
    "Paint CONTENT in the manner of the STYLE pictures. "
    "PREFIX_at_iteration_N.png is written after every iteration."
)
MASKS = {
    "style_masks": "one picture per style, white where the style applies, or auto:N of "
    "--auto_masks; none for a style without (default: none)",
    "image_masks": "one picture per style, white where the generated image gets the style; "
    "none for a style without (default: the style_masks)",
}


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options, most of which are fields of ``TransferConfig``."""
    parser.add_argument("content", metavar="CONTENT", help="the picture to paint")
    parser.add_argument("style", metavar="STYLE", nargs="+", help="pictures to paint like")
    parser.add_argument("prefix", metavar="PREFIX", help="where to: folder and start of the name")
    parser.own |= {"content", "style", "prefix"}
    groups = add_groups(parser)
    add_style_options(groups)
    groups["run"].add_argument(
        "--quick",
        action="store_true",
        help="a good picture in the least time: sets num_iter, scales, content_weight and "
        "precision, and tells to what; options given here win",
    )
    parser.own |= {"quick"}
    painting.add_arguments(parser, groups["files"])
    add_settings(groups, TransferConfig)


def add_style_options(groups: Mapping[str, Group]) -> None:
    """Add the options that have a value for each style: weights and masks."""
    groups["loss"].add_argument(
        "--style_weight",
        metavar="NUMBER",
        nargs="+",
        type=convert(float),
        default=[Style.weight],
        help="one per style, or one that all share (default: 1.0)",
    )
    for name, text in MASKS.items():
        groups["mask"].add_argument(f"--{name}", metavar="PATH", nargs="+", default=None, help=text)


def run(parsed: argparse.Namespace) -> int:
    """Paint."""
    notes = []
    if parsed.quick:
        meant = " ".join(f"--{name} {getattr(parsed, name)}" for name in quick())
        notes.append(f"--quick stands for {meant}")
    return painting.paint(parsed, *read(parsed), notes=notes)


def read(parsed: argparse.Namespace) -> tuple[str, list[Style], TransferConfig, str]:
    """What a transfer's arguments mean: content, styles, config and prefix.

    Raises:
        ConfigError: An argument is wrong.
    """
    config = TransferConfig(**read_fields(parsed))
    given = [Style("", weight).weight for weight in parsed.style_weight]  # each validated
    shared = style_weights(given, len(parsed.style))
    masks = [_one_per_style(parsed, name) for name in MASKS]
    styles = [Style(*parts) for parts in zip(parsed.style, shared, *masks, strict=True)]
    return parsed.content, styles, config, parsed.prefix


def _one_per_style(parsed: argparse.Namespace, name: str) -> list[str | None]:
    """A transfer's masks of one kind, None for a style without."""
    masks = getattr(parsed, name) or [NONE] * len(parsed.style)
    if len(masks) != len(parsed.style):
        raise ConfigError(
            f"{name}: expected one per style, {len(parsed.style)}, got {len(masks)}; "
            f"write {NONE} for a style without a mask",
            option=name,
        )
    return [None if mask == NONE else mask for mask in masks]
