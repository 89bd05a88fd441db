"""The command line: parse, run, and turn errors into one line and an exit code.

Nothing heavy is imported before a command runs. Exit codes: 0 done, 1 a
failure of the machine or the program, 2 something the user can mend, 130 Ctrl-C,
143 SIGTERM.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from network import __version__
from network.config import (
    DOODLE_DEFAULTS,
    Style,
    TransferConfig,
    style_weights,
)
from network.errors import ConfigError, StyleTransferError, StyleTransferWarning
from network.events import DONE
from network.features.layers import NUM_CONVOLUTIONS
from network.options import Option
from network.options import options as config_options

if TYPE_CHECKING:
    import numpy as np

    from network.events import Progress
    from network.methods.doodle import Doodle
    from network.pictures import ImageSource

__all__ = [
    "COMMANDS",
    "Command",
    "main",
    "parse_doodle",
    "parse_transfer",
    "transfer_main",
    "transfer_parser",
]

SOFT = Option("soft", int, 0, minimum=0)
MAX_PIXELS = Option("max_pixels", int, minimum=1, optional=True)
HIST_MATCH = Option("hist_match", bool, False)

# TensorFlow's and PyTorch's, which are not loaded to be named.
OUT_OF_MEMORY = ("ResourceExhaustedError", "OutOfMemoryError")
TRUE = ("true", "yes", "t", "1")
NONE = "none"
FALSE = ("false", "no", "f", "0")

# What compare measures with: the options that a transfer's loss has too.
COMPARE_OPTIONS = (
    "image_size",
    "content_layer",
    "style_loss",
    "model",
    "pool_type",
    "weights",
    "device",
)

# Names that the original's doodle scripts have for options of a transfer ...
DOODLE_ALIASES = {
    "image_size": "img_size",
    "total_variation_weight": "tv_weight",
    "style_scale": "region_style_weight",
}
# ... and where its pictures come from and go to, which no settings are taken over for.
DOODLE_FILES = {
    "style_image": "the painting",
    "style_mask": "the painting's map: each region in its flat colour",
    "target_mask": "the drawing: the same colours where the regions are to be; "
    "image_size -1 is its number of rows",
    "target_image_prefix": "where to: folder and start of the name",
}

GROUPS = {
    "size": "sizes",
    "loss": "what is optimised",
    "mask": "masks",
    "color": "colours",
    "model": "network",
    "run": "optimisation",
    "picture": "pictures in and out",
    "files": "files and messages",
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
        if isinstance(error, MemoryError) or type(error).__name__ in OUT_OF_MEMORY:
            text = "out of memory; use --low_memory or a smaller --image_size"
            return _fail(error, argv, 1, text)
        text = f"{type(error).__name__}: {error} (--debug shows where)"
        return _fail(error, argv, 1, " ".join(text.split()))


def _fail(error: Exception, argv: Sequence[str], code: int, text: str | None = None) -> int:
    if "--debug" in argv:
        raise error
    print(f"error: {_one_line(text or error)}", file=sys.stderr)
    return code


def _show_warning(message: Warning | str, *_: Any) -> None:
    print(f"warning: {_one_line(message)}", file=sys.stderr)


def _one_line(message: object) -> str:
    """A message without what would break its line or steer the terminal, as names may hold."""
    return "".join(
        letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(message)
    )


def _run(argv: Sequence[str], program: str | None) -> int:
    name, *arguments = argv or ["--help"]
    if name == "--version":
        print(f"INetwork {__version__}")
        return 0
    if name in ("--help", "-h"):
        print("usage: python -m network COMMAND [options]\n\ncommands (each has its own --help):")
        for known, command in COMMANDS.items():
            print(f"  {known:<15} {command.help}")
        return 0
    if name not in COMMANDS:
        raise ConfigError(f"expected a command ({', '.join(COMMANDS)}), got {name!r}")
    return COMMANDS[name].run(arguments, program or f"python -m network {name}")


def transfer_main() -> int:
    """The transfer command under its own name, as pip installs it."""
    return main(["transfer", *sys.argv[1:]], program="inetwork")


def _parser(program: str, usage: str, description: str) -> argparse.ArgumentParser:
    """A parser with the options that every command has."""
    parser = _Parser(
        prog=program,
        usage=f"{program} {usage}",
        description=description,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=32, width=100),
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument(
        "--version",
        action="version",
        version=f"INetwork {__version__}",
        help="show the version and exit",
    )
    return parser


def transfer_parser(program: str) -> argparse.ArgumentParser:
    """The parser of a transfer; its options are the fields of ``TransferConfig``."""
    parser = _parser(
        program,
        "CONTENT STYLE [STYLE ...] PREFIX [options]",
        "Paint CONTENT in the manner of the STYLE pictures. "
        "PREFIX_at_iteration_N.png is written after every iteration.",
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
    for name, text in {
        "style_masks": "one picture per style, white where the style applies; none for a style "
        "without (default: none)",
        "image_masks": "one picture per style, white where the generated image gets the style; "
        "none for a style without (default: the style_masks)",
    }.items():
        groups["mask"].add_argument(f"--{name}", metavar="PATH", nargs="+", default=None, help=text)
    _add_run_options(groups["files"])
    for option in config_options(TransferConfig):
        _add_option(groups[option.group], option)
    return parser


def _add_run_options(group: argparse._ActionsContainer) -> None:
    """Add what a run's messages and files have options for, beside the config's."""
    for name, text in {
        "quiet": "tell of nothing but warnings and errors",
        "verbose": "tell every term of the loss after each iteration",
        "dry_run": "tell the plan and measure one evaluation, but paint nothing",
    }.items():
        group.add_argument(f"--{name}", action="store_true", help=text)
    group.add_argument(
        "--log",
        metavar="FILE.csv",
        help="write loss, terms and seconds of every evaluation there (default: none)",
    )
    group.add_argument(
        "--settings",
        metavar="FILE",
        help="take over the options of a picture saved by this program, or of a JSON file; "
        "options given here win (default: none)",
    )


def _add_option(group: argparse._ActionsContainer, option: Option, *aliases: str) -> None:
    """Add an option that is a field of ``TransferConfig``."""
    kind, text, default = option.kind, option.help, option.default
    if not all(str(choice) in text for choice in option.choices):
        text += f"; one of {', '.join(map(str, option.choices))}"
    words = {bool: "BOOL", int: "N", float: "NUMBER", Path: "PATH"}
    alone = True if kind is bool else option.flag
    flag: dict[str, Any] = {} if alone is None else {"nargs": "?", "const": alone}
    group.add_argument(
        *(f"--{name}" for name in (option.name, *aliases)),
        metavar="PATH" if option.free else words.get(kind, "WORD"),
        type=_word_or_boolean if option.flag else _convert(kind),
        default=default,
        help=f"{text} (default: {'none' if default is None else default})",
        **flag,
    )


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


def _word_or_boolean(text: str) -> Any:
    """A word for true or false, or else the word itself."""
    return _convert(bool)(text)


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
        ImageError: The picture whose settings are taken over cannot be read.
    """
    return _understand(_transfer_options(arguments, program))


