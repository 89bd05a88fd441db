"""The commands: a module each, which is loaded when its command is asked for.

A new command is a new module, written as ``Command`` says, and a line of ``COMMANDS``.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from typing import Protocol, cast

from network.app import settings
from network.app.parser import Parser
from network.errors import ConfigError

__all__ = ["COMMANDS", "Command", "load", "parse", "parser"]

# A line of help for each; the module has an underscore where the name has a dash.
COMMANDS = {
    "transfer": "paint a picture in the manner of others, as INetwork.py does",
    "doodle": "paint a drawing's regions like a painting's, as neural_doodle does",
    "color-transfer": "give a finished picture its content's colours",
    "mask-transfer": "put the content back where a mask is black",
    "show": "show how a picture was made, and make it again",
    "plot": "draw the curves of a --log file",
    "weights": "list the weights at hand, or download them",
    "compare": "tell how alike two pictures are, and which is nearer to what",
    "paint": "paint photos in one pass, in styles learnt before",
    "preview": "a first look at a photo in any style, in about a second",
    "analogy": "change a picture as a pair of pictures shows",
    "texture": "make a picture of any size, or a seamless tile, like another",
    "video": "paint a clip or a folder of frames, without flicker",
    "upscale": "enlarge photos by 4 or 2, by a network that has learnt it",
    "train": "learn styles, for paint; or to enlarge photos, for upscale",
    "batch": "paint many pictures in many styles, here or on many machines",
    "page": "open the web page, which paints what is dropped on it",
}


class Command(Protocol):
    """What a command's module has; it imports nothing heavy before it runs."""

    USAGE: str  # its arguments, as the usage line has them after its name
    DESCRIPTION: str

    def add_arguments(self, parser: Parser) -> None:
        """Add the command's arguments and options."""

    def run(self, options: argparse.Namespace) -> int:
        """Do the work; returns the exit code."""


def load(name: str) -> Command:
    """A command's module.

    Raises:
        ConfigError: There is no such command.
    """
    if name not in COMMANDS:
        raise ConfigError(f"expected a command ({', '.join(COMMANDS)}), got {name!r}")
    return cast(Command, importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))


def parser(name: str, program: str) -> Parser:
    """A command's parser; ``program`` is its name in usage lines."""
    command = load(name)
    made = Parser(program, command.USAGE, command.DESCRIPTION)
    command.add_arguments(made)
    return made


def parse(name: str, arguments: Sequence[str], program: str) -> argparse.Namespace:
    """Read a command's arguments.

    Raises:
        ConfigError: There is no such command; or an argument is missing, unknown or wrong.
        ImageError: The picture whose settings are taken over cannot be read.
    """
    return settings.parse(name, parser(name, program), arguments)
