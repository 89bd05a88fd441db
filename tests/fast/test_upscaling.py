"""Photos enlarged by a network, in tiles as if whole."""

import numpy as np
import pytest
from PIL import Image

from network.errors import ImageError, WeightsError
from network.fast import styles
from network.fast.upscaling import Upscaler, reach

SIZES = [(33, 47), (1, 1), (1, 300), (300, 1), (9, 8), (40, 17)]


@pytest.mark.parametrize(
    ("size", "factor"),
    [pytest.param(SIZES[0], 2, marks=pytest.mark.backend), *((size, 4) for size in SIZES)],
)
def test_tiles_equal_the_whole(enlarging, random, size, factor):
    photo = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    upscaler = Upscaler(enlarging, "float32")
    whole = upscaler.upscale(photo, factor, bit_depth=16, tile=1000).astype(int)
    assert whole.shape == (size[0] * factor, size[1] * factor, 3)
    for tile in (13, 32):
        tiles = upscaler.upscale(photo, factor, bit_depth=16, tile=tile)
        assert np.abs(tiles - whole).max() <= 4  # of 65535


def test_no_pixel_beyond_the_reach_counts(enlarging, random):
    far = reach(enlarging.architecture)
    photo = random.integers(0, 256, (9, 2 * far + 5, 3), dtype=np.uint8)
    other = photo.copy()
    other[:, 0] = 255 - other[:, 0]
    upscaler = Upscaler(enlarging, "float32")
    one, two = (upscaler.upscale(each, bit_depth=16).astype(int) for each in (photo, other))
    changed = np.flatnonzero(np.abs(one - two).max(axis=(0, 2)) > 1) // 4
    assert far - 4 < changed.max() < far


def test_a_network_that_adds_nothing_gives_the_bicubic_picture(enlarging, picture):
    enlarging.trunk["decoder_3"][:] = 0
    actual = Upscaler(enlarging, "float32").upscale(picture).astype(int)
    bicubic = Image.fromarray(picture).resize((128, 96), Image.Resampling.BICUBIC)
    inside = slice(8, -8)
    # Pillow rounds between rows and columns.
    assert np.abs(actual - np.asarray(bicubic))[inside, inside].max() <= 2


def test_by_two_is_the_mean_of_four_pixels_by_four(enlarging, picture):
    upscaler = Upscaler(enlarging, "float32")
    twice, four_times = (upscaler.upscale(picture, n, bit_depth=16) for n in (2, 4))
    mean = four_times.reshape(48, 2, 64, 2, 3).mean(axis=(1, 3))
    inner = (four_times > 0) & (four_times < 65535)  # nothing was cut off there
    inner = inner.reshape(48, 2, 64, 2, 3).all(axis=(1, 3))
    assert inner.mean() > 0.5
    np.testing.assert_allclose(twice[inner], mean[inner], atol=1)


def test_16_bits_in_and_out_are_the_8_bits_and_more_between(enlarging, picture):
    upscaler = Upscaler(enlarging, "float32")
    eight, sixteen = (upscaler.upscale(picture, bit_depth=bits) for bits in (8, 16))
    np.testing.assert_allclose(sixteen / 257, eight, atol=0.51)
    deep = upscaler.upscale(picture * np.uint16(257), bit_depth=16)
    np.testing.assert_array_equal(deep, sixteen)


def test_flat_pictures_have_no_grid_and_no_border(enlarging):
    """Nearest upsampling and reflection: all pixels of a flat picture are treated alike."""
    flat = np.full((12, 15, 3), 100, np.uint8)
    enlarged = Upscaler(enlarging, "float32").upscale(flat, bit_depth=16).astype(int)
    assert np.ptp(enlarged, axis=(0, 1)).max() <= 4


def test_progress_rises_to_the_end(enlarging, picture):
    shares = []
    Upscaler(enlarging, "float32").upscale(picture, tile=10, on_progress=shares.append)
    assert shares == sorted(shares)
    assert (len(shares), shares[-1]) == (12, 1)


def test_what_cannot_be_enlarged_is_said(enlarging, tiny, tmp_path):
    with pytest.raises(ImageError, match="no such file"):
        Upscaler(enlarging, "float32").upscale(tmp_path / "no.jpg")
    styles.save(tiny, tmp_path / "styles.npz")
    with pytest.raises(WeightsError, match="it is 'INetwork one-pass styles', not"):
        Upscaler(tmp_path / "styles.npz")
    styles.save(enlarging, tmp_path / "upscale.npz")
    with pytest.raises(WeightsError, match="it is 'INetwork upscaling', not"):
        styles.load(tmp_path / "upscale.npz")


def test_without_a_file_the_shipped_network_is_taken(enlarging, tmp_path, monkeypatch):
    monkeypatch.setattr(styles, "weights_folder", lambda: tmp_path)
    with pytest.raises(
        WeightsError, match="train --learn enlarge, and name its file with upscale --net"
    ):
        Upscaler()
    styles.save(enlarging, tmp_path / "one_pass_upscale.npz")
    assert Upscaler(precision="float32").network.architecture == enlarging.architecture
