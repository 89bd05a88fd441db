"""``train``: learn styles, for photos to be painted in one pass, or another task."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.app.parser import Parser, add_groups, add_settings, convert, read_fields
from network.errors import ConfigError
from network.fast.names import ENLARGE, IDENTITY, RECONSTRUCT, REPAINT, STROKES
from network.fast.training import Painting, TrainingSettings
from network.options import Option

if TYPE_CHECKING:
    from network.app.signals import Interrupts
    from network.app.work import WorkLines, WorkTerminal
    from network.fast.styles import Styles
    from network.fast.training import TrainingProgress
    from network.fast.training_files import Files

USAGE = "STYLE [STYLE ...] --photos FOLDER --output FILE.npz [options]"
DESCRIPTION = (
    "Learn to paint photos like the STYLE pictures in one pass; or, with --learn and no STYLE, "
    "another task. FILE.npz is written at every "
    "checkpoint, and beside it FILE.preview.jpg, FILE.csv with the losses, and "
    "FILE.training.npz, from which --resume goes on."
)
LEARN = Option("learn", str, REPAINT, choices=(REPAINT, ENLARGE, RECONSTRUCT))
WEIGHT = Option("weight", float, 1.0, minimum=0)
# One per style, in the order of the styles.
OF_STYLES = {
    "name": "what each style is called (default: its file's name)",
    "title": "what each picture is called (default: nothing)",
    "artist": "who made each picture (default: nobody)",
}


def add_arguments(parser: Parser) -> None:
    """Add the pictures and the options, most of which are fields of ``TrainingSettings``."""
    groups = add_groups(parser)
    parser.add_argument("style", metavar="STYLE", nargs="*", help="pictures to paint like")
    for name, text in OF_STYLES.items():
        groups["style"].add_argument(f"--{name}", metavar="TEXT", nargs="+", help=text)
    groups["style"].add_argument(
        "--weight",
        metavar="NUMBER",
        nargs="+",
        type=convert(float),
        default=[WEIGHT.default],
        help="factor of the style_weight, one per style or one for all (default: 1.0)",
    )
    groups["style"].add_argument(
        "--strokes",
        metavar="WORD",
        nargs="+",
        default=["medium"],
        help=f"sizes of strokes to learn, of {', '.join(STROKES)} (default: medium)",
    )
    files = groups["files"]
    files.add_argument(
        "--photos", metavar="FOLDER", required=True, help="photos of any kind to learn from"
    )
    files.add_argument("--output", metavar="FILE.npz", required=True, help="where to")
    files.add_argument(
        "--from",
        dest="start",
        metavar="FILE.npz",
        help="begin with the network of a styles file (default: none, a new one)",
    )
    files.add_argument(
        "--preview",
        metavar="PHOTO",
        nargs="+",
        default=[],
        help="photos to show in every style at every checkpoint, not learnt from (default: none)",
    )
    groups["training"].add_argument(
        "--learn",
        metavar="WORD",
        default=REPAINT,
        help=f"{REPAINT}: to paint in styles, for paint; {ENLARGE}: to enlarge photos, for "
        f"upscale; {RECONSTRUCT}: to make photos of their features, for preview "
        f"(default: {REPAINT})",
    )
    files.add_argument("--resume", action="store_true", help="go on from FILE.training.npz")
    files.add_argument(
        "--quiet", action="store_true", help="tell of nothing but warnings and errors"
    )
    add_settings(groups, TrainingSettings)


def run(parsed: argparse.Namespace) -> int:
    """Train."""
    settings = TrainingSettings(**read_fields(parsed, TrainingSettings))
    if settings.rows_alone and parsed.start is None:
        raise ConfigError(
            "rows_alone: expected --from FILE, whose network the new styles are fitted to; got "
            "none",
            option="rows_alone",
        )
    task = LEARN.check(parsed.learn)
    if (task == REPAINT) != bool(parsed.style):
        raise ConfigError(
            f"style: expected one at least with --learn {REPAINT}, else none; got --learn {task} "
            f"and {len(parsed.style)} styles",
            option="style",
        )
    details = _details(parsed)

    from network import pictures
    from network.app import signals
    from network.app.work import work_for
    from network.fast import styles
    from network.fast.data import find_photos
    from network.runs import lock

    files = _checked_files(parsed)
    start = None
    if parsed.start is not None:
        start = styles.load(parsed.start, task)
    paintings = [
        Painting(picture=pictures.load(path), strokes=tuple(parsed.strokes), **detail)
        for path, detail in zip(parsed.style, details, strict=True)
    ]
    for path in parsed.preview:
        pictures.load(path)  # a mistake is told now, not at the first checkpoint
    held_out = [Path(path) for path in parsed.preview]
    shown = {path.resolve() for path in held_out}
    photos = [path for path in find_photos(parsed.photos) if path.resolve() not in shown]
    if not photos:
        raise ConfigError(
            f"photos: all pictures of {parsed.photos} are shown by --preview, and not learnt from; "
            "give more photos, or a smaller --preview",
            option="photos",
        )
    with work_for(quiet=parsed.quiet) as work, signals.handled(work.message) as interrupts:
        aim = f"{len(paintings)} styles" if paintings else f"to {task}"
        work.message(f"{len(photos)} photos, {aim}, {settings.steps} steps")
        _tell_of_start(start, paintings, settings, work)
        given: dict[str, Any] = {
            "start": start,
            "held_out": held_out,
            "notes": {"photos": len(photos)},
        }
        given |= {"resume": parsed.resume, "output": parsed.output, "settings": settings}
        given |= {"paintings": paintings, "photos": photos, "task": task}
        files.prepare()
        with lock.claim(parsed.output, "output"):
            return _train(given, work, interrupts)


def _train(given: dict[str, Any], work: WorkLines | WorkTerminal, interrupts: Interrupts) -> int:
    """Train, ``given`` what ``fast.train`` takes, and tell how it goes."""
    from network.compute.startup import import_keras

    import_keras()
    from network.fast.train import Listener, train
    from network.fast.training_files import files_of

    def follow(progress: TrainingProgress) -> None:
        line = progress_line(progress)
        if progress.saved:
            work.message(f"{line}; saved")
        work.at(progress.seconds / max(progress.seconds + (progress.left or 0.0), 1e-9), line)

    listener = Listener(follow, work.message, _Cancel(interrupts))
    found = train(**given, listener=listener)
    files = files_of(given["output"])
    steps = max(row.steps for row in found.rows)
    preview = f", pictures in {files.preview}" if given["held_out"] else ""
    work.message(f"{steps} steps: {files.styles}, losses in {files.log}{preview}")
    if interrupts.signal_number is not None:
        work.message("interrupted; the same command with --resume goes on")
        return interrupts.exit_code
    return 0


class _Cancel:
    """Ends a training between two steps once a signal has come."""

    def __init__(self, interrupts: Interrupts) -> None:
        self.interrupts = interrupts

    def is_set(self) -> bool:
        self.interrupts.working = True  # from now on there is something to keep
        return self.interrupts.signal_number is not None


def progress_line(progress: TrainingProgress) -> str:
    """How a training goes, in words."""
    from network.app.progress import duration

    parts = [f"step {progress.step}/{progress.num_steps}"]
    terms = progress.terms.items()
    parts += [f"{name} {term:.3f}" for name, term in terms if not math.isnan(term)]
    parts.append(duration(progress.seconds))
    if progress.left is not None:
        parts.append(f"{duration(progress.left)} left")
    if progress.skipped:
        parts.append(f"{progress.skipped} skipped")
    return ", ".join(parts)


def _details(parsed: argparse.Namespace) -> list[dict[str, Any]]:
    """Name, title, artist and weight of every style.

    Raises:
        ConfigError: There is not one for each, or two styles have one name.
    """
    number = len(parsed.style)
    weights = [WEIGHT.check(weight) for weight in parsed.weight]
    columns: dict[str, list[Any]] = {
        "weight": weights * number if len(weights) == 1 else weights,
        "name": parsed.name or [Path(path).stem for path in parsed.style],
        "title": parsed.title or [""] * number,
        "artist": parsed.artist or [""] * number,
    }
    for option, values in columns.items():
        if len(values) != number:
            raise ConfigError(
                f"{option}: expected one per style, {number}, got {len(values)}", option=option
            )
    twice = [name for name, times in Counter(columns["name"]).items() if times > 1]
    if twice:
        raise ConfigError(
            f"name: expected a name of its own for each style, got {', '.join(twice)} more than "
            "once; give --name",
            option="name",
        )
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _checked_files(parsed: argparse.Namespace) -> Files:
    """What is to be written; ConfigError where its name cannot be, or something would be lost."""
    from network.fast.training_files import files_of

    output = Path(parsed.output)
    if output.suffix != ".npz" or output.stem.endswith(".training"):
        raise ConfigError(
            f"output: expected a name that ends in .npz, got {parsed.output!r}", option="output"
        )
    files = files_of(output)
    if parsed.resume and not files.checkpoint.exists():
        raise ConfigError(
            f"resume: there is no {files.checkpoint} to go on from; leave --resume out to begin",
            option="resume",
        )
    there = [path for path in files.all if path.exists()]
    if there and not parsed.resume:
        raise ConfigError(
            f"output: {there[0]} is there already; go on with --resume, or choose another name",
            option="output",
        )
    return files


def _tell_of_start(
    start: Styles | None,
    paintings: list[Painting],
    settings: TrainingSettings,
    work: WorkLines | WorkTerminal,
) -> None:
    """Say which styles of a network that is trained on will not be in its new file."""
    if start is None or not paintings or settings.rows_alone:
        return
    names = {IDENTITY, *(painting.name for painting in paintings)}
    lost = [name for name in start.names if name not in names]
    if lost:
        work.message(
            f"left out of the new file: {', '.join(lost)}, whose pictures were not given and "
            "whose rows fit the old network alone"
        )
