"""The command line as a user meets it."""

import dataclasses
import shlex
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

import network
from network import ConfigError, StyleTransferWarning, TransferConfig, pictures
from network.app import main
from network.methods import transfer
from network.runs import loss_log


def parse(*arguments):
    return main.parse_transfer(arguments, "INetwork.py")


@pytest.fixture
def pictures(tmp_path, picture, painting, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(picture).save("content.png")
    Image.fromarray(painting).save("style.png")


TINY = ("--image_size", "24", "--num_iter", "1", "--model", "vgg16")


def run(*arguments):
    return main.main(["transfer", *arguments], program="INetwork.py")


def test_the_defaults_are_the_configs():
    content, styles, config, prefix = parse("c.jpg", "s.jpg", "out/p")
    assert (content, [style.image for style in styles], prefix) == ("c.jpg", ["s.jpg"], "out/p")
    assert config == TransferConfig()
    assert styles[0].weight == 1.0


def test_every_option_reaches_the_config():
    values = {
        "image_size": 123,
        "maintain_aspect_ratio": False,
        "rescale_image": True,
        "rescale_method": "cubic",
        "content_weight": 2.5,
        "style_scale": 3.0,
        "total_variation_weight": 1e-3,
        "style_loss": "doodle",
        "content_loss_type": 2,
        "content_layer": "conv4_4",
        "content_mask": "m.png",
        "mask_norm": "mean",
        "mask_pooling": "average",
        "preserve_color": "luminance",
        "color_mask": "k.png",
        "model": "vgg19",
        "pool_type": "ave",
        "weights": "some.h5",
        "num_iter": 7,
        "init_image": "noise",
        "seed": 5,
        "scales": 2,
        "size_invariant": True,
        "precision": "bfloat16",
        "min_improvement": 1.5,
        "optimizer": "lbfgs",
        "device": "gpu:1",
        "low_memory": True,
        "output_format": "tiff",
        "quality": 75,
        "bit_depth": 16,
        "max_pixels": 123456,
        "save_every": 3,
        "resume": True,
    }
    assert set(values) == {field.name for field in dataclasses.fields(TransferConfig)}
    arguments = [text for name, value in values.items() for text in (f"--{name}", str(value))]
    assert parse("c", "s", "p", *arguments)[2] == TransferConfig(**values)


def test_options_may_stand_anywhere_and_have_dashes():
    _, styles, config, prefix = parse(
        "c", "--image-size=99", "s1", "--num-iter", "3", "s2", "p", "--style-weight", "1", "0.4"
    )
    assert (config.image_size, config.num_iter, prefix) == (99, 3, "p")
    assert [(style.image, style.weight) for style in styles] == [("s1", 1.0), ("s2", 0.4)]


@pytest.mark.parametrize("word", ["true", "YES", "t", "1", "True"])
def test_words_for_true(word):
    assert parse("c", "s", "p", "--rescale_image", word)[2].rescale_image is True


@pytest.mark.parametrize("word", ["false", "No", "f", "0"])
def test_words_for_false(word):
    assert parse("c", "s", "p", "--maintain_aspect_ratio", word)[2].maintain_aspect_ratio is False


def test_a_flag_alone_is_true():
    assert parse("c", "s", "p", "--rescale_image")[2].rescale_image is True


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ([], "none"),
        (["--preserve_color"], "luminance"),
        (["--preserve_color", "True"], "luminance"),
        (["--preserve_color", "false"], "none"),
        (["--preserve_color", "matched"], "matched"),
        (["--color_mask", "k.png"], "luminance"),
    ],
)
def test_preserve_color_is_a_word_or_yes_or_no(arguments, value):
    assert parse("c", "s", "p", *arguments)[2].preserve_color == value


def test_a_color_mask_goes_with_luminance_alone():
    with pytest.raises(ConfigError, match="color_mask: expected preserve_color luminance"):
        parse("c", "s", "p", "--color_mask", "k.png", "--preserve_color", "histogram")


def test_every_style_gets_its_mask():
    styles = parse("c", "s", "t", "p", "--style_masks", "a.png", "none")[1]
    assert [style.mask for style in styles] == ["a.png", None]


def test_every_style_gets_its_place_in_the_image():
    styles = parse("c", "s", "t", "p", "--image_masks", "none", "b.png")[1]
    assert [style.mask for style in styles] == [None, None]
    assert [style.image_mask for style in styles] == [None, "b.png"]


