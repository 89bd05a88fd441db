"""What the running job shows."""

import numpy as np
import pytest

from network.app.page.live import LONGEST_CURVE, Live
from network.events import Progress


def moment(evaluation, **more):
    return Progress(1, 10, evaluation, 200, 5.0, {"content": 1.0}, 2.0, 0.25, **more)


@pytest.fixture
def live():
    made = Live()
    made.begin("job", [])
    return made


def test_time_left_is_at_the_pace_so_far(live):
    live.tell(moment(1))
    assert live.shown.figures["left"] == pytest.approx(6.0)


def test_an_iterations_picture_is_always_shown(live):
    for number in (1, 2):
        live.tell(moment(20, image=np.full((4, 4, 3), number, np.uint8)))
    assert live.shown.frame == 2
    assert live.frame[0] == "job"


def test_a_long_curve_is_thinned_and_keeps_its_length_in_bounds(live):
    for evaluation in range(1, 3 * LONGEST_CURVE):
        live.tell(moment(evaluation))
    points = [point["evaluation"] for point in live.curve()]
    assert len(points) <= LONGEST_CURVE
    assert points == sorted(points)
    assert points[-1] > 3 * LONGEST_CURVE - 10


def test_a_job_that_goes_on_keeps_its_curve(live):
    live.tell(moment(1))
    live.begin("job", live.curve())
    live.tell(moment(2))
    assert [point["evaluation"] for point in live.curve()] == [1, 2]


def test_nothing_is_shown_once_it_has_ended(live):
    live.end()
    assert live.shown.job is None
