"""The command line: parse, run, and turn errors into one line and an exit code.

Nothing heavy is imported before a command runs. Exit codes: 0 done, 1 a
failure of the machine or the program, 2 something the user can mend, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from network import __version__
from network.config import Style, TransferConfig, style_weights
from network.errors import ConfigError, StyleTransferError
from network.layers import NUM_CONVOLUTIONS

__all__ = ["main", "parse_transfer", "transfer_main", "transfer_parser"]

TRUE = ("true", "yes", "t", "1")
FALSE = ("false", "no", "f", "0")

GROUPS = {
    "size": "sizes",
    "loss": "what is optimised",
    "model": "network",
    "run": "optimisation",
}


class _Parser(argparse.ArgumentParser):
    """Raises what argparse would print over several lines."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str], program: str | None = None) -> int:
    """Run a command.

    Args:
        argv: The command's name and its arguments.
        program: The command's own name for usage lines; None: python -m network COMMAND.

    Returns:
        The exit code.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.showwarning = _show_warning  # type: ignore[assignment]
            return _run(argv, program)
    except StyleTransferError as error:
        return _fail(error, argv, 2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except MemoryError as error:
        return _fail(error, argv, 1, "out of memory; use a smaller --image_size")
    except Exception as error:
        text = f"{type(error).__name__}: {error} (--debug shows where)"
        return _fail(error, argv, 1, " ".join(text.split()))


def _fail(error: Exception, argv: Sequence[str], code: int, text: str | None = None) -> int:
    if "--debug" in argv:
        raise error
    print(f"error: {text or error}", file=sys.stderr)
    return code


def _show_warning(message: Warning | str, *_: Any) -> None:
    print(f"warning: {message}", file=sys.stderr)


def _run(argv: Sequence[str], program: str | None) -> int:
    command, *arguments = argv or ["--help"]
    if command == "--version":
        print(f"INetwork {__version__}")
        return 0
    if command in ("--help", "-h"):
        print("usage: python -m network COMMAND [options]\n\ncommands (each has its own --help):")
        for name, (_, text) in COMMANDS.items():
            print(f"  {name:<10} {text}")
        return 0
    if command not in COMMANDS:
        raise ConfigError(f"expected a command ({', '.join(COMMANDS)}), got {command!r}")
    return COMMANDS[command][0](arguments, program or f"python -m network {command}")


def transfer_main() -> int:
    """The transfer command under its own name, as pip installs it."""
    return main(["transfer", *sys.argv[1:]], program="inetwork")


def transfer_parser(program: str) -> argparse.ArgumentParser:
    """The parser of a transfer; its options are the fields of ``TransferConfig``."""
    parser = _Parser(
        prog=program,
        usage=f"{program} CONTENT STYLE [STYLE ...] PREFIX [options]",
        description="Paint CONTENT in the manner of the STYLE pictures. "
        "PREFIX_at_iteration_N.png is written after every iteration.",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=32, width=100),
    )
    parser.add_argument("content", metavar="CONTENT", help="the picture to paint")
    parser.add_argument("style", metavar="STYLE", nargs="+", help="pictures to paint like")
    parser.add_argument("prefix", metavar="PREFIX", help="where to: folder and start of the name")
    groups = {key: parser.add_argument_group(title) for key, title in GROUPS.items()}
    groups["loss"].add_argument(
        "--style_weight",
        metavar="NUMBER",
        nargs="+",
        type=_convert(float),
        default=[Style.weight],
        help="one per style, or one that all share (default: 1.0)",
    )
    for field in dataclasses.fields(TransferConfig):
        rules = field.metadata
        kind = rules["kind"]
        choices = rules.get("choices")
        text = rules["help"]
        flag: dict[str, Any] = {"nargs": "?", "const": True} if kind is bool else {}
        if choices is not None and not all(str(choice) in text for choice in choices):
            text += f"; one of {', '.join(map(str, choices))}"
        groups[rules["group"]].add_argument(
            f"--{field.name}",
            metavar={bool: "BOOL", int: "N", float: "NUMBER", Path: "PATH"}.get(kind, "WORD"),
            type=_convert(kind),
            default=field.default,
            help=f"{text} (default: {'none' if field.default is None else field.default})",
            **flag,
        )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument("--version", action="version", version=f"INetwork {__version__}")
    return parser


def _convert(kind: type) -> Callable[[str], Any]:
    """A converter that leaves what it cannot read to the config's own message."""

    def convert(text: str) -> Any:
        if kind is bool:
            word = text.lower()
            return word in TRUE if word in TRUE + FALSE else text
        try:
            return text if kind is Path else kind(text)
        except ValueError:
            return text

    return convert


def _underscores(argument: str) -> str:
    """--image-size is --image_size."""
    name, equals, value = argument.partition("=")
    return name.replace("-", "_").replace("__", "--", 1) + equals + value


def _parse(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    return parser.parse_intermixed_args(
        [_underscores(text) if text.startswith("--") else text for text in arguments]
    )


def parse_transfer(
    arguments: Sequence[str], program: str
) -> tuple[str, list[Style], TransferConfig, str]:
    """Read a transfer's arguments: content, styles, config and prefix.

    Raises:
        ConfigError: An argument is missing, unknown or wrong.
    """
    options = _parse(transfer_parser(program), arguments)
    config = TransferConfig(
        **{field.name: getattr(options, field.name) for field in dataclasses.fields(TransferConfig)}
    )
    given = [Style("", weight).weight for weight in options.style_weight]  # each validated
    shared = style_weights(given, len(options.style))
    styles = [Style(image, weight) for image, weight in zip(options.style, shared, strict=True)]
    return options.content, styles, config, options.prefix


def _transfer(arguments: Sequence[str], program: str) -> int:
    content, styles, config, prefix = parse_transfer(arguments, program)

    from network.progress import duration, progress_for
    from network.workflow import transfer

    with progress_for() as progress:
        result = transfer(
            content, styles, config, prefix, callback=progress, report=progress.message
        )
        if result.stop_reason != "done":
            progress.message(f"stopped: {result.stop_reason}")
        progress.message(
            f"{result.evaluations} evaluations in {duration(result.seconds)}: {result.paths[-1]}"
        )
    return 130 if result.interrupted else 0


def _weights(arguments: Sequence[str], program: str) -> int:
    parser = _Parser(
        prog=program, description="List the weights files at hand, or download one of Keras's."
    )
    parser.add_argument(
        "--download",
        metavar="MODEL",
        help=f"fetch a model's weights into Keras's cache: {' or '.join(NUM_CONVOLUTIONS)}",
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    options = _parse(parser, arguments)

    from network import weights

    if options.download is not None:
        if options.download not in NUM_CONVOLUTIONS:
            raise ConfigError(
                f"download: expected {' or '.join(NUM_CONVOLUTIONS)}, got {options.download!r}",
                option="download",
            )
        weights.download(options.download, report=print)
        return 0
    for model in NUM_CONVOLUTIONS:
        for release, path, source in weights.candidates(model):
            state = "not there"
            if path.exists():
                problem = weights.verify(path, release)
                state = "ready" if problem is None else f"not used, its {problem}"
            print(f"{model}  {source:<14}  {path}: {state}")
    return 0


COMMANDS: dict[str, tuple[Callable[[Sequence[str], str], int], str]] = {
    "transfer": (_transfer, "paint a picture in the manner of others; what INetwork.py does"),
    "weights": (_weights, "list the weights at hand, or download them"),
}
