"""How things move from one frame to the next, and where that can be relied on.

Flows are float32 (height, width, 2): for every pixel how far to the right and down what is
seen there lies in the other frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from network.frames.extras import opencv

__all__ = ["Moved", "alike", "flow", "move", "reliability", "still", "uncovered", "warp"]

# Ruder et al. (2016), equations 5 and 6: what forward and backward flow may differ by, and
# how steep a flow may be.
DISAGREEMENT, DISAGREED_PIXELS = 0.01, 0.5
EDGE, EDGE_FLOOR = 0.01, 0.002
EDGE_PIXELS = 0.5  # beyond which it leads out of the picture
ALIKE_LEVELS = 20.0  # of 255, mean over LOOK x LOOK pixels
LOOK = 3
# What stands still: moved by less than a part of a pixel, and the same but for noise.
STILL_PIXELS = 0.25
STILL_LEVELS = 3.0  # of 255, mean over a neighbourhood
NEIGHBOURHOOD = 7  # pixels


@dataclass(frozen=True, eq=False)
class Moved:
    """What frames before came to, moved to where things are in a frame.

    Attributes:
        picture: uint8 (height, width, 3).
        reliability: How far each pixel can be relied on, float32 (height, width), 0 or 1.
        flow: From the frame to the last one.
        start: What the frame starts from, of the picture's shape; None: the picture.
    """

    picture: np.ndarray
    reliability: np.ndarray
    flow: np.ndarray
    start: np.ndarray | None = None


def move(frame: np.ndarray, earlier: Sequence[tuple[np.ndarray, np.ndarray]]) -> Moved:
    """Move results to where things are in a frame.

    Where the last one cannot be relied on, those before it are, if they can: what was
    covered for a while looks as it did (Ruder et al., equation 9).

    Args:
        frame: uint8 (height, width, 3) RGB.
        earlier: For earlier frames what they showed and what became of it, the latest
            first; each of the frame's shape.

    Raises:
        ConfigError: OpenCV is missing.
    """
    moved: Moved | None = None
    for content, result in earlier:
        rough = moved is not None  # a few spots are sought: not worth most of a frame's time
        backward = flow(frame, content, rough)
        trusted = reliability(backward, flow(content, frame, rough)) * alike(
            frame, warp(content, backward)
        )
        picture = warp(result, backward)
        if moved is None:
            moved = Moved(picture, trusted, backward)
            if not uncovered(trusted).any():
                break  # nothing is left to find
            continue
        added = (trusted > 0) & (moved.reliability == 0)
        picture = np.where(added[..., np.newaxis], picture, moved.picture)
        moved = Moved(picture, np.maximum(moved.reliability, trusted), moved.flow)
    assert moved is not None
    return moved


def flow(frame: np.ndarray, other: np.ndarray, rough: bool = False) -> np.ndarray:
    """Where in the other frame each pixel of a frame is; rough: in a fifth of the time.

    References:
        Kroeger, Timofte, Dai, Van Gool, "Fast Optical Flow using Dense Inverse Search" (2016).
    """
    cv2 = opencv()
    grey, grey_other = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (frame, other))
    # Two frames that are the same have no motion; the search finds traces in what is flat.
    if np.array_equal(grey, grey_other):
        return np.zeros((*grey.shape, 2), np.float32)
    fast, medium = cv2.DISOPTICAL_FLOW_PRESET_FAST, cv2.DISOPTICAL_FLOW_PRESET_MEDIUM
    search = cv2.DISOpticalFlow_create(fast if rough else medium)
    found: np.ndarray = search.calc(grey, grey_other, None)
    return found


def warp(picture: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """Move a picture: every pixel is fetched from where the flow says that it was.

    Args:
        picture: uint8 (height, width, 3), or float32 with any channels.
        backward: From the new frame to the picture's.
    """
    cv2 = opencv()
    moved: np.ndarray = cv2.remap(
        picture, *_origins(backward), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return moved


def _origins(backward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The columns and rows, float32 (height, width), that a flow leads to."""
    rows, columns = (np.arange(side, dtype=np.float32) for side in backward.shape[:2])
    return columns + backward[..., 0], rows[:, np.newaxis] + backward[..., 1]


