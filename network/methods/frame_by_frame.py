"""From a frame and what those before came to, to its picture and what the next one needs."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from network import pictures
from network.config import TransferConfig
from network.frames import motion, store
from network.frames.clips import Frame
from network.frames.settings import VideoSettings
from network.frames.store import Done, Earlier, State
from network.methods.frame_painters import NetworkPainter, OptimizerPainter, mask_of_frame
from network.pictures import color, masks
from network.runs import finish, sizes

if TYPE_CHECKING:
    from network.events import Progress
    from network.methods.transfer import Cancel

__all__ = ["FrameByFrame", "Painted"]

CUT = 0.2  # of a frame has to be found in those before; else it begins anew


@dataclass(frozen=True, eq=False)
class Painted:
    """A frame that was painted.

    Attributes:
        picture: What to save, uint8 (height, width, 3).
        state: The film's, with it.
        begins: Whether it begins anew, as the first does, and after a cut.
    """

    picture: np.ndarray
    state: State
    begins: bool


class FrameByFrame:
    """The way from frame to frame."""

    def __init__(
        self,
        painter: NetworkPainter | OptimizerPainter,
        config: TransferConfig,
        settings: VideoSettings,
    ) -> None:
        self.painter, self.config, self.settings = painter, config, settings

    def content(self, frame: Frame) -> np.ndarray:
        """A frame at the working size.

        Raises:
            ConfigError: That is too small or too large.
        """
        height, width = sizes.working_size(frame.pixels, self.config)
        sizes.check_sizes(frame.pixels, height, width, self.config)
        return pictures.resize(frame.pixels, height, width)

    def paint(
        self,
        frame: Frame,
        time_step: int,
        state: State,
        on_progress: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> Painted:
        """Paint a frame.

        Args:
            frame: The frame.
            time_step: When it is shown, in the clip's smallest steps.
            state: What there is of the film.
            on_progress: As ``callback`` of ``network.transfer``.
            cancel: As there.

        Raises:
            ConfigError, ImageError: It, or a mask of it, cannot be used.
            KeyboardInterrupt: It was interrupted; nothing of it is kept.
        """
        began = time.monotonic()
        content = self.content(frame)
        moved = self._moved(content, state)
        quiet = np.zeros(content.shape[:2], bool)
        if moved is not None and state.reference is not None:
            quiet = motion.still(content, state.reference, moved.flow)
        evaluations, reference = 0, content
        if quiet.all():  # nothing has changed
            result = state.earlier[0].result
        else:
            result, evaluations = self.painter.paint(
                content, frame.number, moved, on_progress, cancel
            )
        if moved is None or state.reference is None:
            state = dataclasses.replace(state, earlier=())
        else:
            where = quiet[..., np.newaxis]
            result = np.where(where, state.earlier[0].result, result)
            reference = np.where(where, state.reference, content)
        picture = self._complete(result, frame)
        seconds = state.seconds + time.monotonic() - began
        done = Done(frame.number, time_step, evaluations)
        depth = max(store.KEPT_FRAMES) if self.settings.long_term else 1
        state = state.followed(done, Earlier(content, result), reference, seconds, depth)
        return Painted(picture, state, moved is None)

    def _moved(self, content: np.ndarray, state: State) -> motion.Moved | None:
        """What frames before came to, where things are now; None: it begins anew."""
        kept = state.earlier
        depths = [depth for depth in store.KEPT_FRAMES if depth <= len(kept)]
        if not depths:
            return None
        moved = motion.move(content, [(kept[d - 1].content, kept[d - 1].result) for d in depths])
        if moved.reliability.mean() < CUT:
            return None
        if not self.painter.goes_on:
            return moved
        seen_first = motion.uncovered(moved.reliability)[..., np.newaxis]
        fresh = _repainted(content, kept[0])
        return dataclasses.replace(moved, picture=np.where(seen_first, fresh, moved.picture))

    def _complete(self, result: np.ndarray, frame: Frame) -> np.ndarray:
        """The picture to save for a result of the working size."""
        source = mask_of_frame(self.config.color_mask, frame.number, "color_mask")
        mask = None
        if source is not None:
            height, width = result.shape[:2]
            mask = masks.read(source, height, width, self.config.max_pixels)
        return finish.complete(result, frame.pixels, mask, self.config)


def _repainted(content: np.ndarray, last: Earlier) -> np.ndarray:
    """Where what comes into sight starts: as it is, in the film's colours, under its strokes.

    What the flow brings there is something else, drawn out. The strokes are what the last
    frame had beyond its content half a picture away: at the same place they would repeat
    what has just moved on. Without them a few evaluations leave bare patches, which are
    then held to.
    """
    now, before = (
        color.match_mean_and_covariance(each, last.result).astype(np.float32)
        for each in (content, last.content)
    )
    strokes = np.roll(last.result - before, content.shape[1] // 2, axis=1)
    repainted: np.ndarray = np.clip(np.rint(now + strokes), 0, 255).astype(np.uint8)
    return repainted
