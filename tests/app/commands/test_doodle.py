"""What the command adds to the method, whose tests have its options and maps."""

import json

import pytest

from network import ConfigError
from network.app import main

FILES = ("--style_image", "s", "--style_mask", "m", "--target_mask", "t")


def test_the_pictures_and_the_prefix_are_required():
    with pytest.raises(ConfigError, match="required: --target_image_prefix"):
        main.parse_doodle(FILES, "doodle")


@pytest.mark.parametrize("name", ["style_image", "target_image_prefix", "content_image"])
def test_no_settings_say_which_pictures_a_run_has(name, tmp_path):
    (tmp_path / "s.json").write_text(json.dumps({name: "x"}))
    arguments = (*FILES, "--target_image_prefix", "p", "--settings", str(tmp_path / "s.json"))
    with pytest.raises(ConfigError, match=f"unknown option '{name}'"):
        main.parse_doodle(arguments, "doodle")
