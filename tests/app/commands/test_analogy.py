"""What the command adds to the method, whose tests have its pictures and settings."""

import json

import numpy as np
import pytest
from PIL import Image

from network import ConfigError
from network.app import commands
from network.recipes import ANALOGY_DEFAULTS, NOT_OF_ANALOGIES


def parse(*arguments):
    return commands.parse("analogy", arguments, "analogy")


def test_three_pictures_and_a_prefix_are_required():
    with pytest.raises(ConfigError, match="required: B, PREFIX"):
        parse("a.png", "a2.png")


def test_it_has_no_options_of_masks_and_its_own_defaults():
    parsed = parse("a.png", "a2.png", "b.png", "out")
    assert not [name for name in NOT_OF_ANALOGIES if hasattr(parsed, name)]
    for name, default in ANALOGY_DEFAULTS.items():
        assert name in NOT_OF_ANALOGIES or getattr(parsed, name) == default


@pytest.mark.parametrize("name", ["before", "content", "style_loss"])
def test_no_settings_say_which_pictures_it_has(name, tmp_path):
    (tmp_path / "s.json").write_text(json.dumps({name: "x"}))
    with pytest.raises(ConfigError, match=f"unknown option '{name}'"):
        parse("a.png", "a2.png", "b.png", "out", "--settings", str(tmp_path / "s.json"))


def test_options_are_the_methods(tmp_path):
    names = [str(tmp_path / f"{name}.png") for name in ("a", "a2", "b")]
    for name in names:
        Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(name)
    parsed = parse(*names, "out", "--semantic-weight", "3", "--image_size", "60")
    made = commands.load("analogy").read(parsed)
    assert (made.style.guide, made.style.image, made.content) == tuple(names)
    assert (made.config.semantic_weight, made.config.style_size) == (3.0, 80)
