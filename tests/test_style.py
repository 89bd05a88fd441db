"""Styles and their weights."""

import pytest

from network import ConfigError, Style, StyleTransferWarning
from network.style import style_weights


def test_style_weight_is_checked():
    with pytest.raises(ConfigError, match="style_weight: expected a finite number"):
        Style("a.png", weight=-0.5)


def test_one_weight_per_style_is_kept():
    assert style_weights([1.0, 0.4], 2) == (1.0, 0.4)


def test_one_weight_for_all_is_shared_without_a_word():
    assert style_weights([3.0], 2) == (1.5, 1.5)


def test_a_wrong_count_is_shared_with_a_warning():
    with pytest.warns(StyleTransferWarning, match="2 weights for 3 styles.*0.5"):
        assert style_weights([1.0, 0.5], 3) == (0.5, 0.5, 0.5)
