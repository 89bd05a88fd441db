"""``batch``: paint many pictures in many styles, here or on many machines."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from network.app.parser import Parser, add_groups, add_option, add_settings, read_fields
from network.app.progress import duration
from network.app.terminal import one_line, say
from network.batches.settings import BatchSettings
from network.config import TransferConfig
from network.errors import ConfigError
from network.fast.painting import PaintSettings
from network.options import Option, options

if TYPE_CHECKING:
    from network.app.signals import Interrupts
    from network.app.work import WorkLines, WorkTerminal
    from network.batches.picture import Outcome
    from network.batches.plan import Order, Picture

USAGE = "CONTENT [CONTENT|FOLDER ...] --styles STYLE [STYLE|FOLDER ...] --output FOLDER [options]"
DESCRIPTION = (
    "Paint every CONTENT in every STYLE, or the pairs of a CSV file: OUTPUT/STYLE/CONTENT is "
    "written. A folder stands for its pictures, which keep their subfolders. What is there "
    "already, made of the same with the same settings, is left as it is."
)
STYLES_FILE = "styles_file"  # what PaintSettings calls styles
NOT_OF_A_BATCH = ("save_every", "resume")  # each picture is made in one piece


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options: those of a transfer, of ``paint`` and of the batch."""
    parser.add_argument("content", metavar="CONTENT", nargs="*", help="pictures to paint")
    groups = add_groups(parser)
    groups["style"].add_argument(
        "--styles",
        metavar="STYLE",
        nargs="+",
        default=[],
        help="pictures to paint like, and folders of them; with --paint names of styles; several "
        "in one picture: 'a.jpg;b.jpg', or 'a.jpg:2;b.jpg:1'",
    )
    files = groups["files"]
    files.add_argument("--output", metavar="FOLDER", help="where to; it is made")
    files.add_argument(
        "--pairs",
        metavar="FILE.csv",
        help="paint its pairs, under the first line content,style, in the place of CONTENT and "
        "--styles",
    )
    files.add_argument(
        "--settings", metavar="FILE.json", help="take over options; those given here win"
    )
    files.add_argument("--json", action="store_true", help="print a line of JSON for each picture")
    files.add_argument(
        "--quiet", action="store_true", help="tell of nothing but warnings and errors"
    )
    groups["run"].add_argument(
        "--quick",
        action="store_true",
        help="a good picture in the least time: sets num_iter, scales, content_weight and "
        "precision; options given here win",
    )
    parser.own |= {"content", "styles", "output", "pairs", "settings", "quick"}
    add_settings(groups, BatchSettings)
    methods = {option.name: option for option in _of_methods()}
    for option in methods.values():
        add_option(groups[option.group], option)
    for action in parser._actions:
        if action.dest in methods:
            action.default = argparse.SUPPRESS  # each method has defaults of its own


def _of_methods() -> list[Option]:
    """The options of transfers, and what paint has beside them, which says so."""
    of_paint = [_own_name(option) for option in options(PaintSettings)]
    shared = {option.name: option for option in of_paint}
    found = []
    for option in options(TransferConfig):
        if option.name in NOT_OF_A_BATCH:
            continue
        if option.name == "precision":
            text = f"{option.help}; with --paint auto, too, which is its default"
            option = dataclasses.replace(option, help=text)
        shared.pop(option.name, None)
        found.append(option)
    for option in shared.values():
        found.append(dataclasses.replace(option, help=f"with --paint: {option.help}"))
    return found


def _own_name(option: Option) -> Option:
    return dataclasses.replace(option, name=STYLES_FILE) if option.name == "styles" else option


