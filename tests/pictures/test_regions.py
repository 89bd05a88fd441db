"""Regions: every pixel of two maps has one label, by colour or by k-means."""

import numpy as np
import pytest
from PIL import Image

from network import ConfigError, ImageError, pictures
from network.pictures.regions import find_regions

RED, GREEN, BLUE, GREY = (250, 10, 10), (10, 250, 10), (10, 10, 250), (120, 120, 120)


def flat(*rows):
    """A map of squares, 8 x 8 each."""
    return np.array(rows, np.uint8).repeat(8, axis=0).repeat(8, axis=1)


@pytest.fixture
def maps():
    return flat([RED, RED, GREEN], [RED, BLUE, BLUE]), flat([GREEN, BLUE], [RED, RED])


def test_every_exact_colour_is_a_region_largest_first(maps):
    regions = find_regions(*maps)
    assert [region.name for region in regions] == ["#fa0a0a", "#0a0afa", "#0afa0a"]
    for region in regions:
        np.testing.assert_array_equal(region.in_style, (maps[0] == region.color).all(axis=-1))
        np.testing.assert_array_equal(region.in_target, (maps[1] == region.color).all(axis=-1))
    assert str(regions[0]) == "#fa0a0a (50% of the style, 50% of the target)"


@pytest.mark.parametrize("kind", ["jpeg", "smooth"])
def test_clustering_finds_the_labels_of_maps_with_unclean_edges(kind, maps, tmp_path):
    unclean = []
    for number, drawn in enumerate(maps):
        if kind == "jpeg":
            Image.fromarray(drawn).save(tmp_path / f"{number}.jpg", quality=90)
            unclean.append(pictures.load(tmp_path / f"{number}.jpg"))
        else:
            size = (drawn.shape[1] * 3 // 2, drawn.shape[0] * 3 // 2)
            unclean.append(np.asarray(Image.fromarray(drawn).resize(size, Image.BICUBIC)))
    with pytest.raises(ImageError, match="at most 16 flat colours, got .* give nlabels"):
        find_regions(*unclean)
    regions = find_regions(*unclean, nlabels=3)
    desired = find_regions(*maps)
    for region, exact in zip(regions, desired, strict=True):
        np.testing.assert_allclose(region.color, exact.color, atol=8)
        assert region.in_style.mean() == pytest.approx(exact.in_style.mean(), abs=0.04)
        assert region.in_target.mean() == pytest.approx(exact.in_target.mean(), abs=0.04)


def test_every_pixel_has_one_label(random):
    maps = random.integers(0, 256, (2, 20, 30, 3), dtype=np.uint8)
    regions = find_regions(*maps, nlabels=4)
    assert len(regions) == 4
    for side in ("in_style", "in_target"):
        np.testing.assert_array_equal(sum(getattr(region, side) for region in regions), 1)


@pytest.mark.parametrize("nlabels", [None, 4])
def test_a_colour_that_one_map_lacks_is_named_with_its_pixels(nlabels, maps):
    maps[1][2, 3:6] = GREY
    expected = r"the drawing has colours that the map lacks: #787878 \(3 pixels\); paint"
    with pytest.raises(ImageError, match=expected):
        find_regions(*maps, nlabels, names=("the map", "the drawing"))
    with pytest.raises(ImageError, match=r"style_mask has colours that target_mask lacks: #787878"):
        find_regions(*maps[::-1], nlabels)


@pytest.mark.parametrize(
    ("nlabels", "message"),
    [
        (0, "expected a whole number of 1 or more"),
        ("x", "expected a whole number"),
        (4, "expected at most 3, the number of colours in both maps, got 4"),
    ],
)
def test_a_wrong_number_of_labels_is_an_error(nlabels, message, maps):
    with pytest.raises(ConfigError, match=f"nlabels: {message}"):
        find_regions(*maps, nlabels)
