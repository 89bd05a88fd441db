"""What lies along borders, on pictures whose borders are known."""

import numpy as np
import pytest
from PIL import Image

from network.pictures import borders


@pytest.fixture
def halves():
    """Two regions side by side, 20 x 40."""
    return np.repeat([0, 1], 20)[np.newaxis].repeat(20, axis=0)


def test_a_picture_that_is_alike_everywhere_has_a_ratio_of_1(halves):
    assert borders.along_to_inside(np.full((20, 40), 3.0), halves, 4) == 1


def test_the_ratio_is_that_of_the_band_to_the_inside(halves):
    values = np.ones((20, 40))
    values[:, 16:24] = 0.25
    assert borders.along_to_inside(values, halves, 4) == 0.25
    assert borders.along_to_inside(values, halves, 2) == 0.25
    values[:, 12:16] = values[:, 24:28] = 9  # neither along nor inside
    assert borders.along_to_inside(values, halves, 4) == 0.25


def test_each_region_has_its_own_inside(halves):
    values = np.where(halves == 0, 1.0, 100.0)
    assert borders.along_to_inside(values, halves, 4) == 1


def test_what_is_in_no_region_makes_a_border_but_does_not_count(halves):
    values = np.where(halves == 0, 1.0, 50.0)
    values[:, 16:20] = 0.5
    assert borders.along_to_inside(values, np.where(halves == 0, 0, -1), 4) == 0.5


def test_without_a_border_or_an_inside_there_is_no_ratio(halves):
    values = np.ones((20, 40))
    assert borders.along_to_inside(values, halves * 0, 4) is None
    assert borders.along_to_inside(values, halves, 10) is None


def test_grey_has_no_chroma_and_red_what_pillow_says(halves):
    picture = np.full((20, 40, 3), 90, np.uint8)
    assert not borders.chroma(picture).any()
    picture[:] = 255, 0, 0
    _, blue, red = Image.new("RGB", (1, 1), (255, 0, 0)).convert("YCbCr").getpixel((0, 0))
    desired = ((blue - 128) ** 2 + (red - 128) ** 2) ** 0.5
    np.testing.assert_allclose(borders.chroma(picture), desired)


def test_the_step_between_two_regions_is_no_contrast(halves):
    picture = np.where(halves == 0, 40, 200).astype(np.uint8)[..., np.newaxis].repeat(3, axis=-1)
    assert borders.contrast(picture, halves).max() < 1e-4
    assert borders.contrast(picture, halves * 0).max() > 50


def test_contrast_is_the_deviation_of_the_luminance(random):
    grey = random.normal(128, 20, (80, 80)).clip(0, 255).astype(np.uint8)
    picture = grey[..., np.newaxis].repeat(3, axis=-1)
    found = borders.contrast(picture, np.zeros((80, 80), int))
    assert found.mean() == pytest.approx(20, rel=0.05)
    half = borders.contrast((picture // 2), np.zeros((80, 80), int))
    assert half.mean() == pytest.approx(10, rel=0.05)
