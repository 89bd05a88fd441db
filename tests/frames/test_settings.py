"""What a film is told."""

from fractions import Fraction

import pytest

from network import ConfigError
from network.frames.settings import VideoSettings


def test_a_rate_may_be_a_fraction():
    assert VideoSettings(frame_rate="30000/1001").rate == Fraction(30000, 1001)
    assert VideoSettings(frame_rate="12.5").rate == Fraction(25, 2)


@pytest.mark.parametrize("rate", ["0", "-3", "fast", "1/0", ""])
def test_a_rate_is_above_0(rate):
    with pytest.raises(ConfigError, match="frame_rate: expected a number above 0"):
        VideoSettings(frame_rate=rate)


def test_a_film_ends_after_its_beginning():
    assert VideoSettings(start_frame=5, end_frame=5).end_frame == 5
    with pytest.raises(ConfigError, match=r"end_frame: expected start_frame \(5\) or more, got 4"):
        VideoSettings(start_frame=5, end_frame=4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start_frame", 0),
        ("preview", 1),
        ("frame_evaluations", 0),
        ("passes", 0),
        ("temporal_weight", -1.0),
    ],
)
def test_what_cannot_be_is_told(name, value):
    with pytest.raises(ConfigError, match=f"{name}: expected"):
        VideoSettings(**{name: value})
