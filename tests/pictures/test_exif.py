"""Texts inside pictures."""

import numpy as np
import pytest
from PIL import Image

from network import StyleTransferWarning, pictures

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
