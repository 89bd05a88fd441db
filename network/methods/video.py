"""A film without flicker: frame after frame, each of which goes on from those before.

Frames are kept in a folder as they are finished, and the clip is written of them at the end,
however that comes.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network import pictures
from network.config import TransferConfig
from network.errors import ConfigError, ImageError, OutputError, StyleTransferError
from network.errors import StyleTransferWarning
from network.events import Film, FrameDone
from network.frames import encoding, motion, store
from network.frames.clips import Clip, Folder, Frame, open_frames
from network.frames.settings import VideoSettings
from network.frames.store import Done, Earlier, State
from network.methods.frame_painters import (
    NetworkPainter,
    OptimizerPainter,
    are_painted,
    mask_of_frame,
)
from network.options import by_name
from network.pictures import files, masks
from network.runs import checkpoint, finish, lock, metadata, sizes
from network.runs.job import Styles, as_styles
from network.session import Session

if TYPE_CHECKING:
    from network.events import Progress
    from network.methods.transfer import Cancel

__all__ = ["video"]

CUT = 0.2  # of a frame has to be found in the one before; else it begins anew


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
        config: The settings of a transfer; None: all defaults. ``resume`` goes on with the
            frame after the last finished one.
        callback: Is called with every finished frame.
        report: As for ``network.transfer``.
        on_progress: As ``callback`` there, within every frame.
        cancel: As there.
        settings: Fields of ``VideoSettings``: start_frame, end_frame, preview,
            frame_evaluations, temporal_weight, long_term, temporal_blend, strength, stroke,
            frame_rate, sound.

    Returns:
        What was written. Ctrl-C ends it early with a clip of the finished frames.

    Raises:
        ConfigError: A setting is wrong; a library of the extra video is missing; another
            film writes there; or what is to go on is another.
        ImageError: The clip, a frame, a style or a mask cannot be used.
        OutputError: Something cannot be written. The finished frames are kept, here as
            above, and the clip is written of them if it can be.
        WeightsError: No weights for the model, or no network.

    Example:
        >>> import network
        >>> film = network.video("photos", "painting.jpg", "film", end_frame=2, num_iter=1)
        >>> len(film.frames)
        2
    """
    config = config or TransferConfig()
    chosen = by_name(VideoSettings, settings)
    with ExitStack() as stack:
        session = stack.enter_context(Session())
        making = _Making(session, clip, as_styles(styles), Path(output), config, chosen, report)
        stack.enter_context(lock.claim(making.folder))
        making.begin()
        return making.make(callback, on_progress, cancel)


