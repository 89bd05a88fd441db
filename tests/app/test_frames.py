"""A run's pictures as JPEGs."""

import io

import numpy as np
from PIL import Image

from network.app.frames import SECONDS, SHARE, Frames, encoded
from network.events import Progress


def moment(**more):
    return Progress(1, 10, 1, 200, 5.0, {"content": 1.0}, 2.0, 0.25, **more)


def test_pictures_between_iterations_take_a_small_share_of_the_time():
    now, painted = [0.0], []

    def preview():
        painted.append(now[0])
        now[0] += 0.1
        return np.zeros((4, 4, 3), np.uint8)

    frames = Frames(64, lambda: now[0])
    shown = 0
    for _ in range(100):
        now[0] += 0.05
        shown += frames.painted(moment(preview=preview)) is not None
    assert shown == len(painted) > 1
    assert np.diff(painted).min() >= max(SECONDS, 0.1 / SHARE)


def test_an_iterations_picture_is_always_painted_and_the_next_run_begins_at_once():
    frames = Frames(64, lambda: 0.0)
    image = np.zeros((4, 4, 3), np.uint8)
    assert frames.painted(moment(image=image)) is not None
    assert frames.painted(moment(image=image)) is not None
    assert frames.painted(moment(preview=lambda: image)) is None
    frames.restart()
    assert frames.painted(moment(preview=lambda: image)) is not None


def test_no_side_is_longer_than_asked_for():
    with Image.open(io.BytesIO(encoded(np.zeros((30, 90, 3), np.uint8), 45))) as image:
        assert (image.format, image.size) == ("JPEG", (45, 15))
