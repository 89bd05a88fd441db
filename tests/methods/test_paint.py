"""Photos painted in one pass: what the recipe adds to the network."""

import shlex

import numpy as np
import pytest
from conftest import read_16_bits
from PIL import Image

import network
from network import ConfigError, ImageError, OutputError, Session, WeightsError, pictures
from network.compute import free
from network.fast import styles
from network.fast.apply import Painter
from network.fast.upscaling import Upscaler
from network.methods.paint import Painters
from network.pictures import color
from network.runs import provenance


@pytest.fixture
def settings(styles_file):
    return {"styles": styles_file, "precision": "float32"}


def test_a_photo_is_painted_by_the_network_of_the_file(picture, settings):
    actual = network.paint(picture, ["waves", "dots"], [1, 3], strength=0.9, **settings)
    painter = Painter(settings["styles"], "float32")
    desired = painter.paint(picture, ["waves", "dots"], [1, 3], 0.9)
    np.testing.assert_array_equal(actual, desired)


@pytest.mark.parametrize("size", [(1, 1), (1, 10000), (7, 5)])
def test_pictures_of_any_shape_are_painted(size, settings):
    photo = np.full((*size, 3), 90, np.uint8)
    assert network.paint(photo, "waves", **settings).shape == photo.shape


def test_colours_are_the_photos_as_asked(picture, settings):
    own = network.paint(picture, "waves", **settings)
    kept = {
        mode: network.paint(picture, "waves", preserve_color=mode, **settings)
        for mode in ("luminance", "histogram", "matched")
    }
    np.testing.assert_array_equal(kept["luminance"], color.keep_luminance(own, picture))
    np.testing.assert_array_equal(kept["histogram"], color.match_histograms(own, picture))
    np.testing.assert_allclose(kept["matched"].mean((0, 1)), picture.mean((0, 1)), atol=8)
    assert abs(own.mean((0, 1)) - picture.mean((0, 1))).max() > 12


@pytest.mark.parametrize("mode", ["none", "luminance", "histogram", "matched"])
def test_16_bits_are_the_8_bits_and_more_between(mode, picture, settings):
    eight, sixteen = (
        network.paint(picture, "waves", bit_depth=bits, preserve_color=mode, **settings)
        for bits in (8, 16)
    )
    assert sixteen.dtype == np.uint16
    assert np.median(abs(sixteen / 257 - eight)) < 2


@pytest.mark.parametrize("bit_depth", [8, 16])
def test_the_photo_stays_where_the_mask_is_black(bit_depth, picture, settings, monkeypatch):
    monkeypatch.setattr("network.methods.paint.STRIP", 5)
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[:12] = 255
    settings |= {"bit_depth": bit_depth}
    whole = network.paint(picture, "waves", **settings)
    actual = network.paint(picture, "waves", content_mask=mask, **settings)
    np.testing.assert_array_equal(actual[:12], whole[:12])
    np.testing.assert_array_equal(
        actual[12:], picture[12:] * whole.dtype.type(257 ** (bit_depth > 8))
    )
    softer = network.paint(picture, "waves", content_mask=mask, soft=4, **settings)
    assert not np.array_equal(softer[12], actual[12])


def test_a_saved_picture_has_the_photos_transparency_and_tells_how_it_was_made(
    picture, settings, tmp_path
):
    opacity = np.full(picture.shape[:2], 200, np.uint8)
    Image.fromarray(np.dstack([picture, opacity])).save(tmp_path / "photo.png")
    output = tmp_path / "new folder" / "out.png"
    painted = network.paint(
        tmp_path / "photo.png", ["dots", "waves"], [0.25, 1], output, strength=0.8, **settings
    )
    pixels, alpha = pictures.load_with_alpha(output)
    np.testing.assert_array_equal(pixels, painted)
    np.testing.assert_array_equal(alpha, opacity)
    *lines, command = provenance.describe(output)
    assert "painted: in one pass" in lines
    assert f"  styles: {settings['styles']}" in lines
    assert shlex.split(command) == [
        *("python", "-m", "network", "paint", str(tmp_path / "photo.png")),
        *("--style", "dots", "--style", "waves", "--output", str(output)),
        *("--styles", str(settings["styles"]), "--strength", "0.8", "--precision", "float32"),
        *("--blend", "0.25", "1"),
    ]


@pytest.mark.parametrize("bit_depth", [8, 16])
def test_what_was_painted_is_enlarged_as_asked(
    bit_depth, picture, settings, upscale_file, tmp_path, monkeypatch
):
    monkeypatch.setattr(styles, "weights_folder", lambda: tmp_path)
    with pytest.raises(WeightsError, match="no network for it comes"):
        network.paint(picture, "waves", upscale=2, **settings)
    upscale_file.rename(tmp_path / "one_pass_upscale.npz")
    opacity = np.full(picture.shape[:2], 200, np.uint8)
    Image.fromarray(np.dstack([picture, opacity])).save(tmp_path / "photo.png")
    settings |= {"bit_depth": bit_depth}
    output = tmp_path / "out.png"
    actual = network.paint(tmp_path / "photo.png", "waves", output=output, upscale=2, **settings)
    painted = network.paint(picture, "waves", **settings)
    desired = Upscaler(precision="float32").upscale(painted, 2, bit_depth)
    np.testing.assert_array_equal(actual, desired)
    assert pictures.load_with_alpha(output)[1].shape == (48, 64)
    assert "--upscale 2" in provenance.describe(output)[-1]


