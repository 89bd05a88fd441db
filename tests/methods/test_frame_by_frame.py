"""From frame to frame, with a painter that only counts."""

from fractions import Fraction

import numpy as np
import pytest

from network import ConfigError, TransferConfig
from network.frames import motion
from network.frames.clips import Frame
from network.frames.settings import VideoSettings
from network.frames.store import Kept, State
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


class Marking:
    """Paints what frames show, brighter in every pass."""

    goes_on = True

    def __init__(self):
        self.numbers, self.moved = [], []

    def paint(self, content, number, moved, on_progress, cancel):
        level = 20 * self.numbers.count(number)
        self.numbers.append(number)
        self.moved.append(moved)
        return content // 2 + np.uint8(level), 3


def run_again(painter, painted, passes):
    """Further passes over what a first one has painted."""
    way = FrameByFrame(painter, TransferConfig(image_size=HEIGHT), VideoSettings())
    kept = [
        Kept(frame.state.earlier[0].content, frame.state.earlier[0].result, (HEIGHT // 2, 32))
        for frame in painted
    ]
    state, again = painted[-1].state, []
    for _ in range(passes * len(painted)):
        index = state.turn(state.again)[1]
        again.append(way.paint_again(kept[index], state, None, None))
        state = again[-1].state
        latest = state.earlier[0]
        kept[index] = Kept(latest.content, latest.result, kept[index].size)
    return again


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


def test_a_pass_goes_back_and_moves_what_comes_after_to_where_it_was(painter):
    painter, frames = Marking(), scene(3, pan=2, step=2)
    again = run_again(painter, run(painter, frames), 2)
    assert painter.numbers == [1, 2, 3, 3, 2, 1, 1, 2, 3]
    for turn, columns in [(1, 2), (2, 2), (4, -2), (5, -2), (7, 2), (8, 2)]:
        moved, content = painter.moved[turn], frames[painter.numbers[turn] - 1]
        assert np.median(moved.flow[..., 0]) == pytest.approx(columns, abs=0.1)
        trusted = moved.reliability > 0
        assert trusted.mean() > 0.5
        level = 20 * (turn // 3)  # of this pass, not of the one before
        np.testing.assert_allclose(
            np.median(moved.picture.astype(int)[trusted] - content[trusted] // 2), level, atol=1
        )
    assert [done.evaluations for done in again[-1].state.done] == [9, 9, 9]
    assert again[-1].picture.shape == (HEIGHT // 2, 32, 3)
    assert not any(frame.begins for frame in again)


def test_in_a_later_pass_a_frame_starts_between_itself_and_its_neighbour(painter):
    painter, frames = Marking(), scene(2, pan=2, step=12)
    run_again(painter, run(painter, frames), 1)
    last, first = painter.moved[2:]
    own = frames[1] // 2  # of the first pass
    np.testing.assert_array_equal(last.start, own)  # which has no neighbour yet
    assert not last.reliability.any()
    own, trusted = frames[0] // 2, first.reliability > 0
    assert 0.3 < trusted.mean() < 1
    np.testing.assert_array_equal(first.start[~trusted], own[~trusted])
    desired = (own[trusted].astype(float) + first.picture[trusted]) / 2
    assert np.abs(first.start[trusted] - desired).max() <= 0.5


def test_what_stands_still_is_one_picture_in_every_pass(painter):
    painter = Marking()
    again = run_again(painter, run(painter, scene(3)), 1)
    last = again[0].state.earlier[0].result
    for frame in again:
        np.testing.assert_array_equal(frame.state.earlier[0].result[:, 50:], last[:, 50:])


def test_a_pass_does_not_go_on_across_a_cut(painter):
    painter = Marking()
    frames = [*scene(2, pan=1), 255 - texture(HEIGHT, 64, seed=7)]
    run_again(painter, run(painter, frames), 1)
    moved = painter.moved[4]  # the second frame, after the third
    assert not moved.reliability.any()
    np.testing.assert_array_equal(moved.start, frames[1] // 2)
    assert painter.moved[5].reliability.mean() > 0.5


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