def reliability(backward: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Where a backward flow can be relied on: float32 (height, width), 0 or 1.

    It cannot where forward and backward flow lead elsewhere (what is seen was covered
    before), at the edges of what moves, and where it leads out of the picture.

    Args:
        backward: From the frame to the earlier one.
        forward: From the earlier frame to this one.

    References:
        Ruder, Dosovitskiy, Brox (2016), section 4.2, after Sundaram, Brox, Keutzer (2010).
    """
    cv2 = opencv()
    columns, rows = _origins(backward)
    returning = cv2.remap(forward, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    together = _squared(backward) + _squared(returning)
    covered = _squared(backward + returning) > DISAGREEMENT * together + DISAGREED_PIXELS
    down, right = np.gradient(backward, axis=(0, 1))
    steep = _squared(down) + _squared(right) > EDGE * _squared(backward) + EDGE_FLOOR
    height, width = backward.shape[:2]
    left, right_of = columns < -EDGE_PIXELS, columns > width - 1 + EDGE_PIXELS
    above, below = rows < -EDGE_PIXELS, rows > height - 1 + EDGE_PIXELS
    outside = left | right_of | above | below
    reliable: np.ndarray = (~(covered | steep | outside)).astype(np.float32)
    return reliable


def uncovered(reliability: np.ndarray) -> np.ndarray:
    """Where nothing is known of a frame, but for lines along what moves: bool (height, width)."""
    cv2 = opencv()
    unknown = (reliability == 0).astype(np.uint8)
    around = cv2.copyMakeBorder(unknown, *(NEIGHBOURHOOD,) * 4, cv2.BORDER_REPLICATE)
    size = np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8)
    opened = cv2.morphologyEx(around, cv2.MORPH_OPEN, size)
    inside = slice(NEIGHBOURHOOD, -NEIGHBOURHOOD)
    areas: np.ndarray = opened[inside, inside] > 0
    return areas


def alike(frame: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Where a frame shows what was moved there: float32 (height, width), 0 or 1.

    Not in the paper, whose flow is a slower one: two wrong flows can agree.
    """
    size = (LOOK, LOOK)
    change = opencv().blur(_change(frame, moved), size, borderType=opencv().BORDER_REFLECT_101)
    found: np.ndarray = (change <= ALIKE_LEVELS).astype(np.float32)
    return found


def _change(frame: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far two frames differ, the channel that does most: float32 (height, width)."""
    cv2 = opencv()
    red, green, blue = cv2.split(cv2.absdiff(frame, other))
    largest: np.ndarray = cv2.max(cv2.max(red, green), blue).astype(np.float32)
    return largest


def _squared(vectors: np.ndarray) -> np.ndarray:
    right, down = vectors[..., 0], vectors[..., 1]
    length: np.ndarray = right * right + down * down
    return length


def still(frame: np.ndarray, reference: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """Where nothing has changed since a reference: bool (height, width).

    The reference is what each pixel showed when its result was last made, not the frame
    before, so that what changes slowly is noticed in the end.

    Args:
        frame: uint8 (height, width, 3).
        reference: Of that shape.
        backward: From the frame to the one before it.
    """
    cv2 = opencv()
    size = (NEIGHBOURHOOD, NEIGHBOURHOOD)
    change = cv2.blur(_change(frame, reference), size, borderType=cv2.BORDER_REFLECT_101)
    same = change <= STILL_LEVELS
    unmoved = _squared(cv2.blur(backward, size)) <= STILL_PIXELS**2
    quiet: np.ndarray = cv2.erode((same & unmoved).astype(np.uint8), np.ones(size, np.uint8)) > 0
    return quiet