def test_none_is_a_word_for_what_is_none_by_default():
    config = parse("c", "s", "p", "--seed", "none", "--content_mask", "none")[2]
    assert (config.seed, config.content_mask) == (None, None)


def test_running_out_of_a_gpus_memory_has_the_same_advice(pictures, capsys, monkeypatch):
    class ResourceExhaustedError(Exception):
        pass

    def fail(*args, **kwargs):
        raise ResourceExhaustedError("a long dump")

    monkeypatch.setattr(transfer, "_load_network", fail)
    assert run("content.png", "style.png", "p", *TINY) == 1
    assert capsys.readouterr().err == (
        "error: out of memory; use --low_memory or a smaller --image_size\n"
    )


def test_a_wrong_count_of_masks_is_an_error():
    with pytest.raises(ConfigError, match="style_masks: expected one per style, 2, got 1"):
        parse("c", "s", "t", "p", "--style_masks", "a.png")


def test_one_style_weight_is_shared_by_all_styles():
    assert [style.weight for style in parse("c", "s", "s", "p")[1]] == [0.5, 0.5]


def test_a_wrong_count_of_style_weights_warns():
    with pytest.warns(StyleTransferWarning, match="2 weights for 1 styles"):
        assert parse("c", "s", "p", "--style_weight", "1", "2")[1][0].weight == 3.0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nope.png", "style.png", "p"], "nope.png: no such file"),
        (["content.png", "content.txt", "p"], "content.txt: not a picture"),
        (["content.png", "style.png", "p", "--model", "vgg17"], "one of auto, vgg16, vgg19"),
        (["content.png", "style.png", "p", "--content_layer", "c5"], "conv1_1, conv1_2"),
        (["content.png", "style.png", "p", "--image_size", "-3"], "1 or more, got -3"),
        (["content.png", "style.png", "p", "--image_size", "x"], "a whole number"),
        (["content.png", "style.png", "p", "--style_weight", "x"], "style_weight: expected"),
        (["content.png", "style.png", "p", "--rescale_image", "perhaps"], "true or false"),
        (["content.png", "style.png", "p", "--colour"], "unrecognized arguments: --colour"),
        (["content.png", "style.png"], "required: PREFIX"),
        (["content.png", "style.png", "content.txt/p"], "cannot write content.txt/p_at_iter"),
        (["content.png", "style.png", "p", "--weights", "no.h5"], "weights: no file no.h5"),
        (["content.png", "style.png", "p", "--device", "gpu:77"], "expected a GPU"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, expected, pictures, tmp_path, capsys):
    (tmp_path / "content.txt").write_text("text")
    if "--model" not in arguments and "--weights" not in arguments:
        arguments = [*arguments, "--model", "vgg16"]
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert expected in err
    assert err.count("\n") == 1


def test_debug_shows_the_traceback(pictures):
    with pytest.raises(ConfigError):
        run("content.png", "style.png", "p", "--model", "vgg17", "--debug")


def test_a_failure_of_the_program_is_exit_code_1(pictures, capsys, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(transfer, "_load_network", fail)
    assert run("content.png", "style.png", "p", *TINY) == 1
    assert capsys.readouterr().err == "error: RuntimeError: two lines (--debug shows where)\n"


def test_ctrl_c_is_exit_code_130_with_the_picture_saved(pictures, tmp_path, capsys, monkeypatch):
    from network.app import progress

    def interrupt(self, update):
        if update.image is None:
            raise KeyboardInterrupt

    monkeypatch.setattr(progress.ProgressLines, "__call__", interrupt)
    assert run("content.png", "style.png", "p", *TINY) == 130
    assert (tmp_path / "p_at_iteration_1.png").exists()
    assert "stopped: interrupted" in capsys.readouterr().err


def test_ctrl_c_before_the_first_evaluation_is_exit_code_130(pictures, monkeypatch, capsys):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(transfer, "_load_network", interrupt)
    assert run("content.png", "style.png", "p", *TINY) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_run_prints_plain_lines_where_there_is_no_terminal(pictures, tmp_path, capsys):
    assert run("content.png", "style.png", "new/p", *TINY) == 0
    assert (tmp_path / "new" / "p_at_iteration_1.png").exists()
    out, err = capsys.readouterr()
    assert out == ""
    assert "\x1b" not in err
    assert "vgg16, vgg16_imagenet_notop_float16.h5 (bundled)" in err
    assert "iteration 1/1, evaluation 20, loss " in err


def test_the_fallback_to_vgg16_is_one_line(pictures, capsys):
    assert run("content.png", "style.png", "p", *TINY[:4]) == 0
    warnings = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")
    ]
    assert len(warnings) == 1
    assert "using vgg16: no weights of vgg19" in warnings[0]


