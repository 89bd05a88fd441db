import numpy as np
import pytest

from network.errors import ConfigError
from network.fast.painting import BLEND, PaintSettings, UpscaleSettings


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("strength", 1.5, "number from 0 to 1, got 1.5"),
        ("strength", float("nan"), "a finite number"),
        ("stroke", "huge", "one of small, medium, large"),
        ("preserve_color", "much", "one of none, luminance"),
        ("precision", "float8", "one of auto, float32, bfloat16"),
        ("bit_depth", 12, "one of 8, 16"),
        ("soft", -1, "0 or more"),
        ("upscale", 3, "one of 4, 2, got 3"),
    ],
)
def test_a_wrong_setting_is_told_with_what_was_expected(name, value, message):
    with pytest.raises(ConfigError, match=message) as caught:
        PaintSettings(**{name: value})
    assert caught.value.option == name


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("factor", 3, "factor: expected one of 4, 2, got 3"),
        ("match_histogram", 1, "true or false"),
        ("bit_depth", 12, "one of 8, 16"),
        ("network", 4, "a path"),
    ],
)
def test_a_wrong_setting_of_enlarging_is_told_as_well(name, value, message):
    with pytest.raises(ConfigError, match=message):
        UpscaleSettings(**{name: value})


def test_true_stands_for_luminance():
    assert PaintSettings(preserve_color=True).preserve_color == "luminance"


def test_a_share_below_0_is_refused():
    with pytest.raises(ConfigError, match="blend: expected a finite number of 0 or more, got -1"):
        BLEND.check(-1)


def test_settings_with_a_mask_as_an_array_can_be_compared():
    mask = np.zeros((2, 2), np.uint8)
    assert PaintSettings(content_mask=mask) == PaintSettings(content_mask=mask.copy())
    assert PaintSettings(content_mask=mask) != PaintSettings()
