"""What an objective is made of, by name."""

import numpy as np
import pytest

from network.losses.settings import LossSettings, Weights


def settings(style_loss, content_layer="conv5_2"):
    return LossSettings("vgg16", content_layer, 0, style_loss, "none")


@pytest.mark.parametrize(
    ("style_loss", "shift"), [("chained", 1), ("doodle", 1), ("gram", 0), ("doodle_plain", 0)]
)
def test_the_losses_over_all_convolutions_shift_activations(style_loss, shift):
    assert settings(style_loss).shift == shift


def test_a_layer_of_content_and_style_is_looked_at_once():
    assert settings("gram", "conv2_1").layers == tuple(f"conv{block}_1" for block in range(1, 6))
    assert settings("gram").layers[-1] == "conv5_2"


def test_weights_are_float32_for_every_term():
    arguments = Weights(0.1, (1.0, 2.0), 3.0).arguments()
    assert arguments == {"content": np.float32(0.1), "style": (1.0, 2.0), "tv": 3.0}
    assert {type(value) for value in (arguments["content"], *arguments["style"])} == {np.float32}


def test_a_term_that_is_not_there_has_no_weight():
    assert "temporal" not in Weights(0.1, (1.0,), 3.0).arguments()
    assert Weights(0.1, (1.0,), 3.0, temporal=2.0).arguments()["temporal"] == np.float32(2)
