"""Photos enlarged: what the recipe adds to the network."""

import shlex

import numpy as np
import pytest
from conftest import read_16_bits
from PIL import Image

import network
from network import ConfigError, ImageError, OutputError, Session, WeightsError, pictures
from network.compute import free
from network.fast import styles
from network.fast.upscaling import Upscaler
from network.methods.paint import Painters
from network.pictures import color
from network.runs import provenance


@pytest.fixture
def settings(upscale_file):
    return {"network": upscale_file, "precision": "float32"}


@pytest.mark.parametrize("factor", [2, 4])
def test_a_photo_is_enlarged_by_the_network_of_the_file(factor, picture, settings):
    actual = network.upscale(picture, factor, **settings)
    desired = Upscaler(settings["network"], "float32").upscale(picture, factor)
    np.testing.assert_array_equal(actual, desired)


@pytest.mark.parametrize("bit_depth", [8, 16])
def test_the_histograms_are_the_photos_as_asked(bit_depth, picture, settings):
    settings |= {"bit_depth": bit_depth}
    own = network.upscale(picture, **settings)
    actual = network.upscale(picture, match_histogram=True, **settings)
    photo = picture * own.dtype.type(257 ** (bit_depth > 8))
    np.testing.assert_array_equal(actual, color.match_histograms(own, photo))
    white = 255 * 257 ** (bit_depth > 8)
    np.testing.assert_allclose(actual.mean((0, 1)), photo.mean((0, 1)), atol=0.02 * white)


def test_a_saved_picture_has_the_photos_transparency_and_tells_how_it_was_made(
    picture, settings, tmp_path
):
    opacity = np.full(picture.shape[:2], 200, np.uint8)
    Image.fromarray(np.dstack([picture, opacity])).save(tmp_path / "photo.png")
    output = tmp_path / "new folder" / "out.png"
    enlarged = network.upscale(tmp_path / "photo.png", 2, output, **settings)
    pixels, alpha = pictures.load_with_alpha(output)
    np.testing.assert_array_equal(pixels, enlarged)
    np.testing.assert_array_equal(alpha, np.full((48, 64), 200))
    *lines, command = provenance.describe(output)
    assert "upscaled: in one pass" in lines
    assert any(line.startswith("weights: ") and "3 steps, sha256" in line for line in lines)
    assert shlex.split(command) == [
        *("python", "-m", "network", "upscale", str(tmp_path / "photo.png")),
        *("--output", str(output), "--factor", "2", "--network", str(settings["network"])),
        *("--precision", "float32"),
    ]


def test_16_bits_are_saved(picture, settings, tmp_path):
    enlarged = network.upscale(picture, output=tmp_path / "a.png", bit_depth=16, **settings)
    np.testing.assert_array_equal(read_16_bits(tmp_path / "a.png"), enlarged)


@pytest.mark.parametrize(
    ("kind", "message", "changes"),
    [
        (ConfigError, "factor: expected one of 4, 2, got 3", {"factor": 3}),
        (ConfigError, "factr: no setting has this name; did you mean factor", {"factr": 2}),
        (ConfigError, "no format has that ending", {"output": "out.text"}),
        (ConfigError, "expected 8 for a JPEG, got 16", {"output": "a.jpg", "bit_depth": 16}),
        (OutputError, "a folder of that name", {"output": "folder.png"}),
        (ImageError, "no such file", {"photo": "none.png"}),
        (ImageError, "more than 100 pixels", {"photo": "photo.png", "max_pixels": 100}),
        (WeightsError, "no such file", {"network": "none.npz"}),
        (WeightsError, "no network for it comes.*train --learn enlarge", {"network": None}),
    ],
)
def test_a_mistake_is_told_before_keras_is_loaded(
    kind, message, changes, picture, settings, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(styles, "weights_folder", lambda: tmp_path)
    monkeypatch.setattr(Painters, "upscaler", lambda *arguments: pytest.fail("loads Keras"))
    (tmp_path / "folder.png").mkdir()
    Image.fromarray(picture).save("photo.png")
    with pytest.raises(kind, match=message):
        network.upscale(**{"photo": picture, **settings, **changes})


def test_a_side_that_a_format_cannot_have_is_told_before_enlarging(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(Painters, "upscaler", lambda *arguments: pytest.fail("loads Keras"))
    photo = np.zeros((1, 4096, 3), np.uint8)
    with pytest.raises(OutputError, match="at most 16383 pixels, the picture has 16384"):
        network.upscale(photo, output=tmp_path / "a.webp", **settings)


def test_a_result_that_memory_has_no_room_for_is_told_of_the_photo(
    picture, settings, tmp_path, monkeypatch
):
    Image.fromarray(picture).save(tmp_path / "photo.png")
    monkeypatch.setattr(free, "available", lambda: 3 * 16 * picture[..., 0].size)
    assert network.upscale(picture, **settings).shape[0] == 4 * picture.shape[0]
    monkeypatch.setattr(Painters, "upscaler", lambda *arguments: pytest.fail("loads Keras"))
    expected = "photo.png: enlarged to .* it needs .* GiB, and .* are free; use a smaller factor"
    with pytest.raises(ImageError, match=expected):  # of many it alone is left out
        network.upscale(tmp_path / "photo.png", bit_depth=16, **settings)


def test_a_session_keeps_the_network(picture, settings):
    with Session() as session:
        first = session.upscale(picture, 2, **settings)
        kept = session._painters.upscaler(settings["network"], "float32")
        np.testing.assert_array_equal(session.upscale(picture, 2, **settings), first)
        assert session._painters.upscaler(settings["network"], "float32") is kept
    with pytest.raises(ConfigError, match="closed"):
        session.upscale(picture, **settings)
