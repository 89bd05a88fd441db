"""The image that a run starts from."""

import numpy as np
import pytest

from network import Job, Style, TransferConfig
from network.features import preprocessing
from network.runs.inputs import load_inputs
from network.runs.starts import start_image


def start(content, styles, **options):
    config = TransferConfig(image_size=len(content), init_image="recolored", **options)
    image = start_image(load_inputs(Job(content, styles, config)), config, *content.shape[:2])
    return preprocessing.deprocess(image)


def colors(random, mean, size):
    return np.clip(random.normal(mean, 9, (*size, 3)), 0, 255).astype(np.uint8)


def test_a_recoloured_start_has_the_styles_colours(random):
    content, style = (
        colors(random, (90, 120, 60), (40, 50)),
        colors(random, (180, 70, 200), (64, 64)),
    )
    found = start(content, Style(style), style_size=64).reshape(-1, 3)
    desired = style.reshape(-1, 3)
    np.testing.assert_allclose(found.mean(axis=0), desired.mean(axis=0), atol=1)
    np.testing.assert_allclose(np.cov(found.T), np.cov(desired.T), atol=4)


def test_each_region_has_its_styles_colours_there_and_what_is_in_none_is_the_content(random):
    content = colors(random, (90, 120, 60), (60, 90))
    painting = colors(random, (200, 60, 40), (60, 90))
    painting[:, 30:] = colors(random, (30, 60, 180), (60, 60))
    left, middle = np.zeros((2, 60, 90), np.uint8)
    left[:, :30] = middle[:, 30:60] = 255
    found = start(content, [Style(painting, mask=left), Style(painting, mask=middle)])
    np.testing.assert_allclose(found[:, 4:26].mean(axis=(0, 1)), (200, 60, 40), atol=3)
    np.testing.assert_allclose(found[:, 34:56].mean(axis=(0, 1)), (30, 60, 180), atol=3)
    np.testing.assert_array_equal(found[:, 70:], content[:, 70:])


def test_where_two_styles_are_it_is_their_mean_by_weight(random):
    content = colors(random, (90, 120, 60), (40, 40))
    styles = [
        Style(np.full((40, 40, 3), value, np.uint8), weight)
        for value, weight in ((40, 1.0), (200, 3.0))
    ]
    assert start(content, styles).mean() == pytest.approx(160, abs=1)