def _transfer_options(arguments: Sequence[str], program: str) -> argparse.Namespace:
    """Parse a transfer's arguments, over the settings they name."""
    own = {"content", "style", "prefix"}
    return _parse_over_settings("transfer", transfer_parser(program), arguments, own)


def _parse_over_settings(
    command: str, parser: argparse.ArgumentParser, arguments: Sequence[str], own: set[str]
) -> argparse.Namespace:
    """Parse a command's arguments, of which ``own`` are this run's, over the settings they name."""
    options = _parse(parser, arguments)
    if options.quiet and options.verbose:
        raise ConfigError("quiet: expected without --verbose, got both; leave one out")
    if options.settings is None:
        return options

    from network.runs.metadata import read_settings

    values = read_settings(options.settings, command)
    # Settings of settings are not followed.
    own = own | {"settings", "debug", "version", "help", "dry_run"}
    known = {action.dest for action in parser._actions} - own
    for name in values:
        if name not in known:
            raise ConfigError(
                f"settings: {options.settings} has the unknown option {name!r}; take it out",
                option="settings",
            )
    several = {action.dest for action in parser._actions if action.nargs == "+"}
    for name in several & set(values):
        if not isinstance(values[name], list):
            values[name] = [values[name]]
    parser.set_defaults(**values)
    return _parse(parser, arguments)


def _understand(
    options: argparse.Namespace,
) -> tuple[str, list[Style], TransferConfig, str]:
    """What a transfer's options mean."""
    config = _read_config(options)
    given = [Style("", weight).weight for weight in options.style_weight]  # each validated
    shared = style_weights(given, len(options.style))
    masks = [_one_per_style(options, name) for name in ("style_masks", "image_masks")]
    styles = [Style(*parts) for parts in zip(options.style, shared, *masks, strict=True)]
    return options.content, styles, config, options.prefix


