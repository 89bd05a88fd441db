"""Pictures go out whole, in every format."""

import io

import numpy as np
import pytest
from conftest import read_16_bits
from PIL import Image, ImageCms

from network import OutputError, StyleTransferWarning, pictures


def test_save_keeps_the_pixels_and_the_metadata(tmp_path, picture):
    path = tmp_path / "out.png"
    pictures.save(picture, path, {"Settings": "größe"})
    with Image.open(path) as image:
        assert image.text["Settings"] == "größe"
        np.testing.assert_array_equal(np.asarray(image), picture)


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, picture, monkeypatch):
    path = tmp_path / "out.png"
    pictures.save(picture, path)
    before = path.read_bytes()

    def full_disk(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full_disk)
    with pytest.raises(OutputError, match="No space left on device"):
        pictures.save(picture, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff"])
def test_alpha_is_read_and_saved(suffix, tmp_path, picture, random):
    alpha = random.integers(1, 256, picture.shape[:2], dtype=np.uint8)
    path = tmp_path / f"see through.{suffix}"
    pictures.save(picture, path, alpha=alpha, quality=100)
    colors, opacity = pictures.load_with_alpha(path)
    np.testing.assert_array_equal(opacity, alpha)
    if suffix != "webp":
        np.testing.assert_array_equal(colors, picture)


def test_a_jpeg_loses_its_alpha_with_a_warning(tmp_path, picture):
    alpha = np.full(picture.shape[:2], 9, np.uint8)
    with pytest.warns(StyleTransferWarning, match="JPEG has no alpha channel"):
        pictures.save(picture, tmp_path / "out.jpg", alpha=alpha)
    assert pictures.load(tmp_path / "out.jpg").shape == picture.shape


TEXTS = {"Software": "INetwork 0", "Settings": '{"name": "größe 図\\n"}', "Losses": "[1, 2]"}


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff"])
def test_saved_pictures_are_tagged_srgb_and_equal_ones_are_equal_files(suffix, tmp_path, picture):
    paths = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for path in paths:
        pictures.save(picture, path, TEXTS)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with Image.open(paths[0]) as image:
        if suffix == "png":
            assert image.info["srgb"] == 0
        else:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
            assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_quality_makes_the_file_larger_and_the_picture_better(tmp_path, random):
    noise = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for suffix in ("jpg", "webp"):
        sizes, errors = [], []
        for quality in (10, 95):
            path = tmp_path / f"{quality}.{suffix}"
            pictures.save(noise, path, quality=quality)
            sizes.append(path.stat().st_size)
            errors.append(np.abs(pictures.load(path).astype(int) - noise).mean())
        assert sizes[0] < sizes[1]
        assert errors[0] > errors[1]


@pytest.mark.parametrize("suffix", ["png", "tiff"])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_16_bits_are_written_level_by_level(suffix, with_alpha, tmp_path, random):
    image = random.integers(0, 65536, (5, 7, 3), dtype=np.uint16)
    alpha = random.integers(0, 256, (5, 7), dtype=np.uint8) if with_alpha else None
    path = tmp_path / f"deep.{suffix}"
    pictures.save(image, path, TEXTS, alpha)
    read = read_16_bits(path)
    np.testing.assert_array_equal(read[..., :3], image)
    assert read.shape[2] == 3 + with_alpha
    if with_alpha:
        np.testing.assert_array_equal(read[..., 3], alpha * 257.0)


def test_16_bits_in_a_format_without_them_are_refused(tmp_path, picture):
    with pytest.raises(OutputError, match="16 bits a channel need PNG or TIFF, not JPEG"):
        pictures.save(picture.astype(np.uint16), tmp_path / "out.jpg")
    assert list(tmp_path.iterdir()) == []
