"""The command line: find the command, run it, and turn errors into one line and an exit code.

Nothing heavy is imported before a command runs. Exit codes: 0 done, 1 a
failure of the machine or the program, 2 something the user can mend, 130 Ctrl-C,
143 SIGTERM.

Commands are found here and not by argparse's sub-parsers, which cannot be had together
with options between the pictures (``parse_intermixed_args``).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from network import __version__
from network.app import commands
from network.app.terminal import fill_streams, one_line
from network.compute import startup
from network.errors import StyleTransferError, StyleTransferWarning, is_out_of_memory

if TYPE_CHECKING:
    from network.config import TransferConfig
    from network.methods.doodle import Doodle
    from network.style import Style

__all__ = ["main", "parse_doodle", "parse_transfer", "transfer_main"]


def main(argv: Sequence[str], program: str | None = None) -> int:
    """Run a command.

    Args:
        argv: The command's name and its arguments.
        program: The command's own name for usage lines; None: python -m network COMMAND.

    Returns:
        The exit code.
    """
    fill_streams()
    try:
        with warnings.catch_warnings(), startup.quiet():
            warnings.simplefilter("ignore")  # other libraries' say nothing to a user
            warnings.simplefilter("always", StyleTransferWarning)
            warnings.showwarning = _show_warning  # type: ignore[assignment]
            return _run(argv, program)
    except StyleTransferError as error:
        return _fail(error, argv, 2)
    except KeyboardInterrupt as stop:
        from network.app.signals import exit_code

        print("interrupted", file=sys.stderr)
        return exit_code(stop)
    except Exception as error:
        if is_out_of_memory(error):
            text = (
                "out of memory; use smaller pictures, or what the command has of --low_memory and "
                "a smaller --image_size"
            )
            return _fail(error, argv, 1, text)
        text = f"{type(error).__name__}: {error} (--debug shows where)"
        return _fail(error, argv, 1, " ".join(text.split()))


def _fail(error: Exception, argv: Sequence[str], code: int, text: str | None = None) -> int:
    if "--debug" in argv:
        raise error
    print(f"error: {one_line(text or error)}", file=sys.stderr)
    return code


def _show_warning(message: Warning | str, *_: Any) -> None:
    print(f"warning: {one_line(message)}", file=sys.stderr)


def _run(argv: Sequence[str], program: str | None) -> int:
    name, *arguments = argv or ["--help"]
    if name == "--version":
        print(f"INetwork {__version__}")
        return 0
    if name in ("--help", "-h"):
        print("usage: python -m network COMMAND [options]\n\ncommands (each has its own --help):")
        for known, text in commands.COMMANDS.items():
            print(f"  {known:<15} {text}")
        return 0
    options = commands.parse(name, arguments, program or f"python -m network {name}")
    return commands.load(name).run(options)


def transfer_main() -> int:
    """The transfer command under its own name, as pip installs it."""
    return main(["transfer", *sys.argv[1:]], program="inetwork")


def parse_transfer(
    arguments: Sequence[str], program: str
) -> tuple[str, list[Style], TransferConfig, str]:
    """Read a transfer's arguments: content, styles, config and prefix.

    Raises:
        ConfigError: An argument is missing, unknown or wrong.
        ImageError: The picture whose settings are taken over cannot be read.
    """
    from network.app.commands import transfer

    return transfer.read(commands.parse("transfer", arguments, program))


def parse_doodle(arguments: Sequence[str], program: str) -> Doodle:
    """Read a doodle's arguments, and the maps they name.

    Raises:
        ConfigError: An argument is missing, unknown or wrong.
        ImageError: A picture cannot be read, or a map lacks a colour of the other.
    """
    from network.app.commands import doodle

    return doodle.read(commands.parse("doodle", arguments, program))
