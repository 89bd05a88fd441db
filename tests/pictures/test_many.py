"""Where what is made of many pictures goes."""

import os
from pathlib import Path

import pytest

from network.errors import ConfigError
from network.pictures.many import find_pictures, outputs


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A current folder with a.jpg and trip/a.jpg, trip/a.png, trip/day/b.PNG, trip/notes.txt."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "trip/a.jpg", "trip/a.png", "trip/day/b.PNG", "trip/notes.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(name.encode())


def targets(*arguments, **more):
    return [each.target.as_posix() for each in outputs(*arguments, **more)]


def test_pictures_of_a_folder_are_found_by_their_suffix_in_order():
    Path("trip/folder.jpg").mkdir()
    assert [path.as_posix() for path in find_pictures("trip")] == [
        "trip/a.jpg",
        "trip/a.png",
        "trip/day/b.PNG",
    ]


def test_one_picture_goes_to_a_file():
    assert targets(["a.jpg"], "out/x.webp", ".png") == ["out/x.webp"]


@pytest.mark.parametrize("folder", ["out", "out.v2/", "made.d"])
def test_or_to_a_folder(folder):
    Path("made.d").mkdir()
    assert targets(["a.jpg"], folder, ".tiff") == [f"{folder.strip('/')}/a.tiff"]


def test_a_folder_keeps_its_subfolders_and_names_alike_are_numbered():
    assert targets(["a.jpg", "trip"], "out", ".png") == [
        "out/a.png",
        "out/a-2.png",
        "out/a-3.png",
        "out/day/b.png",
    ]


def test_earlier_results_within_a_folder_are_left_out():
    Path("trip/out/day").mkdir(parents=True)
    Path("trip/out/day/b.png").write_bytes(b"")
    assert targets(["trip/day", "trip"], "trip/out", ".png") == [
        "trip/out/b.png",
        "trip/out/a.png",
        "trip/out/a-2.png",
        "trip/out/day/b.png",
    ]


def test_no_picture_that_is_read_is_overwritten():
    with pytest.raises(ConfigError, match="a.jpg is one of the files to be read"):
        outputs(["a.jpg"], "a.jpg", ".png")
    with pytest.raises(ConfigError, match="would be overwritten"):
        outputs(["trip"], "trip", ".png")  # a.jpg would become a.png
    os.link("a.jpg", "same.jpg")
    with pytest.raises(ConfigError, match=r"same\.jpg is one of"):
        outputs(["a.jpg"], "same.jpg", ".png")
    with pytest.raises(ConfigError, match=r"mask\.png is one of"):
        outputs(["a.jpg"], "mask.png", ".png", ["./mask.png"])


def test_a_folder_without_pictures_is_refused():
    Path("empty").mkdir()
    with pytest.raises(ConfigError, match="no picture in empty"):
        outputs(["a.jpg", "empty"], "out", ".png")
