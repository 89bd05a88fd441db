import json
import shlex
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from network import Style, TransferConfig, pictures
from network.app import main
from network.app.terminal import shell_command
from network.features.weights import WeightsFile
from network.runs import metadata, provenance

from ..conftest import TINY


def save(path, content="content.png", prefix="p", **others):
    """A picture that tells of a run with this content, and has other texts."""
    weights = WeightsFile("vgg16", path, "given", "ab" * 32)
    texts = metadata.texts(content, [Style("style.png")], TransferConfig(), prefix, weights, 5)
    chunks = PngImagePlugin.PngInfo()
    for name, text in {**texts, **others}.items():
        chunks.add_itxt(name, text)
    Image.new("RGB", (4, 4)).save(path, pnginfo=chunks)
    return str(path)


def lines(path, capsys):
    assert main.main(["show", path]) == 0
    return capsys.readouterr().out.split("\n")[:-1]


def test_the_command_told_makes_the_same_picture(folder, toy, capsys):
    arguments = ("content.png", "style.png", "p", *TINY, "--init_image", "noise")
    assert main.main(["transfer", *arguments]) == 0
    first = pictures.load("p_at_iteration_1.png")
    capsys.readouterr()
    command = shlex.split(lines("p_at_iteration_1.png", capsys)[-1])
    assert command[:3] == ["python", "-m", "network"]
    command[command.index("p")] = "again"
    assert main.main(command[3:]) == 0
    np.testing.assert_array_equal(pictures.load("again_at_iteration_1.png"), first)


def test_a_picture_that_tells_nothing_is_one_line(folder, capsys):
    assert main.main(["show", "content.png"]) == 2
    assert "tells nothing of its making" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", ["a\ncommand:\nrm -rf ~", "a\r\x1b[2Jcommand:\u2028rm", "\x9b1A"]
)
def test_no_text_forges_a_line_or_steers_the_terminal(content, tmp_path, capsys):
    honest = lines(save(tmp_path / "p.png"), capsys)
    told = lines(save(tmp_path / "q.png", content=content, Software="x\ncommand:\nrm"), capsys)
    assert len(told) == len(honest)
    assert all(line.isprintable() for line in told)
    assert [line for line in told if line.startswith("command:")] == ["command:"]


@pytest.mark.parametrize("name", ["Command", "COMMAND:", "settings that are not the default"])
def test_another_programs_text_is_told_as_such(name, tmp_path, capsys):
    told = lines(save(tmp_path / "p.png", **{name: "rm -rf ~"}), capsys)
    assert told[told.index("other texts:") + 1] == f"  {name}: rm -rf ~"
    assert [line for line in told if line.lower().startswith("command")] == ["command:"]


def test_the_command_can_be_copied_whatever_the_names_are(tmp_path, capsys):
    shell = shutil.which("bash") or pytest.skip("sh has no $'...' here")
    names = {"content": "it's\n\x1b[31m $(x).png", "prefix": "a\\b\r"}
    command = lines(save(tmp_path / "p.png", **names), capsys)[-1]
    assert command.isprintable()
    done = subprocess.run(
        [shell, "-c", f'python() {{ printf "%s\\0" "$@"; }}\n{command}'],
        capture_output=True,
        check=True,
    )
    words = done.stdout.decode().split("\0")
    assert words[:4] == ["-m", "network", "transfer", names["content"]]
    assert words[4:6] == ["style.png", names["prefix"]]


def test_a_command_of_ordinary_names_is_quoted_as_before(tmp_path, capsys):
    path = save(tmp_path / "p.png", content="my photo's.png", prefix="out/ärt 1")
    command = lines(path, capsys)[-1]
    assert command == provenance.command(pictures.read_metadata(path))
    assert command == shell_command(shlex.split(command))


def test_settings_of_a_stranger_are_one_line_each(tmp_path, capsys):
    settings = json.dumps({"image_size": 5, "colour\ncommand:": ["\x1b[2J"]})
    told = lines(save(tmp_path / "p.png", Settings=settings), capsys)
    assert all(line.isprintable() for line in told)
    assert told.count("command:") == 1
