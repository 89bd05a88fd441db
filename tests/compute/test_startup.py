import os
import subprocess
import sys

import pytest
from conftest import ROOT

from network.compute import startup

CODE = """
import contextlib, os, sys, unittest.mock
os.environ.pop("TF_CPP_MIN_LOG_LEVEL", None)
from network.compute import startup
sys.path.insert(0, sys.argv[1])
with {how}:
    startup.import_keras()
os.write(2, b"stderr is back")
"""
KERAS = """
import os, types
os.write(2, b"chatter, ")
backend = types.SimpleNamespace(backend=lambda: "tensorflow")
"""


def run(setup, tmp_path, how="startup.quiet()"):
    (tmp_path / "keras.py").write_text(KERAS + setup)
    return subprocess.run(
        [sys.executable, "-c", CODE.format(how=how), tmp_path],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_chatter_of_an_import_is_held_back(tmp_path):
    done = run("", tmp_path)
    assert done.stderr == "stderr is back"
    assert done.returncode == 0


def test_it_is_shown_if_the_import_fails(tmp_path):
    done = run("raise ImportError('broken')", tmp_path)
    assert done.stderr.startswith("chatter")
    assert done.stderr.count("chatter") == 1
    assert "broken" in done.stderr


@pytest.mark.parametrize("end", ["os.abort()", "os.kill(os.getpid(), 9)", "os._exit(1)"])
def test_it_is_shown_if_the_process_dies(end, tmp_path):
    done = run(end, tmp_path)
    assert done.returncode != 0
    assert done.stderr.startswith("chatter")
    assert "stderr is back" not in done.stderr


@pytest.mark.parametrize("end", ["", "os.abort()", "raise ImportError('broken')"])
def test_nothing_held_back_is_left_behind(end, tmp_path):
    run(end, tmp_path)
    assert list(tmp_path.glob("inetwork*")) == []


def test_a_librarys_user_keeps_stderr(tmp_path):
    assert run("", tmp_path, "contextlib.nullcontext()").stderr == "chatter, stderr is back"


def test_after_the_block_stderr_is_kept_again(tmp_path):
    with startup.quiet():
        assert startup._is_quiet
    assert not startup._is_quiet


def test_without_a_shell_nothing_is_held_back(tmp_path):
    done = run("", tmp_path, "startup.quiet(), unittest.mock.patch.dict(os.environ, PATH='/none')")
    assert done.stderr == "chatter, stderr is back"
