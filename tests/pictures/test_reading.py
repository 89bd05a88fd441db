"""Pictures of every kind come in as uint8 sRGB, or not at all."""

import io
import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, PngImagePlugin, WebPImagePlugin

from network import ImageError, StyleTransferWarning, pictures


def test_path_pil_and_array_give_the_same_picture(tmp_path, picture):
    path = tmp_path / "ä picture.png"
    Image.fromarray(picture).save(path)
    for source in (path, str(path), Image.fromarray(picture), picture):
        np.testing.assert_array_equal(pictures.load(source), picture)


def test_exif_orientation_is_applied(tmp_path, picture):
    path = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate 270 degrees to show it upright
    Image.fromarray(picture).save(path, exif=exif)
    np.testing.assert_array_equal(pictures.load(path), np.rot90(picture, 3))


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
    loaded = pictures.load(image)
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
        pictures.load(source)
    message = str(caught.value)
    expected = {"array": "uint8", "opened": "<JpegImageFile>"}.get(kind, str(path))
    assert expected in message
    assert "\n" not in message


def test_a_picture_beyond_pillows_limit_is_refused(tmp_path, picture, monkeypatch):
    path = tmp_path / "bomb.png"
    Image.fromarray(picture).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ImageError, match="more than 100 pixels"):
        pictures.load(path)


def test_a_palette_with_transparency_is_read_without_a_word(tmp_path, picture):
    path = tmp_path / "palette.png"
    Image.fromarray(picture).convert("RGBA").quantize(16).save(path, transparency=b"\x00\x80")
    assert pictures.load(path).shape == picture.shape


def test_floats_are_of_0_to_1_or_of_0_to_255_and_nan_is_black():
    values = np.array([[0, 0.25], [0.5, 1]], np.float32)
    for factor in (1, 255):
        loaded = pictures.load(Image.fromarray(values * factor))[..., 0]
        np.testing.assert_allclose(loaded, values * 255, atol=0.5)
    broken = pictures.load(Image.fromarray(np.array([[np.nan, np.inf, -np.inf]], np.float32)))
    np.testing.assert_array_equal(broken[0, :, 0], (0, 255, 0))


def test_16_bits_in_colour_are_read(tmp_path, picture):
    path = tmp_path / "deep.png"
    pictures.save(picture.astype(np.uint16) * 257, path)
    np.testing.assert_array_equal(pictures.load(path), picture)


def test_an_opaque_alpha_channel_is_none(picture):
    alpha = np.full(picture.shape[:2], 255, np.uint8)
    assert pictures.load_with_alpha(np.dstack([picture, alpha]))[1] is None


def test_what_is_hidden_under_alpha_0_does_not_show(picture, random):
    alpha = random.integers(0, 3, picture.shape[:2], dtype=np.uint8)
    other = np.where(alpha[..., np.newaxis] > 0, picture, 255 - picture)
    one, two = (pictures.load(np.dstack([colors, alpha])) for colors in (picture, other))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one[alpha > 0], picture[alpha > 0])
    mean = np.average(picture.reshape(-1, 3), axis=0, weights=alpha.ravel())
    np.testing.assert_allclose(
        one[alpha == 0], np.broadcast_to(mean, one[alpha == 0].shape), atol=1
    )


def test_a_picture_of_nothing_is_refused(picture):
    alpha = np.zeros(picture.shape[:2], np.uint8)
    with pytest.raises(ImageError, match="every pixel is transparent"):
        pictures.load(np.dstack([picture, alpha]))


def test_what_is_transparent_is_no_part_of_a_mask():
    mask = np.full((2, 2, 4), 255, np.uint8)
    mask[0, :, 3] = 0
    luminance = np.asarray(pictures.load_luminance(mask))
    np.testing.assert_array_equal(luminance, [[0, 0], [255, 255]])


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tiff"])
def test_of_several_pictures_the_first_is_used_with_a_warning(suffix, tmp_path, picture):
    path = tmp_path / f"moving.{suffix}"
    first, second = Image.fromarray(picture), Image.fromarray(255 - picture)
    first.save(
        path,
        save_all=True,
        append_images=[second],
        **{"lossless": True} if suffix == "webp" else {},
    )
    with pytest.warns(StyleTransferWarning, match="of its several pictures the first is used"):
        loaded = pictures.load(path)
    np.testing.assert_allclose(loaded, picture, atol=40 if suffix == "gif" else 0)


