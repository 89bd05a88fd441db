"""Neural doodles: what the regions of the maps become, the command and the whole run."""

import dataclasses
import json
import runpy
import shlex
from pathlib import Path

import make_doodles
import numpy as np
import pytest
from conftest import DATA, ROOT
from PIL import Image

from network import (
    ConfigError,
    ImageError,
    Style,
    StyleTransferWarning,
    TransferConfig,
    doodle,
    pictures,
)
from network.app import main
from network.features import weights
from network.methods.doodle import prepare
from network.recipes import DOODLE_DEFAULTS
from network.runs import metadata, provenance

pytestmark = pytest.mark.usefixtures("sessions_share")

STYLE, STYLE_MASK, TARGET_MASK, CONTENT = (
    str(DATA / f"doodle_{name}_64.png")
    for name in ("style_a", "style_mask", "target_mask", "content")
)
RED, BLUE = (250, 10, 10), (10, 10, 250)


def test_a_doodle_is_one_style_for_every_region_with_a_mask_on_either_side():
    made = prepare(STYLE, STYLE_MASK, TARGET_MASK, CONTENT, style_weight=2.0, image_size=32)
    assert made.content == CONTENT
    for style, region in zip(made.styles, made.regions, strict=True):
        assert (style.image, style.weight) == (STYLE, 2.0)
        for mask, inside in ((style.mask, region.in_style), (style.image_mask, region.in_target)):
            np.testing.assert_array_equal(mask.at(*inside.shape), inside)
            assert region.name in mask.name
    assert made.config == TransferConfig(**{**DOODLE_DEFAULTS, "image_size": 32})


def test_without_a_content_picture_only_the_drawing_counts():
    made = prepare(STYLE, STYLE_MASK, TARGET_MASK, content_weight=5.0)
    assert made.config.content_weight == 0
    assert made.config.image_size == 64  # the drawing's rows
    painting = pictures.load(STYLE)
    for region in made.regions:
        within = np.median(made.content[region.in_target], axis=0)
        np.testing.assert_allclose(within, painting[region.in_style].mean(axis=0), atol=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preserve_color": True}, "preserve_color: luminance needs a content picture"),
        ({"color_mask": CONTENT}, "preserve_color: luminance needs a content picture"),
        ({"max_pixels": "x"}, "max_pixels: expected a whole number"),
        ({"content_mask": CONTENT}, "content_mask: the maps of a doodle say"),
        ({"style_weight": -1}, "style_weight: expected a finite number of 0"),
    ],
)
def test_what_makes_no_sense_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        prepare(STYLE, STYLE_MASK, TARGET_MASK, **options)


def test_a_map_larger_than_max_pixels_is_refused():
    with pytest.raises(ImageError, match="1000"):
        prepare(STYLE, STYLE_MASK, TARGET_MASK, max_pixels=1000)


def test_a_map_of_another_shape_than_its_picture_is_a_warning(painting):
    flat = np.full((16, 24, 3), RED, np.uint8)
    with pytest.warns(StyleTransferWarning, match=r"a map of 16 x 24 is stretched over .* 36 x 28"):
        prepare(painting, flat, flat)


@pytest.fixture(scope="module")
def textures():
    """A painting of two textures side by side, its map, and a drawing with both one above another.

    The map's second colour has fewer pixels in the painting than in the drawing.
    """
    random = np.random.default_rng(3)
    stripes = np.zeros((32, 48, 3))
    stripes[::4] = stripes[1::4] = (230, 200, 60)
    dots = random.uniform(0, 1, (32, 48, 1)) ** 3 * (60, 120, 250)
    painting = np.where(np.arange(48)[:, np.newaxis] < 30, stripes, dots).astype(np.uint8)
    style_map = np.where(np.arange(48)[:, np.newaxis] < 30, RED, BLUE).astype(np.uint8)
    style_map = np.tile(style_map, (32, 1, 1))
    drawing = np.where(np.arange(32)[:, np.newaxis, np.newaxis] < 14, RED, BLUE)
    return painting, style_map, np.tile(drawing, (1, 40, 1)).astype(np.uint8)


def test_each_region_comes_nearest_to_its_own_style(textures, session):
    result = doodle(*textures, num_iter=3, seed=1, scales=1)
    made = prepare(*textures)
    # Measured by the other script's loss than the one that was minimised.
    measure = {"image_size": 32, "style_loss": "doodle_plain", "total_variation_weight": 0.0}
    config = TransferConfig(**{**DOODLE_DEFAULTS, **measure, "content_weight": 0.0})

    def distance(place, style):
        there = Style(textures[0], 1.0, style.mask, place.image_mask)
        return session.loss_and_gradient(session.job(result.image, [there], config))[0]

    for place in made.styles:
        own, *others = (
            distance(place, style) for style in sorted(made.styles, key=lambda s: s is not place)
        )
        assert own < 0.25 * min(others)


def run(*arguments):
    return main.main(["doodle", *arguments])


FILES = ("--style-image", "s.png", "--style-mask", "m.png", "--target-mask", "t.png")


