"""Regions of photos, found by their colours."""

import numpy as np
import pytest

from network import ConfigError
from network.pictures import segments

SKY, SEA, SUN = (120, 180, 240), (20, 60, 110), (250, 200, 60)


def landscape(random, rows=60, columns=90, noise=8.0):
    """Sky over sea, the sun in the sky; and where each is."""
    where = np.zeros((rows, columns), int)
    where[rows // 2 :] = 1
    where[rows // 6 : rows // 3, columns // 2 : columns // 2 + rows // 4] = 2
    picture = np.array([SKY, SEA, SUN])[where] + random.normal(0, noise, (rows, columns, 3))
    return np.clip(picture, 0, 255).astype(np.uint8), where


def test_a_picture_of_three_colours_has_their_regions_the_largest_first(random):
    picture, where = landscape(random)
    found = segments.divide(picture, 3)
    assert [segment.number for segment in found] == [1, 2, 3]
    for segment, label in zip(found, (1, 0, 2), strict=True):
        own = where == label
        assert (segment.inside & own).sum() > 0.9 * (segment.inside | own).sum()
        np.testing.assert_allclose(segment.color, (SKY, SEA, SUN)[label], atol=12)
    assert str(found[0]).startswith("auto:1: 50% of the picture, around the bottom center, #")


@pytest.mark.parametrize("number", [2, 5, 16])
@pytest.mark.parametrize("shape", [(40, 31), (300, 17)], ids=str)
def test_every_pixel_is_in_one_region_at_every_size(number, shape, random):
    picture = random.integers(0, 256, (*shape, 3), dtype=np.uint8)
    found = segments.divide(picture, number)
    assert 1 <= len(found) <= number
    for size in (shape, (23, 11), (2, 3)):
        np.testing.assert_array_equal(sum(each.mask.at(*size) for each in found), np.ones(size))


def test_a_picture_is_divided_alike_every_time(random):
    picture, _ = landscape(random)
    first, second = (segments.show(segments.divide(picture.copy(), 4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_flat_picture_has_one_region_whatever_is_asked_for():
    (only,) = segments.divide(np.full((4, 3, 3), 99, np.uint8), 2)[:1]
    assert only.color == (99, 99, 99)


def test_small_islands_belong_to_what_lies_around_them(random):
    picture, _ = landscape(random, noise=0.0)
    picture[50:52, 20:22] = SKY  # in the sea
    first = segments.divide(picture, 3)[0]
    assert first.inside[50:52, 20:22].all()


def test_regions_are_shown_in_their_colours(random):
    picture, _ = landscape(random)
    found = segments.divide(picture, 3)
    shown = segments.show(found)
    assert shown.shape == picture.shape
    assert {tuple(color) for color in np.unique(shown.reshape(-1, 3), axis=0).tolist()} == {
        segment.color for segment in found
    }


@pytest.mark.parametrize("name", ["auto:0", "auto:4", "auto:", "auto:x", "auto:-1"])
def test_a_region_that_there_is_not_is_refused_with_those_there_are(name, random):
    found = segments.divide(landscape(random)[0], 3)
    with pytest.raises(ConfigError, match=f"expected a mask of auto:1 to auto:3, .* got {name};"):
        segments.named(name, found)
    with pytest.raises(ConfigError, match=f"{name}: expected auto_masks, the number of regions"):
        segments.named(name, ())


def test_another_mask_names_no_region(random):
    found = segments.divide(landscape(random)[0], 3)
    assert segments.named("mask.png", found) is None
    assert segments.named(None, ()) is None
    assert segments.named("auto:2", found).name == "auto:2"