def test_16_bits_are_saved(picture, settings, tmp_path):
    painted = network.paint(picture, "dots", output=tmp_path / "a.png", bit_depth=16, **settings)
    np.testing.assert_array_equal(read_16_bits(tmp_path / "a.png"), painted)


def test_a_photo_on_its_side_is_turned_upright(picture, settings, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture).save(tmp_path / "photo.png", exif=exif)
    painted = network.paint(tmp_path / "photo.png", "waves", **settings)
    assert painted.shape == (32, 24, 3)


@pytest.mark.parametrize(
    ("kind", "message", "changes"),
    [
        (ConfigError, "did you mean waves", {"style": "wafes"}),
        (ConfigError, "expected one style at least", {"style": []}),
        (ConfigError, "blend: expected shares of 0 or more, not all 0", {"blend": [0]}),
        (ConfigError, "blend: expected a finite number of 0 or more", {"blend": [-2]}),
        (ConfigError, "blend: expected 1 shares", {"blend": [1, 2]}),
        (ConfigError, "waves has medium, large strokes, got 'small'", {"stroke": "small"}),
        (ConfigError, "strenght: no setting has this name; did you mean strength", {"strenght": 1}),
        (ConfigError, "no format has that ending", {"output": "out.text"}),
        (ConfigError, "expected 8 for a JPEG, got 16", {"output": "a.jpg", "bit_depth": 16}),
        (OutputError, "a folder of that name", {"output": "folder.png"}),
        (ImageError, "no such file", {"content_mask": "none.png"}),
        (ImageError, "no such file", {"photo": "none.png"}),
        (ImageError, "more than 100 pixels", {"photo": "photo.png", "max_pixels": 100}),
        (WeightsError, "no such file", {"styles": "none.npz"}),
    ],
)
def test_a_mistake_is_told_before_keras_is_loaded(
    kind, message, changes, picture, settings, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Painters, "painter", lambda *arguments: pytest.fail("loads Keras"))
    (tmp_path / "folder.png").mkdir()
    Image.fromarray(picture).save("photo.png")
    with pytest.raises(kind, match=message):
        network.paint(**{"photo": picture, "style": "waves", **settings, **changes})


def test_a_side_that_a_format_cannot_have_is_told_before_painting(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(Painters, "painter", lambda *arguments: pytest.fail("loads Keras"))
    photo = np.zeros((1, 16384, 3), np.uint8)
    with pytest.raises(OutputError, match="a WEBP has sides of at most 16383 pixels"):
        network.paint(photo, "waves", output=tmp_path / "a.webp", **settings)


def test_a_result_that_memory_has_no_room_for_is_told_before_painting(
    picture, settings, upscale_file, tmp_path, monkeypatch
):
    monkeypatch.setattr(Painters, "painter", lambda *arguments: pytest.fail("loads Keras"))
    monkeypatch.setattr(styles, "weights_folder", lambda: tmp_path)
    upscale_file.rename(tmp_path / "one_pass_upscale.npz")
    monkeypatch.setattr(free, "available", lambda: 3 * 16 * picture[..., 0].size - 1)
    with pytest.raises(ImageError, match="ndarray.: enlarged to 96 x 128 it needs"):
        network.paint(picture, "waves", upscale=4, **settings)


def test_styles_that_do_not_come_with_the_program_are_told_with_a_way_out(
    picture, tmp_path, monkeypatch
):
    monkeypatch.setattr(styles, "weights_folder", lambda: tmp_path)
    with pytest.raises(WeightsError, match="python -m network train.* --styles FILE") as caught:
        network.paint(picture, "waves")
    assert caught.value.tried == (str(tmp_path / "one_pass_styles.npz"),)


def test_a_session_keeps_the_network_until_its_file_changes(picture, settings, tiny_rows):
    with Session() as session:
        first = session.paint(picture, "waves", **settings)
        kept = session._painters.painter(settings["styles"], "float32")
        np.testing.assert_array_equal(session.paint(picture, "waves", **settings), first)
        assert session._painters.painter(settings["styles"], "float32") is kept
        styles.save(tiny_rows(2.0), settings["styles"])
        assert not np.array_equal(session.paint(picture, "waves", **settings), first)
    with pytest.raises(ConfigError, match="closed"):
        session.paint(picture, "waves", **settings)


@pytest.fixture
def tiny_rows():
    """From a factor to the tiny network with its rows multiplied by it."""
    import dataclasses

    from tests.fast.conftest import tiny_styles

    def scaled(factor):
        found = tiny_styles()
        rows = found.rows[:-1]  # another length, however coarse the clock of files is
        return dataclasses.replace(found, table=found.table[:-1] * factor, rows=rows)

    return scaled
