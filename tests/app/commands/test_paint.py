"""The command, on a tiny network."""

import shlex

import numpy as np
import pytest
from PIL import Image

from network import pictures
from network.app import main
from network.fast import styles

STYLES = ("--styles", "styles.npz", "--precision", "float32")


@pytest.fixture
def photos(folder, styles_file):
    """The user's folder, with trip/a.jpg and trip/day/b.png, too."""
    (folder / "trip" / "day").mkdir(parents=True)
    for name in ("trip/a.jpg", "trip/day/b.png"):
        pictures.save(pictures.load("content.png"), name)
    return folder


def paint(*arguments):
    return main.main(["paint", *arguments, *STYLES])


def test_a_photo_goes_to_a_file(photos, capsys):
    assert paint("content.png", "--style", "waves", "--output", "out/a.jpg") == 0
    assert capsys.readouterr().out == "out/a.jpg\n"
    with Image.open("out/a.jpg") as saved:
        assert saved.format == "JPEG"


def test_files_and_folders_go_to_a_folder(photos, capsys):
    arguments = ("content.png", "trip", "--style=dots", "--output", "out", "--output_format=webp")
    assert paint(*arguments) == 0
    desired = ["out/content.webp", "out/a.webp", "out/day/b.webp"]
    assert capsys.readouterr().out.splitlines() == desired


def test_the_command_told_makes_the_same_picture(photos, capsys):
    arguments = "--style waves --style dots --blend 0.3 0.7 --strength 0.6 --output first.png"
    assert paint("content.png", *arguments.split(), "--preserve_color") == 0
    capsys.readouterr()
    assert main.main(["show", "first.png"]) == 0
    command = shlex.split(capsys.readouterr().out.splitlines()[-1])
    command[command.index("first.png")] = "again.png"
    assert main.main(command[3:]) == 0
    np.testing.assert_array_equal(pictures.load("again.png"), pictures.load("first.png"))


def test_photos_that_cannot_be_read_are_named_at_the_end(photos, capsys):
    (photos / "trip" / "broken.png").write_bytes(b"none")
    assert paint("trip", "gone.png", "--style", "waves", "--output", "out") == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == ["out/a.png", "out/day/b.png"]
    assert err.splitlines()[-3] == "not painted, 2 of 4:"
    assert "trip/broken.png: not a picture" in err.splitlines()[-2]
    assert "gone.png: no such file" in err.splitlines()[-1]


def test_quiet_tells_nothing(photos, capsys):
    assert paint("content.png", "--style", "waves", "--output", "a.png", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_many_photos_are_painted_by_one_network(photos, monkeypatch):
    from network.fast import apply

    made = []
    begin = apply.Painter.__init__
    monkeypatch.setattr(
        apply.Painter, "__init__", lambda *given: (made.append(1), begin(*given))[1]
    )
    assert paint("content.png", "style.png", "trip", "--style", "waves", "--output", "out") == 0
    assert len(made) == 1


def test_the_list_has_every_style_and_what_it_is_worth(photos, capsys):
    import dataclasses

    assert main.main(["paint", "--list", "--styles", "styles.npz"]) == 0
    head, waves, dots, file = capsys.readouterr().out.splitlines()
    assert head.split() == ["style", "strokes", "rows", "artist", "title"]
    assert waves.split() == ["waves", "medium,", "large", "400,", "0", "Nobody", "Waves"]
    assert dots.split()[:2] == ["dots", "small"]
    assert file.startswith("styles.npz, 3 steps, sha256 ")
    found = styles.load("styles.npz")
    styles.save(dataclasses.replace(found, notes={"worth": {"waves": 54}}), "styles.npz")
    assert main.main(["paint", "--list", "--styles", "styles.npz"]) == 0
    head, waves, *_ = capsys.readouterr().out.splitlines()
    assert (head.split()[-1], waves.split()[-1]) == ("worth", "54")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("content.png --style wafes --output a.png", "did you mean waves? It has waves, dots"),
        ("content.png --output a.png", "style: expected one at least"),
        ("--style waves --output a.png", "photo: expected one at least"),
        ("content.png --style waves", "output: expected --output FILE or FOLDER"),
        ("content.png --style waves --output content.png", "content.png is one of the files"),
        ("content.png --style waves --output styles.npz", "styles.npz is one of the files"),
        ("content.png --style waves --output a.text", "no format has that ending"),
        ("content.png --style waves --output content.png/a.png", "cannot write"),
        ("content.png --style waves --output o --output_format jpeg --bit_depth 16", "bit_depth"),
        (
            "content.png --style waves --output a.png --blend -1",
            "expected a finite number of 0",
        ),
        ("content.png --style waves --output a.png --blend 0", "not all 0"),
        ("content.png --style waves --output a.png --blend x", "blend: expected a number"),
        ("content.png --style waves --output a.png --strength 2", "strength: expected"),
        ("content.png --style waves --output a.png --content_mask no.png", "no.png: no such file"),
        ("no.png --style waves --output a.png", "no.png: no such file"),
        ("style.txt --style waves --output a.png", "style.txt: not a picture"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, expected, photos, capsys):
    (photos / "style.txt").write_text("text")
    assert paint(*arguments.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert expected in err
    assert err.count("\n") == 1


def test_without_styles_the_way_to_them_is_told(folder, capsys, monkeypatch):
    monkeypatch.setattr(styles, "weights_folder", lambda: folder)
    assert main.main(["paint", "content.png", "--style", "waves", "--output", "a.png"]) == 2
    err = capsys.readouterr().err
    assert "python -m network train" in err
    assert err.count("\n") == 1
