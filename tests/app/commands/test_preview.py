"""The command, on tiny networks."""

import shlex

import numpy as np
import pytest

from network import pictures
from network.app import main

pytestmark = pytest.mark.usefixtures("folder", "preview_file")


def preview(*arguments):
    given = "--network", "preview.npz", "--precision", "float32", "--image_size", "20"
    return main.main(["preview", *arguments, *given])


def test_one_style_goes_to_a_file_and_several_to_a_folder(capsys):
    assert preview("content.png", "style.png", "--output", "a.jpg") == 0
    assert capsys.readouterr().out == "a.jpg\n"
    assert preview("content.png", "style.png", "none.png", "--output", "looks") == 1
    out, err = capsys.readouterr()
    assert out == "looks/style.png\n"
    assert "not made, 1 of 2:" in err
    assert "none.png: no such file" in err


def test_the_command_told_makes_the_same_picture(capsys):
    assert preview("content.png", "style.png", "--strength=0.7", "--output", "a.png") == 0
    assert main.main(["show", "a.png"]) == 0
    command = shlex.split(capsys.readouterr().out.splitlines()[-1])
    command[command.index("a.png")] = "again.png"
    assert main.main(command[3:]) == 0
    np.testing.assert_array_equal(pictures.load("again.png"), pictures.load("a.png"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("content.png --output a.png", "the following arguments are required: STYLE"),
        ("none.png style.png --output a.png", "none.png: no such file"),
        ("content.png style.png --output style.png", "would be overwritten"),
        ("content.png style.png --output content.png", "would be overwritten"),
        ("content.png style.png --output a.xyz", "no format has that ending"),
        (
            "content.png style.png --output a.png --strength 2",
            "strength: expected a finite number from 0 to 1",
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, expected, capsys):
    assert preview(*arguments.split()) == 2
    err = capsys.readouterr().err
    assert expected in err
    assert len(err.splitlines()) == 1
