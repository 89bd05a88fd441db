"""Run a transfer at the command line: its messages, its log, and how it is interrupted."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from network.app.parser import NONE, Group, Parser, add_option
from network.config import TransferConfig
from network.errors import ConfigError
from network.events import DONE
from network.fast.painting import FACTORS
from network.options import Option

if TYPE_CHECKING:
    from pathlib import Path

    from network.events import Progress, Result
    from network.pictures import ImageSource
    from network.runs.job import Styles
    from network.session import Session

__all__ = ["add_arguments", "paint"]

UPSCALE = Option(
    "upscale",
    int,
    None,
    "enlarge the last picture by 4 or 2 as well, as the command upscale does, to a file whose name "
    "ends in _upscaled; none: do not",
    choices=FACTORS,
    optional=True,
)


def add_arguments(parser: Parser, group: Group) -> None:
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
    add_option(group, UPSCALE)
    parser.own |= {"settings", "dry_run"}


def paint(
    options: argparse.Namespace,
    content: ImageSource,
    styles: Styles,
    config: TransferConfig,
    prefix: str,
    entries: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    move: Callable[[Result], Result] = lambda result: result,
) -> int:
    """Run a transfer with the terminal's progress, or tell its plan.

    Args:
        options: What ``add_arguments`` added, as parsed.
        content: As for ``network.transfer``.
        styles: Likewise.
        config: Likewise.
        prefix: Likewise.
        entries: What saved pictures tell beside or instead of their own.
        notes: Lines to be told first.
        move: Puts what was written in its place.

    Returns:
        The exit code.
    """
    from network.app import signals
    from network.app.progress import duration, progress_for
    from network.app.terminal import say
    from network.runs.loss_log import LossLog
    from network.session import Session

    factor = _checked_factor(options)
    session = Session()
    if options.dry_run:
        for line in [*notes, *session.dry_run(session.job(content, styles, config, prefix))]:
            say(line)
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
        given = content, styles, config, prefix, follow, progress.message
        result = move(session.transfer(*given, entries=entries or {}))
        if result.stop_reason != DONE:
            progress.message(f"stopped: {result.stop_reason}")
        place = result.paths[-1] if result.paths else "nothing was left to do"
        progress.message(f"{result.evaluations} evaluations in {duration(result.seconds)}: {place}")
        if factor is not None and result.paths and not result.interrupted:
            progress.message(_enlarge(session, result.paths[-1], factor, config))
        return interrupts.exit_code if result.interrupted else 0


def _checked_factor(options: argparse.Namespace) -> int | None:
    """What the last picture is enlarged by; what cannot be is told now, not after the run."""
    if options.quiet and options.verbose:
        raise ConfigError("quiet: expected without --verbose, got both; leave one out")
    factor: int | None = UPSCALE.check(None if options.upscale == NONE else options.upscale)
    if factor is not None:
        from network.fast import styles
        from network.fast.names import ENLARGE

        styles.load(styles.find(task=ENLARGE), ENLARGE)
    return factor


def _enlarge(session: Session, path: Path, factor: int, config: TransferConfig) -> str:
    """Enlarge a picture that was saved, to a file beside it; returns a line that says so."""
    large = path.with_name(f"{path.stem}_upscaled{path.suffix}")
    deep: dict[str, Any] = {"quality": config.quality, "bit_depth": config.bit_depth}
    session.upscale(path, factor, large, **deep)
    return f"enlarged by {factor}: {large}"
