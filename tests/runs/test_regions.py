"""Where styles are asked for, in parts of regions."""

import numpy as np
import pytest

from network import Style, TransferConfig
from network.runs import regions

MASK = np.zeros((32, 48), np.float32)
MASK[8:, 20:] = 1  # its borders are those within the picture
CLEAN = TransferConfig(mask_edges="clean", mask_norm="root")


def divide(*where, config=CLEAN):
    layers = ("conv1_1", "conv2_1", "conv3_1")
    masks = [
        None if mask is None else {name: mask[:: 2**i, :: 2**i] for i, name in enumerate(layers)}
        for mask in where
    ]
    return regions.divide(masks, config, "vgg16")


def test_a_band_is_as_wide_as_a_feature_sees_and_the_interior_is_the_rest():
    ((interior, band),) = divide(MASK)
    for step, (layer, pixels) in enumerate({"conv1_1": 3, "conv2_1": 10, "conv3_1": 24}.items()):
        mask = MASK[:: 2**step, :: 2**step] > 0
        rows, columns = np.nonzero(~mask)
        away = [
            np.hypot(rows - row, columns - column).min() * 2**step
            for row, column in zip(*np.nonzero(mask), strict=True)
        ]
        near = np.array(away) <= pixels
        np.testing.assert_array_equal(band.masks[layer][mask] > 0, near)
        np.testing.assert_array_equal(interior.masks[layer][mask] > 0, ~near)
        assert not band.masks[layer][~mask].any() and not interior.masks[layer][~mask].any()


def test_a_style_without_a_mask_has_as_many_parts_and_no_border():
    masked, (everywhere, nowhere) = divide(MASK, None)
    assert len(masked) == 2
    assert all((mask == 1).all() for mask in everywhere.masks.values())
    assert not any(mask.any() for mask in nowhere.masks.values())
    assert divide(None, None) == [(regions.Part(None),)] * 2


def test_plain_regions_are_whole_and_as_they_were():
    plain = TransferConfig(mask_edges="plain")
    ((part,),) = divide(MASK, config=plain)
    assert part.factors is None
    np.testing.assert_array_equal(part.masks["conv1_1"], MASK)


def test_styles_of_one_region_share_its_parts():
    divided = divide(MASK, 1 - MASK)
    assert regions.numbers(divided, (1, 0, 1)) == (2, 3, 0, 1, 2, 3)


def loss_of(tiny_loss, content, style, columns, **options):
    mask = np.zeros((64, 64), np.uint8)
    mask[:, :columns] = 255
    options = {"image_size": 64, "style_loss": "gram", "content_weight": 0, **options}
    return tiny_loss(content, Style(style, mask=mask), total_variation_weight=0, **options)[0]


def test_of_a_flat_picture_every_part_is_alike_so_that_the_loss_is_the_plain_one(tiny_loss):
    flat = [np.full((64, 64, 3), value, np.uint8) for value in (90, 200)]
    for norm in ("none", "area", "root"):
        plain, clean = (
            loss_of(tiny_loss, *flat, 32, mask_norm=norm, mask_edges=edges)
            for edges in ("plain", "clean")
        )
        assert clean == pytest.approx(plain, rel=1e-4)


def test_mask_norm_root_makes_every_pixel_count_as_much_whatever_its_region(tiny_loss):
    flat = [np.full((64, 64, 3), value, np.uint8) for value in (90, 200)]
    half, whole = (loss_of(tiny_loss, *flat, columns, mask_norm="root") for columns in (32, 64))
    assert half == pytest.approx(whole / 2, rel=1e-5)


def test_clean_edges_see_a_border_that_is_unlike_the_style_though_the_region_is_like_it(tiny_loss):
    """The same squares in another order, the dark ones all along the border."""
    style = np.full((64, 64, 3), 200, np.uint8)
    style[:32] = 20
    content = np.full((64, 64, 3), 200, np.uint8)
    content[:, 16:32] = 20
    plain, clean = (
        loss_of(tiny_loss, content, style, 32, mask_norm="area", mask_edges=edges)
        for edges in ("plain", "clean")
    )
    whole = loss_of(tiny_loss, np.full_like(style, 110), style, 32, mask_norm="area")
    assert plain < 1e-6 * whole
    assert clean > 1e-4 * whole