@pytest.mark.parametrize(
    "suffix", ["png", "jpg", "webp", "tif", "bmp", "gif", "avif", "jp2", "ppm"]
)
def test_formats_are_read_under_names_of_any_letters(suffix, tmp_path, picture):
    if f".{suffix}" not in Image.registered_extensions():
        pytest.skip("this Pillow has no such format")
    path = tmp_path / f"mit Leerzeichen, größe 図.{suffix}"
    Image.fromarray(picture).save(path)
    assert np.abs(pictures.load(path).astype(int) - picture).mean() < 12


def test_a_program_is_not_run_for_its_picture(tmp_path, picture):
    path = tmp_path / "picture.eps"
    Image.fromarray(picture).save(path)
    with pytest.raises(ImageError, match="not a picture that Pillow can read"):
        pictures.load(path)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's own warning
def test_broken_exif_is_no_reason_to_refuse_a_picture(tmp_path, picture):
    path = tmp_path / "photo.jpg"
    Image.fromarray(picture).save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff", quality=100)
    assert pictures.load(path).shape == picture.shape


def test_a_pipe_is_refused_at_once(tmp_path):
    path = tmp_path / "pipe.png"
    os.mkfifo(path)
    with pytest.raises(ImageError, match="pipe or device"):
        pictures.load(path)


def test_max_pixels_raises_and_lowers_pillows_limit_and_leaves_it(tmp_path, picture, monkeypatch):
    path = tmp_path / "large.png"
    Image.fromarray(picture).save(path)  # 768 pixels
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert pictures.load(path, max_pixels=768).shape == picture.shape
    assert Image.MAX_IMAGE_PIXELS == 100
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert pictures.load(path).shape == picture.shape
    with pytest.raises(ImageError, match="more than 767 pixels; .* raise max_pixels"):
        pictures.load(path, max_pixels=767)
    assert Image.MAX_IMAGE_PIXELS is None


def test_many_threads_read_with_limits_of_their_own_and_change_nothing_global(
    tmp_path, picture, monkeypatch
):
    path = tmp_path / "large.png"
    Image.fromarray(picture).save(path)  # 768 pixels
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    filters = list(warnings.filters)
    seen = set()
    decode = PngImagePlugin.PngImageFile.load

    def watched(image):
        seen.add((Image.MAX_IMAGE_PIXELS, warnings.filters == filters))
        return decode(image)

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", watched)

    def read(index):
        try:
            return pictures.load(path, max_pixels=(767, 768, None)[index % 3]).shape
        except ImageError as error:
            return str(error).partition(";")[0].rpartition(": ")[2]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(read, range(120)))
    refused = ["more than 767 pixels", picture.shape, "more than 100 pixels"]
    assert results == refused * 40
    assert seen == {(100, True)}
    assert warnings.filters == filters


def test_a_large_picture_inside_a_small_icon_is_refused(tmp_path, random):
    path = tmp_path / "icon.ico"
    noise = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, sizes=[(64, 64)], bitmap_format="png")
    data = bytearray(path.read_bytes())
    data[6:8] = 8, 8  # what its directory says
    path.write_bytes(data)
    with warnings.catch_warnings(), pytest.raises(ImageError, match="more than 1000 pixels"):
        warnings.simplefilter("ignore")  # Pillow's: not the expected size
        pictures.load(path, max_pixels=1000)


def test_a_decoder_with_a_limit_of_its_own_is_told_of_by_name(tmp_path, picture, monkeypatch):
    path = tmp_path / "photo.webp"
    Image.fromarray(picture).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)

    def refuse(image):
        raise Image.DecompressionBombError("Image size (768 pixels) exceeds limit of 200 pixels")

    monkeypatch.setattr(WebPImagePlugin.WebPImageFile, "load", refuse)
    with pytest.raises(ImageError, match=r"photo\.webp: Image size .* save it as PNG"):
        pictures.load(path, max_pixels=1000)
