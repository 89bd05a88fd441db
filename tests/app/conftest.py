"""What the command line's tests share: a user's folder, and a process of the program's own."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT
from PIL import Image

TINY = ("--image_size", "24", "--num_iter", "1", "--model", "vgg16")
NO_STDERR = ("sh", "-c", 'exec "$@" 2>&-', "sh")  # runs its arguments without a stderr


@pytest.fixture
def folder(tmp_path, picture, painting, monkeypatch):
    """The current folder, with content.png and style.png in it."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(picture).save("content.png")
    Image.fromarray(painting).save("style.png")
    return tmp_path


def process(*arguments, before=(), modules=None):
    """Run Python with these arguments.

    ``before`` is a command that runs it, ``modules`` a folder whose modules go before
    those installed.
    """
    environment = {key: value for key, value in os.environ.items() if key[:6] != "TF_CPP"}
    paths = [str(path) for path in (modules, ROOT) if path is not None]
    return subprocess.run(
        [*before, sys.executable, *arguments],
        env={**environment, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
