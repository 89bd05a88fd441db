"""The command, on a tiny network."""

import shlex

import numpy as np
import pytest

from network import pictures
from network.app import commands, main
from network.frames.settings import VideoSettings
from network.options import options
from tests.frames.conftest import HEIGHT, save_frames, scene, write_clip

pytestmark = pytest.mark.usefixtures("tiny_vgg", "films")
TINY = ("--image_size", str(HEIGHT), "--num_iter", "1", "--model", "vgg16")


@pytest.fixture
def films(folder):
    """The user's folder, with the frames of a film in frames/."""
    pytest.importorskip("cv2", reason="the extra video is not installed")
    save_frames(scene(3, pan=1), folder / "frames")
    return folder


def video(*arguments):
    return main.main(["video", *arguments, *TINY, "--frame_evaluations", "2"])


def test_frames_go_to_a_folder_and_progress_is_told(capsys):
    assert video("frames", "style.png", "out") == 0
    out, err = capsys.readouterr()
    assert out == "out\n"
    assert "frames: 3 frames, 25 a second, no sound" in err
    assert err.splitlines()[-1].startswith("3 frames, 24 evaluations in ")
    assert video("frames", "style.png", "again", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_a_clip_goes_to_a_clip(films, capsys):
    pytest.importorskip("av", reason="the extra video is not installed")
    write_clip(films / "a.mp4", scene(2))
    assert video("a.mp4", "style.png", "out/b.mp4") == 0
    assert capsys.readouterr().out == "out/b.mp4\n"
    assert (films / "out" / "b_frames" / "000002.png").exists()


def test_the_command_told_makes_the_same_frames(capsys):
    assert video("frames", "style.png", "out", "--temporal_weight", "3", "--seed", "1") == 0
    capsys.readouterr()
    assert main.main(["show", "out/000003.png"]) == 0
    command = shlex.split(capsys.readouterr().out.splitlines()[-1])
    command[command.index("out")] = "again"
    assert main.main(command[3:]) == 0
    for name in ("000001.png", "000003.png"):
        np.testing.assert_array_equal(pictures.load(f"out/{name}"), pictures.load(f"again/{name}"))
    assert video("frames", "style.png", "third", "--settings", "out/000003.png") == 0


def test_every_option_of_a_film_reaches_its_settings():
    given = {
        "start_frame": 2,
        "end_frame": 3,
        "preview": 2,
        "frame_evaluations": 7,
        "temporal_weight": 5.5,
        "passes": 3,
        "long_term": False,
        "temporal_blend": 0.25,
        "strength": 0.5,
        "stroke": "large",
        "frame_rate": "24000/1001",
        "sound": False,
    }
    assert set(given) == {option.name for option in options(VideoSettings)}
    arguments = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    parsed = commands.parse("video", ["a.mp4", "b.jpg", "c.mp4", *arguments], "video")
    assert {name: getattr(parsed, name) for name in given} == given


def test_the_plan_is_told_and_nothing_is_painted(films, capsys):
    assert video("frames", "style.png", "out", "--dry_run") == 0
    out = capsys.readouterr().out
    assert "3 frames" in out
    assert "2 evaluations for every frame after the first" in out
    assert "further" not in out
    assert not (films / "out").exists()
    assert video("frames", "style.png", "out", "--dry_run", "--passes", "3") == 0
    assert "and as many for every frame in each of 2 further passes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.mp4", "style.png", "out"), "nothing.mp4: there is no such clip or folder"),
        (("frames", "style.png", "out.gif"), "expected a name that ends in"),
        (("frames", "nothing.png", "out"), "nothing.png"),
        (("frames", "style.png", "out", "--end_frame", "0"), "end_frame: expected a whole number"),
        (("frames", "style.png", "out", "--save_every", "2"), "--save_every"),
    ],
)
def test_what_cannot_be_is_one_line(arguments, message, capsys):
    assert video(*arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
