"""The command, with a tiny network and cheap eyes."""

import csv
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from network import pictures
from network.app import main
from network.app.commands.train import progress_line
from network.fast import checkpoint, perceptual, styles
from network.fast import train as train_module
from network.fast.training import TrainingProgress
from network.runs.lock import claim
from tests.fast.conftest import TINY, TINY_RECONSTRUCTOR, TINY_UPSCALER, compiled_once, eyes

SMALL = ("--batch_size", "1", "--crop_size", "32", "--precision", "float32", "--steps", "3")


@pytest.fixture
def photos(folder, monkeypatch, random):
    """The user's folder, with a folder of three photos, and VGG16 replaced."""
    monkeypatch.setattr(perceptual, "feature_function", lambda *given, **named: eyes)
    monkeypatch.setattr(train_module, "Architecture", lambda: TINY)
    monkeypatch.setattr(train_module, "compiled_step", compiled_once)
    (folder / "photos").mkdir()
    for name in "abc":
        pixels = random.integers(0, 256, (5, 6, 3), dtype=np.uint8)
        pictures.save(pictures.resize(pixels, 50, 60), f"photos/{name}.png")
    return folder


def train(*arguments):
    return main.main(["train", *arguments, "--photos", "photos", *SMALL])


def test_styles_are_learnt_with_their_names_and_the_rest_is_beside_them(photos, capsys):
    words = ["--name", "one", "two", "--title", "One", "", "--artist", "A", "B", "--weight", "2"]
    previews = ["--preview", "photos/a.png"]
    arguments = ["style.png", "content.png", *words, "--strokes", "small", "large", *previews]
    assert train(*arguments, "--output", "out/s.npz") == 0
    err = capsys.readouterr().err
    assert "2 photos, 2 styles, 3 steps" in err
    assert "losses in out/s.csv, pictures in out/s.preview.jpg" in err
    found = styles.load("out/s.npz")
    assert [(row.style, row.stroke, row.title, row.artist, row.weight) for row in found.rows] == [
        ("photo", "", "", "", 0),
        ("one", "small", "One", "A", 16),
        ("one", "large", "One", "A", 16),
        ("two", "small", "", "B", 16),
        ("two", "large", "", "B", 16),
    ]
    assert found.notes["photos"] == 2
    rows = csv.DictReader(Path("out/s.csv").read_text().splitlines())
    assert [row["step"] for row in rows] == ["3"]


def test_what_was_learnt_paints(photos):
    assert train("style.png", "--output", "s.npz") == 0
    paint = ["paint", "content.png", "--style", "style", "--styles", "s.npz", "--output", "o.png"]
    assert main.main(paint) == 0


def test_a_signal_keeps_what_was_learnt_and_resume_goes_on(photos, monkeypatch, capsys):
    whole = ["style.png", "--output", "whole.npz", "--decay", "0"]
    assert train(*whole) == 0
    seen = []

    def interrupted(*arguments):
        seen.append(1)
        if len(seen) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    monkeypatch.setattr("network.fast.sitting.Sitting.checkpoint_due", interrupted)
    parts = ["style.png", "--output", "s.npz", "--decay", "0"]
    assert train(*parts) == 128 + signal.SIGTERM
    assert "the same command with --resume goes on" in capsys.readouterr().err
    assert checkpoint.load(photos / "s.training.npz").step == 2
    assert train(*parts, "--resume") == 0
    np.testing.assert_array_equal(styles.load("s.npz").table, styles.load("whole.npz").table)


def test_a_new_style_joins_those_of_a_trained_network(photos, styles_file, capsys):
    arguments = ["style.png", "--from", "styles.npz", "--rows_alone", "--output", "more.npz"]
    assert train(*arguments) == 0
    before, after = styles.load("styles.npz"), styles.load("more.npz")
    assert after.names == ("waves", "dots", "style")
    np.testing.assert_array_equal(after.trunk["block_1_1"], before.trunk["block_1_1"])
    assert "left out" not in capsys.readouterr().err


def test_a_network_trained_on_loses_the_styles_not_given_and_says_so(photos, styles_file, capsys):
    assert train("style.png", "--name", "dots", "--from", "styles.npz", "--output", "b.npz") == 0
    assert "left out of the new file: waves, whose" in capsys.readouterr().err
    assert styles.load("b.npz").names == ("dots",)


