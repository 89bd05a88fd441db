"""``plot``: draw the curves of a --log file."""

from __future__ import annotations

import argparse

from network.app.parser import Parser
from network.app.terminal import say

USAGE = "FILE.csv [options]"
DESCRIPTION = "Draw the curves of a --log file."


def add_arguments(parser: Parser) -> None:
    """Add the log and where its picture goes."""
    parser.add_argument("log", metavar="FILE.csv", help="what --log wrote")
    parser.add_argument(
        "--output", metavar="PATH", help="where to (default: FILE.png, beside FILE.csv)"
    )


def run(parsed: argparse.Namespace) -> int:
    """Draw, and print the picture's path."""
    from network.runs import loss_log

    say(loss_log.plot(parsed.log, parsed.output))
    return 0