class _Making:
    """A film that is being made.

    Attributes:
        folder: Where its frames are kept.
        clip_path: The clip to write; None: frames alone.
    """

    def __init__(
        self,
        session: Session,
        clip: str | os.PathLike[str],
        styles: Sequence[Any],
        output: Path,
        config: TransferConfig,
        settings: VideoSettings,
        report: Callable[[str], object] | None,
    ) -> None:
        self.source = open_frames(Path(clip), settings.rate, config.max_pixels)
        self.config, self.settings, self.tell = config, settings, report or (lambda line: None)
        self.clip_path, self.folder = _places(output, settings.preview)
        if self.clip_path is not None:
            encoding.check_output(self.clip_path, self.source.sound if settings.sound else None)
        if config.bit_depth != 8:
            raise ConfigError("bit_depth: expected 8 for a film, got 16", option="bit_depth")
        files.prepare_output(self.folder / "000001.png")
        self.painter: NetworkPainter | OptimizerPainter
        if are_painted(styles):
            self.painter = NetworkPainter(session, styles, config, settings)
        else:
            self.painter = OptimizerPainter(session, styles, config, settings, report)
        self.texts = self._texts(clip, styles, output)
        self.begun = time.monotonic()

    def _texts(
        self, clip: str | os.PathLike[str], styles: Sequence[Any], output: Path
    ) -> dict[str, str]:
        """What every frame tells of its making."""
        texts = metadata.texts(
            clip, styles, self.config, output, self.painter.weights_file, self.config.seed or 0
        )
        values = json.loads(texts["Settings"])
        if self.config.seed is None:
            values["seed"] = None
        values |= dataclasses.asdict(self.settings)
        return {**texts, "Settings": json.dumps(values), "Film": "frame by frame"}

    def begin(self) -> None:
        """Begin the film, or take over what there is of it.

        Raises:
            ConfigError: It had other settings, or cannot be read.
        """
        config = self.config
        fingerprint = self._fingerprint()
        there = store.load(self.folder) if config.resume or not self._is_new() else None
        if config.resume and there is None:
            _warn(f"resume: no {store.state_path(self.folder)} yet, so the film is begun")
        if there is not None and not config.resume:
            _warn(
                f"output: {self.folder} has {len(there.done)} frames of an earlier film, which this "
                "one overwrites; another OUTPUT keeps them, --resume goes on with that film"
            )
        seed = secrets.randbits(32) if config.seed is None else config.seed
        self.state = State(fingerprint, seed)
        if there is not None and config.resume:
            different = checkpoint.differences(there.fingerprint, fingerprint)
            if different:
                raise ConfigError(
                    f"resume: the film that is to go on had other settings: {', '.join(different)}; "
                    "give those, or leave --resume out to begin anew",
                    option="resume",
                )
            self.state = there
        if isinstance(self.source, Clip) and self.source.varies:
            self.tell("the clip's frame rate varies: every frame keeps its time")
        rate = self.source.rate
        self.tell(f"{self.source.count or 'unknown number of'} frames, {float(rate):.6g} a second")

    def _is_new(self) -> bool:
        return not store.state_path(self.folder).exists()

    def _fingerprint(self) -> dict[str, Any]:
        """What must not change within a film."""
        config, settings = self.config, self.settings
        file = self.painter.weights_file
        words = ("content_mask", "color_mask", "init_image")
        found = checkpoint.fingerprint(
            config,
            self.painter.arrays,
            **{name: _described(getattr(config, name)) for name in words},
            **{name: getattr(config, name) for name in ("output_format", "rescale_image")},
            weights={"model": file.model, "sha256": file.sha256},
            styles=json.loads(self.texts["Styles"]),
        )
        own = dataclasses.asdict(settings)
        for name in ("end_frame", "sound"):  # which may change: a film can be longer
            del own[name]
        return json.loads(json.dumps({**found, **own}))  # type: ignore[no-any-return]

    def make(
        self,
        callback: Callable[[FrameDone], object] | None,
        on_progress: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> Film:
        """Make all frames that are missing, and write the clip."""
        interrupted = False
        try:
            for frame in self._missing():
                done = self._frame(frame, on_progress, cancel)
                if callback is not None:
                    callback(done)
                if cancel is not None and cancel.is_set():
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            interrupted = True
        except StyleTransferError:
            self._write_clip(rest=True)
            raise
        if not self.state.done and not interrupted:
            raise ImageError(
                f"{self.source.path}: has no frame that can be used from number "
                f"{self.settings.start_frame} on; give another start_frame, or another clip",
                source=self.source.path,
            )
        self._write_clip(rest=interrupted)
        done = self.state.done
        return Film(
            self.clip_path if done else None,
            tuple(self._path(each.number) for each in done),
            tuple(each.evaluations for each in done),
            self.seconds,
            interrupted,
        )

    @property
    def seconds(self) -> float:
        """Time spent, on earlier parts too."""
        return self.state.seconds

    def _missing(self) -> Any:
        """The frames that are not finished.

        Raises:
            ConfigError: Those that are finished were of another clip.
        """
        settings, done = self.settings, self.state.done
        step = settings.preview or 1
        first = done[-1].number if done else settings.start_frame
        frames = self.source.frames(first, settings.end_frame, step)
        if done:
            last = next(frames, None)
            if last is None:
                return
            if not np.array_equal(self._at_working_size(last), self.state.earlier[0].content):
                raise ConfigError(
                    f"resume: frame {first} of {self.source.path} is not the one that was painted; "
                    "give that clip, or leave --resume out to begin anew",
                    option="resume",
                )
        yield from frames

    def _at_working_size(self, frame: Frame) -> np.ndarray:
        height, width = sizes.working_size(frame.pixels, self.config)
        sizes.check_sizes(frame.pixels, height, width, self.config)
        return pictures.resize(frame.pixels, height, width)

    def _frame(
        self,
        frame: Frame,
        on_progress: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> FrameDone:
        """Paint a frame, save it, and keep what the next one needs."""
        began = time.monotonic()
        content = self._at_working_size(frame)
        earlier, reference = self.state.earlier, self.state.reference
        moved = self._moved(content)
        quiet = np.zeros(content.shape[:2], bool)
        if moved is not None and reference is not None:
            quiet = motion.still(content, reference, moved.flow)
        if quiet.all():
            result, evaluations = earlier[0].result, 0
        else:
            result, evaluations = self.painter.paint(
                content, frame.number, moved, on_progress, cancel
            )
        if moved is not None and reference is not None:
            result = np.where(quiet[..., np.newaxis], earlier[0].result, result)
            reference = np.where(quiet[..., np.newaxis], reference, content)
        else:
            reference = content
            self.state = dataclasses.replace(self.state, earlier=())
        picture = self._complete(result, frame)
        path = self._path(frame.number)
        pictures.save(picture, path, self.texts, quality=self.config.quality)
        done = Done(frame.number, int(frame.time / self.source.time_base), evaluations)
        seconds = self.state.seconds + time.monotonic() - began
        depth = max(store.KEPT_FRAMES) if self.settings.long_term else 1
        self.state = self.state.followed(done, Earlier(content, result), reference, seconds, depth)
        store.save(self.state, self.folder)
        picture.flags.writeable = False
        return self._told(done, picture, path, moved is None)

    def _moved(self, content: np.ndarray) -> motion.Moved | None:
        """What the frames before came to, where things are now; None: it begins anew."""
        kept = self.state.earlier
        depths = [depth for depth in store.KEPT_FRAMES if depth <= len(kept)]
        if not kept:
            return None
        moved = motion.move(content, [(kept[d - 1].content, kept[d - 1].result) for d in depths])
        return None if moved.reliability.mean() < CUT else moved

    def _complete(self, result: np.ndarray, frame: Frame) -> np.ndarray:
        """The picture to save for a result of the working size."""
        source = mask_of_frame(self.config.color_mask, frame.number, "color_mask")
        mask = None
        if source is not None:
            mask = masks.read(source, *result.shape[:2], self.config.max_pixels)
        return finish.complete(result, frame.pixels, mask, self.config)

    def _path(self, number: int) -> Path:
        return store.frame_path(self.folder, number, self.config.output_format)

    def _total(self) -> int | None:
        """How many frames the film is to have."""
        last, count = self.settings.end_frame, self.source.count
        if last is None and count is None:
            return None
        last = min(last or count or 0, count or last or 0)
        return max(last - self.settings.start_frame, 0) // (self.settings.preview or 1) + 1

    def _told(self, frame: Done, picture: np.ndarray, path: Path, begins: bool) -> FrameDone:
        done, total = len(self.state.done), self._total()
        left = None
        if total is not None:
            left = max(total - done, 0) * self.state.seconds / done
        return FrameDone(
            frame.number,
            done,
            total,
            frame.evaluations,
            self.state.seconds,
            left,
            picture,
            path,
            begins,
        )

    def _write_clip(self, rest: bool) -> None:
        """Write the clip of the finished frames; ``rest``: where more of them were to come."""
        done, base = self.state.done, self.source.time_base
        if self.clip_path is None or not done:
            return
        first = done[0].time * base

        def frames() -> Any:
            for each in done:
                yield each.time * base - first, pictures.load(self._path(each.number))

        sound = None
        if self.source.sound is not None and self.settings.sound:
            cut = rest or self.settings.end_frame is not None
            end = done[-1].time * base + Fraction(1) / self.source.rate
            sound = encoding.Sound(self.source.path, first, end if cut else None)
        step = self.settings.preview or 1
        try:
            encoding.write(
                self.clip_path, frames(), self.source.rate / step, base, sound, self._comment()
            )
        except OutputError as error:
            if not rest:
                raise
            _warn(f"{error}")

    def _comment(self) -> str:
        """What the clip tells of its making, in JSON."""
        return json.dumps(self.texts)


def _places(output: Path, preview: int | None) -> tuple[Path | None, Path]:
    """The clip to write, if any, and the folder of its frames."""
    if preview is not None:
        output = output.with_name(f"{output.stem}_preview{output.suffix}")
    if not output.suffix or output.is_dir():
        return None, output
    return output, output.with_name(f"{output.stem}_frames")


def _described(source: Any) -> str | None:
    return None if source is None else pictures.describe(source)


def _warn(message: str) -> None:
    warnings.warn(message, StyleTransferWarning, stacklevel=3)
