"""What the command adds to the method, whose tests have its options and sizes."""

import json

import numpy as np
import pytest
from PIL import Image

from network import ConfigError
from network.app import commands
from network.recipes import NOT_OF_TEXTURES, TEXTURE_DEFAULTS


def parse(*arguments):
    return commands.parse("texture", arguments, "texture")


def test_the_file_is_required():
    with pytest.raises(ConfigError, match="required: --output"):
        parse("s.png")


def test_it_has_no_options_of_a_content_and_its_own_defaults():
    parsed = parse("s.png", "--output", "a.png")
    assert not [name for name in NOT_OF_TEXTURES if hasattr(parsed, name)]
    for name, default in TEXTURE_DEFAULTS.items():
        assert getattr(parsed, name) == default


@pytest.mark.parametrize("name", ["style", "output", "content_weight"])
def test_no_settings_say_which_picture_it_has(name, tmp_path):
    (tmp_path / "s.json").write_text(json.dumps({name: "x"}))
    with pytest.raises(ConfigError, match=f"unknown option '{name}'"):
        parse("s.png", "--output", "a.png", "--settings", str(tmp_path / "s.json"))


def test_options_are_the_methods(tmp_path):
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "s.png")
    arguments = [str(tmp_path / "s.png"), "--size", "24x40", "--seamless", "--output", "a.tif"]
    made = commands.load("texture").read(parse(*arguments, "--style_loss", "patch", "--seed", "7"))
    assert made.content.shape == (24, 40, 3)
    assert (made.config.seamless, made.config.style_loss, made.config.seed) == (True, "patch", 7)
    assert (made.config.output_format, f"{made.prefix}") == ("tiff", "a")
    assert f"{made}" == "seamless texture of 24 x 40, style loss patch"
