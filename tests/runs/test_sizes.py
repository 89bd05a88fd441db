"""The sizes of the working image, of styles and of the saved picture."""

import numpy as np
import pytest

from network import ConfigError, TransferConfig
from network.runs import sizes


def content(rows, columns):
    return np.zeros((rows, columns, 3), np.uint8)


def settings(**options):
    return TransferConfig(**{"image_size": 24, **options})


def check(picture, **options):
    config = settings(**options)
    sizes.check_sizes(picture, *sizes.working_size(picture, config), config)


SIZES = [
    ({}, (24, 36), (24, 36)),
    ({"maintain_aspect_ratio": False}, (24, 24), (24, 36)),
    ({"rescale_image": True, "rescale_method": "nearest"}, (24, 36), (40, 60)),
    ({"maintain_aspect_ratio": False, "rescale_image": True}, (24, 24), (40, 60)),
]


@pytest.mark.parametrize(("options", "working", "saved"), SIZES)
def test_sizes(options, working, saved, tiny_session, tiny_loss, random, painting):
    picture = random.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    assert sizes.working_size(picture, settings(**options)) == working
    assert sizes.finished_size(picture, *working, settings(**options)) == saved
    _, gradient = tiny_loss(picture, painting, **options)
    assert gradient.shape == (1, *working, 3)
    result = tiny_session.transfer(picture, painting, **options)
    assert result.image.shape == (*saved, 3)


def test_columns_are_truncated_as_in_inetwork():
    assert sizes.working_size(content(96, 127), settings(image_size=64)) == (64, 84)


@pytest.mark.parametrize("rows", [1, 15])
def test_a_working_image_too_small_for_the_network_is_an_error(rows):
    with pytest.raises(ConfigError, match="image_size: .*: use 16 or more"):
        check(content(24, 32), image_size=rows)


def test_the_advice_for_a_narrow_picture_works():
    with pytest.raises(ConfigError, match="24 x 12; .*: use 32 or more"):
        check(content(100, 50))
    check(content(100, 50), image_size=32)


def test_the_advice_for_a_very_wide_picture_works():
    with pytest.raises(ConfigError, match="use 16000 or more"):
        check(content(1000, 1))
    check(content(1000, 1), image_size=16000)


@pytest.mark.parametrize("maintain_aspect_ratio", [True, False])
def test_a_working_or_saved_picture_beyond_the_limit_is_refused(maintain_aspect_ratio):
    with pytest.raises(ConfigError, match="400 x 1333333, more than 89478485 pixels"):
        check(content(3, 10000), image_size=400, maintain_aspect_ratio=maintain_aspect_ratio)


def test_the_limit_can_be_set():
    check(content(24, 32), max_pixels=24 * 32)
    with pytest.raises(ConfigError, match="24 x 32, more than 767 pixels"):
        check(content(24, 32), max_pixels=24 * 32 - 1)


def test_a_side_too_long_for_the_format_is_told_before_the_work():
    with pytest.raises(ConfigError, match="webp has sides of at most 16383 pixels"):
        check(content(20, 17000), image_size=16, rescale_image=True, output_format="webp")


def test_without_style_size_a_style_is_stretched_to_the_working_image():
    assert sizes.style_size(content(36, 28), settings(), 24, 32) == (24, 32)
    assert sizes.style_size(content(36, 28), settings(), 12, 16, 0.5) == (12, 16)


@pytest.mark.parametrize(("rows", "columns"), [(36, 28), (28, 36), (900, 700), (50, 50)])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_style_size_is_the_longer_side_and_the_shape_stays(rows, columns, scale):
    config = settings(style_size=360)
    height, width = sizes.style_size(content(rows, columns), config, 24, 32, scale)
    assert max(height, width) == 360 * scale
    assert height / width == pytest.approx(rows / columns, rel=0.01)


def test_no_style_is_too_small_for_the_network():
    assert sizes.style_size(content(10, 1000), settings(style_size=100), 24, 32) == (16, 100)
    assert sizes.style_size(content(36, 28), settings(style_size=20), 24, 32, 0.5) == (16, 16)
