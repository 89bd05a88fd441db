"""The command, on a toy problem."""

import json
from pathlib import Path

import pytest

from network.app import main
from network.batches import run

SMALL = ("--model=vgg16", "--image_size=24", "--num_iter=1")


@pytest.fixture(autouse=True)
def photos(toy, folder):
    """The user's folder, with photos/day/b.png, too; what is painted is a toy."""
    Path("photos/day").mkdir(parents=True)
    Path("photos/day/b.png").write_bytes(Path("content.png").read_bytes())


def batch(*arguments):
    return main.main(["batch", *arguments, *SMALL])


def test_every_picture_is_named_once_it_is_made(capsys):
    assert batch("content.png", "photos", "--styles", "style.png", "--output", "out") == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["out/style/content.png", "out/style/day/b.png"]
    assert err.splitlines()[-1] == "2 made, 0 skipped, 0 failed of 2"
    assert batch("content.png", "photos", "--styles", "style.png", "--output", "out") == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("", "0 made, 2 skipped, 0 failed of 2\n")


def test_failures_are_named_at_the_end(capsys):
    Path("photos/broken.png").write_text("text")
    assert batch("photos", "gone.png", "--styles", "style.png", "--output", "out") == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == ["out/style/day/b.png"]
    assert err.splitlines()[-3] == "not painted, 2 of 3:"
    assert "broken.png: not a picture" in err.splitlines()[-2]
    assert "gone.png: no such file" in err.splitlines()[-1]


def test_json_is_a_line_for_each_picture(capsys):
    Path("pairs.csv").write_text("content,style\ncontent.png,style.png\ngone.png,style.png\n")
    assert batch("--pairs", "pairs.csv", "--output", "out", "--json") == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["made", "failed"]
    assert lines[0]["loss"] > 0
    assert lines[1]["error"].startswith("gone.png: no such file")


def test_an_interrupted_batch_keeps_what_is_done(capsys, monkeypatch):
    made, make = [], run.make

    def interrupted(*arguments):
        if made:
            raise KeyboardInterrupt
        made.append(make(*arguments))
        return made[0]

    monkeypatch.setattr(run, "make", interrupted)
    assert batch("content.png", "photos", "--styles", "style.png", "--output", "out") == 130
    out, err = capsys.readouterr()
    assert out.splitlines() == ["out/style/content.png"]
    assert "interrupted: 1 made, 0 skipped, 0 failed of 2; run it again" in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("content.png --styles style.png", "output: expected --output FOLDER"),
        ("content.png --output out", "styles: expected one at least"),
        ("--styles style.png --output out", "content: expected one at least"),
        ("content.png --styles gone.png --output out", "gone.png: no such file"),
        ("content.png --styles style.png --output out --strength 0.5", "strength: no option of a"),
        ("content.png --styles waves --output out --paint", "no option of paint"),
        ("content.png --pairs p.csv --output out", "pairs: expected without CONTENT"),
        ("content.png --styles style.png --output out --workers 0", "workers: expected a whole"),
        ("content.png --styles style.png --output out --resume", "unrecognized arguments"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, expected, capsys):
    assert batch(*arguments.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert expected in err
    assert err.count("\n") == 1
    assert not Path("out").exists()
