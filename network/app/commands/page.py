"""``page``: the web page, which does what the command line does, live."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from network.app.page import serve
from network.app.page.limits import PageSettings
from network.app.parser import Parser, add_option, read_fields
from network.options import options

USAGE = "[options]"
DESCRIPTION = "Open a page in the browser: drop two pictures, watch it paint."


def add_arguments(parser: Parser) -> None:
    """Add the options, which are the fields of ``PageSettings``."""
    group = parser.add_argument_group("page")
    for option in options(PageSettings):
        add_option(group, option)


def run(parsed: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    serve(**asdict(PageSettings(**read_fields(parsed, PageSettings))))
    return 0
