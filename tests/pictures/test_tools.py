"""The two tools for finished pictures, against the original scripts' outputs."""

import numpy as np
import pytest
from conftest import DATA
from PIL import Image

from network import StyleTransferWarning, color_transfer, mask_transfer
from network.app import main

CONTENT = DATA / "content.png"
MASK = DATA / "mask_left.png"
GENERATED = DATA / "postprocess" / "generated.png"


def original(name):
    with Image.open(DATA / "postprocess" / name) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("color_full.png", lambda: color_transfer(CONTENT, GENERATED)),
        ("color_masked.png", lambda: color_transfer(CONTENT, GENERATED, MASK)),
        ("histogram.png", lambda: color_transfer(CONTENT, GENERATED, hist_match=True)),
        ("masked.png", lambda: mask_transfer(CONTENT, GENERATED, MASK)),
    ],
)
def test_the_result_is_the_original_scripts(name, make):
    np.testing.assert_allclose(make().astype(int), original(name), atol=1)


def test_outside_the_black_region_a_mask_transfer_changes_nothing(picture, random):
    content = random.integers(0, 256, (50, 40, 3), dtype=np.uint8)
    mask = np.full((24, 32), 255, np.uint8)
    mask[:, :10] = 0
    masked = mask_transfer(content, picture, mask)
    np.testing.assert_array_equal(masked[:, 10:], picture[:, 10:])
    resized = np.asarray(Image.fromarray(content).resize((32, 24), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(masked[:, :10], resized[:, :10])


def test_a_mask_with_nothing_in_it_is_a_warning_that_names_it(picture, tmp_path):
    path = tmp_path / "black.png"
    Image.fromarray(np.zeros((24, 32), np.uint8)).save(path)
    with pytest.warns(StyleTransferWarning, match=r"black\.png: the mask has nothing in it"):
        mask_transfer(picture, picture, path)


def test_a_soft_edge_is_a_ramp_of_that_width():
    white, black = np.full((24, 64, 3), 255, np.uint8), np.zeros((24, 64, 3), np.uint8)
    mask = np.zeros((24, 64), np.uint8)
    mask[:, 32:] = 255
    row = mask_transfer(black, white, mask, soft=8)[12, :, 0].astype(int)
    assert (row[:28] == 0).all()
    assert (row[36:] == 255).all()
    assert (np.diff(row[27:37]) > 0).sum() >= 8


def test_a_histogram_match_can_be_masked(picture, painting):
    mask = np.zeros((24, 32), np.uint8)
    mask[:, 16:] = 255
    whole = color_transfer(painting, picture, hist_match=True)
    half = color_transfer(painting, picture, mask, hist_match=True)
    np.testing.assert_array_equal(half[:, :16], picture[:, :16])
    np.testing.assert_array_equal(half[:, 16:], whole[:, 16:])


@pytest.fixture
def files(tmp_path, picture, painting, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(painting).save("content.png")
    Image.fromarray(picture).save("art.jpg")
    Image.fromarray(picture).convert("1").save("mask.png")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["color-transfer", "content.png", "art.jpg"], "art_original_color.png"),
        (
            ["color-transfer", "content.png", "art.jpg", "--mask", "mask.png"],
            "art_original_color.png",
        ),
        (["color-transfer", "content.png", "art.jpg", "--hist_match"], "art_histogram_color.png"),
        (["mask-transfer", "content.png", "art.jpg", "mask.png", "--soft", "3"], "art_masked.png"),
        (
            ["mask-transfer", "content.png", "art.jpg", "mask.png", "--output", "a/b.webp"],
            "a/b.webp",
        ),
    ],
)
def test_the_command_writes_beside_the_image_and_says_where(arguments, name, files, capsys):
    assert main.main(arguments) == 0
    assert capsys.readouterr().out == f"{name}\n".replace("/", str(files)[0])
    with Image.open(files / name) as image:
        assert image.size == (32, 24)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["color-transfer", "none.png", "art.jpg"], "none.png: no such file"),
        (["mask-transfer", "content.png", "art.jpg"], "required: MASK"),
        (["mask-transfer", "content.png", "art.jpg", "mask.png", "--soft", "-1"], "0 or more"),
        (["color-transfer", "content.png", "art.jpg", "--hist_match=so"], "true or false"),
        (["color-transfer", "content.png", "art.jpg", "--soft", "3"], "soft: expected --mask"),
        (["color-transfer", "content.png", "."], "a folder, expected a picture file"),
        (["mask-transfer", "content.png", "art.jpg", "mask.png", "--output", "x.foo"], "x.foo"),
    ],
)
def test_a_mistake_is_one_line(arguments, expected, files, capsys):
    assert main.main(arguments) == 2
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