@pytest.fixture
def files(textures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, pixels in zip("smt", textures, strict=True):
        Image.fromarray(pixels).save(f"{name}.png")


def test_the_originals_options_are_understood(files):
    options = (
        "--target-image-prefix p --nlabels 2 --content-image t.png --img_size 40 --num_iter 3 "
        "--content_weight 7 --style_weight 2 --tv_weight 1e-3 --region_style_weight 3 "
        "--preserve_color False --min_improvement 0.5"
    )
    made = main.parse_doodle([*FILES, *options.split()], "doodle")
    desired = {
        "image_size": 40,
        "num_iter": 3,
        "content_weight": 7.0,
        "style_scale": 3.0,
        "total_variation_weight": 1e-3,
        "preserve_color": "none",
        "min_improvement": 0.5,
    }
    assert {name: getattr(made.config, name) for name in desired} == desired
    assert [style.weight for style in made.styles] == [2.0, 2.0]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "error: the following arguments are required: --target_image_prefix; see"),
        (("--target_image_prefix", "p", "--nlabels", "x"), "error: nlabels: expected a whole"),
        (("--target_image_prefix", "p", "--content_mask", "m"), "error: unrecognized arguments"),
        (("--target_image_prefix", "p", "--style_mask", "s.png"), "error: s.png: expected a map"),
        (("--target_image_prefix", "p", "--style_weight", "-1"), "error: style_weight: expected"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, expected, files, capsys):
    assert run(*FILES, *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(expected)
    assert error.count("\n") == 1


def test_dry_run_tells_regions_and_plan_and_writes_nothing(files, tmp_path, capsys):
    before = set(tmp_path.iterdir())
    assert run(*FILES, "--target_image_prefix", "p", "--dry_run") == 0
    out = capsys.readouterr().out
    for part in (
        "2 regions, style loss doodle: #0a0afa (38% of the style, 56% of the target)",
        "style s.png, 32 x 48, weight 1, mask m.png, #0a0afa, image mask t.png, #0a0afa",
        "style layer conv5_3, weight 1",
    ):
        assert part in out
    assert set(tmp_path.iterdir()) == before


def test_show_tells_a_command_that_makes_the_same_picture(files, capsys):
    prefix = ("--target_image_prefix", "p")
    assert run(*FILES, *prefix, "--num_iter", "1", "--nlabels", "2", "--log", "l.csv") == 0
    assert "2 regions" in capsys.readouterr().err
    assert len(Path("l.csv").read_text().splitlines()) == 21
    first = pictures.load("p_at_iteration_1.png")
    assert main.main(["show", "p_at_iteration_1.png"]) == 0
    command = shlex.split(capsys.readouterr().out.splitlines()[-1])
    assert command[:4] == ["python", "-m", "network", "doodle"]
    command[command.index("p")] = "again"
    assert main.main([*command[3:], "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    np.testing.assert_array_equal(pictures.load("again_at_iteration_1.png"), first)


def test_settings_of_a_doodle_are_taken_over_and_those_of_a_transfer_refused(files, capsys):
    made = prepare("s.png", "m.png", "t.png", nlabels=2, style_weight=3.0, num_iter=4, scales=2)
    weights_file = weights.WeightsFile("vgg16", DATA, "given", "ab" * 32)
    entries = metadata.texts(made.content, made.styles, made.config, "p", weights_file, 5)
    pictures.save(made.content, "transfer.png", entries)
    pictures.save(made.content, "doodle.png", {**entries, **made.entries})
    arguments = [*FILES, "--target_image_prefix", "p", "--settings"]
    again = main.parse_doodle([*arguments, "doodle.png", "--num_iter", "6"], "doodle")
    assert (again.config.num_iter, again.config.scales, again.config.seed) == (6, 2, 5)
    assert [style.weight for style in again.styles] == [3.0, 3.0]
    assert json.loads(again.entries["Doodle"])["nlabels"] == 2
    with pytest.raises(ConfigError, match="made by doodle, got transfer.png, made by transfer"):
        main.parse_doodle([*arguments, "transfer.png"], "doodle")
    with pytest.raises(ConfigError, match="made by transfer, got doodle.png, made by doodle"):
        main.parse_transfer(["c", "s", "p", "--settings", "doodle.png"], "transfer")


def test_a_doodle_goes_on_from_its_checkpoint_and_not_with_another_drawing(textures, tmp_path):
    def stop(progress):
        if progress.image is None and progress.evaluation == 25:
            raise KeyboardInterrupt

    options = {"num_iter": 2, "scales": 1, "prefix": tmp_path / "p"}
    stopped = doodle(*textures, callback=stop, **options)
    assert stopped.interrupted
    painting, style_map, drawing = textures
    other = drawing.copy()
    other[0, 0] = BLUE
    with pytest.raises(ConfigError, match="other inputs or settings: .*image mask of style 1"):
        doodle(painting, style_map, other, resume=True, **options)
    result = doodle(*textures, resume=True, **options)
    assert result.seed == stopped.seed
    assert len(result.losses) == 2
    assert result.losses[-1] < stopped.losses[-1]


@pytest.mark.parametrize("name", ["valley", "valley_patch", "china_semantic"])
def test_a_picture_of_the_page_was_made_by_the_command_shown(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = ROOT / "docs" / "images" / f"doodle_{name}.jpg"
    assert path.stat().st_size <= 250_000
    told = shlex.split(provenance.command(pictures.read_metadata(path)))
    actual, desired = (
        main.parse_doodle(arguments, "doodle") for arguments in (told[4:], make_doodles.shown(name))
    )
    assert actual.entries == desired.entries
    # Pixels, which runs changed before there was an option for it, is what auto means here.
    seeded = dataclasses.replace(
        desired.config, seed=actual.config.seed, parametrization=actual.config.parametrization
    )
    assert actual.config.parametrization in ("auto", "pixels")
    assert actual.config == seeded


def test_the_shipped_maps_are_what_their_script_draws():
    script = runpy.run_path(str(ROOT / "images" / "inputs" / "doodle" / "make_doodles.py"))
    for name in ("valley", "china", "starry_night"):
        shipped = pictures.load(ROOT / "images" / "inputs" / "doodle" / f"{name}.png")
        np.testing.assert_array_equal(shipped, np.asarray(script[name]()))
