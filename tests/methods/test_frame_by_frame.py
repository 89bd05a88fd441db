"""From frame to frame, with a painter that only counts."""

from fractions import Fraction

import numpy as np
import pytest

from network import ConfigError, TransferConfig
from network.frames import motion
from network.frames.clips import Frame
from network.frames.settings import VideoSettings
from network.frames.store import State
from network.methods.frame_by_frame import FrameByFrame
from tests.frames.conftest import HEIGHT, scene, texture


class Counting:
    """Paints every frame in the flat colour of its number."""

    goes_on = True

    def __init__(self):
        self.moved = []

    def paint(self, content, number, moved, on_progress, cancel):
        self.moved.append(moved)
        return np.full_like(content, 10 * number), 5


@pytest.fixture
def painter():
    pytest.importorskip("cv2", reason="the extra video is not installed")
    return Counting()


def run(painter, frames, config=None, **settings):
    way = FrameByFrame(
        painter, config or TransferConfig(image_size=HEIGHT), VideoSettings(**settings)
    )
    state, painted = State({}, 0), []
    for number, pixels in enumerate(frames, start=1):
        frame = Frame(number, Fraction(number), pixels)
        painted.append(way.paint(frame, number * 1000, state, None, None))
        state = painted[-1].state
    return painted


def test_what_stands_still_is_the_last_frames(painter):
    painted = run(painter, scene(3))
    assert (painted[2].picture[:, 50:] == 10).all()  # never painted again
    assert (painted[2].picture[20:28, 12:20] == 30).any()
    assert [frame.begins for frame in painted] == [True, False, False]


def test_the_reference_of_what_stands_still_stays_and_of_the_rest_goes_on(painter):
    frames = scene(2)
    frames[1] = frames[1].copy()
    frames[1][2:6, 52:58] += 1  # noise
    reference = run(painter, frames)[1].state.reference
    np.testing.assert_array_equal(reference[2:6, 52:58], frames[0][2:6, 52:58])
    np.testing.assert_array_equal(reference[18:30, 8:22], frames[1][18:30, 8:22])


def test_frames_that_are_all_still_are_not_painted(painter):
    painted = run(painter, [texture(HEIGHT, 64)] * 3)
    assert len(painter.moved) == 1
    assert [done.evaluations for done in painted[2].state.done] == [5, 0, 0]


@pytest.mark.parametrize(("long_term", "kept"), [(True, 4), (False, 1)])
def test_as_many_frames_are_kept_as_are_looked_at(long_term, kept, painter):
    painted = run(painter, scene(6, pan=1), long_term=long_term)
    assert len(painted[-1].state.earlier) == kept


def test_what_comes_into_sight_starts_as_it_is_under_the_films_strokes(painter, monkeypatch):
    def striped(content, number, *_):
        painter.moved.append(_[0])
        return np.clip(content.astype(int) + stripes, 0, 255).astype(np.uint8), 5

    stripes = np.where(np.arange(64) % 2, 8, -8)[np.newaxis, :, np.newaxis]
    monkeypatch.setattr(painter, "paint", striped)
    frames = [frame // 2 + np.uint8(60) for frame in scene(2, step=12)]
    run(painter, frames)
    moved = painter.moved[1]
    fresh = motion.uncovered(moved.reliability)
    assert fresh.any()
    difference = np.abs(moved.picture.astype(int) - frames[1] - stripes)[fresh]
    assert difference.mean() < 4  # where the square was there is the background, with stripes


def test_after_a_cut_nothing_before_it_is_kept(painter):
    painted = run(painter, [*scene(3, pan=1), 255 - texture(HEIGHT, 64, seed=7)])
    assert painted[-1].begins
    assert painter.moved[-1] is None
    assert len(painted[-1].state.earlier) == 1


def test_a_square_working_image_is_stretched_back(painter):
    config = TransferConfig(image_size=24, maintain_aspect_ratio=False)
    painted = run(painter, scene(1), config)
    assert painted[0].state.earlier[0].result.shape == (24, 24, 3)
    assert painted[0].picture.shape == (24, 32, 3)


def test_a_frame_that_is_too_small_is_told(painter):
    with pytest.raises(ConfigError, match="image_size: 8 rows make a working image"):
        run(painter, scene(1), TransferConfig(image_size=8))
