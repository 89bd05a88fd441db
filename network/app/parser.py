"""The arguments of a command: options made of ``Option``s, and how they may be written.

The parser leaves what it cannot read to the settings' own messages. It knows no command.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from network import __version__
from network.config import TransferConfig
from network.errors import ConfigError
from network.options import Option, Size, options

__all__ = [
    "Group",
    "Parser",
    "add_groups",
    "add_option",
    "add_settings",
    "convert",
    "read_fields",
]

# What has add_argument: a parser, and a group of its options.
Group = argparse._ActionsContainer

TRUE = ("true", "yes", "t", "1")
FALSE = ("false", "no", "f", "0")
NONE = "none"
METAVARS = {bool: "BOOL", int: "N", float: "NUMBER", Path: "PATH", Size: "SIZE"}

GROUPS = {
    "style": "styles",
    "training": "training",
    "video": "frames",
    "size": "sizes",
    "loss": "what is optimised",
    "patch": "patches, for style_loss patch and nearest",
    "mask": "masks",
    "color": "colours",
    "model": "network",
    "run": "optimisation",
    "batch": "batches and clusters",
    "picture": "pictures in and out",
    "files": "files and messages",
}


class Parser(argparse.ArgumentParser):
    """A command's parser; options may stand anywhere, and have dashes for underscores.

    Attributes:
        own: The arguments that are a run's own, which no settings are taken over for.
        recipe: From what was parsed to the defaults that go with it.
    """

    recipe: Callable[[argparse.Namespace], Mapping[str, Any]] = staticmethod(lambda parsed: {})

    def __init__(self, program: str, usage: str, description: str) -> None:
        super().__init__(
            prog=program,
            usage=f"{program} {usage}",
            description=description,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.HelpFormatter(
                prog, max_help_position=32, width=100
            ),
        )
        self.own = {"help", "debug", "version"}
        self.add_argument("--debug", action="store_true", help="show tracebacks")
        self.add_argument(
            "--version",
            action="version",
            version=f"INetwork {__version__}",
            help="show the version and exit",
        )

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print over several lines."""
        raise ConfigError(f"{message}; see {self.prog} --help")

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Read the arguments.

        Raises:
            ConfigError: One is missing, unknown or cut short.
        """
        if arguments.count("--") > 1:  # argparse drops one of them from every argument's values
            self.error("--: expected once at most, before the pictures whose names begin with -")
        return self.parse_intermixed_args(self._spelled_out(arguments))

    def _spelled_out(self, arguments: Sequence[str]) -> list[str]:
        """The arguments, options with underscores, and with the value that one alone has."""
        words = list(arguments)
        for place, text in enumerate(arguments):
            if text == "--":  # from here on there are no options
                break
            if not text.startswith("--"):
                continue
            name, equals, value = text.partition("=")
            name = name.replace("-", "_").replace("__", "--", 1)
            action = self._option_string_actions.get(name)
            if action is None:
                self._refuse_abbreviation(name)
            elif not equals and isinstance(action.type, Words):
                following = words[place + 1] if place + 1 < len(words) else ""
                if following not in action.type:
                    equals, value = "=", str(action.const)
            words[place] = name + equals + value
        return words

    def _refuse_abbreviation(self, name: str) -> None:
        meant = [known for known in self._option_string_actions if known.startswith(name)]
        if meant and len(name) > len("--"):
            self.error(f"{name}: expected an option's whole name, {' or '.join(meant)}")


class Words:
    """Reads the value of an option that may stand alone: a word for true or false, or its own."""

    def __init__(self, own: Sequence[Any] = ()) -> None:
        self.words = {*TRUE, *FALSE, *own}

    def __contains__(self, text: str) -> bool:
        return text.lower() in self.words

    def __call__(self, text: str) -> Any:
        word = text.lower()
        return word in TRUE if word in TRUE + FALSE else text


def convert(kind: type) -> Callable[[str], Any]:
    """A converter that leaves what it cannot read to the config's own message."""

    def read(text: str) -> Any:
        try:
            return text if kind is Path else kind(text)
        except ValueError:
            return text

    return read


def add_groups(parser: Parser) -> dict[str, Group]:
    """The groups in which ``--help`` lists the options of a run."""
    return {key: parser.add_argument_group(title) for key, title in GROUPS.items()}


def add_option(group: Group, option: Option, *aliases: str) -> None:
    """Add an option that is checked by its ``Option`` later."""
    kind, text, default = option.kind, option.help, option.default
    if not all(str(choice) in text for choice in option.choices):
        text += f"; one of {', '.join(map(str, option.choices))}"
    alone = True if kind is bool else option.flag
    flag: dict[str, Any] = {} if alone is None else {"nargs": "?", "const": alone}
    own = (*option.choices, NONE) if option.optional else option.choices
    group.add_argument(
        *(f"--{name}" for name in (option.name, *aliases)),
        metavar="PATH" if option.free else METAVARS.get(kind, "WORD"),
        type=convert(kind) if alone is None else Words(own),
        default=default,
        help=f"{text} (default: {'none' if default is None else default})",
        **flag,
    )


def add_settings(
    groups: Mapping[str, Group],
    config: type,
    left_out: Container[str] = (),
    defaults: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> None:
    """Add the options of a command that are fields of a config, each to its group.

    Args:
        groups: As ``add_groups`` gives them.
        config: The config.
        left_out: Fields that the command has no option for.
        defaults: By name those that are others for this command.
        texts: By name what options do where it is something else for this command.
        aliases: By name another name of the option.
    """
    for option in options(config):
        name, other = option.name, (aliases or {}).get(option.name)
        if name not in left_out:
            default = (defaults or {}).get(name, option.default)
            text = (texts or {}).get(name, option.help)
            of_command = dataclasses.replace(option, default=default, help=text)
            add_option(groups[option.group], of_command, *([] if other is None else [other]))


def read_fields(parsed: argparse.Namespace, config: type = TransferConfig) -> dict[str, Any]:
    """The fields of a config that a command has options for."""
    fields = [option for option in options(config) if hasattr(parsed, option.name)]
    values = {option.name: getattr(parsed, option.name) for option in fields}
    for option in fields:
        if option.default is None and values[option.name] == NONE:
            values[option.name] = None
    return values
