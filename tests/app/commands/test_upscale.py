"""The command, on a tiny network."""

import shlex

import numpy as np
import pytest
from PIL import Image

from network import pictures
from network.app import main
from network.fast import styles


@pytest.fixture
def photos(folder, upscale_file):
    """The user's folder, with trip/a.jpg and trip/day/b.png, too."""
    (folder / "trip" / "day").mkdir(parents=True)
    for name in ("trip/a.jpg", "trip/day/b.png"):
        pictures.save(pictures.load("content.png"), name)
    return folder


def upscale(*arguments):
    return main.main(["upscale", *arguments, "--network", "upscale.npz", "--precision", "float32"])


def test_a_photo_goes_to_a_file(photos, capsys):
    assert upscale("content.png", "--output", "out/a.jpg") == 0
    assert capsys.readouterr().out == "out/a.jpg\n"
    with Image.open("out/a.jpg") as saved:
        assert (saved.format, saved.size) == ("JPEG", (128, 96))


def test_files_and_folders_go_to_a_folder_and_those_that_cannot_be_read_are_named(photos, capsys):
    (photos / "trip" / "broken.png").write_bytes(b"none")
    arguments = ("content.png", "trip", "--output", "out", "--output_format=webp", "--factor=2")
    assert upscale(*arguments) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == ["out/content.webp", "out/a.webp", "out/day/b.webp"]
    assert err.splitlines()[-2] == "not enlarged, 1 of 4:"
    assert "trip/broken.png: not a picture" in err.splitlines()[-1]


def test_the_command_told_makes_the_same_picture(photos, capsys):
    arguments = "--factor 2 --match_histogram --output first.png --quiet"
    assert upscale("content.png", *arguments.split()) == 0
    assert capsys.readouterr() == ("", "")
    assert main.main(["show", "first.png"]) == 0
    command = shlex.split(capsys.readouterr().out.splitlines()[-1])
    command[command.index("first.png")] = "again.png"
    assert main.main(command[3:]) == 0
    np.testing.assert_array_equal(pictures.load("again.png"), pictures.load("first.png"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--output a.png", "the following arguments are required: PHOTO"),
        ("content.png", "the following arguments are required: --output"),
        ("content.png --output a.png --factor 3", "factor: expected one of 4, 2, got 3"),
        ("content.png --output content.png", "content.png is one of the files"),
        ("content.png --output upscale.npz", "upscale.npz is one of the files"),
        ("content.png --output a.text", "no format has that ending"),
        ("content.png --output o --output_format jpeg --bit_depth 16", "bit_depth"),
        ("no.png --output a.png", "no.png: no such file"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, expected, photos, capsys):
    assert upscale(*arguments.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert expected in err
    assert err.count("\n") == 1


def test_without_a_network_the_way_to_it_is_told(folder, capsys, monkeypatch):
    monkeypatch.setattr(styles, "weights_folder", lambda: folder)
    assert main.main(["upscale", "content.png", "--output", "a.png"]) == 2
    err = capsys.readouterr().err
    assert "python -m network train --learn enlarge" in err
    assert err.count("\n") == 1
