"""Strips give the same picture as the whole."""

import numpy as np
import pytest

from network.compute import backend
from network.fast.apply import Painter
from network.fast.tiles import Moments, inner_size, paint_in_strips, reflected

SIZES = [(33, 47), (1, 1), (1, 300), (300, 1), (9, 8), (64, 20), (5, 130)]


@pytest.mark.backend
@pytest.mark.parametrize("size", SIZES)
def test_strips_equal_the_whole(tiny, random, size):
    photo = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    whole = Painter(tiny, "float32").paint(photo, "waves", bit_depth=16).astype(int)
    assert whole.shape == photo.shape
    for strip_pixels in (1, 400):
        strips = paint_in_strips(
            tiny.architecture,
            backend.tensors(tiny.trunk),
            tiny.table[1],
            photo,
            strip_pixels=strip_pixels,
            bit_depth=16,
        )
        assert np.abs(strips - whole).max() <= 4  # of 65535


def test_a_picture_of_one_row_and_ten_thousand_columns_is_painted(tiny, random):
    photo = random.integers(0, 256, (1, 10_000, 3), dtype=np.uint8)
    painter = Painter(tiny, "float32")
    whole = painter.paint(photo, "waves").astype(int)
    strips = painter.paint(photo, "waves", whole_pixels=1).astype(int)
    assert np.abs(strips - whole).max() <= 1


def test_activations_kept_as_float16_change_a_level_at_most(tiny, random, monkeypatch):
    from network.fast import tiles

    photo = random.integers(0, 256, (61, 50, 3), dtype=np.uint8)
    painter = Painter(tiny, "float32")
    whole = painter.paint(photo, "waves").astype(int)
    monkeypatch.setattr(tiles, "KEPT_IN_FULL", 0)
    monkeypatch.setattr(tiles, "STRIP_PIXELS", 500)
    strips = painter.paint(photo, "waves", whole_pixels=1).astype(int)
    assert np.abs(strips - whole).max() <= 2
    assert np.abs(strips - whole).mean() < 0.1


def test_progress_rises_to_the_end(tiny, random):
    photo = random.integers(0, 256, (40, 24, 3), dtype=np.uint8)
    shares = []
    Painter(tiny, "float32").paint(photo, "waves", whole_pixels=1, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_moments_of_parts_are_the_wholes(random):
    values = random.normal(500, 0.1, (1, 12, 7, 3)).astype(np.float32)
    moments = Moments()
    for first, last in ((0, 1), (1, 8), (8, 12)):
        moments.add(values[:, first:last])
    exact = values.astype(np.float64)
    np.testing.assert_allclose(moments.mean, exact.mean(axis=(0, 1, 2)), rtol=1e-6)
    variance = moments.squares / moments.count
    np.testing.assert_allclose(variance, exact.var(axis=(0, 1, 2)), rtol=1e-3)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_positions_are_reflected_as_numpy_pads(size):
    desired = np.pad(np.arange(size), 7, mode="reflect")
    np.testing.assert_array_equal(reflected(np.arange(-7, size + 7), size), desired)


def test_inner_sizes_are_multiples_of_four_and_eight_at_least():
    assert [inner_size(side) for side in (1, 8, 9, 12, 13)] == [8, 8, 12, 12, 16]
