"""From styles' names to a row."""

import numpy as np
import pytest

from network.errors import ConfigError
from network.fast.mixing import mixed_row, photo_share


def test_one_style_is_its_row(tiny):
    np.testing.assert_allclose(mixed_row(tiny, ["waves"]), tiny.table[1], rtol=1e-5)
    large = mixed_row(tiny, ["waves"], stroke="large")
    np.testing.assert_allclose(large, tiny.table[2], rtol=1e-5)


def test_shares_need_not_add_up_to_one(tiny):
    actual = mixed_row(tiny, ["waves", "dots"], blend=[30, 10])
    desired = 0.75 * tiny.table[1] + 0.25 * tiny.table[3]
    np.testing.assert_allclose(actual, desired, rtol=1e-5, atol=1e-6)


def test_shares_that_are_huge_are_finite(tiny):
    assert np.isfinite(mixed_row(tiny, ["waves", "dots"], blend=[1e308, 1e308])).all()


def test_strength_goes_from_the_photos_row_to_the_styles(tiny):
    np.testing.assert_allclose(mixed_row(tiny, ["dots"], strength=0), tiny.table[0], rtol=1e-5)
    half = mixed_row(tiny, ["dots"], strength=0.5)
    np.testing.assert_allclose(half, (tiny.table[0] + tiny.table[3]) / 2, rtol=1e-4, atol=1e-6)


def test_without_medium_strokes_a_style_paints_with_what_it_has(tiny):
    np.testing.assert_allclose(mixed_row(tiny, ["dots"]), tiny.table[3], rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"names": ["wave"]}, "did you mean waves"),
        ({"names": ["zzzz"]}, "It has waves, dots"),
        ({"names": ["photo"]}, "no style 'photo'|did you mean|It has"),
        ({"names": []}, "got none"),
        ({"names": ["waves"], "blend": [-1]}, "shares of 0 or more"),
        ({"names": ["waves", "dots"], "blend": [0, 0]}, "not all 0"),
        ({"names": ["waves", "dots"], "blend": [1]}, "expected 2 shares"),
        ({"names": ["waves"], "blend": [float("nan")]}, "shares of 0 or more"),
        ({"names": ["waves"], "strength": 1.5}, "from 0 to 1"),
        ({"names": ["waves"], "strength": float("nan")}, "from 0 to 1"),
        ({"names": ["dots"], "stroke": "large"}, "dots has small strokes"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(tiny, arguments, words):
    with pytest.raises(ConfigError, match=words) as caught:
        mixed_row(tiny, **arguments)
    assert "\n" not in str(caught.value)


def test_no_strength_is_the_photo_and_a_quarter_has_none_of_its_pixels():
    assert photo_share(0) == 1
    assert photo_share(0.25) == photo_share(1) == 0
