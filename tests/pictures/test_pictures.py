import io
import os
import struct

import numpy as np
import pytest
from conftest import read_16_bits
from PIL import Image, ImageCms

from network import ImageError, OutputError, StyleTransferWarning, pictures


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


def test_gray_puts_the_luminance_in_every_channel(picture):
    gray = pictures.gray(picture)
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


def test_resize_is_pillows_and_does_nothing_at_the_same_size(picture):
    assert pictures.resize(picture, 24, 32) is picture
    desired = np.asarray(Image.fromarray(picture).resize((10, 12), Image.Resampling.BICUBIC))
    for method in ("bicubic", "cubic"):
        np.testing.assert_array_equal(pictures.resize(picture, 12, 10, method), desired)


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


def test_a_palette_with_transparency_is_read_without_a_word(tmp_path, picture):
    path = tmp_path / "palette.png"
    Image.fromarray(picture).convert("RGBA").quantize(16).save(path, transparency=b"\x00\x80")
    assert pictures.load(path).shape == picture.shape


def profile_of(name):
    """An ICC profile: sRGB with red and blue exchanged, or a grey of gamma 1."""
    if name == "exchanged":
        data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
        (count,) = struct.unpack_from(">I", data, 128)
        for index in range(count):
            start = 132 + 12 * index
            tag = bytes(data[start : start + 4])
            swapped = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(tag, tag)
            data[start : start + 4] = swapped
        return bytes(data)
    # Version 2 display profile with a white point, a description and a linear curve.
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    curve = b"curv\0\0\0\0" + struct.pack(">I", 0)
    words = b"desc\0\0\0\0" + struct.pack(">I", 2) + b"g\0" + bytes(78)
    words += bytes(-len(words) % 4)
    table, content = struct.pack(">I", 3), b""
    for tag, body in ((b"wtpt", white), (b"kTRC", curve), (b"desc", words)):
        table += tag + struct.pack(">2I", 128 + 4 + 36 + len(content), len(body))
        content += body
    header = struct.pack(">I4sI", 168 + len(content), b"none", 0x02100000)
    header += b"mntrGRAYXYZ " + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp"
    header = header.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + content


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_colour_profile_is_followed(mode, tmp_path, picture):
    path = tmp_path / "profile.png"
    Image.fromarray(picture).convert(mode).save(path, icc_profile=profile_of("exchanged"))
    untouched = np.asarray(Image.fromarray(picture).convert(mode).convert("RGB"))
    np.testing.assert_allclose(pictures.load(path), untouched[..., ::-1], atol=1)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_is_followed(mode, tmp_path):
    path = tmp_path / "grey.png"
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(values).convert(mode).save(path, icc_profile=profile_of("linear grey"))
    light = values / 255  # the profile's numbers are light; sRGB's are its encoding
    desired = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    loaded = pictures.load(path)
    np.testing.assert_allclose(loaded[..., 1], desired, atol=2)


def test_a_grey_picture_may_have_a_profile_of_colours(tmp_path, picture):
    path = tmp_path / "grey.png"
    grey = Image.fromarray(picture).convert("L")
    grey.save(path, icc_profile=profile_of("exchanged"))
    np.testing.assert_allclose(pictures.load(path)[..., 0], np.asarray(grey), atol=1)


@pytest.mark.parametrize("kind", ["junk", "cut short", "of another space"])
def test_a_broken_profile_is_left_out_with_a_warning(kind, tmp_path, picture):
    good = profile_of("exchanged")
    profile = {"junk": b"junk", "cut short": good[:300], "of another space": b""}[kind]
    profile = profile or profile_of("linear grey")
    path = tmp_path / "profile.png"
    Image.fromarray(picture).save(path, icc_profile=profile)
    with pytest.warns(StyleTransferWarning, match="its colour profile is left out"):
        np.testing.assert_array_equal(pictures.load(path), picture)


def test_cielab_is_converted(tmp_path):
    path = tmp_path / "lab.tif"
    # sRGB's pure red under D50: L* 54.3, a* 80.8, b* 69.9.
    red = Image.new("LAB", (4, 4))
    red.putdata([(138, 128 + 81, 128 + 70)] * 16)
    red.save(path)
    np.testing.assert_allclose(pictures.load(path)[0, 0], (255, 0, 0), atol=6)


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


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff"])
def test_alpha_is_read_and_saved(suffix, tmp_path, picture, random):
    alpha = random.integers(1, 256, picture.shape[:2], dtype=np.uint8)
    path = tmp_path / f"see through.{suffix}"
    pictures.save(picture, path, alpha=alpha, quality=100)
    colors, opacity = pictures.load_with_alpha(path)
    np.testing.assert_array_equal(opacity, alpha)
    if suffix != "webp":
        np.testing.assert_array_equal(colors, picture)


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


def test_a_jpeg_loses_its_alpha_with_a_warning(tmp_path, picture):
    alpha = np.full(picture.shape[:2], 9, np.uint8)
    with pytest.warns(StyleTransferWarning, match="JPEG has no alpha channel"):
        pictures.save(picture, tmp_path / "out.jpg", alpha=alpha)
    assert pictures.load(tmp_path / "out.jpg").shape == picture.shape


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


TEXTS = {"Software": "INetwork 0", "Settings": '{"name": "größe 図\\n"}', "Losses": "[1, 2]"}


@pytest.mark.parametrize("suffix", ["png", "jpeg", "webp", "tiff"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_metadata_comes_back_from_every_format(suffix, dtype, tmp_path, picture):
    if dtype == np.uint16 and suffix not in ("png", "tiff"):
        pytest.skip("8 bits only")
    path = tmp_path / f"out.{suffix}"
    pictures.save(picture.astype(dtype), path, TEXTS)
    assert pictures.read_metadata(path) == TEXTS


@pytest.mark.parametrize("comment", [b"a remark", b"ASCII\0\0\0a remark", b"ASCII\0\0\0[1]"])
def test_another_programs_remark_is_no_metadata(comment, tmp_path, picture):
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x8769] = {0x9286: comment}
    Image.fromarray(picture).save(path, exif=exif.tobytes())
    assert pictures.read_metadata(path) == {}


def test_a_text_too_long_for_a_jpeg_is_left_out_with_a_warning(tmp_path, picture):
    path = tmp_path / "out.jpg"
    with pytest.warns(StyleTransferWarning, match="Losses: too long for the metadata of a JPEG"):
        pictures.save(picture, path, TEXTS | {"Losses": "1" * 70000})
    assert pictures.read_metadata(path) == {key: TEXTS[key] for key in ("Software", "Settings")}


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


def test_16_bits_are_resized_as_8_bits_are_but_finer(picture):
    deep = picture.astype(np.uint16) * 257
    for method in pictures.RESAMPLING:
        coarse = pictures.resize(picture, 17, 50, method)
        fine = pictures.resize(deep, 17, 50, method)
        np.testing.assert_allclose(fine / 257, coarse, atol=2)
    assert len(np.unique(fine)) > 1000
