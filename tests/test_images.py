import io

import numpy as np
import pytest
from PIL import Image

from network import ImageError, OutputError, images


def test_path_pil_and_array_give_the_same_picture(tmp_path, picture):
    path = tmp_path / "ä picture.png"
    Image.fromarray(picture).save(path)
    for source in (path, str(path), Image.fromarray(picture), picture):
        np.testing.assert_array_equal(images.load(source), picture)


def test_exif_orientation_is_applied(tmp_path, picture):
    path = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate 270 degrees to show it upright
    Image.fromarray(picture).save(path, exif=exif)
    np.testing.assert_array_equal(images.load(path), np.rot90(picture, 3))


def test_gray_puts_the_luminance_in_every_channel(picture):
    gray = images.gray(picture)
    desired = picture @ np.array([0.299, 0.587, 0.114])
    for channel in range(3):
        np.testing.assert_allclose(gray[..., channel], desired, atol=1)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_becomes_rgb(mode, tmp_path):
    values = np.full((8, 8), 200, np.uint8)
    if mode == "I;16":
        image = Image.fromarray(values.astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(values.astype(np.int32) * 257)
    elif mode == "F":
        image = Image.fromarray(values.astype(np.float32))
    else:
        image = Image.fromarray(values).convert(mode)
    loaded = images.load(image)
    assert loaded.shape == (8, 8, 3)
    assert loaded.dtype == np.uint8
    if mode != "1":
        np.testing.assert_allclose(loaded, 200, atol=2)


@pytest.mark.parametrize(
    "kind", ["missing", "folder", "text", "empty", "truncated", "opened", "array"]
)
def test_what_is_no_picture_is_refused_by_name(kind, tmp_path, picture):
    path = tmp_path / "photo.jpg"
    source = path
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("not a picture")
    elif kind == "empty":
        path.touch()
    elif kind in ("truncated", "opened"):
        buffer = io.BytesIO()
        Image.fromarray(picture).resize((200, 200)).save(buffer, "JPEG")
        path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
        source = Image.open(io.BytesIO(path.read_bytes())) if kind == "opened" else path
    elif kind == "array":
        source = picture.astype(np.float32)
    with pytest.raises(ImageError) as caught:
        images.load(source)
    message = str(caught.value)
    expected = {"array": "uint8", "opened": "<JpegImageFile>"}.get(kind, str(path))
    assert expected in message
    assert "\n" not in message


def test_a_picture_beyond_pillows_limit_is_refused(tmp_path, picture, monkeypatch):
    path = tmp_path / "bomb.png"
    Image.fromarray(picture).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ImageError, match="more than 100 pixels"):
        images.load(path)


def test_resize_is_pillows_and_does_nothing_at_the_same_size(picture):
    assert images.resize(picture, 24, 32) is picture
    desired = np.asarray(Image.fromarray(picture).resize((10, 12), Image.Resampling.BICUBIC))
    for method in ("bicubic", "cubic"):
        np.testing.assert_array_equal(images.resize(picture, 12, 10, method), desired)


def test_save_keeps_the_pixels_and_the_metadata(tmp_path, picture):
    path = tmp_path / "out.png"
    images.save(picture, path, {"Settings": "größe"})
    with Image.open(path) as image:
        assert image.text["Settings"] == "größe"
        np.testing.assert_array_equal(np.asarray(image), picture)


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, picture, monkeypatch):
    path = tmp_path / "out.png"
    images.save(picture, path)
    before = path.read_bytes()

    def full_disk(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full_disk)
    with pytest.raises(OutputError, match="No space left on device"):
        images.save(picture, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_palette_with_transparency_is_read_without_a_word(tmp_path, picture):
    path = tmp_path / "palette.png"
    Image.fromarray(picture).convert("RGBA").quantize(16).save(path, transparency=b"\x00\x80")
    assert images.load(path).shape == picture.shape
