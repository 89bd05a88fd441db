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
from network.frames.store import Done, Earlier, Kept, State
from network.methods.frame_painters import NetworkPainter, OptimizerPainter, mask_of_frame
from network.pictures import color, masks
from network.runs import finish, sizes

if TYPE_CHECKING:
    from network.events import Progress
    from network.methods.transfer import Cancel

__all__ = ["FrameByFrame", "Painted"]

CUT = 0.2  # of a frame has to be found in those before; else it begins anew
MIXTURE = 0.5  # of where a frame starts in a later pass: the neighbour's; the rest is its own


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
        if moved is None:
            state = dataclasses.replace(state, earlier=(), reference=None)
        result, reference, evaluations = self._made(
            content, frame.number, moved, state, on_progress, cancel
        )
        picture = self._complete(result, frame.number, frame.pixels)
        seconds = state.seconds + time.monotonic() - began
        done = Done(frame.number, time_step, evaluations)
        latest = Earlier(content, result)
        state = state.followed(done, latest, reference, seconds, self._depth)
        return Painted(picture, state, moved is None)

    def paint_again(
        self,
        kept: Kept,
        state: State,
        on_progress: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> Painted:
        """Paint the frame whose turn it is in a pass after the first.

        It starts from what it came to in the pass before, mixed with what its neighbour has
        come to in this one, moved along, where that can be relied on; and is held to the
        neighbour.

        Args:
            kept: What the pass before has left of it.
            state: What there is of the film.
            on_progress: As of ``paint``.
            cancel: As there; Raises, too.

        References:
            Ruder, Dosovitskiy, Brox (2016), section 3.4.
        """
        began = time.monotonic()
        number = state.done[state.turn(state.again)[1]].number
        if state.again % len(state.done) == 0:  # what was last painted is of another direction
            state = dataclasses.replace(state, earlier=(), reference=None)
        moved = self._found(kept.content, state)
        if moved is None:
            state = dataclasses.replace(state, earlier=(), reference=None)
            nowhere = np.zeros(kept.content.shape[:2], np.float32)
            moved = motion.Moved(kept.result, nowhere, np.stack([nowhere, nowhere], axis=-1))
        start = color.blend(kept.result, moved.picture, MIXTURE * moved.reliability)
        moved = dataclasses.replace(moved, start=start)
        result, reference, evaluations = self._made(
            kept.content, number, moved, state, on_progress, cancel
        )
        picture = self._complete(result, number, kept.content, kept.size)
        seconds = state.seconds + time.monotonic() - began
        latest = Earlier(kept.content, result)
        state = state.repainted(evaluations, latest, reference, seconds, self._depth)
        return Painted(picture, state, begins=False)

    @property
    def _depth(self) -> int:
        """How many frames others can go on from."""
        return max(store.KEPT_FRAMES) if self.settings.long_term else 1

    def _made(
        self,
        content: np.ndarray,
        number: int,
        moved: motion.Moved | None,
        state: State,
        on_progress: Callable[[Progress], object] | None,
        cancel: Cancel | None,
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """A frame's result, what each pixel of it was made of, and how many evaluations it took."""
        if moved is None or state.reference is None:
            result, evaluations = self.painter.paint(content, number, moved, on_progress, cancel)
            return result, content, evaluations
        quiet = motion.still(content, state.reference, moved.flow)
        result, evaluations = state.earlier[0].result, 0
        if not quiet.all():  # else nothing has changed
            result, evaluations = self.painter.paint(content, number, moved, on_progress, cancel)
        where = quiet[..., np.newaxis]
        result = np.where(where, state.earlier[0].result, result)
        return result, np.where(where, state.reference, content), evaluations

    def _found(self, content: np.ndarray, state: State) -> motion.Moved | None:
        """What frames before came to, moved to where things are now; None: nearly nothing of it."""
        kept = state.earlier
        depths = [depth for depth in store.KEPT_FRAMES if depth <= len(kept)]
        if not depths:
            return None
        moved = motion.move(content, [(kept[d - 1].content, kept[d - 1].result) for d in depths])
        return None if moved.reliability.mean() < CUT else moved

    def _moved(self, content: np.ndarray, state: State) -> motion.Moved | None:
        """What a frame goes on from; None: it begins anew."""
        moved = self._found(content, state)
        if moved is None or not self.painter.goes_on:
            return moved
        seen_first = motion.uncovered(moved.reliability)[..., np.newaxis]
        fresh = _repainted(content, state.earlier[0])
        return dataclasses.replace(moved, picture=np.where(seen_first, fresh, moved.picture))

    def _complete(
        self,
        result: np.ndarray,
        number: int,
        content: np.ndarray,
        size: tuple[int, int] | None = None,
    ) -> np.ndarray:
        """The picture to save for a result of the working size."""
        source = mask_of_frame(self.config.color_mask, number, "color_mask")
        mask = None
        if source is not None:
            height, width = result.shape[:2]
            mask = masks.read(source, height, width, self.config.max_pixels)
        return finish.complete(result, content, mask, self.config, size)


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
