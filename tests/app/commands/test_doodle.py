"""What the command adds to the method, whose tests have its options and maps."""

import json
import shlex

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, StyleTransferWarning, TransferConfig, doodle, pictures
from network.app import main
from network.methods.doodle import prepare
from network.recipes import doodle_defaults
from network.runs import provenance

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


@pytest.fixture
def files(random, tmp_path, monkeypatch):
    """A painting, a photo and their maps beside them, as Champandard's doodle.py has them."""
    monkeypatch.chdir(tmp_path)
    for name, size in (("gogh.jpg", (64, 48)), ("seth.png", (48, 64))):
        small = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).save(name)
    for name, (height, width) in {
        "gogh": (48, 64),
        "seth": (64, 48),
        "out": (40, 64),
        "again": (48, 64),
    }.items():
        drawn = np.zeros((height, width, 3), np.uint8)
        drawn[: height // 2] = 200, 30, 30
        Image.fromarray(drawn).save(f"{name}_sem.png")


def parse(*arguments):
    options = ("--style_image", "gogh.jpg", "--target_image_prefix", "out")
    return main.parse_doodle([*options, *arguments], "doodle")


@pytest.mark.usefixtures("files")
def test_maps_beside_the_pictures_are_found():
    drawn = json.loads(parse().entries["Doodle"])
    assert (drawn["style_mask"], drawn["target_mask"]) == ("gogh_sem.png", "out_sem.png")
    semantic = json.loads(parse("--content_image", "seth.png").entries["Doodle"])
    assert semantic["target_mask"] == "seth_sem.png"
    other = parse("--style_mask", "again_sem.png", "--target_mask", "seth_sem.png")
    drawn = json.loads(other.entries["Doodle"])
    assert (drawn["style_mask"], drawn["target_mask"]) == ("again_sem.png", "seth_sem.png")
    made = prepare("gogh.jpg", content_image="seth.png")
    assert json.loads(made.entries["Doodle"])["target_mask"] == "seth_sem.png"


@pytest.mark.usefixtures("files")
def test_a_map_that_is_not_there_is_told(tmp_path):
    (tmp_path / "out_sem.png").unlink()
    with pytest.raises(ConfigError, match=r"target_mask: expected a map, out_sem.png or another"):
        parse()
    with pytest.raises(ConfigError, match="target_mask: expected a map, as there is no picture"):
        prepare("gogh.jpg")


@pytest.mark.usefixtures("files")
def test_patches_have_defaults_of_their_own_which_options_and_settings_win_over(tmp_path):
    desired = TransferConfig(
        **{
            **doodle_defaults("patch"),
            "style_loss": "patch",
            "image_size": 40,
            "content_weight": 0.0,
        }
    )
    assert parse("--style_loss", "patch").config == desired
    assert desired.semantic_weight == 10
    assert prepare("gogh.jpg", target_mask="out_sem.png", style_loss="patch").config == desired
    (tmp_path / "s.json").write_text('{"style_loss": "patch", "variety": 0.5}')
    made = parse("--settings", "s.json", "--semantic_weight", "none").config
    assert (made.variety, made.semantic_weight, made.mask_norm) == (0.5, None, "none")
    assert parse().config.semantic_weight is None


@pytest.mark.usefixtures("files")
def test_more_phases_than_the_size_has_room_for_are_a_warning():
    assert parse("--phases", "2").config.scales == 2
    with pytest.warns(
        StyleTransferWarning, match="scales: 7 are too many for 40 x 64.* 2 are used"
    ):
        parse("--phases", "7")


@pytest.mark.usefixtures("files", "tiny_vgg")
def test_a_doodle_by_patches_is_shown_as_a_command_that_makes_it_again():
    options = {"style_loss": "patch", "num_iter": 1, "variety": 0.25, "mask_norm": "mean"}
    first = doodle("gogh.jpg", target_mask="out_sem.png", prefix="out", **options)
    told = shlex.split(provenance.command(pictures.read_metadata(first.paths[-1])))
    assert told[3:6] == ["doodle", "--style_image", "gogh.jpg"]
    assert not {"--semantic_weight", "--mask_pooling", "--total_variation_weight"} & {*told}
    told[told.index("out")] = "again"
    assert main.main(told[3:]) == 0
    np.testing.assert_array_equal(pictures.load("again_at_iteration_1.png"), first.image)
