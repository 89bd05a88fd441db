"""16-bit files, read back by other libraries."""

import io

import numpy as np
import png
import pytest
import tifffile

from network.pictures import deep


@pytest.fixture(params=[3, 4])
def image(request, random):
    return random.integers(0, 65536, (6, 5, request.param), dtype=np.uint16)


def test_a_png_is_read_by_another_library(image):
    data = deep.png(image, [(b"sRGB", b"\0"), (b"tEXt", b"Title\0red")])
    width, height, rows, info = png.Reader(bytes=data).read()
    pixels = np.vstack([np.asarray(row) for row in rows]).reshape(height, width, -1)
    np.testing.assert_array_equal(pixels, image)
    assert (info["bitdepth"], info["alpha"]) == (16, image.shape[2] == 4)
    chunks = list(png.Reader(bytes=data).chunks())  # their checksums are checked
    assert [name for name, _ in chunks] == [b"IHDR", b"sRGB", b"tEXt", b"IDAT", b"IEND"]
    assert chunks[2][1] == b"Title\0red"


def test_a_tiff_is_read_by_another_library(image):
    with tifffile.TiffFile(io.BytesIO(deep.tiff(image, {305: "INetwork"}))) as file:
        np.testing.assert_array_equal(file.asarray(), image)
        tags = file.pages[0].tags
    assert tags["Software"].value == "INetwork"
    extra = tags["ExtraSamples"].value if "ExtraSamples" in tags else ()
    assert extra == ((tifffile.EXTRASAMPLE.UNASSALPHA,) if image.shape[2] == 4 else ())


def test_one_pixel_is_a_picture():
    image = np.array([[[1, 2, 65535]]], np.uint16)
    *_, rows, _ = png.Reader(bytes=deep.png(image)).read()
    assert list(next(iter(rows))) == [1, 2, 65535]
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(deep.tiff(image, {}))), image)