def test_to_enlarge_is_learnt_and_enlarges(photos, capsys, monkeypatch):
    monkeypatch.setattr(train_module, "UPSCALER", TINY_UPSCALER)
    assert train("--learn", "enlarge", "--output", "u.npz", "--preview", "photos/a.png") == 0
    assert "2 photos, to enlarge, 3 steps" in capsys.readouterr().err
    assert train("--learn", "enlarge", "--from", "u.npz", "--output", "more.npz") == 0
    assert main.main(["upscale", "content.png", "--network", "more.npz", "--output", "o.png"]) == 0
    assert pictures.load("o.png").shape == (96, 128, 3)


def test_to_make_photos_of_their_features_is_learnt_and_serves_first_looks(photos, monkeypatch):
    monkeypatch.setattr(train_module, "RECONSTRUCTOR", TINY_RECONSTRUCTOR)
    assert train("--learn", "reconstruct", "--output", "r.npz") == 0
    given = "content.png", "style.png", "--network", "r.npz", "--image_size", "16"
    assert main.main(["preview", *given, "--output", "o.png"]) == 0
    assert pictures.load("o.png").shape[0] == 16


def test_damaged_photos_are_named(photos, capsys):
    (photos / "photos" / "0.png").write_bytes(b"none")
    assert train("style.png", "--output", "s.npz", "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert train("style.png", "--output", "t.npz") == 0
    assert "left out: photos/0.png: not a picture" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("none.png --output s.npz", "none.png: no such file"),
        ("--output s.npz", "else none; got --learn repaint and 0 styles"),
        ("style.png --learn enlarge --output s.npz", "got --learn enlarge and 1 styles"),
        ("--learn enlarge --output s.npz --from styles.npz", "'INetwork one-pass styles', not"),
        ("style.png --output s", "output: expected a name that ends in .npz, got 's'"),
        ("style.png --output styles.npz", "output: styles.npz is there already"),
        (
            "style.png --output s.npz --preview photos/a.png photos/b.png photos/c.png",
            "all pictures",
        ),
        ("style.png --output s.npz --resume", "resume: there is no s.training.npz"),
        ("style.png --output s.npz --rows_alone", "rows_alone: expected --from FILE"),
        ("style.png --output s.npz --from no.npz", "no.npz: no such file"),
        ("style.png --output s.npz --from content.png", "content.png: cannot be used"),
        ("style.png --output s.npz --preview no.png", "no.png: no such file"),
        ("style.png --output s.npz --name a b", "name: expected one per style, 1, got 2"),
        ("style.png style.png --output s.npz", "name of its own for each style, got style"),
        ("style.png --output s.npz --name photo", "a name other than 'photo'"),
        ("style.png --output s.npz --strokes huge", "stroke: expected small, medium, large"),
        ("style.png --output s.npz --weight 0", "weight: expected a number above 0"),
        ("style.png --output s.npz --weight x", "weight: expected a number"),
        ("style.png --output s.npz --batch_size 0", "batch_size: expected a whole number"),
        ("style.png --output content.png/s.npz", "cannot write content.png/s.npz"),
        ("style.png --output s.npz --photos none", "photos: expected a folder of photos"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, expected, photos, styles_file, capsys):
    given = arguments.split()
    more = () if "--photos" in given else ("--photos", "photos")
    assert main.main(["train", *given, *more, "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err


@pytest.mark.parametrize("name", ["s.csv", "s.preview.jpg"])
def test_nothing_of_the_users_is_written_over(name, photos, capsys):
    Path(name).write_text("mine")
    assert train("style.png", "--output", "s.npz") == 2
    assert f"output: {name} is there already" in capsys.readouterr().err
    assert Path(name).read_text() == "mine"


def test_of_two_trainings_to_one_file_the_second_is_refused(photos, capsys):
    with claim("s.npz"):
        assert train("style.png", "--output", "s.npz") == 2
    assert "output: s.npz is being written by another run" in capsys.readouterr().err
    assert not Path("s.csv").exists()


def test_progress_tells_terms_time_and_steps_skipped():
    progress = TrainingProgress(20, 400, 65.0, 3600.0, {"content": 0.5, "style": 0.25}, 2)
    assert progress_line(progress) == (
        "step 20/400, content 0.500, style 0.250, 1 min 05 s, 1 h 00 min left, 2 skipped"
    )
