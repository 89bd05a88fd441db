"""From what was optimised to the file."""

import json

import numpy as np
import pytest
from conftest import read_16_bits
from PIL import Image

from network import Job, OutputError, Style, TransferConfig, pictures
from network.features import preprocessing
from network.optimize.scales import plan
from network.pictures import color
from network.runs import finish
from network.runs.inputs import load_inputs

HALF = np.zeros((24, 32), np.uint8)
HALF[:, 16:] = 255


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp", "tiff"])
def test_the_file_is_of_the_format_asked_for_and_tells_how_it_was_made(
    output_format, tiny_session, picture, painting, tmp_path
):
    result = tiny_session.transfer(
        *(picture, painting),
        prefix=tmp_path / "größe a",
        output_format=output_format,
        quality=95,
    )
    assert [path.name for path in result.paths] == [f"größe a_at_iteration_1.{output_format}"]
    with Image.open(result.paths[0]) as image:
        assert image.format.lower() == output_format
    error = np.abs(pictures.load(result.paths[0]).astype(int) - result.image).mean()
    assert error <= (0 if output_format in ("png", "tiff") else 15)
    texts = pictures.read_metadata(result.paths[0])
    assert json.loads(texts["Settings"])["output_format"] == output_format
    assert json.loads(texts["Losses"]) == list(result.losses)


@pytest.mark.parametrize(
    "options",
    [{}, {"rescale_image": True, "rescale_method": "bicubic"}, {"preserve_color": "luminance"}],
)
@pytest.mark.parametrize("output_format", ["png", "tiff"])
def test_16_bits_are_the_floats_and_not_the_8_bits_stretched(
    output_format, options, tiny_session, random, painting, tmp_path
):
    content = random.integers(0, 256, (33, 40, 3), dtype=np.uint8)
    result = tiny_session.transfer(
        *(content, painting),
        prefix=tmp_path / "deep",
        output_format=output_format,
        bit_depth=16,
        **options,
    )
    deep = read_16_bits(result.paths[0])
    assert result.image.dtype == np.uint8
    assert deep.shape == result.image.shape
    # 8 bits of a resized or recoloured picture have been rounded more than once.
    difference = np.abs(deep / 257 - result.image)
    assert np.quantile(difference, 0.95) <= (3 if options else 0.5 + 1 / 257)
    assert (deep % 257 != 0).mean() > 0.5


def test_the_contents_alpha_channel_is_put_back(tiny_session, picture, painting, tmp_path):
    alpha = np.full((24, 32), 255, np.uint8)
    alpha[:, 16:] = 0
    alpha[:4] = 128
    content = np.dstack([picture, alpha])
    same = tiny_session.transfer(content, painting, prefix=tmp_path / "same")
    np.testing.assert_array_equal(pictures.load_with_alpha(same.paths[0])[1], alpha)
    with Image.open(same.paths[0]) as image:
        np.testing.assert_array_equal(np.asarray(image)[..., :3], same.image)
    small = tiny_session.transfer(
        *(content, painting),
        prefix=tmp_path / "small",
        image_size=20,
        output_format="tiff",
        bit_depth=16,
    )
    desired = pictures.resize(alpha, *small.image.shape[:2])
    np.testing.assert_array_equal(read_16_bits(small.paths[0])[..., 3], desired * 257.0)


def test_preserved_colours_are_the_contents_and_the_brightness_is_the_results(
    tiny_session, picture, painting
):
    """Before the picture is resized; the colour mask leaves the rest as it was."""
    plain = tiny_session.transfer(picture, painting)
    kept = tiny_session.transfer(picture, painting, preserve_color=True)
    masked = tiny_session.transfer(picture, painting, color_mask=HALF)
    assert kept.losses == plain.losses
    np.testing.assert_array_equal(kept.image, color.keep_luminance(plain.image, picture))
    np.testing.assert_array_equal(masked.image[:, 16:], kept.image[:, 16:])
    np.testing.assert_allclose(masked.image[:, :16].astype(int), plain.image[:, :16], atol=3)


def test_colours_of_a_gray_start_are_the_contents_own(tiny_session, picture, painting):
    result = tiny_session.transfer(picture, painting, init_image="gray", preserve_color="luminance")
    assert np.ptp(result.image.astype(int), axis=2).max() > 20


@pytest.mark.parametrize("scales", [1, 2])
def test_a_picture_of_any_scale_is_painted_at_the_finished_size(scales, random, painting):
    content = random.integers(0, 256, (50, 60, 3), dtype=np.uint8)
    config = TransferConfig(image_size=40, scales=scales, rescale_image=True)
    inputs = load_inputs(Job(content, Style(painting), config))
    for stage in plan(inputs.height, inputs.width, config):
        small = pictures.resize(content, stage.height, stage.width)
        image = preprocessing.preprocess(small)
        for bit_depth, dtype in ((8, np.uint8), (16, np.uint16)):
            painted = finish.paint(inputs, config, image, bit_depth)
            assert (painted.shape, painted.dtype) == ((50, 60, 3), dtype)
        desired = pictures.resize(pictures.resize(small, inputs.height, inputs.width), 50, 60)
        np.testing.assert_array_equal(finish.paint(inputs, config, image), desired)


def test_a_picture_that_cannot_be_written_is_an_output_error(picture, painting, tmp_path):
    config = TransferConfig(image_size=24)
    inputs = load_inputs(Job(picture, Style(painting), config))
    (tmp_path / "a.png").mkdir()
    image = preprocessing.preprocess(picture)
    with pytest.raises(OutputError, match=r"a\.png"):
        finish.save(inputs, config, image, picture, tmp_path / "a.png", {})


def test_the_name_says_prefix_iteration_and_format():
    config = TransferConfig(output_format="webp")
    assert finish.output_path("out/a", 7, config).as_posix() == "out/a_at_iteration_7.webp"


def test_colours_and_size_are_completed_of_a_picture_as_of_an_image(picture, painting):
    config = TransferConfig(image_size=24, preserve_color="luminance", rescale_image=True)
    content = pictures.resize(painting, 48, 64)
    inputs = load_inputs(Job(content, Style(painting), config))
    desired = finish.paint(inputs, config, preprocessing.preprocess(picture))
    np.testing.assert_array_equal(finish.complete(picture, content, None, config), desired)
