"""What is in the wheel: every module, the weights, and nothing else of the checkout."""

import importlib.util
import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT

needs_setuptools = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("setuptools", "pip")),
    reason="a wheel is built by pip and setuptools",
)
PARTS = ("network", "weights", "setup.cfg", "pyproject.toml", "README.md", "LICENSE", "INetwork.py")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in a wheel built from a copy, so that nothing is left in the checkout."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(
                ROOT / part,
                source / part,
                ignore=shutil.ignore_patterns("__pycache__", "*kernels_notop.h5"),
            )
        else:
            shutil.copy(ROOT / part, source)
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(built)]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(source)],
        check=True,
        capture_output=True,
    )
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


@needs_setuptools
def test_every_module_is_in_the_wheel(wheel):
    # The folder of the weights is filled from weights/, which needs no __init__.py there.
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "network").rglob("*.py")}
    assert modules - set(wheel) == {"network/bundled_weights/__init__.py"}
    assert "network/py.typed" in wheel
    assert "INetwork.py" in wheel


@needs_setuptools
def test_the_weights_are_where_an_installed_package_looks_for_them(wheel):
    for name in ("vgg16_imagenet_notop_float16.h5", "README.md"):
        assert f"network/bundled_weights/{name}" in wheel


@needs_setuptools
def test_the_page_is_where_its_server_looks_for_it(wheel):
    files = [path.name for path in (ROOT / "network/app/page/static").iterdir()]
    assert "index.html" in files
    assert {f"network/app/page/static/{name}" for name in files} <= set(wheel)


@needs_setuptools
def test_nothing_else_is_in_the_wheel(wheel):
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == {
        "network",
        "INetwork.py",
    }
