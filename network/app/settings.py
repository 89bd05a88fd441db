"""Arguments over settings that go together: those of --quick, of the run that --settings names."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from network.app.parser import Parser
from network.errors import ConfigError
from network.recipes import quick

__all__ = ["parse"]


def parse(command: str, parser: Parser, arguments: Sequence[str]) -> argparse.Namespace:
    """Parse a command's arguments, over the settings they name, if they name any.

    What is given wins over the settings of an earlier run, and these over --quick's.

    Args:
        command: The command's name; the settings have to be of the same.
        parser: Its parser; what is in ``parser.own`` is not taken over.
        arguments: What was given, which wins.

    Raises:
        ConfigError: An argument is missing, unknown or wrong.
        ImageError: The picture whose settings are taken over cannot be read.
    """
    parsed = parser.parse(arguments)
    over: dict[str, Any] = quick() if getattr(parsed, "quick", False) else {}
    path = getattr(parsed, "settings", None)
    if path is not None:
        over |= _earlier(path, command, parser)
    parser.set_defaults(**over)
    recipe = parser.recipe(parser.parse(arguments))
    parser.set_defaults(**{**recipe, **over})
    return parser.parse(arguments)


def _earlier(path: str, command: str, parser: Parser) -> dict[str, Any]:
    """The settings of an earlier run, or of a file."""
    from network.runs.provenance import read_settings

    values = read_settings(path, command)  # settings of settings are not followed
    known = {action.dest: action for action in parser._actions if action.dest not in parser.own}
    for name, value in values.items():
        if name not in known:
            raise ConfigError(
                f"settings: {path} has the unknown option {name!r}; take it out", option="settings"
            )
        if known[name].nargs == "+" and not isinstance(value, list):
            values[name] = [value]
    return values
