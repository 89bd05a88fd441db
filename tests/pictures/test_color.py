import numpy as np
import pytest
from PIL import Image

from network.pictures import color


@pytest.fixture
def other(random):
    small = random.integers(30, 226, (5, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((32, 24), Image.Resampling.BICUBIC))


def ycbcr(image):
    """The JPEG conversion, in floating point."""
    matrix = np.array(
        [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
    )
    return image.astype(float) @ matrix.T + [0, 128, 128]


def test_luminance_is_the_images_and_the_colours_are_the_contents(random):
    """On soft colours, where no mixture leaves 0..255."""
    image = random.integers(90, 160, (24, 32, 3), dtype=np.uint8)
    content = random.integers(90, 160, (24, 32, 3), dtype=np.uint8)
    kept = ycbcr(color.keep_luminance(image, content))
    np.testing.assert_allclose(kept[..., 0], ycbcr(image)[..., 0], atol=2)
    np.testing.assert_allclose(kept[..., 1:], ycbcr(content)[..., 1:], atol=2)


def test_a_mask_limits_the_change_of_colours(picture, other):
    mask = np.zeros((24, 32), np.float32)
    mask[:, :16] = 1
    whole = color.keep_luminance(picture, other)
    limited = color.keep_luminance(picture, other, mask)
    np.testing.assert_array_equal(limited[:, :16], whole[:, :16])
    np.testing.assert_allclose(limited[:, 16:].astype(int), picture[:, 16:], atol=3)


def test_content_of_another_size_is_resized(picture, painting):
    assert color.keep_luminance(picture, painting).shape == picture.shape


def test_blend_mixes_by_the_mask():
    black, white = np.zeros((1, 3, 3), np.uint8), np.full((1, 3, 3), 255, np.uint8)
    mixed = color.blend(black, white, np.array([[0, 0.4, 1]]))
    np.testing.assert_array_equal(mixed[0, :, 0], [0, 102, 255])


def test_matched_histograms_have_the_references_quantiles(picture, random):
    reference = random.beta(2, 5, (60, 70, 3)) * 255
    reference = reference.astype(np.uint8)
    ramp = np.tile(np.arange(256, dtype=np.uint8)[:, None, None], (1, 8, 3))
    matched = color.match_histograms(ramp, reference)
    quantiles = np.linspace(0.05, 0.95, 19)
    for channel in range(3):
        actual = np.quantile(matched[..., channel], quantiles)
        desired = np.quantile(reference[..., channel], quantiles)
        np.testing.assert_allclose(actual, desired, atol=2)


def test_matching_histograms_keeps_the_order_of_values(picture, other):
    matched = color.match_histograms(picture, other)
    for channel in range(3):
        order = np.argsort(picture[..., channel].ravel(), kind="stable")
        assert (np.diff(matched[..., channel].ravel()[order].astype(int)) >= 0).all()


def test_matched_colours_have_the_references_mean_and_covariance(random):
    mix = random.normal(0, 1, (3, 3))
    image = (128 + random.normal(0, 12, (50, 60, 3)) @ mix).clip(0, 255).astype(np.uint8)
    reference = (120 + random.normal(0, 9, (40, 40, 3)) @ mix.T).clip(0, 255).astype(np.uint8)
    matched = color.match_mean_and_covariance(image, reference)
    actual, desired = (x.reshape(-1, 3).astype(float) for x in (matched, reference))
    np.testing.assert_allclose(actual.mean(0), desired.mean(0), atol=0.5)
    np.testing.assert_allclose(np.cov(actual.T), np.cov(desired.T), rtol=0.05, atol=2)


@pytest.mark.parametrize("match", [color.match_histograms, color.match_mean_and_covariance])
def test_a_picture_matched_to_itself_stays(match, picture):
    np.testing.assert_allclose(match(picture, picture).astype(int), picture, atol=1)


@pytest.mark.parametrize("match", [color.match_histograms, color.match_mean_and_covariance])
def test_grey_and_flat_pictures_are_matched_without_noise(match, picture):
    grey = np.repeat(picture[..., :1], 3, axis=2)
    for image in (grey, np.full_like(picture, 7)):
        matched = match(image, picture)
        assert matched.dtype == np.uint8
        assert matched.shape == picture.shape


@pytest.mark.parametrize("masked", [False, True])
def test_luminance_is_kept_in_16_bits_as_in_8_but_finer(masked, picture, painting):
    content = np.clip(painting, 60, 190)  # within what YCbCr can give back
    image = np.clip(picture, 90, 160)
    mask = np.zeros((24, 32), np.float32)
    mask[:, :16] = 1
    mask = mask if masked else None
    coarse = color.keep_luminance(image, content, mask)
    fine = color.keep_luminance(image.astype(np.uint16) * 257, content, mask)
    assert fine.dtype == np.uint16
    inside = (coarse > 0) & (coarse < 255)
    np.testing.assert_allclose((fine / 257)[inside], coarse[inside], atol=5)
    luma = np.array([0.299, 0.587, 0.114])
    whole = ((fine > 0) & (fine < 65535)).all(axis=-1)
    np.testing.assert_allclose((fine @ luma)[whole], (image * 257.0 @ luma)[whole], atol=1)
    if masked:
        np.testing.assert_array_equal(fine[:, 16:], image[:, 16:].astype(np.uint16) * 257)


@pytest.mark.parametrize("match", [color.match_histograms, color.match_mean_and_covariance])
def test_colours_are_matched_in_16_bits_as_in_8(match, picture, painting):
    eight = match(picture, painting)
    sixteen = match(picture * np.uint16(257), painting * np.uint16(257))
    assert sixteen.dtype == np.uint16
    np.testing.assert_allclose(sixteen / 257, eight, atol=0.51)
