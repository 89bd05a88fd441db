import subprocess
import sys

from conftest import ROOT

CODE = """
import os, sys
os.environ.pop("TF_CPP_MIN_LOG_LEVEL", None)
from network.compute import startup
{setup}
startup.import_keras()
os.write(2, b"stderr is back")
"""
KERAS = """
import os, types
os.write(2, b"chatter")
backend = types.SimpleNamespace(backend=lambda: "tensorflow")
"""


def run(setup, tmp_path):
    (tmp_path / "keras.py").write_text(KERAS + setup)
    return subprocess.run(
        [sys.executable, "-c", CODE.format(setup=f"sys.path.insert(0, {str(tmp_path)!r})")],
        cwd=ROOT,
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
    assert "broken" in done.stderr
