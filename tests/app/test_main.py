"""The command line as a user meets it: exit codes, one-line errors, and what is loaded."""

import sys

import pytest

import network
from network import ConfigError
from network.app import commands, main
from network.methods import transfer

from .conftest import NO_STDERR, TINY, process

MISTAKE = ("content.png", "style.png", "p", "--model", "vgg17")


def run(*arguments):
    return main.main(["transfer", *arguments], program="INetwork.py")


def test_debug_shows_the_traceback(folder):
    with pytest.raises(ConfigError):
        run(*MISTAKE, "--debug")


def test_a_failure_of_the_program_is_exit_code_1(folder, capsys, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(transfer, "load_network", fail)
    assert run("content.png", "style.png", "p", *TINY) == 1
    assert capsys.readouterr().err == "error: RuntimeError: two lines (--debug shows where)\n"


def test_running_out_of_a_gpus_memory_has_the_same_advice(folder, capsys, monkeypatch):
    class ResourceExhaustedError(Exception):
        pass

    def fail(*args, **kwargs):
        raise ResourceExhaustedError("a long dump")

    monkeypatch.setattr(transfer, "load_network", fail)
    assert run("content.png", "style.png", "p", *TINY) == 1
    assert capsys.readouterr().err == (
        "error: out of memory; use smaller pictures, or what the command has of --low_memory and "
        "a smaller --image_size\n"
    )


def test_ctrl_c_before_the_first_evaluation_is_exit_code_130(folder, monkeypatch, capsys):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(transfer, "load_network", interrupt)
    assert run("content.png", "style.png", "p", *TINY) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_an_error_with_a_strangers_words_is_one_line_that_steers_nothing(folder, capsys):
    assert run("a\nerror: b\x1b[2J\u202e.png", "style.png", "p", *TINY) == 2
    err = capsys.readouterr().err
    assert "error: a\\nerror: b\\x1b[2J\\u202e.png: no such file" in err
    assert err.removesuffix("\n").isprintable()


def test_an_unknown_command_lists_the_commands(capsys):
    assert main.main(["wieghts"]) == 2
    listed = "transfer, doodle, color-transfer, mask-transfer, show, plot, weights"
    err = capsys.readouterr().err
    assert f"error: expected a command ({listed}" in err
    assert "), got 'wieghts'" in err


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_without_a_command_the_commands_are_listed(arguments, capsys):
    assert main.main(arguments) == 0
    out = capsys.readouterr().out
    for name, text in commands.COMMANDS.items():
        assert f"  {name} " in out
        assert text in out


def test_version(capsys):
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"INetwork {network.__version__}\n"


def test_help_loads_nothing_heavy_and_no_other_command():
    code = (
        "import sys\n"
        "from network.app import main\n"
        "try:\n"
        "    main.main(['transfer', '--help'], 'INetwork.py')\n"
        "finally:\n"
        "    heavy = {'keras', 'tensorflow', 'scipy', 'numpy', 'PIL', 'h5py', 'rich', 'tempfile'}\n"
        "    assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "    loaded = [name for name in sys.modules if name.startswith('network.app.commands.')]\n"
        "    assert loaded == ['network.app.commands.transfer'], loaded\n"
    )
    done = process("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: INetwork.py CONTENT STYLE [STYLE ...] PREFIX [options]")


def test_without_stderr_messages_are_lost_and_do_not_go_to_stdout(folder):
    done = process("-m", "network", "transfer", *MISTAKE, before=NO_STDERR)
    assert (done.returncode, done.stdout) == (2, "")


def test_without_stderr_results_still_go_to_stdout():
    done = process("-m", "network", "weights", before=NO_STDERR)
    assert done.returncode == 0
    assert "vgg16_imagenet_notop_float16.h5: ready" in done.stdout


RUN_WITHOUT_STDERR = """
import os, sys
from network import session
from network.app import main
from network.events import Progress, Result

def transfer(self, content, styles, config, prefix, callback, report, **options):
    print("a result", flush=True)
    with open("picture", "w") as picture:
        os.write(2, b"a library's note")
    report("a line")
    callback(Progress(1, 1, 1, 20, 1.0, {}, 1.0, 1.0))
    return Result(None, (1.0,), {}, None, 20, 1.0)

session.Session.transfer = transfer
sys.exit(main.main(["transfer", "c", "s", "p"]))
"""


def test_a_run_without_stderr_ends_well_and_no_note_gets_into_a_file(folder):
    done = process("-c", RUN_WITHOUT_STDERR, before=NO_STDERR)
    assert (done.returncode, done.stdout) == (0, "a result\n")
    assert (folder / "picture").read_text() == ""


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_windowed_program_has_streams_that_are_none(stream, monkeypatch):
    monkeypatch.setattr(sys, stream, None)
    assert main.main(["--version"]) == 0
    assert main.main(["none"]) == 2
    getattr(sys, stream).close()


def keras_module(tmp_path, code):
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "keras.py").write_text(f"import os\nos.write(2, b'chatter')\n{code}\n")
    return folder


def test_what_keras_writes_while_it_is_imported_is_held_back(folder):
    modules = keras_module(folder, "def __getattr__(name): raise RuntimeError('no Keras')")
    arguments = ("content.png", "style.png", "p", *TINY)
    done = process("-m", "network", "transfer", *arguments, modules=modules)
    assert done.returncode == 1
    assert done.stderr == "error: RuntimeError: no Keras (--debug shows where)\n"


@pytest.mark.parametrize("end", ["os.abort()", "os.kill(os.getpid(), 9)"])
def test_it_is_shown_if_the_program_dies_of_it(end, folder):
    modules = keras_module(folder, end)
    arguments = ("content.png", "style.png", "p", *TINY)
    done = process("-m", "network", "transfer", *arguments, modules=modules)
    assert done.returncode < 0
    assert done.stderr.count("chatter") == 1
