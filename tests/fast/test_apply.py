"""Photos painted in one pass."""

import numpy as np
import pytest
from PIL import Image

from network.errors import ConfigError, ImageError, WeightsError
from network.fast import styles
from network.fast.apply import Painter


def test_a_photo_is_painted_from_a_file_of_styles(tiny, picture, tmp_path):
    styles.save(tiny, tmp_path / "styles.npz")
    Image.fromarray(picture).save(tmp_path / "photo.png")
    painter = Painter(tmp_path / "styles.npz", "float32")
    actual = painter.paint(tmp_path / "photo.png", "waves")
    assert actual.dtype == np.uint8
    assert actual.shape == picture.shape
    assert np.abs(actual.astype(int) - picture).mean() > 5


def test_the_photo_given_is_not_changed(tiny, picture):
    before = picture.copy()
    Painter(tiny, "float32").paint(picture, "waves", strength=0.1)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("whole_pixels", [1, 10**6])
@pytest.mark.parametrize("bit_depth", [8, 16])
def test_no_strength_changes_nothing(tiny, picture, whole_pixels, bit_depth):
    actual = Painter(tiny, "float32").paint(
        picture, "waves", strength=0, whole_pixels=whole_pixels, bit_depth=bit_depth
    )
    desired = picture if bit_depth == 8 else picture * np.uint16(257)
    np.testing.assert_array_equal(actual, desired)


def test_16_bits_are_the_8_bits_and_more_between(tiny, picture):
    painter = Painter(tiny, "float32")
    eight, sixteen = (painter.paint(picture, "waves", bit_depth=bits) for bits in (8, 16))
    assert sixteen.dtype == np.uint16
    np.testing.assert_allclose(sixteen / 257, eight, atol=0.51)
    assert (sixteen % 257 != 0).any()


def test_bfloat16_paints_nearly_the_same(tiny, picture):
    exact, quick = (
        Painter(tiny, precision).paint(picture, "waves").astype(int)
        for precision in ("float32", "bfloat16")
    )
    assert 0 < np.abs(exact - quick).mean() < 3


def test_blending_differs_from_either_style(tiny, picture):
    painter = Painter(tiny, "float32")
    waves, dots = painter.paint(picture, "waves"), painter.paint(picture, "dots")
    both = painter.paint(picture, ["waves", "dots"], blend=[0.3, 0.7])
    assert not np.array_equal(both, waves)
    assert not np.array_equal(both, dots)
    np.testing.assert_array_equal(painter.paint(picture, ["waves", "dots"], blend=[0, 1]), dots)


def test_what_cannot_be_painted_is_said(tiny, tmp_path):
    with pytest.raises(ImageError, match="no such file"):
        Painter(tiny, "float32").paint(tmp_path / "no.jpg", "waves")
    Image.new("RGB", (20, 20)).save(tmp_path / "large.png")
    with pytest.raises(ImageError, match="more than 300 pixels"):
        Painter(tiny, "float32").paint(tmp_path / "large.png", "waves", max_pixels=300)
    with pytest.raises(ConfigError, match="did you mean waves"):
        Painter(tiny, "float32").paint(np.zeros((9, 9, 3), np.uint8), "wawes")
    with pytest.raises(ConfigError, match="precision"):
        Painter(tiny, "float8")
    with pytest.raises(WeightsError, match="no such file"):
        Painter(tmp_path / "no.npz")


def test_without_a_file_the_shipped_styles_are_taken(tiny, picture, tmp_path, monkeypatch):
    monkeypatch.setattr(styles, "weights_folder", lambda: tmp_path)
    styles.save(tiny, tmp_path / "one_pass_styles.npz")
    assert Painter(precision="float32").network.names == ("waves", "dots")