def run(parsed: argparse.Namespace) -> int:
    """Paint."""
    how = BatchSettings(**read_fields(parsed, BatchSettings))
    settings = _settings(parsed, how.paint)
    if parsed.output is None:
        raise ConfigError("output: expected --output FOLDER, got none", option="output")
    if parsed.pairs is not None and (parsed.content or parsed.styles):
        raise ConfigError(
            "pairs: expected without CONTENT and --styles, got both; leave one out", option="pairs"
        )

    from network.app import signals
    from network.app.work import work_for
    from network.batches.plan import cross, read_pairs
    from network.batches.run import prepare

    if parsed.pairs is None:
        pairs = cross(parsed.content, parsed.styles, parsed.output, how.paint)
    else:
        pairs = read_pairs(parsed.pairs)
    pictures, order = prepare(pairs, parsed.output, settings, how)
    with work_for(quiet=parsed.quiet) as work, signals.handled(work.message) as interrupts:
        report = Report(len(pictures), work, parsed.json, parsed.quiet)
        try:
            _run(pictures, order, how, report, interrupts)
        except KeyboardInterrupt:
            work.message(f"interrupted: {report.counted()}; run it again to go on")
            return interrupts.exit_code
    return report.end()


def _settings(parsed: argparse.Namespace, paint: bool) -> TransferConfig | PaintSettings:
    """How the pictures are made.

    Raises:
        ConfigError: A value is wrong, or an option given is the other method's.
    """
    given = read_fields(parsed, TransferConfig) | read_fields(parsed, PaintSettings)
    given.pop("styles", None)
    if hasattr(parsed, STYLES_FILE):
        given[STYLES_FILE] = parsed.styles_file
    config: Any = PaintSettings if paint else TransferConfig
    known = {_own_name(option).name for option in options(config)}
    for name in given:
        if name not in known:
            method, other = ("paint", "without") if paint else ("a transfer", "with")
            raise ConfigError(
                f"{name}: no option of {method}; leave it out, or run {other} --paint", option=name
            )
    if STYLES_FILE in given:
        given["styles"] = given.pop(STYLES_FILE)
    return config(**given)  # type: ignore[no-any-return]


def _run(
    pictures: tuple[Picture, ...],
    order: Order,
    how: BatchSettings,
    report: Report,
    interrupts: Interrupts,
) -> None:
    from network.batches.run import outcomes

    def follow(share: float) -> None:
        report.at(share)
        interrupts.check()  # last: the evaluation at hand is finished, and told

    for outcome in outcomes(pictures, order, how, follow, report.work.message):
        report.add(outcome)


class Report:
    """What is told of a batch: of each picture, how far all are, and at the end of the failures."""

    def __init__(
        self, planned: int, work: WorkLines | WorkTerminal, as_json: bool, quiet: bool
    ) -> None:
        self.planned, self.work, self.as_json, self.quiet = planned, work, as_json, quiet
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        self.begun: float | None = None

    def add(self, outcome: Outcome) -> None:
        """A picture is made, skipped or failed."""
        self.counts[outcome.status] += 1
        for warning in outcome.warnings:
            print(f"warning: {one_line(f'{outcome.output}: {warning}')}", file=sys.stderr)
        if outcome.error is not None:
            self.failures.append(outcome.error)
        if self.as_json:
            print(json.dumps(outcome.to_dict()), flush=True)
        elif outcome.status == "made" and not self.quiet:
            say(outcome.output)
        self.at(0.0)

    def at(self, share: float) -> None:
        """A share, 0 to 1, of the next picture is done, too."""
        done = self.counts.total() + share
        if self.begun is None:  # what is skipped takes no time
            self.begun, self.skipped = time.monotonic(), self.counts.total()
        worked, seconds = done - self.skipped, time.monotonic() - self.begun
        left = f", {duration((self.planned - done) / worked * seconds)} left" if worked else ""
        self.work.at(done / self.planned, f"{self.counts.total()}/{self.planned}{left}")

    def counted(self) -> str:
        """How many pictures came to what."""
        kinds = ("made", "skipped", "failed")
        return ", ".join(f"{self.counts[kind]} {kind}" for kind in kinds) + f" of {self.planned}"

    def end(self) -> int:
        """Tell the sums and the failures; the exit code."""
        self.work.message(self.counted())
        if not self.failures:
            return 0
        print(f"not painted, {len(self.failures)} of {self.planned}:", file=sys.stderr)
        for failure in self.failures:
            print(f"  {one_line(failure)}", file=sys.stderr)
        return 1