def test_the_result_is_the_python_apis(pictures, tmp_path):
    assert run("content.png", "style.png", "p", *TINY) == 0
    result = network.transfer(
        "content.png",
        [network.Style("style.png")],
        TransferConfig(image_size=24, num_iter=1, model="vgg16"),
    )
    with Image.open("p_at_iteration_1.png") as image:
        np.testing.assert_array_equal(np.asarray(image), result.image)


def test_quiet_says_nothing_and_verbose_every_term(pictures, capsys):
    assert run("content.png", "style.png", "q", *TINY, "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert run("content.png", "style.png", "v", *TINY, "--verbose", "--log", "v.csv") == 0
    err = capsys.readouterr().err
    for term in ("content ", "style ", "tv "):
        assert f", {term}" in err
    header, rows = loss_log.read("v.csv")
    assert header[3:] == ["total", "content", "style", "tv"]
    assert [row[0] for row in rows] == list(range(1, 21))
    assert all(row[3] == pytest.approx(sum(row[4:]), rel=1e-5) for row in rows)
    assert run("content.png", "style.png", "v", *TINY, "--verbose", "--quiet") == 2


def test_dry_run_tells_the_plan_and_writes_nothing(pictures, tmp_path, capsys):
    before = set(tmp_path.iterdir())
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
    assert set(tmp_path.iterdir()) == before


def test_show_tells_a_command_that_makes_the_same_picture(pictures, capsys):
    assert run("content.png", "style.png", "p", *TINY, "--init_image", "noise") == 0
    first = pictures.load("p_at_iteration_1.png")
    capsys.readouterr()
    assert main.main(["show", "p_at_iteration_1.png"]) == 0
    command = shlex.split(capsys.readouterr().out.splitlines()[-1])
    assert command[:3] == ["python", "-m", "network"]
    command[command.index("p")] = "again"
    assert main.main(command[3:]) == 0
    np.testing.assert_array_equal(pictures.load("again_at_iteration_1.png"), first)


def test_show_and_plot_of_what_is_neither_are_one_line(pictures, capsys):
    assert main.main(["show", "content.png"]) == 2
    assert "tells nothing of its making" in capsys.readouterr().err
    assert main.main(["plot", "content.png"]) == 2
    assert "no log" in capsys.readouterr().err


def test_weights_lists_every_place(capsys):
    assert main.main(["weights"]) == 0
    out = capsys.readouterr().out
    assert "vgg16_imagenet_notop_float16.h5: ready" in out
    assert out.count("vgg19") >= 2


def test_weights_download_of_another_model_is_refused(capsys):
    assert main.main(["weights", "--download", "resnet"]) == 2
    assert "expected vgg16 or vgg19" in capsys.readouterr().err


def test_weights_download_without_a_connection_is_exit_code_2(capsys):
    assert main.main(["weights", "--download", "vgg19"]) == 2
    assert "Connection refused" in capsys.readouterr().err


def test_an_unknown_command_lists_the_commands(capsys):
    assert main.main(["wieghts"]) == 2
    listed = "transfer, doodle, color-transfer, mask-transfer, show, plot, weights"
    assert listed in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_without_a_command_the_commands_are_listed(arguments, capsys):
    assert main.main(arguments) == 0
    out = capsys.readouterr().out
    for name in main.COMMANDS:
        assert name in out


def test_version(capsys):
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"INetwork {network.__version__}\n"


def test_help_describes_every_option_and_loads_nothing_heavy():
    code = (
        "import sys, network.cli\n"
        "try:\n"
        "    network.cli.main(['transfer', '--help'], 'INetwork.py')\n"
        "finally:\n"
        "    heavy = {'keras', 'tensorflow', 'scipy', 'numpy', 'PIL', 'h5py'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    for field in dataclasses.fields(TransferConfig):
        assert f"--{field.name} " in done.stdout
        assert str(field.metadata["help"].split()[0]) in done.stdout
    assert "--style_weight" in done.stdout
