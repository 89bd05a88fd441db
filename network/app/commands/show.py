"""``show``: how a picture was made, and the command that makes it again."""

from __future__ import annotations

import argparse
import shlex

from network.app.parser import Parser
from network.app.terminal import say, shell_command

USAGE = "IMAGE"
DESCRIPTION = "Show how a picture was made, and the command that makes it again."


def add_arguments(parser: Parser) -> None:
    """Add the picture."""
    parser.add_argument("image", metavar="IMAGE", help="a picture that this program saved")


def run(parsed: argparse.Namespace) -> int:
    """Print what the picture tells; the command, at the end, can be copied."""
    from network.runs import provenance

    *lines, command = provenance.describe(parsed.image)
    for line in lines:
        say(line)
    say(shell_command(shlex.split(command)))
    return 0
