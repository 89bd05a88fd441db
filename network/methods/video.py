"""A film without flicker: frame after frame, each of which goes on from those before.

Frames are kept in a folder as they are finished, and the clip is written of them at the end,
however that comes. A pass after the first is the same loop over what the one before has left,
in the other direction.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network import pictures
from network.config import TransferConfig
from network.errors import (
    ConfigError,
    ImageError,
    OutputError,
    StyleTransferError,
)
from network.events import Film, FrameDone
from network.frames import store
from network.frames.clips import Clip, Folder, Frame, open_frames
from network.frames.place import Place
from network.frames.settings import VideoSettings
from network.frames.store import Kept, State
from network.methods import film_record
from network.methods.frame_by_frame import FrameByFrame, Painted
from network.methods.frame_painters import NetworkPainter, OptimizerPainter, are_painted
from network.options import by_name
from network.runs import lock
from network.runs.job import Styles, as_styles
from network.session import Session
from network.style import Style

if TYPE_CHECKING:
    from network.events import Progress
    from network.methods.transfer import Cancel

__all__ = ["video"]


def video(
    clip: str | os.PathLike[str],
    styles: Styles,
    output: str | os.PathLike[str],
    config: TransferConfig | None = None,
    callback: Callable[[FrameDone], object] | None = None,
    report: Callable[[str], object] | None = None,
    *,
    on_progress: Callable[[Progress], object] | None = None,
    cancel: Cancel | None = None,
    **settings: Any,
) -> Film:
    """Paint a film, frame after frame, without flicker.

    Args:
        clip: A clip, or a folder of frames.
        styles: As for ``network.transfer``; or words paint:STYLE, a one-pass network's.
        output: The clip to write, .mp4, .mov, .mkv or .webm, whose frames are kept in the
            folder OUTPUT_frames beside it; or a folder, for frames alone.
        config: The settings of a transfer; with ``resume`` the film goes on.
        callback: Is called with every finished frame.
        report: As for ``network.transfer``.
        on_progress: As ``callback`` there, within every frame.
        cancel: As there.
        settings: Fields of ``VideoSettings``, as end_frame.

    Returns:
        What was written. Ctrl-C ends it early with a clip of the finished frames.

    Raises:
        ConfigError: A setting is wrong, or a library of the extra video is missing.
        ImageError: The clip, a frame, a style or a mask cannot be used.
        OutputError: Something cannot be written; the finished frames are kept.
        WeightsError: No weights for the model, or no network.
    """
    given = as_styles(styles)
    config = config or TransferConfig()
    chosen = by_name(VideoSettings, settings)
    source = open_frames(Path(clip), chosen.rate, config.max_pixels)
    place = Place.of(Path(output), chosen.preview, config.output_format)
    place.check(source.path, source.sound if chosen.sound else None)
    with Session() as session, lock.claim(place.folder):
        there = film_record.earlier_film(place.folder, config.resume)
        config = film_record.settled(config, there)
        painter = _painter(session, given, config, chosen, report)
        texts = film_record.texts(clip, given, output, config, chosen, painter)
        expected = film_record.fingerprint(config, chosen, painter, texts)
        state = film_record.state_of(there, config.seed or 0, expected)
        if report is not None:
            report(_described(source))
        way = FrameByFrame(painter, config, chosen)
        making = _Making(source, place, chosen, way, texts, state)
        return making.make(callback, on_progress, cancel)


def _painter(
    session: Session,
    styles: Sequence[Style],
    config: TransferConfig,
    settings: VideoSettings,
    report: Callable[[str], object] | None,
) -> NetworkPainter | OptimizerPainter:
    if are_painted(styles):
        return NetworkPainter(session, styles, config, settings)
    return OptimizerPainter(session, styles, config, settings, report)


def _described(source: Clip | Folder) -> str:
    count = "an unknown number of" if source.count is None else source.count
    rate = "at a rate that varies" if source.varies else f"{float(source.rate):.6g} a second"
    sound = "no sound" if source.sound is None else f"sound {source.sound}"
    return f"{source.path}: {count} frames, {rate}, {sound}"


@dataclass
class _Making:
    """A film that is being made.

    Attributes:
        source: Its frames.
        place: Where it is written.
        settings: The film's own.
        way: From frame to frame.
        texts: What every frame tells of its making.
        state: What there is of it.
        paces: Seconds for each frame of this part that went on from another.
    """

    source: Clip | Folder
    place: Place
    settings: VideoSettings
    way: FrameByFrame
    texts: Mapping[str, str]
    state: State
    paces: list[float] = field(default_factory=list)

    def make(
        self,
        callback: Callable[[FrameDone], object] | None,
        on_progress: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> Film:
        """Make all frames that are missing, and write the clip."""
        interrupted = False
        try:
            for done in self._frames(on_progress, cancel):
                if callback is not None:
                    callback(done)
                if cancel is not None and cancel.is_set():
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            interrupted = True
        except StyleTransferError:
            with contextlib.suppress(OutputError):  # the reason for both, if the disk is full
                self._write(whole=False)
            raise
        finished = self.state.done
        if not finished and not interrupted:
            raise ImageError(
                f"{self.source.path}: has no frame that can be used from number "
                f"{self.settings.start_frame} on; give another start_frame, or another clip",
                source=self.source.path,
            )
        self._write(whole=not interrupted)
        if not interrupted:
            store.forget(self.place.folder)
        return Film(
            path=self.place.clip if finished else None,
            frames=tuple(self.place.frame(each.number) for each in finished),
            evaluations=tuple(each.evaluations for each in finished),
            seconds=self.state.seconds,
            interrupted=interrupted,
        )

    def _write(self, whole: bool) -> None:
        comment = json.dumps(dict(self.texts))
        self.place.write(self.state.done, self.source, self.settings, comment, whole)

    def _frames(
        self, on_progress: Callable[[Progress], object] | None, cancel: Cancel | None
    ) -> Iterator[FrameDone]:
        """Paint what is missing, pass after pass."""
        for frame in self._missing():
            yield self._frame(frame, on_progress, cancel)
        while self.state.again < (self.settings.passes - 1) * len(self.state.done):
            yield self._frame_again(on_progress, cancel)

    def _missing(self) -> Iterator[Frame]:
        """The frames that the first pass has not finished.

        Raises:
            ConfigError: Those that are finished were of another clip.
        """
        settings, finished = self.settings, self.state.done
        first = self.state.latest.number if finished else settings.start_frame
        frames = self.source.frames(first, settings.end_frame, settings.preview or 1)
        if finished:
            last = next(frames, None)
            known = self.state.earlier[0].content
            if last is None or not np.array_equal(self.way.content(last), known):
                raise ConfigError(
                    f"resume: frame {first} of {self.source.path} is not the one that was painted; "
                    "give that clip, or leave --resume out to begin anew",
                    option="resume",
                )
        if not self.state.again:
            yield from frames

    def _frame(
        self,
        frame: Frame,
        on_progress: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> FrameDone:
        """Paint a frame in the first pass."""
        time = int(frame.time / self.source.time_base)
        painted = self.way.paint(frame, time, self.state, on_progress, cancel)
        return self._saved(painted, 1, painted.state.done[-1].evaluations)

    def _frame_again(
        self, on_progress: Callable[[Progress], object] | None, cancel: Cancel | None
    ) -> FrameDone:
        """Paint the frame whose turn it is in a pass after the first."""
        pass_number, index = self.state.turn(self.state.again)
        frame = self.state.done[index]
        kept = store.kept(self.place.folder, frame.number, pass_number - 1)
        painted = self.way.paint_again(kept, self.state, on_progress, cancel)
        evaluations = painted.state.done[index].evaluations - frame.evaluations
        return self._saved(painted, pass_number, evaluations)

    def _saved(self, painted: Painted, pass_number: int, evaluations: int) -> FrameDone:
        """Save a frame, keep what the next one and the next pass need, and tell of it."""
        before, state = self.state.seconds, painted.state
        number, latest = state.latest.number, state.earlier[0]
        path = self.place.frame(number)
        pictures.save(painted.picture, path, self.texts, quality=self.way.config.quality)
        if pass_number < self.settings.passes:
            height, width = painted.picture.shape[:2]
            frame = Kept(latest.content, latest.result, (height, width))
            store.keep(frame, self.place.folder, number, pass_number)
        store.save(state, self.place.folder)
        self.state = state
        if not painted.begins:
            self.paces.append(painted.state.seconds - before)
        return self._told(painted, path, evaluations)

    def _told(self, painted: Painted, path: Path, evaluations: int) -> FrameDone:
        finished, total = len(self.state.done) + self.state.again, self._total()
        left = None
        if total is not None:  # a beginning takes longer than what goes on from it
            pace = sum(self.paces) / len(self.paces) if self.paces else self.state.seconds
            left = max(total - finished, 0) * pace
        picture = painted.picture.view()
        picture.flags.writeable = False
        return FrameDone(
            number=self.state.latest.number,
            done=finished,
            total=total,
            evaluations=evaluations,
            seconds=self.state.seconds,
            seconds_left=left,
            image=picture,
            path=path,
            begins=painted.begins,
        )

    def _total(self) -> int | None:
        """How many frames are to be painted, in all passes."""
        if self.state.again:
            return self.settings.passes * len(self.state.done)
        ends = [end for end in (self.settings.end_frame, self.source.count) if end is not None]
        if not ends:
            return None
        frames = max(min(ends) - self.settings.start_frame, 0) // (self.settings.preview or 1) + 1
        return frames * self.settings.passes
