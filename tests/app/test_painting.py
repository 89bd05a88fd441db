"""Runs at the command line; one of them, and a plan, with a real network."""

import numpy as np
import pytest
from PIL import Image

from network import TransferConfig
from network.app import main, progress
from network.fast import styles
from network.runs import loss_log

from .conftest import TINY


def run(*arguments):
    return main.main(["transfer", *arguments], program="INetwork.py")


def test_a_run_tells_plain_lines_with_every_term_and_makes_the_apis_picture(
    folder, session, capsys
):
    assert run("content.png", "style.png", "new/p", *TINY, "--verbose", "--log", "v.csv") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "\x1b" not in err
    assert "vgg16, vgg16_imagenet_notop_float16.h5 (bundled)" in err
    assert "iteration 1/1, evaluation 20, loss " in err
    for term in ("content ", "style ", "tv "):
        assert f", {term}" in err
    header, rows = loss_log.read("v.csv")
    assert header[3:] == ["total", "content", "style", "tv", "range"]
    assert [row[0] for row in rows] == list(range(1, 21))
    assert all(row[3] == pytest.approx(sum(row[4:]), rel=1e-5) for row in rows)
    config = TransferConfig(image_size=24, num_iter=1, model="vgg16")
    result = session.transfer("content.png", "style.png", config)
    with Image.open("new/p_at_iteration_1.png") as image:
        np.testing.assert_array_equal(np.asarray(image), result.image)


def test_dry_run_tells_the_plan_and_writes_nothing(folder, capsys):
    before = set(folder.iterdir())
    assert run("content.png", "style.png", "new/p", *TINY, "--dry_run", "--scales", "2") == 0
    out = capsys.readouterr().out
    for part in (
        "working size 24 x 32",
        "20 evaluations at 24 x 32",
        "weights file ",
        "style style.png, 36 x 28, weight 1",
        "content layer conv5_2, weight 0.025",
        "style layer conv5_3, weight -1",
        "s an evaluation at full size",
        "last picture new/p_at_iteration_1.png, 24 x 32",
    ):
        assert part in out
    assert set(folder.iterdir()) == before


def test_the_fallback_to_vgg16_is_one_line(folder, toy, capsys):
    assert run("content.png", "style.png", "p", *TINY[:4]) == 0
    warnings = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")
    ]
    assert len(warnings) == 1
    assert "using vgg16: no weights of vgg19" in warnings[0]


def test_quiet_says_nothing(folder, toy, capsys):
    assert run("content.png", "style.png", "q", *TINY, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_quiet_and_verbose_exclude_each_other_in_settings_too(folder, capsys):
    pictures = ("content.png", "style.png", "v", *TINY)
    assert run(*pictures, "--verbose", "--quiet") == 2
    (folder / "quiet.json").write_text('{"quiet": true}')
    assert run(*pictures, "--verbose", "--settings", "quiet.json") == 2
    assert capsys.readouterr().err.count("expected without --verbose, got both") == 2


def test_ctrl_c_is_exit_code_130_with_the_picture_saved(folder, toy, capsys, monkeypatch):
    def interrupt(self, update):
        if update.image is None:
            raise KeyboardInterrupt

    monkeypatch.setattr(progress.ProgressLines, "__call__", interrupt)
    assert run("content.png", "style.png", "p", *TINY) == 130
    assert (folder / "p_at_iteration_1.png").exists()
    assert "stopped: interrupted" in capsys.readouterr().err


def test_the_last_picture_is_enlarged_as_asked(folder, toy, upscale_file, monkeypatch, capsys):
    monkeypatch.setattr(styles, "weights_folder", lambda: folder)
    assert run("content.png", "style.png", "p", *TINY, "--upscale", "2") == 2
    assert "upscale: no network for it comes" in capsys.readouterr().err
    assert not list(folder.glob("p_*"))
    upscale_file.rename(folder / "one_pass_upscale.npz")
    assert run("content.png", "style.png", "p", *TINY, "--upscale", "3") == 2
    assert "upscale: expected one of 4, 2, got 3" in capsys.readouterr().err
    assert run("content.png", "style.png", "p", *TINY, "--upscale", "2") == 0
    assert "enlarged by 2: p_at_iteration_1_upscaled.png" in capsys.readouterr().err
    with Image.open("p_at_iteration_1_upscaled.png") as image:
        assert image.size == (64, 48)
