"""SSIM, PSNR and colour histograms against direct formulas and known properties."""

import math

import numpy as np
import pytest
from PIL import Image

from network.pictures import similarity


@pytest.fixture
def pair(random):
    """Two noisy pictures that share some structure, uint8 (19, 23, 3)."""
    a = random.integers(0, 256, (19, 23, 3), dtype=np.uint8)
    noise = random.normal(0, 60, a.shape)
    return a, (a + noise).clip(0, 255).astype(np.uint8)


def ssim_window_by_window(a, b):
    """Wang et al.'s formula, written out for every window of 11 x 11."""
    offsets = np.arange(-5, 6)
    window = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    x, y = (0.299 * p[..., 0] + 0.587 * p[..., 1] + 0.114 * p[..., 2] for p in (a, b))
    found = []
    for row in range(a.shape[0] - 10):
        for column in range(a.shape[1] - 10):
            u = x[row : row + 11, column : column + 11]
            v = y[row : row + 11, column : column + 11]
            mean_u, mean_v = (window * u).sum(), (window * v).sum()
            variance_u = (window * (u - mean_u) ** 2).sum()
            variance_v = (window * (v - mean_v) ** 2).sum()
            covariance = (window * (u - mean_u) * (v - mean_v)).sum()
            luminance = (2 * mean_u * mean_v + 6.5025) / (mean_u**2 + mean_v**2 + 6.5025)
            structure = (2 * covariance + 58.5225) / (variance_u + variance_v + 58.5225)
            found.append(luminance * structure)
    return np.mean(found)


def test_ssim_is_the_mean_of_the_papers_formula_over_the_windows(pair):
    desired = ssim_window_by_window(*pair)
    assert 0.2 < desired < 0.95
    assert similarity.ssim(*pair) == pytest.approx(desired, abs=1e-10)


def test_ssim_needs_no_more_than_one_window(random):
    a, b = random.integers(0, 256, (2, 11, 11, 3), dtype=np.uint8)
    assert similarity.ssim(a, b) == pytest.approx(ssim_window_by_window(a, b), abs=1e-10)


def test_a_picture_is_wholly_like_itself(pair):
    a, _ = pair
    assert similarity.ssim(a, a) == 1.0
    assert similarity.psnr(a, a) == math.inf
    assert similarity.histogram_distance(a, a) == 0.0


@pytest.mark.parametrize("measure", similarity.__all__)
def test_the_order_of_the_pictures_does_not_matter(measure, pair):
    a, b = pair
    function = getattr(similarity, measure)
    assert function(a, b) == pytest.approx(function(b, a), rel=1e-12)


def test_a_negative_has_a_negative_structure(pair):
    a, _ = pair
    assert similarity.ssim(a, 255 - a) < -0.5


def test_more_noise_is_less_alike(random):
    a = np.full((30, 30, 3), 128, np.uint8)
    a[8:20, 10:25] = (200, 90, 40)
    noisy = [(a + random.normal(0, s, a.shape)).clip(0, 255).astype(np.uint8) for s in (5, 20, 60)]
    for measure, sign in (("ssim", -1), ("psnr", -1), ("histogram_distance", 1)):
        found = [sign * getattr(similarity, measure)(a, picture) for picture in noisy]
        assert found == sorted(found)


@pytest.mark.parametrize(("step", "decibels"), [(1, 48.1308), (255, 0.0), (10, 28.1308)])
def test_psnr_of_a_constant_error(step, decibels):
    a = np.zeros((4, 5, 3), np.uint8)
    assert similarity.psnr(a, a + np.uint8(step)) == pytest.approx(decibels, abs=1e-4)


def test_histograms_look_at_colours_and_not_at_places(pair, random):
    a, _ = pair
    shuffled = random.permutation(a.reshape(-1, 3)).reshape(a.shape)
    assert similarity.histogram_distance(a, shuffled) == 0.0


def test_pictures_without_a_common_colour_are_at_a_distance_of_1():
    red, blue = np.zeros((2, 6, 7, 3), np.uint8)
    red[..., 0], blue[..., 2] = 255, 255
    assert similarity.histogram_distance(red, blue) == 1.0
    half = red.copy()
    half[:3] = blue[:3]
    assert similarity.histogram_distance(red, half) == 0.5


def test_the_histogram_of_all_three_channels_is_joint():
    """Red and cyan beside each other have the channels' histograms of black and white."""
    a, b = np.zeros((2, 2, 2, 3), np.uint8)
    a[0] = 255
    b[0], b[1] = (255, 0, 0), (0, 255, 255)
    assert similarity.histogram_distance(a, b) == 1.0


def test_histograms_are_shares_so_sizes_may_differ(pair):
    a, _ = pair
    larger = np.asarray(Image.fromarray(a).resize((46, 38), Image.Resampling.NEAREST))
    assert similarity.histogram_distance(a, larger) == pytest.approx(0.0, abs=1e-12)
