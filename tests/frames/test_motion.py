"""How things move, on pictures that were moved by known pixels."""

import numpy as np
import pytest

from network.frames import motion
from tests.frames.conftest import HEIGHT, SIDE, WIDTH, scene, texture

pytestmark = pytest.mark.usefixtures("cv2")


def constant(right, down, height=12, width=16):
    return np.tile(np.array([right, down], np.float32), (height, width, 1))


def test_a_pan_is_found_and_undone():
    before, after = scene(2, pan=3, step=0)
    backward = motion.flow(after, before)
    far_from_square = np.s_[:14, 20:-8]
    np.testing.assert_allclose(backward[far_from_square][..., 0], 3, atol=0.2)
    np.testing.assert_allclose(backward[far_from_square][..., 1], 0, atol=0.2)
    moved = motion.warp(before, constant(3, 0, HEIGHT, WIDTH))
    np.testing.assert_array_equal(moved[:14, :-4], after[:14, :-4])


def test_frames_that_are_the_same_have_no_motion_at_all():
    frame = texture(HEIGHT, WIDTH)
    np.testing.assert_array_equal(motion.flow(frame, frame.copy()), 0)
    np.testing.assert_array_equal(motion.warp(frame, constant(0, 0, HEIGHT, WIDTH)), frame)


def test_flows_that_undo_each_other_are_relied_on_but_not_beyond_the_picture():
    trusted = motion.reliability(constant(3, -2), constant(-3, 2))
    desired = np.zeros((12, 16))
    desired[2:, :-3] = 1  # two rows above and three columns to the right were not seen
    np.testing.assert_array_equal(trusted, desired)


@pytest.mark.parametrize(("difference", "trusted"), [(0.6, 1), (0.9, 0)])
def test_flows_that_lead_elsewhere_are_not(difference, trusted):
    """|w + w'|^2 against 0.01 (|w|^2 + |w'|^2) + 0.5: 0.36 and 0.81 against 0.52 and 0.525."""
    found = motion.reliability(constant(1, 0), constant(-1 - difference, 0))
    assert found[5, 5] == trusted


def test_nor_are_the_edges_of_what_moves():
    backward = constant(0, 0)
    backward[:, 8:] = (2, 0)
    found = motion.reliability(backward, -backward)
    assert found[5, 3] == 1
    assert found[5, 11] == 1
    np.testing.assert_array_equal(found[:, 7:9], 0)


def test_what_was_covered_before_cannot_be_relied_on():
    before, after = scene(2, step=6)
    moved = motion.move(after, [(before, before)])
    uncovered = np.s_[18 : 14 + SIDE, 5:9]  # where the square was
    assert moved.reliability[uncovered].mean() < 0.3
    assert moved.reliability[:8, 32:].mean() == 1


def test_what_was_seen_earlier_stands_in_for_what_was_covered():
    """The square hides what the frame before the last one showed."""
    still = texture(HEIGHT, WIDTH)
    covering, after = still.copy(), still.copy()
    covering[16:32, 20:36] = texture(SIDE, SIDE, seed=1)
    results = [np.full_like(still, 50), np.full_like(still, 200)]
    moved = motion.move(after, [(covering, results[0]), (still, results[1])])
    assert moved.picture[24, 28, 0] == 200
    assert moved.picture[5, 5, 0] == 50
    assert moved.reliability[24, 28] == 1


def test_lines_along_what_moves_are_not_uncovered_but_areas_are_up_to_the_border():
    reliability = np.ones((HEIGHT, WIDTH), np.float32)
    reliability[:, 20:23] = 0
    reliability[10:30, 40:60] = 0
    reliability[:, :5] = 0
    found = motion.uncovered(reliability)
    assert found[10:30, 40:60].all()
    assert found[:, :5].all()
    assert not found[:, 6:39].any()


def test_still_is_what_neither_moves_nor_changes():
    before, after = scene(2, step=6)
    backward = motion.flow(after, before)
    quiet = motion.still(after, before, backward)
    assert quiet[:8].all()
    assert quiet[:, 48:].all()
    assert not quiet[18:30, 4:26].any()  # where the square is and was


def test_noise_is_still_and_what_changes_slowly_is_not_for_ever(random):
    frame = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    none = constant(0, 0, HEIGHT, WIDTH)
    noisy = frame + random.integers(0, 3, frame.shape, dtype=np.uint8)
    assert motion.still(noisy, frame, none).all()
    assert motion.still(frame + np.uint8(2), frame, none).all()
    assert not motion.still(frame + np.uint8(8), frame, none).any()
