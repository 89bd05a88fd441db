"""Colour profiles are followed to sRGB."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from network import StyleTransferWarning, pictures


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
