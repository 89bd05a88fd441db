"""`video`: paint a clip, frame after frame, without flicker."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING

from network.app.commands import transfer
from network.app.parser import Parser, add_groups, add_settings, read_fields
from network.app.terminal import one_line, say
from network.config import TransferConfig
from network.errors import ConfigError
from network.frames.settings import VideoSettings
from network.style import Style

if TYPE_CHECKING:
    from network.events import FrameDone, Progress

USAGE = "CLIP|FOLDER STYLE [STYLE ...] OUTPUT [options]"
DESCRIPTION = (
    "Paint a CLIP, or a FOLDER of frames, in the manner of the STYLE pictures, or of a style that "
    "a network has learnt (paint:NAME), without flicker. OUTPUT is a clip, whose frames are kept "
    "in the folder OUTPUT_frames beside it; or a folder, for frames alone."
)
# What options of a transfer mean where there are many pictures.
HELP = {
    "num_iter": "iterations of 20 evaluations for the first frame, and the first after a cut",
    "resume": "go on after the last finished frame; what is optimised must be as it was, and "
    "end_frame may be larger",
    "content_mask": "picture, white where frames are styled; or a folder, of one for each frame",
    "color_mask": "picture, or a folder of them, white where preserve_color luminance applies; "
    "implies it",
    "output_format": "of the frames that are kept: png, jpeg, webp or tiff",
}
LEFT_OUT = ("save_every", "bit_depth")


def add_arguments(parser: Parser) -> None:
    """Add the clip and the options: those of a transfer, and those of a film."""
    parser.add_argument("content", metavar="CLIP", help="the clip, or a folder of frames")
    parser.add_argument(
        "style", metavar="STYLE", nargs="+", help="pictures to paint like, or paint:NAME"
    )
    parser.add_argument("prefix", metavar="OUTPUT", help="where to: a clip, or a folder")
    parser.own |= {"content", "style", "prefix", "settings", "dry_run"}
    groups = add_groups(parser)
    transfer.add_style_options(groups)
    for name, text in {
        "quiet": "tell of nothing but warnings and errors",
        "dry_run": "tell the plan of the first frame and measure one evaluation, but paint nothing",
    }.items():
        groups["files"].add_argument(f"--{name}", action="store_true", help=text)
    groups["files"].add_argument(
        "--settings",
        metavar="FILE",
        help="take over the options of a frame saved by this command, or of a JSON file; options "
        "given here win (default: none)",
    )
    add_settings(groups, VideoSettings)
    add_settings(groups, TransferConfig, LEFT_OUT, texts=HELP)


def run(parsed: argparse.Namespace) -> int:
    """Paint the film."""
    clip, styles, config, output = transfer.read(parsed)
    settings = VideoSettings(**read_fields(parsed, VideoSettings))
    if parsed.dry_run:
        return _plan(clip, styles, config, settings)

    from network.app import signals
    from network.app.progress import duration
    from network.app.work import work_for
    from network.methods.video import video

    with (
        work_for(quiet=parsed.quiet) as work,
        signals.handled(work.message) as interrupts,
    ):
        finished, status = 0.0, "the first frame"

        def follow(progress: Progress) -> None:
            work.at(finished, f"{status}, evaluation {progress.evaluation}")
            interrupts.check()

        def tell(frame: FrameDone) -> None:
            nonlocal finished, status
            finished = min(frame.done / frame.total, 1.0) if frame.total else 0.0
            status = f"frame {frame.number}, {frame.done}/{frame.total or '?'}"
            if frame.seconds_left is not None:
                status += f", {duration(frame.seconds_left)} left"
            work.at(finished, status)
            interrupts.check()

        film = video(
            clip,
            styles,
            output,
            config,
            tell,
            work.message,
            on_progress=follow,
            **dataclasses.asdict(settings),
        )
        evaluations = sum(film.evaluations)
        work.message(
            f"{len(film.frames)} frames, {evaluations} evaluations in {duration(film.seconds)}"
        )
        if film.frames and not parsed.quiet:
            say(film.path or film.frames[0].parent)
        if film.interrupted:
            work.message("the same command with --resume goes on")
        return interrupts.exit_code if film.interrupted else 0


def _plan(clip: str, styles: list[Style], config: TransferConfig, settings: VideoSettings) -> int:
    """Tell what would be done."""
    from pathlib import Path

    from network.frames.clips import open_frames
    from network.methods.frame_painters import are_painted, of_frame
    from network.session import Session

    source = open_frames(Path(clip), settings.rate, config.max_pixels)
    frame = next(source.frames(settings.start_frame), None)
    if frame is None:
        raise ConfigError(
            f"start_frame: {clip} has no frame {settings.start_frame}", option="start_frame"
        )
    say(f"{source.count or 'unknown number of'} frames, {float(source.rate):.6g} a second")
    if not are_painted(styles):
        given, own = of_frame(styles, config, settings.start_frame)
        with Session() as session:
            for line in session.dry_run(session.job(frame.pixels, given, own, "")):
                say(one_line(line))
    say(f"{settings.frame_evaluations} evaluations for every frame after the first")
    if settings.passes > 1:
        say(f"and as many for every frame in each of {settings.passes - 1} further passes")
    return 0
