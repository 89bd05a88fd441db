"""A first look: what the recipe adds to the networks."""

import shlex

import numpy as np
import pytest
from PIL import Image

import network
from network import ConfigError, ImageError, OutputError, Session, WeightsError, pictures
from network.fast.first_look import FirstLook
from network.runs import provenance


@pytest.fixture
def settings(preview_file):
    return {"network": preview_file, "precision": "float32", "image_size": 32}


def test_a_saved_picture_has_the_photos_transparency_and_tells_how_it_was_made(
    picture, painting, settings, tmp_path
):
    opacity = np.full(picture.shape[:2], 200, np.uint8)
    Image.fromarray(np.dstack([picture, opacity])).save(tmp_path / "photo.png")
    Image.fromarray(painting).save(tmp_path / "style.png")
    output = tmp_path / "new folder" / "out.png"
    made = network.preview(tmp_path / "photo.png", tmp_path / "style.png", output, **settings)
    desired = FirstLook(settings["network"], "float32").paint(picture, painting, 32)
    np.testing.assert_array_equal(made, desired)
    pixels, alpha = pictures.load_with_alpha(output)
    np.testing.assert_array_equal(pixels, made)
    np.testing.assert_array_equal(alpha, np.full(made.shape[:2], 200))
    *lines, command = provenance.describe(output)
    assert "previewed: in one pass" in lines
    assert shlex.split(command) == [
        *("python", "-m", "network", "preview", str(tmp_path / "photo.png")),
        *(str(tmp_path / "style.png"), "--output", str(output), "--image_size", "32"),
        *("--network", str(settings["network"]), "--precision", "float32"),
    ]


@pytest.mark.parametrize(
    ("kind", "message", "changes"),
    [
        (
            ConfigError,
            "image_size: expected a whole number of 16 or more, got 8",
            {"image_size": 8},
        ),
        (ConfigError, "strength: expected a finite number from 0 to 1, got 2", {"strength": 2}),
        (ConfigError, "no format has that ending", {"output": "a.xyz"}),
        (OutputError, "photo.png", {"output": "photo.png/a.png"}),
        (ImageError, "none.png: no such file", {"style": "none.png"}),
        (WeightsError, "none.npz: no such file", {"network": "none.npz"}),
        (WeightsError, "no network for it comes.*--learn reconstruct", {"network": None}),
    ],
)
def test_mistakes_are_told(kind, message, changes, picture, settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("network.fast.styles.weights_folder", lambda: tmp_path / "empty")
    Image.fromarray(picture).save("photo.png")
    given = {"photo": "photo.png", "style": picture, **settings, **changes}
    with pytest.raises(kind, match=message):
        network.preview(**given)


def test_a_session_reads_the_network_once(picture, painting, settings, monkeypatch):
    with Session() as session:
        first = session.preview(picture, painting, **settings)
        monkeypatch.setattr("network.fast.styles.load", None)
        second = session.preview(picture, painting, **settings)
    np.testing.assert_array_equal(first, second)