def _one_per_style(options: argparse.Namespace, name: str) -> list[str | None]:
    """A transfer's masks of one kind, None for a style without."""
    masks = getattr(options, name) or [NONE] * len(options.style)
    if len(masks) != len(options.style):
        raise ConfigError(
            f"{name}: expected one per style, {len(options.style)}, got {len(masks)}; "
            f"write {NONE} for a style without a mask",
            option=name,
        )
    return [None if mask == NONE else mask for mask in masks]


def _read_config(options: argparse.Namespace) -> TransferConfig:
    """The config of the fields that a command has options for."""
    return TransferConfig(**_read_fields(options))


def _read_fields(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of ``TransferConfig`` that a command has options for."""
    values = {
        option.name: getattr(options, option.name)
        for option in config_options(TransferConfig)
        if hasattr(options, option.name)
    }
    for option in config_options(TransferConfig):
        if option.default is None and values.get(option.name) == NONE:
            values[option.name] = None
    return values


def _transfer(arguments: Sequence[str], program: str) -> int:
    options = _transfer_options(arguments, program)
    content, styles, config, prefix = _understand(options)
    return _paint(options, content, styles, config, prefix)


def _paint(
    options: argparse.Namespace,
    content: ImageSource,
    styles: Sequence[Style],
    config: TransferConfig,
    prefix: str,
    entries: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
) -> int:
    """Run a transfer with the terminal's progress, or tell its plan; ``notes`` come first."""
    from network.app import signals
    from network.app.progress import duration, progress_for
    from network.runs.loss_log import LossLog
    from network.session import Session

    session = Session()
    if options.dry_run:
        for line in [*notes, *session.dry_run(session.job(content, styles, config, prefix))]:
            print(line)
        return 0
    log = None if options.log is None else LossLog(options.log, resume=config.resume)
    with (
        progress_for(quiet=options.quiet, verbose=options.verbose) as progress,
        signals.handled(progress.message) as interrupts,
    ):

        def follow(update: Progress) -> None:
            progress(update)
            if log is not None:
                log(update)
            interrupts.check()  # last: the evaluation at hand is finished, and told

        for line in notes:
            progress.message(line)
        result = session.transfer(
            content, styles, config, prefix, follow, progress.message, entries=entries or {}
        )
        if result.stop_reason != DONE:
            progress.message(f"stopped: {result.stop_reason}")
        place = result.paths[-1] if result.paths else "nothing was left to do"
        progress.message(f"{result.evaluations} evaluations in {duration(result.seconds)}: {place}")
        return interrupts.exit_code if result.interrupted else 0


def show_parser(program: str) -> argparse.ArgumentParser:
    """The parser of ``show``."""
    parser = _parser(
        program, "IMAGE", "Show how a picture was made, and the command that makes it again."
    )
    parser.add_argument("image", metavar="IMAGE", help="a picture that this program saved")
    return parser


def _show(arguments: Sequence[str], program: str) -> int:
    options = _parse(show_parser(program), arguments)

    from network.runs import metadata

    for line in metadata.describe(options.image):
        print(line)
    return 0


def plot_parser(program: str) -> argparse.ArgumentParser:
    """The parser of ``plot``."""
    parser = _parser(program, "FILE.csv [options]", "Draw the curves of a --log file.")
    parser.add_argument("log", metavar="FILE.csv", help="what --log wrote")
    parser.add_argument(
        "--output", metavar="PATH", help="where to (default: FILE.png, beside FILE.csv)"
    )
    return parser


def _plot(arguments: Sequence[str], program: str) -> int:
    options = _parse(plot_parser(program), arguments)

    from network.runs import loss_log

    print(loss_log.plot(options.log, options.output))
    return 0


def doodle_parser(program: str) -> argparse.ArgumentParser:
    """The parser of ``doodle``; most of its options are the fields of ``TransferConfig``."""
    parser = _parser(
        program,
        "--style_image PATH --style_mask PATH --target_mask PATH --target_image_prefix PREFIX "
        "[options]",
        "Paint the regions of a drawing in the style of a painting's regions. Both maps have "
        "the same flat colours, one for each kind of region. PREFIX_at_iteration_N.png is "
        "written after every iteration.",
    )
    groups = {key: parser.add_argument_group(title) for key, title in GROUPS.items()}
    for name, text in DOODLE_FILES.items():
        metavar = "PREFIX" if name == "target_image_prefix" else "PATH"
        parser.add_argument(f"--{name}", metavar=metavar, required=True, help=text)
    parser.add_argument(
        "--content_image",
        metavar="PATH",
        help="picture whose layout is kept (default: none, the drawing alone, which starts from "
        "the mean colours of the painting's regions)",
    )
    parser.add_argument(
        "--nlabels",
        metavar="N",
        type=_convert(int),
        help="colours to find in the maps, near ones taken together (default: none, each colour)",
    )
    groups["loss"].add_argument(
        "--style_weight",
        metavar="NUMBER",
        type=_convert(float),
        default=Style.weight,
        help=f"weight of every region's style loss (default: {Style.weight})",
    )
    _add_run_options(groups["files"])
    for option in config_options(TransferConfig):
        if option.name != "content_mask":  # the maps say where
            default = DOODLE_DEFAULTS.get(option.name, option.default)
            aliases = [DOODLE_ALIASES[option.name]] if option.name in DOODLE_ALIASES else []
            _add_option(
                groups[option.group], dataclasses.replace(option, default=default), *aliases
            )
    return parser


def parse_doodle(arguments: Sequence[str], program: str) -> Doodle:
    """Read a doodle's arguments, and the maps they name.

    Raises:
        ConfigError: An argument is missing, unknown or wrong.
        ImageError: A picture cannot be read, or a map lacks a colour of the other.
    """
    return _prepare(_doodle_options(arguments, program))


def _doodle_options(arguments: Sequence[str], program: str) -> argparse.Namespace:
    own = {*DOODLE_FILES, "content_image"}
    return _parse_over_settings("doodle", doodle_parser(program), arguments, own)


def _prepare(options: argparse.Namespace) -> Doodle:
    from network.methods.doodle import prepare

    return prepare(
        *(options.style_image, options.style_mask, options.target_mask, options.content_image),
        nlabels=options.nlabels,
        style_weight=options.style_weight,
        **_read_fields(options),
    )


def _doodle(arguments: Sequence[str], program: str) -> int:
    options = _doodle_options(arguments, program)
    doodle = _prepare(options)
    return _paint(
        *(options, doodle.content, doodle.styles, doodle.config, options.target_image_prefix),
        entries=doodle.entries,
        notes=[f"{doodle}"],
    )


def weights_parser(program: str) -> argparse.ArgumentParser:
    """The parser of ``weights``."""
    parser = _parser(
        program, "[--download MODEL]", "List the weights files at hand, or download one of Keras's."
    )
    parser.add_argument(
        "--download",
        metavar="MODEL",
        help=f"fetch a model's weights into Keras's cache: {' or '.join(NUM_CONVOLUTIONS)}",
    )
    return parser


def _weights(arguments: Sequence[str], program: str) -> int:
    options = _parse(weights_parser(program), arguments)

    from network.features import weights

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


def color_transfer_parser(program: str) -> argparse.ArgumentParser:
    """The parser of ``color-transfer``."""
    parser = _tool_parser(
        program,
        "CONTENT IMAGE [options]",
        "Give the finished picture IMAGE the colours of CONTENT, keeping its brightness.",
        "IMAGE_original_color.png, or IMAGE_histogram_color.png",
    )
    parser.add_argument(
        "--mask", metavar="PATH", help="picture, white where the colours are to change"
    )
    parser.add_argument(
        "--hist_match",
        metavar="BOOL",
        nargs="?",
        const=True,
        default=False,
        type=_convert(bool),
        help="match the histograms of red, green and blue instead (default: False)",
    )
    return parser


def mask_transfer_parser(program: str) -> argparse.ArgumentParser:
    """The parser of ``mask-transfer``."""
    parser = _tool_parser(
        program,
        "CONTENT IMAGE MASK [options]",
        "Put CONTENT's own pixels into the finished picture IMAGE where MASK is black.",
        "IMAGE_masked.png",
    )
    parser.add_argument("mask", metavar="MASK", help="picture, white where IMAGE stays")
    return parser


def _tool_parser(
    program: str, usage: str, description: str, output: str
) -> argparse.ArgumentParser:
    """What the two tools for finished pictures have in common."""
    parser = _parser(program, usage, description)
    parser.add_argument("content", metavar="CONTENT", help="the picture that was painted")
    parser.add_argument("image", metavar="IMAGE", help="the finished picture")
    parser.add_argument(
        "--output", metavar="PATH", help=f"where to (default: {output}, beside IMAGE)"
    )
    parser.add_argument(
        "--soft",
        metavar="N",
        default=0,
        type=_convert(int),
        help="width in pixels of the mask's edge (default: 0)",
    )
    parser.add_argument(
        "--max_pixels",
        metavar="N",
        type=_convert(int),
        help="refuse pictures of more pixels (default: Pillow's limit, 89478485)",
    )
    return parser


def _check_tool_options(options: argparse.Namespace) -> None:
    SOFT.check(options.soft)
    MAX_PIXELS.check(options.max_pixels)


def _color_transfer(arguments: Sequence[str], program: str) -> int:
    options = _parse(color_transfer_parser(program), arguments)
    HIST_MATCH.check(options.hist_match)
    _check_tool_options(options)
    if options.soft and options.mask is None:
        raise ConfigError("soft: expected --mask with it, whose edge it softens", option="soft")

    from network.pictures.tools import color_transfer

    return _save_tool_result(
        options,
        "histogram_color" if options.hist_match else "original_color",
        lambda: color_transfer(
            options.content,
            options.image,
            options.mask,
            hist_match=options.hist_match,
            soft=options.soft,
            max_pixels=options.max_pixels,
        ),
    )


def _mask_transfer(arguments: Sequence[str], program: str) -> int:
    options = _parse(mask_transfer_parser(program), arguments)
    _check_tool_options(options)

    from network.pictures.tools import mask_transfer

    return _save_tool_result(
        options,
        "masked",
        lambda: mask_transfer(
            options.content,
            options.image,
            options.mask,
            soft=options.soft,
            max_pixels=options.max_pixels,
        ),
    )


def _save_tool_result(
    options: argparse.Namespace, suffix: str, make: Callable[[], np.ndarray]
) -> int:
    from network import pictures
    from network.pictures import files

    picture = make()  # first: what is no picture has no name to derive
    image = Path(options.image)
    path = Path(options.output or image.with_name(f"{image.stem}_{suffix}.png"))
    files.prepare_output(path)
    pictures.save(
        picture, path, alpha=pictures.load_with_alpha(options.image, options.max_pixels)[1]
    )
    print(path)
    return 0


def compare_parser(program: str) -> argparse.ArgumentParser:
    """The parser of ``compare``."""
    parser = _parser(
        program,
        "A B [--content PATH] [--style PATH ...] [options]",
        "Tell how alike the pictures A and B are, and which is nearer to the content and to the "
        "styles. All are brought to one size: image_size rows, or the fewer that A or B has, in "
        "A's shape.",
    )
    parser.add_argument("a", metavar="A", help="a picture, finished by this program or another")
    parser.add_argument("b", metavar="B", help="the picture to compare it with")
    parser.add_argument("--content", metavar="PATH", help="the picture that was painted")
    parser.add_argument(
        "--style", metavar="PATH", nargs="+", default=[], help="the pictures painted like"
    )
    parser.add_argument(
        "--sheet", metavar="PATH", help="save content, styles, A, B and their difference as one"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    for option in config_options(TransferConfig):
        if option.name in COMPARE_OPTIONS:
            default = "vgg16" if option.name == "model" else option.default
            _add_option(parser, dataclasses.replace(option, default=default))
    return parser


def _compare(arguments: Sequence[str], program: str) -> int:
    options = _parse(compare_parser(program), arguments)
    config = _read_config(options)

    from network import pictures
    from network.methods.comparison import compare
    from network.pictures import files

    if options.sheet is not None:
        files.prepare_output(options.sheet)
    comparison = compare(options.a, options.b, options.content, options.style, config)
    print(json.dumps(comparison.to_dict(), indent=2) if options.json else comparison)
    if options.sheet is not None:
        pictures.save(comparison.sheet(), options.sheet)
    return 0


@dataclasses.dataclass(frozen=True)
class Command:
    """A command: what runs it, what parses its arguments, and a line of help."""

    run: Callable[[Sequence[str], str], int]
    parser: Callable[[str], argparse.ArgumentParser]
    help: str


COMMANDS = {
    "transfer": Command(
        _transfer, transfer_parser, "paint a picture in the manner of others, as INetwork.py does"
    ),
    "doodle": Command(
        _doodle, doodle_parser, "paint a drawing's regions like a painting's, as neural_doodle does"
    ),
    "color-transfer": Command(
        _color_transfer, color_transfer_parser, "give a finished picture its content's colours"
    ),
    "mask-transfer": Command(
        _mask_transfer, mask_transfer_parser, "put the content back where a mask is black"
    ),
    "show": Command(_show, show_parser, "show how a picture was made, and make it again"),
    "plot": Command(_plot, plot_parser, "draw the curves of a --log file"),
    "weights": Command(_weights, weights_parser, "list the weights at hand, or download them"),
    "compare": Command(
        _compare, compare_parser, "tell how alike two pictures are, and which is nearer to what"
    ),
}
